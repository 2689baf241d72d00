package io.keelson.apiserver.validation;

import com.google.common.net.InetAddresses;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What IP addresses and ranges of them look like. Each rule says what is wrong, with the texts of the Kubernetes API; nothing
 * if all is well.
 *
 * <p>There are two degrees of strictness. What was always accepted is still read everywhere, because it may be stored:
 * leading zeros in IPv4 addresses, IPv4 addresses in the form of IPv6, ranges that do not begin at their first address.
 * Programs do not agree on what these mean, so that the unambiguous rules refuse them; they say nothing of what is no
 * address or range at all.
 */
public final class Addresses {
    private static final Pattern DECIMAL_OCTET = Pattern.compile("[0-9]{1,3}");
    private static final Pattern LEADING_ZERO = Pattern.compile("(^|[.:])0[0-9]+(\\.|$)");
    private static final int IPV4_BYTES = 4;

    private Addresses() {}

    public static List<String> ip(String text) {
        return address(text) == null
                ? List.of("must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")
                : List.of();
    }

    public static List<String> ipv4(String text) {
        byte[] address = address(text);
        return address != null && address.length == 4 ? List.of() : List.of("must be a valid IPv4 address");
    }

    public static List<String> ipv6(String text) {
        byte[] address = address(text);
        return address != null && address.length == 16 ? List.of() : List.of("must be a valid IPv6 address");
    }

    public static List<String> cidr(String text) {
        return Cidr.parse(text) == null
                ? List.of("must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)")
                : List.of();
    }

    /** An address that all programs read alike. */
    public static List<String> unambiguousIp(String text) {
        byte[] address = address(text);
        if (address == null) {
            return List.of();
        }
        if (hasLeadingZeros(text)) {
            return List.of("must not have leading 0s");
        }
        return isMapped(text, address) ? List.of("must not be an IPv4-mapped IPv6 address") : List.of();
    }

    /** A range that all programs read alike. */
    public static List<String> unambiguousCidr(String text) {
        Cidr range = Cidr.parse(text);
        if (range == null) {
            return List.of();
        }
        int slash = text.indexOf('/');
        String ip = text.substring(0, slash);
        byte[] address = Objects.requireNonNull(address(ip));
        if (hasLeadingZeros(ip)
                || text.length() - slash - 1 > Integer.toString(range.prefix()).length()) {
            return List.of("must not have leading 0s in IP or prefix length");
        }
        if (isMapped(ip, address)) {
            return List.of("must not have an IPv4-mapped IPv6 address");
        }
        return range.network().equals(new BigInteger(1, address))
                ? List.of()
                : List.of("must not have bits set beyond the prefix length");
    }

    /** An address in the one way in which it is to be written. */
    public static List<String> canonicalIp(String text) {
        String canonical = canonical(text);
        if (canonical == null) {
            return ip(text);
        }
        List<String> wrong = unambiguousIp(text);
        return wrong.isEmpty() ? same(text, canonical) : wrong;
    }

    /** A range in the one way in which it is to be written. */
    public static List<String> canonicalCidr(String text) {
        Cidr range = Cidr.parse(text);
        if (range == null) {
            return cidr(text);
        }
        List<String> wrong = unambiguousCidr(text);
        return wrong.isEmpty() ? same(text, range.first() + "/" + range.prefix()) : wrong;
    }

    private static List<String> same(String text, String canonical) {
        return text.equals(canonical)
                ? List.of()
                : List.of("must be in canonical form (" + FieldErrors.quoted(canonical) + ")");
    }

    /** Whether a decimal number in an address has more digits than it needs: others read it as octal. */
    private static boolean hasLeadingZeros(String address) {
        return address.indexOf('.') >= 0 && LEADING_ZERO.matcher(address).find();
    }

    /** Whether it is an address of version 4 that is written as one of version 6. */
    private static boolean isMapped(String text, byte[] address) {
        return text.indexOf(':') >= 0 && address.length == IPV4_BYTES;
    }

