package io.keelson.agent.dns;

import org.jspecify.annotations.Nullable;

/**
 * What an OPT record says beside a message.
 *
 * @param octetsMax how many octets of a datagram its sender takes
 * @param version 0 is the one there is
 * @param dnssec whether signatures are wanted
 * @param error why something went wrong; only in answers
 */
record Edns(
        int octetsMax,
        int version,
        boolean dnssec,
        @Nullable ExtendedError error) {
    /** What we say that we take, and send at most: no network on the way cuts it into pieces. */
    static final int OCTETS = 1232;

    /**
     * Why something went wrong, by RFC 8914.
     *
     * @param code a number of that document's registry
     * @param text for people
     */
    record ExtendedError(int code, String text) {
        static final int OTHER = 0;
        static final int NOT_READY = 14;
        static final int PROHIBITED = 18;
        static final int NO_REACHABLE_AUTHORITY = 22;
    }
}
