package io.keelson.apiserver.services;

import org.jspecify.annotations.Nullable;

/** A version of the Internet Protocol. */
public enum IpFamily {
    V4("IPv4", 32),
    V6("IPv6", 128);

    private final String text;
    private final int bits;

    IpFamily(String text, int bits) {
        this.text = text;
        this.bits = bits;
    }

    /** As Services have it: {@code IPv4} or {@code IPv6}; null for any other text. */
    public static @Nullable IpFamily of(String text) {
        for (IpFamily family : values()) {
            if (family.text.equals(text)) {
                return family;
            }
        }
        return null;
    }

    /** How many bits an address has. */
    public int bits() {
        return bits;
    }

    public IpFamily other() {
        return this == V4 ? V6 : V4;
    }

    @Override
    public String toString() {
        return text;
    }
}