    /** An address to which traffic may be sent: not unspecified, loopback or link-local. */
    public static List<String> reachableIp(String text) {
        byte[] bytes = address(text);
        if (bytes == null) {
            return List.of("must be a valid IP address");
        }
        InetAddress address = inet(bytes);
        List<String> wrong = new ArrayList<>();
        if (address.isAnyLocalAddress()) {
            wrong.add("may not be unspecified (" + text + ")");
        }
        if (address.isLoopbackAddress()) {
            wrong.add("may not be in the loopback range (127.0.0.0/8, ::1/128)");
        }
        if (address.isLinkLocalAddress()) {
            wrong.add("may not be in the link-local range (169.254.0.0/16, fe80::/10)");
        }
        if (address.isMCLinkLocal()) {
            wrong.add("may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)");
        }
        return wrong;
    }

    /** Whether a text is an IP address of version 6; false for what is none. */
    public static boolean isIpv6(String text) {
        byte[] address = address(text);
        return address != null && address.length == 16;
    }

    /** The bytes of an IP address, 4 or 16; null if it is none. Never asks a name server. */
    public static byte @Nullable [] address(String text) {
        if (text.indexOf(':') >= 0) {
            if (text.indexOf('%') >= 0 || text.indexOf('[') >= 0 || text.length() > 45) {
                return null;
            }
            try {
                return InetAddress.ofLiteral(text).getAddress();
            } catch (IllegalArgumentException e) {
                return null;
            }
        }
        String[] octets = text.split("\\.", -1);
        if (octets.length != 4) {
            return null;
        }
        byte[] bytes = new byte[4];
        for (int i = 0; i < 4; i++) {
            if (!DECIMAL_OCTET.matcher(octets[i]).matches()) {
                return null;
            }
            int octet = Integer.parseInt(octets[i]);
            if (octet > 255) {
                return null;
            }
            bytes[i] = (byte) octet;
        }
        return bytes;
    }

    /** The one way in which an address is to be written (RFC 5952 for those of IPv6); null if it is none. */
    public static @Nullable String canonical(String text) {
        byte[] address = address(text);
        return address == null ? null : InetAddresses.toAddrString(inet(address));
    }

    private static InetAddress inet(byte[] address) {
        try {
            return InetAddress.getByAddress(address);
        } catch (UnknownHostException e) {
            throw new AssertionError("an address has 4 or 16 bytes", e);
        }
    }

    /**
     * A range of addresses.
     *
     * @param network the first address
     * @param bits in an address, 32 or 128
     * @param prefix bits that all addresses of the range share
     */
    public record Cidr(BigInteger network, int bits, int prefix) {
        /** Reads {@code 10.0.0.0/8}; null if it is none. */
        public static @Nullable Cidr parse(String text) {
            int slash = text.indexOf('/');
            if (slash < 0 || slash == text.length() - 1 || text.length() - slash > 4) {
                return null;
            }
            byte[] address = address(text.substring(0, slash));
            if (address == null || !text.substring(slash + 1).chars().allMatch(Character::isDigit)) {
                return null;
            }
            int bits = address.length * 8;
            int prefix = Integer.parseInt(text.substring(slash + 1));
            if (prefix > bits) {
                return null;
            }
            BigInteger first =
                    new BigInteger(1, address).shiftRight(bits - prefix).shiftLeft(bits - prefix);
            return new Cidr(first, bits, prefix);
        }

        /** The first address, in the one way in which it is to be written. */
        public String first() {
            byte[] address = new byte[bits / 8];
            byte[] digits = network.toByteArray();
            for (int i = 1; i <= Math.min(address.length, digits.length); i++) {
                address[address.length - i] = digits[digits.length - i];
            }
            return InetAddresses.toAddrString(inet(address));
        }

        /** Whether another range lies in this one and is smaller. */
        public boolean strictlyContains(Cidr other) {
            return other.bits == bits
                    && other.prefix > prefix
                    && other.network.shiftRight(bits - prefix).equals(network.shiftRight(bits - prefix));
        }
    }
}
