package io.keelson.agent.policy;

import java.util.List;

/** A rule of a chain: what has to be so of a packet, and what becomes of it then. */
record RuleLine(List<Condition> conditions, Outcome outcome) {
    /** What becomes of a packet. */
    sealed interface Outcome {
        /** It goes on. */
        record Accept() implements Outcome {}

        /** It goes no further, and is counted. */
        record Drop() implements Outcome {}

        /** Another chain is asked, and then the next rule if that had nothing to say. */
        record Ask(String chain) implements Outcome {}
    }

    /** A rule for any packet. */
    static RuleLine of(Outcome outcome) {
        return new RuleLine(List.of(), outcome);
    }
}
