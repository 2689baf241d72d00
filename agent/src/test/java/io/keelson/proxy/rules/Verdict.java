package io.keelson.proxy.rules;

import java.util.Set;

/**
 * What becomes of a packet.
 *
 * @param what whether it is led on, refused, dropped, or none of the proxy's
 * @param destinations any of these, with the same probability
 * @param isMasqueraded whether it gets the node's address as its source
 */
record Verdict(What what, Set<String> destinations, boolean isMasqueraded) {
    enum What {
        LED,
        REFUSED,
        DROPPED,
        PASSED
    }

    static Verdict of(What what) {
        return new Verdict(what, Set.of(), false);
    }
}
