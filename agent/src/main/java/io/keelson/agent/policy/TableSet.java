package io.keelson.agent.policy;

import java.util.HashMap;
import java.util.Map;

/**
 * A set of the table, or a map.
 *
 * @param kind what its elements are
 * @param comment what it stands for; empty for nothing
 * @param elements keys, with the chain that a packet goes to where it is a map, else with nothing
 */
record TableSet(Kind kind, boolean isV6, String comment, Map<String, String> elements) {
    /** What its elements are. */
    enum Kind {
        ADDRESSES("set", "%s"),
        PAIRS("set", "%s . %1$s"),
        PORTS("set", "%s . inet_service"),
        CHAINS("map", "%s : verdict");

        private final String word;
        private final String type;

        Kind(String word, String type) {
            this.word = word;
            this.type = type;
        }
    }

    /** One without elements. */
    static TableSet empty(Kind kind, boolean isV6, String comment) {
        return new TableSet(kind, isV6, comment, new HashMap<>());
    }

    /** How it is declared: {@code set} or {@code map}. */
    String word() {
        return kind.word;
    }

    /** What its elements are, as rules write it. */
    String type() {
        return kind.type.formatted(isV6 ? "ipv6_addr" : "ipv4_addr");
    }
}
