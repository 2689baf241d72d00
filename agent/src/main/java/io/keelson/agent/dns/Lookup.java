package io.keelson.agent.dns;

import java.util.List;

/** What one place that is asked has to say to a question. */
sealed interface Lookup {
    /** The answer. */
    record Known(Answer answer) implements Lookup {}

    /**
     * The name stands for another, which has to be asked for elsewhere.
     *
     * @param aliases the records that say so, the first one first
     * @param target the name to ask for
     */
    record Alias(List<ResourceRecord> aliases, DnsName target) implements Lookup {}

    /** Somebody else has to be asked. */
    record Elsewhere() implements Lookup {}

    /** The one that says nothing more. */
    Elsewhere ELSEWHERE = new Elsewhere();
}
