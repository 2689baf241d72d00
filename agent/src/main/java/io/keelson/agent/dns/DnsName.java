package io.keelson.agent.dns;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A domain name as it is on the wire: labels, each after its length, and an empty one at the end. Letters keep their case, but
 * names that differ in nothing else are equal.
 */
final class DnsName {
    static final int OCTETS_MAX = 255;
    private static final int LABEL_OCTETS_MAX = 63;

    /** The name of the root. */
    static final DnsName ROOT = new DnsName(new byte[] {0});

    private final byte[] wire;
    private final int hash;

    private DnsName(byte[] wire) {
        this.wire = wire;
        int mixed = 1;
        for (byte octet : wire) {
            mixed = 31 * mixed + lower(octet);
        }
        hash = mixed;
    }

    /** A name whose octets are known to be right; they are not copied. */
    static DnsName ofWire(byte[] wire) {
        return new DnsName(wire);
    }

    /**
     * Reads a name as people write it, with or without a dot at the end. A backslash takes the special meaning from what follows,
     * or stands before the three decimal digits of an octet.
     *
     * @throws IllegalArgumentException if it is none; the text says why
     */
    static DnsName parse(String text) {
        if (text.equals(".") || text.isEmpty()) {
            return ROOT;
        }
        List<byte[]> labels = new ArrayList<>();
        ByteArrayOutputStream label = new ByteArrayOutputStream();
        byte[] given = text.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < given.length; i++) {
            if (given[i] == '.') {
                labels.add(label.toByteArray());
                label.reset();
            } else if (given[i] == '\\' && i + 1 < given.length) {
                int code = i + 3 < given.length ? decimal(given, i + 1) : -1;
                label.write(code < 0 ? given[i + 1] : code);
                i += code < 0 ? 1 : 3;
            } else {
                label.write(given[i]);
            }
        }
        if (label.size() > 0) {
            labels.add(label.toByteArray());
        }
        return of(labels, ROOT, text);
    }

    private static int decimal(byte[] given, int from) {
        int code = 0;
        for (int i = from; i < from + 3; i++) {
            if (given[i] < '0' || given[i] > '9') {
                return -1;
            }
            code = code * 10 + given[i] - '0';
        }
        return code <= 255 ? code : -1;
    }

    private static DnsName of(List<byte[]> labels, DnsName end, String text) {
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        for (byte[] label : labels) {
            if (label.length == 0 || label.length > LABEL_OCTETS_MAX) {
                throw new IllegalArgumentException(
                        "\"" + text + "\" is no domain name: a label has from 1 to " + LABEL_OCTETS_MAX + " octets");
            }
            wire.write(label.length);
            wire.writeBytes(label);
        }
        wire.writeBytes(end.wire);
        if (wire.size() > OCTETS_MAX) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is no domain name: it has more than " + OCTETS_MAX + " octets");
        }
        return new DnsName(wire.toByteArray());
    }

    /**
     * The name that labels make in front of this one.
     *
     * @throws IllegalArgumentException if it becomes too long
     */
    DnsName below(String... labels) {
        List<byte[]> octets = new ArrayList<>();
        for (String label : labels) {
            octets.add(label.getBytes(StandardCharsets.UTF_8));
        }
        return of(octets, this, String.join(".", labels) + '.' + this);
    }

    /** The octets; not to be changed. */
    byte[] wire() {
        return wire;
    }

    /** How many octets it has on the wire, uncompressed. */
    int length() {
        return wire.length;
    }

    /** Whether it is that name, or below it. */
    boolean isWithin(DnsName zone) {
        int begin = wire.length - zone.wire.length;
        return begin >= 0 && matchesAt(begin, zone) && startsLabel(begin);
    }

    private boolean matchesAt(int begin, DnsName zone) {
        for (int i = 0; i < zone.wire.length; i++) {
            if (lower(wire[begin + i]) != lower(zone.wire[i])) {
                return false;
            }
        }
        return true;
    }

    private boolean startsLabel(int position) {
        int at = 0;
        while (at < position) {
            at += wire[at] + 1;
        }
        return at == position;
    }

    /** The labels in front of a zone that it is within, in lower case, octet for octet. */
    List<String> labelsBelow(DnsName zone) {
        List<String> labels = new ArrayList<>();
        int end = wire.length - zone.wire.length;
        for (int at = 0; at < end; at += wire[at] + 1) {
            byte[] label = Arrays.copyOfRange(wire, at + 1, at + 1 + wire[at]);
            for (int i = 0; i < label.length; i++) {
                label[i] = (byte) lower(label[i]);
            }
            labels.add(new String(label, StandardCharsets.ISO_8859_1));
        }
        return labels;
    }

    /** The same name with the case of the last labels as another one has it, which it is within. */
    DnsName suffix(DnsName zone) {
        return new DnsName(Arrays.copyOfRange(wire, wire.length - zone.wire.length, wire.length));
    }

    /** Whether each letter has the same case, too. */
    boolean sameCase(DnsName other) {
        return Arrays.equals(wire, other.wire);
    }

    static int lower(byte octet) {
        return octet >= 'A' && octet <= 'Z' ? octet + ('a' - 'A') : octet;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof DnsName name
                && name.hash == hash
                && name.wire.length == wire.length
                && matchesAt(0, name);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    /** As people write it, with a dot at the end. */
    @Override
    public String toString() {
        if (wire.length == 1) {
            return ".";
        }
        StringBuilder text = new StringBuilder();
        for (int at = 0; wire[at] != 0; at += wire[at] + 1) {
            for (int i = at + 1; i <= at + wire[at]; i++) {
                int octet = wire[i] & 0xff;
                if (octet == '.' || octet == '\\') {
                    text.append('\\').append((char) octet);
                } else if (octet <= ' ' || octet >= 0x7f) {
                    text.append('\\').append((char) ('0' + octet / 100));
                    text.append((char) ('0' + octet / 10 % 10)).append((char) ('0' + octet % 10));
                } else {
                    text.append((char) octet);
                }
            }
            text.append('.');
        }
        return text.toString();
    }
}
