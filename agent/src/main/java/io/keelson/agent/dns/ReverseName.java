package io.keelson.agent.dns;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Addresses as names: {@code 1.0.96.10.in-addr.arpa}, and below {@code ip6.arpa} one label for each half of an octet. */
final class ReverseName {
    private static final DnsName IPV4 = DnsName.parse("in-addr.arpa");
    private static final DnsName IPV6 = DnsName.parse("ip6.arpa");

    private ReverseName() {}

    /** The zone of such names that a name lies in; null if in none. */
    static @Nullable DnsName zone(DnsName name) {
        return name.isWithin(IPV4) ? IPV4 : name.isWithin(IPV6) ? IPV6 : null;
    }

    /** The name of an address of 4 or 16 octets. */
    static DnsName of(byte[] address) {
        String[] labels = new String[address.length == 4 ? 4 : 32];
        for (int i = 0; i < address.length; i++) {
            int octet = address[address.length - 1 - i] & 0xff;
            if (address.length == 4) {
                labels[i] = Integer.toString(octet);
            } else {
                labels[2 * i] = Integer.toHexString(octet & 0xf);
                labels[2 * i + 1] = Integer.toHexString(octet >> 4);
            }
        }
        return (address.length == 4 ? IPV4 : IPV6).below(labels);
    }

    /** The address of a name, 4 or 16 octets; null if it is that of none, or only of a part. */
    static byte @Nullable [] address(DnsName name) {
        DnsName zone = zone(name);
        if (zone == null) {
            return null;
        }
        List<String> labels = name.labelsBelow(zone);
        return zone.equals(IPV4) ? octets(labels) : halves(labels);
    }

    private static byte @Nullable [] octets(List<String> labels) {
        if (labels.size() != 4) {
            return null;
        }
        byte[] address = new byte[4];
        for (int i = 0; i < 4; i++) {
            String label = labels.get(3 - i);
            if (label.isEmpty() || label.length() > 3 || !label.chars().allMatch(c -> c >= '0' && c <= '9')) {
                return null;
            }
            int octet = Integer.parseInt(label);
            if (octet > 255) {
                return null;
            }
            address[i] = (byte) octet;
        }
        return address;
    }

    private static byte @Nullable [] halves(List<String> labels) {
        if (labels.size() != 32) {
            return null;
        }
        byte[] address = new byte[16];
        for (int i = 0; i < 32; i++) {
            String label = labels.get(31 - i);
            int half = label.length() == 1 ? Character.digit(label.charAt(0), 16) : -1;
            if (half < 0) {
                return null;
            }
            address[i / 2] |= (byte) (i % 2 == 0 ? half << 4 : half);
        }
        return address;
    }
}
