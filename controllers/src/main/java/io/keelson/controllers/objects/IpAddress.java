package io.keelson.controllers.objects;

import java.net.InetAddress;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * An IP address as the API writes it. An IPv4 address that is written as an IPv6 one ({@code ::ffff:1.2.3.4}) is the IPv4
 * address; leading zeros of an IPv4 address mean nothing. No name is ever looked up.
 */
public final class IpAddress {
    private final byte[] bytes;

    IpAddress(byte[] bytes) {
        this.bytes = bytes.clone();
    }

    /** The address of a text; null if it is none. */
    public static @Nullable IpAddress parse(@Nullable String text) {
        if (text == null) {
            return null;
        }
        if (text.indexOf(':') < 0) {
            return dotted(text);
        }
        if (text.indexOf('%') >= 0 || text.indexOf('[') >= 0) {
            return null;
        }
        try {
            return new IpAddress(InetAddress.ofLiteral(text).getAddress());
        } catch (IllegalArgumentException e) {
            // No address.
            return null;
        }
    }

    private static @Nullable IpAddress dotted(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length != 4) {
            return null;
        }
        byte[] bytes = new byte[4];
        for (int i = 0; i < 4; i++) {
            String part = parts[i];
            if (part.isEmpty() || part.length() > 10 || !part.chars().allMatch(digit -> digit >= '0' && digit <= '9')) {
                return null;
            }
            long number = Long.parseLong(part);
            if (number > 255) {
                return null;
            }
            bytes[i] = (byte) number;
        }
        return new IpAddress(bytes);
    }

    /** Whether it is an IPv6 address. */
    public boolean isV6() {
        return bytes.length == 16;
    }

    /** {@code IPv4} or {@code IPv6}, as Services and EndpointSlices say it. */
    public String family() {
        return isV6() ? "IPv6" : "IPv4";
    }

    byte[] bytes() {
        return bytes;
    }

    /** The text of RFC 5952: lower case, no leading zeros, the longest run of zeros left out. */
    @Override
    public String toString() {
        if (!isV6()) {
            return (bytes[0] & 0xff) + "." + (bytes[1] & 0xff) + "." + (bytes[2] & 0xff) + "." + (bytes[3] & 0xff);
        }
        int[] groups = new int[8];
        for (int i = 0; i < 8; i++) {
            groups[i] = (bytes[2 * i] & 0xff) << 8 | (bytes[2 * i + 1] & 0xff);
        }
        int gapStart = -1;
        int gapLength = 1;
        for (int start = 0; start < 8; start++) {
            int end = start;
            while (end < 8 && groups[end] == 0) {
                end++;
            }
            if (end - start > gapLength) {
                gapStart = start;
                gapLength = end - start;
            }
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            if (i == gapStart) {
                text.append("::");
                i += gapLength - 1;
                continue;
            }
            if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
                text.append(':');
            }
            text.append(Integer.toHexString(groups[i]));
        }
        return text.toString();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof IpAddress address && Arrays.equals(bytes, address.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }
}
