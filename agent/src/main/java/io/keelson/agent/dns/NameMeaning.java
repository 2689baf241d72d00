package io.keelson.agent.dns;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a name of the cluster's zone stands for. */
sealed interface NameMeaning {
    /** There is no such name. */
    record Nothing() implements NameMeaning {}

    /** There is such a name, but it has no records, or only names below it have. */
    record Empty() implements NameMeaning {}

    /** A name for another one. */
    record Alias(DnsName target) implements NameMeaning {}

    /** Addresses, and ports with them. */
    record Targets(List<Target> targets) implements NameMeaning {}

    /**
     * An address, with the name that SRV records show.
     *
     * @param port null if none is known of, as of a pod
     */
    record Target(DnsName name, byte[] address, @Nullable Integer port) {}
}
