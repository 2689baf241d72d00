package io.keelson.proxy.rules;

import org.jspecify.annotations.Nullable;

/** A protocol that has ports. */
public enum Transport {
    /** TCP. */
    TCP(6),
    /** UDP. */
    UDP(17),
    /** SCTP. */
    SCTP(132);

    private final int number;

    Transport(int number) {
        this.number = number;
    }

    /** Its number in the header of a packet. */
    public int number() {
        return number;
    }

    /** The protocol of a field; one that is missing is TCP. Null if there is none of that name. */
    public static @Nullable Transport parse(@Nullable String name) {
        return switch (name) {
            case null -> TCP;
            case "TCP", "" -> TCP;
            case "UDP" -> UDP;
            case "SCTP" -> SCTP;
            default -> null;
        };
    }
}
