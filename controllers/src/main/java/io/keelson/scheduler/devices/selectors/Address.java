package io.keelson.scheduler.devices.selectors;

import io.keelson.controllers.objects.IpAddress;
import java.net.InetAddress;
import java.util.regex.Pattern;

/**
 * An IP address of an expression: without leading zeros, without a zone, and not one of version 4 that is written as one of
 * version 6.
 */
record Address(InetAddress address, IpAddress plain) {
    private static final int CHARS_MAX = 64;
    private static final Pattern LEADING_ZERO = Pattern.compile("(^|\\.)0\\d");

    /**
     * Reads one.
     *
     * @throws IllegalArgumentException if it is none
     */
    static Address parse(String text) {
        if (text.indexOf('%') >= 0) {
            throw new IllegalArgumentException("IP address \"" + text + "\" with zone value is not allowed");
        }
        IpAddress plain = text.length() > CHARS_MAX ? null : IpAddress.parse(text);
        if (plain == null || LEADING_ZERO.matcher(text).find()) {
            throw new IllegalArgumentException("IP Address \"" + text
                    + "\" parse error during conversion from string: ParseAddr(\"" + text + "\"): unable to parse IP");
        }
        if (!plain.isV6() && text.indexOf(':') >= 0) {
            throw new IllegalArgumentException("IPv4-mapped IPv6 address \"" + text + "\" is not allowed");
        }
        return of(plain);
    }

    static Address of(IpAddress plain) {
        return new Address(InetAddress.ofLiteral(plain.toString()), plain);
    }

    boolean isGlobalUnicast() {
        return !address.isAnyLocalAddress()
                && !address.isLoopbackAddress()
                && !address.isMulticastAddress()
                && !address.isLinkLocalAddress()
                && !plain.toString().equals("255.255.255.255");
    }

    /** In the one form that RFC 5952 has. */
    @Override
    public String toString() {
        return plain.toString();
    }
}
