package io.keelson.apiserver.cel.functions;

import io.keelson.apiserver.object.GoText;
import java.util.Arrays;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * An IP address, read strictly: no leading zeros, no zone, no address of version 4 in the form of version 6. What {@code
 * isIP} accepts in an expression is less than what fields of the API do.
 */
record Address(byte[] bytes) {
    private static final int GROUPS = 8;

    /** @throws FunctionFailure with the text of the original */
    static Address parse(String text) {
        if (text.indexOf('%') >= 0) {
            throw new FunctionFailure("IP address " + GoText.quoted(text) + " with zone value is not allowed");
        }
        byte[] bytes = text.indexOf(':') >= 0 ? six(text) : four(text);
        if (bytes == null) {
            throw new FunctionFailure("IP Address " + GoText.quoted(text)
                    + " parse error during conversion from string: ParseAddr(" + GoText.quoted(text)
                    + "): unable to parse IP");
        }
        Address address = new Address(bytes);
        if (address.isMapped()) {
            throw new FunctionFailure("IPv4-mapped IPv6 address " + GoText.quoted(text) + " is not allowed");
        }
        return address;
    }

    private static byte @Nullable [] four(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length != 4) {
            return null;
        }
        byte[] bytes = new byte[4];
        for (int i = 0; i < 4; i++) {
            String part = parts[i];
            boolean digits =
                    !part.isEmpty() && part.length() <= 3 && part.chars().allMatch(c -> c >= '0' && c <= '9');
            if (!digits || (part.length() > 1 && part.charAt(0) == '0') || Integer.parseInt(part) > 255) {
                return null;
            }
            bytes[i] = (byte) Integer.parseInt(part);
        }
        return bytes;
    }

    private static byte @Nullable [] six(String text) {
        int gap = text.indexOf("::");
        if (gap >= 0 && text.indexOf("::", gap + 1) >= 0) {
            return null;
        }
        byte[] head = groups(gap < 0 ? text : text.substring(0, gap), gap < 0);
        byte[] tail = gap < 0 ? new byte[0] : groups(text.substring(gap + 2), true);
        if (head == null || tail == null) {
            return null;
        }
        int length = head.length + tail.length;
        if (gap < 0 ? length != 16 : length > 14) {
            return null;
        }
        byte[] bytes = Arrays.copyOf(head, 16);
        System.arraycopy(tail, 0, bytes, 16 - tail.length, tail.length);
        return bytes;
    }

    /** Groups of up to four digits; the last may be an address of version 4. */
    private static byte @Nullable [] groups(String text, boolean last) {
        if (text.isEmpty()) {
            return new byte[0];
        }
        String[] parts = text.split(":", -1);
        if (parts.length > GROUPS) {
            return null;
        }
        byte[] bytes = new byte[parts.length * 2 + 2];
        int size = 0;
        for (int i = 0; i < parts.length; i++) {
            if (last && i == parts.length - 1 && parts[i].indexOf('.') >= 0) {
                byte[] four = four(parts[i]);
                if (four == null) {
                    return null;
                }
                System.arraycopy(four, 0, bytes, size, 4);
                size += 4;
                continue;
            }
            boolean digits = !parts[i].isEmpty()
                    && parts[i].length() <= 4
                    && parts[i].chars().allMatch(c -> Character.digit(c, 16) >= 0 && c < 128);
            if (!digits) {
                return null;
            }
            int group = Integer.parseInt(parts[i], 16);
            bytes[size++] = (byte) (group >> 8);
            bytes[size++] = (byte) group;
        }
        return Arrays.copyOf(bytes, size);
    }

    boolean isFour() {
        return bytes.length == 4;
    }

    private boolean isMapped() {
        if (isFour() || bytes[10] != -1 || bytes[11] != -1) {
            return false;
        }
        for (int i = 0; i < 10; i++) {
            if (bytes[i] != 0) {
                return false;
            }
        }
        return true;
    }

    boolean isUnspecified() {
        for (byte one : bytes) {
            if (one != 0) {
                return false;
            }
        }
        return true;
    }

    boolean isLoopback() {
        if (isFour()) {
            return bytes[0] == 127;
        }
        byte[] loopback = new byte[16];
        loopback[15] = 1;
        return Arrays.equals(bytes, loopback);
    }

    boolean isMulticast() {
        return isFour() ? (bytes[0] & 0xf0) == 0xe0 : bytes[0] == -1;
    }

    boolean isLinkLocalMulticast() {
        return isFour()
                ? (bytes[0] & 0xff) == 224 && bytes[1] == 0 && bytes[2] == 0
                : bytes[0] == -1 && (bytes[1] & 0x0f) == 0x02;
    }

    boolean isLinkLocalUnicast() {
        return isFour()
                ? (bytes[0] & 0xff) == 169 && (bytes[1] & 0xff) == 254
                : (bytes[0] & 0xff) == 0xfe && (bytes[1] & 0xc0) == 0x80;
    }

    boolean isGlobalUnicast() {
        boolean broadcast = isFour() && Arrays.equals(bytes, new byte[] {-1, -1, -1, -1});
        return !broadcast && !isUnspecified() && !isLoopback() && !isMulticast() && !isLinkLocalUnicast();
    }

    /** The address with all bits after so many set to zero. */
    Address masked(int prefix) {
        byte[] masked = bytes.clone();
        for (int i = 0; i < masked.length; i++) {
            int kept = Math.clamp(prefix - i * 8L, 0, 8);
            masked[i] &= (byte) (0xff << (8 - kept));
        }
        return new Address(masked);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Address address && Arrays.equals(bytes, address.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** In the one form that RFC 5952 has. */
    @Override
    public String toString() {
        if (isFour()) {
            StringJoiner text = new StringJoiner(".");
            for (byte one : bytes) {
                text.add(Integer.toString(one & 0xff));
            }
            return text.toString();
        }
        int begin = -1;
        int longest = 1;
        for (int i = 0; i < GROUPS; i++) {
            int end = i;
            while (end < GROUPS && group(end) == 0) {
                end++;
            }
            if (end - i > longest) {
                begin = i;
                longest = end - i;
            }
        }
        return begin < 0 ? joined(0, GROUPS) : joined(0, begin) + "::" + joined(begin + longest, GROUPS);
    }

    private int group(int index) {
        return (bytes[index * 2] & 0xff) << 8 | (bytes[index * 2 + 1] & 0xff);
    }

    private String joined(int from, int to) {
        StringJoiner text = new StringJoiner(":");
        for (int i = from; i < to; i++) {
            text.add(Integer.toHexString(group(i)));
        }
        return text.toString();
    }
}
