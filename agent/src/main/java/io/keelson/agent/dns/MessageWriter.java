package io.keelson.agent.dns;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes messages, names that stood there before as pointers. What does not fit is left out as a whole: additional records
 * silently, others so that the message says that there is more.
 */
final class MessageWriter {
    private static final int POINTER_MAX = 0x3fff;
    private static final int OPT_OCTETS = 11;
    private static final int ERROR_TEXT_MAX = 200;
    private static final int OPTION_EXTENDED_ERROR = 15;

    private final byte[] octets;
    private int at = Message.HEADER_OCTETS;
    private int limit;
    /** Where names begin that may be pointed to. */
    private final Map<DnsName, Integer> offsets = new HashMap<>();

    private MessageWriter(int octetsMax) {
        octets = new byte[octetsMax];
        limit = octetsMax;
    }

    /**
     * Writes a message.
     *
     * @param code the response code, of which more than four bits go into the OPT record
     * @param octetsMax how long it may become; at least 512
     */
    static byte[] write(Message message, int code, int octetsMax) {
        return new MessageWriter(octetsMax).message(message, code);
    }

    /** The same for a message whose response code stands in its flags. */
    static byte[] write(Message message, int octetsMax) {
        return write(message, message.code(), octetsMax);
    }

    private byte[] message(Message message, int code) {
        byte[] errorText = errorText(message);
        boolean explains = message.edns() != null && message.edns().error() != null;
        if (message.edns() != null) {
            limit -= OPT_OCTETS + (explains ? 6 + errorText.length : 0);
        }
        int questions = 0;
        if (message.question() != null) {
            name(message.question().name());
            put16(message.question().type());
            put16(message.question().group());
            questions = 1;
        }
        int answers = records(message.answers());
        boolean whole = answers == message.answers().size();
        int authorities = whole ? records(message.authorities()) : 0;
        whole &= authorities == message.authorities().size();
        int additionals = whole ? records(message.additionals()) : 0;
        if (message.edns() != null) {
            limit = octets.length;
            option(message.edns(), code, explains, errorText);
            additionals++;
        }
        header(0, message.id());
        header(2, (message.flags() & ~0xf) | (code & 0xf) | (whole ? 0 : Message.TRUNCATED));
        header(4, questions);
        header(6, answers);
        header(8, authorities);
        header(10, additionals);
        return Arrays.copyOf(octets, at);
    }

    private static byte[] errorText(Message message) {
        if (message.edns() == null || message.edns().error() == null) {
            return new byte[0];
        }
        byte[] text = message.edns().error().text().getBytes(StandardCharsets.UTF_8);
        return text.length <= ERROR_TEXT_MAX ? text : Arrays.copyOf(text, ERROR_TEXT_MAX);
    }

    private void option(Edns edns, int code, boolean explains, byte[] errorText) {
        octets[at++] = 0;
        put16(RecordType.OPT);
        put16(edns.octetsMax());
        put16((code >> 4 & 0xff) << 8 | (edns.version() & 0xff));
        put16(edns.dnssec() ? 0x8000 : 0);
        put16(explains ? 6 + errorText.length : 0);
        if (explains && edns.error() != null) {
            put16(OPTION_EXTENDED_ERROR);
            put16(2 + errorText.length);
            put16(edns.error().code());
            System.arraycopy(errorText, 0, octets, at, errorText.length);
            at += errorText.length;
        }
    }

    /** How many of them fit. */
    private int records(List<ResourceRecord> records) {
        int written = 0;
        for (ResourceRecord record : records) {
            if (!record(record)) {
                return written;
            }
            written++;
        }
        return written;
    }

    private boolean record(ResourceRecord record) {
        int begin = at;
        // The fields between name and data have ten octets; the data becomes shorter at most.
        if (!name(record.name()) || at + 10 > limit) {
            return cut(begin);
        }
        put16(record.type());
        put16(record.group());
        put16(record.seconds() >>> 16);
        put16(record.seconds() & 0xffff);
        int lengthAt = at;
        at += 2;
        if (!data(record)) {
            return cut(begin);
        }
        header(lengthAt, at - lengthAt - 2);
        return true;
    }

    private boolean data(ResourceRecord record) {
        RecordType.Layout layout = RecordType.Layout.of(record.type());
        byte[] data = record.data();
        if (!layout.compressed()) {
            return copy(data, 0, data.length);
        }
        int from = layout.before();
        if (!copy(data, 0, from)) {
            return false;
        }
        for (int i = 0; i < layout.names(); i++) {
            int end = from;
            while (data[end] != 0) {
                end += data[end] + 1;
            }
            if (!name(DnsName.ofWire(Arrays.copyOfRange(data, from, end + 1)))) {
                return false;
            }
            from = end + 1;
        }
        return copy(data, from, data.length);
    }

    private boolean copy(byte[] data, int from, int to) {
        if (at + to - from > limit) {
            return false;
        }
        System.arraycopy(data, from, octets, at, to - from);
        at += to - from;
        return true;
    }

    /** Forgets what was begun. */
    private boolean cut(int begin) {
        offsets.values().removeIf(offset -> offset >= begin);
        at = begin;
        return false;
    }

    private boolean name(DnsName name) {
        byte[] wire = name.wire();
        int from = 0;
        DnsName rest = name;
        while (wire[from] != 0) {
            Integer known = offsets.get(rest);
            if (known != null) {
                if (at + 2 > limit) {
                    return false;
                }
                put16(0xc000 | known);
                return true;
            }
            if (at + wire[from] + 1 > limit) {
                return false;
            }
            if (at <= POINTER_MAX) {
                offsets.put(rest, at);
            }
            System.arraycopy(wire, from, octets, at, wire[from] + 1);
            at += wire[from] + 1;
            from += wire[from] + 1;
            rest = DnsName.ofWire(Arrays.copyOfRange(wire, from, wire.length));
        }
        if (at + 1 > limit) {
            return false;
        }
        octets[at++] = 0;
        return true;
    }

    private void put16(int value) {
        header(at, value);
        at += 2;
    }

    private void header(int position, int value) {
        octets[position] = (byte) (value >> 8);
        octets[position + 1] = (byte) value;
    }
}
