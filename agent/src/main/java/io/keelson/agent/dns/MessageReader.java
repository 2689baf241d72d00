package io.keelson.agent.dns;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads messages from strangers. It takes no more steps than a message has octets, times the length of a name: pointers lead
 * only to what stands before them. Names in the data of records are written out, and all that is written out together is
 * bounded.
 */
final class MessageReader {
    /** Less than two hundred octets of names can point to ten thousand times as many. */
    private static final int EXPANDED_MAX = 4 * Message.OCTETS_MAX;

    private static final int OPT_DNSSEC = 0x8000;

    private final byte[] octets;
    private final int end;
    private int at = Message.HEADER_OCTETS;
    private int expanded;
    private @Nullable Edns edns;

    private MessageReader(byte[] octets, int end) {
        this.octets = octets;
        this.end = end;
    }

    /**
     * Reads a message.
     *
     * @param length how many of the octets are its
     * @throws MalformedMessage if it is none
     */
    static Message read(byte[] octets, int length) throws MalformedMessage {
        if (length < Message.HEADER_OCTETS) {
            throw new MalformedMessage("shorter than a header");
        }
        return new MessageReader(octets, length).message();
    }

    private Message message() throws MalformedMessage {
        int questions = word(4);
        if (questions > 1) {
            throw new MalformedMessage(questions + " questions in one message");
        }
        Question question = null;
        if (questions == 1) {
            DnsName name = name(end);
            question = new Question(name, next16(), next16());
        }
        List<ResourceRecord> answers = records(word(6), false);
        List<ResourceRecord> authorities = records(word(8), false);
        List<ResourceRecord> additionals = records(word(10), true);
        return new Message(word(0), word(2), question, answers, authorities, additionals, edns);
    }

    private List<ResourceRecord> records(int count, boolean additional) throws MalformedMessage {
        List<ResourceRecord> records = new ArrayList<>(Math.min(count, 16));
        for (int i = 0; i < count; i++) {
            DnsName name = name(end);
            int type = next16();
            int group = next16();
            int seconds = next16() << 16 | next16();
            int length = next16();
            int dataEnd = at + length;
            if (dataEnd > end) {
                throw new MalformedMessage("a record's data goes beyond the message");
            }
            if (type == RecordType.OPT) {
                option(name, group, seconds, additional);
            } else {
                byte[] data = data(type, dataEnd);
                expand(name.length() + data.length);
                // A time with the highest bit set means 0, by RFC 2181.
                records.add(new ResourceRecord(name, type, group, Math.max(0, seconds), data));
            }
            at = dataEnd;
        }
        return records;
    }

    private void expand(int more) throws MalformedMessage {
        expanded += more;
        if (expanded > EXPANDED_MAX) {
            throw new MalformedMessage("written out, its names have more than " + EXPANDED_MAX + " octets");
        }
    }

    private void option(DnsName name, int size, int rest, boolean additional) throws MalformedMessage {
        if (edns != null || !additional || name.length() != 1) {
            throw new MalformedMessage("an OPT record that is not the only one, or not where it belongs");
        }
        edns = new Edns(size, rest >> 16 & 0xff, (rest & OPT_DNSSEC) != 0, null);
    }

    private byte[] data(int type, int dataEnd) throws MalformedMessage {
        RecordType.Layout layout = RecordType.Layout.of(type);
        if (layout.names() == 0) {
            return Arrays.copyOfRange(octets, at, dataEnd);
        }
        byte[] written = new byte[dataEnd - at + layout.names() * DnsName.OCTETS_MAX];
        int size = layout.before();
        if (at + size > dataEnd) {
            throw new MalformedMessage("a record's data is too short for its type");
        }
        System.arraycopy(octets, at, written, 0, size);
        at += size;
        for (int i = 0; i < layout.names(); i++) {
            byte[] name = name(dataEnd).wire();
            System.arraycopy(name, 0, written, size, name.length);
            size += name.length;
        }
        int after = dataEnd - at;
        if (after != (type == RecordType.SOA ? 20 : 0)) {
            throw new MalformedMessage("a record's data has not the length that its type has");
        }
        System.arraycopy(octets, at, written, size, after);
        return Arrays.copyOf(written, size + after);
    }

    /** The name that stands here; what is read next stands behind it. */
    private DnsName name(int limit) throws MalformedMessage {
        byte[] wire = new byte[DnsName.OCTETS_MAX];
        int size = 0;
        int position = at;
        // Where the last jump went to, or began: the next must go before it.
        int lowest = at;
        boolean jumped = false;
        while (true) {
            if (position >= (jumped ? end : limit)) {
                throw new MalformedMessage("a name goes beyond what it stands in");
            }
            int length = octets[position] & 0xff;
            if (length >= 0xc0) {
                if (position + 1 >= (jumped ? end : limit)) {
                    throw new MalformedMessage("half a pointer");
                }
                int target = (length & 0x3f) << 8 | (octets[position + 1] & 0xff);
                if (target >= lowest || target < Message.HEADER_OCTETS) {
                    throw new MalformedMessage("a name's pointer leads to nothing before it");
                }
                at = jumped ? at : position + 2;
                jumped = true;
                lowest = target;
                position = target;
            } else if (length > 63) {
                throw new MalformedMessage("a label of an unknown kind");
            } else {
                if (position + 1 + length > (jumped ? end : limit)) {
                    throw new MalformedMessage("a label goes beyond what it stands in");
                }
                if (size + 1 + length + (length == 0 ? 0 : 1) > DnsName.OCTETS_MAX) {
                    throw new MalformedMessage("a name of more than " + DnsName.OCTETS_MAX + " octets");
                }
                System.arraycopy(octets, position, wire, size, 1 + length);
                size += 1 + length;
                position += 1 + length;
                if (length == 0) {
                    at = jumped ? at : position;
                    return DnsName.ofWire(Arrays.copyOf(wire, size));
                }
            }
        }
    }

    private int word(int position) {
        return (octets[position] & 0xff) << 8 | (octets[position + 1] & 0xff);
    }

    private int next16() throws MalformedMessage {
        if (at + 2 > end) {
            throw new MalformedMessage("ends in the middle");
        }
        int value = word(at);
        at += 2;
        return value;
    }
}
