package io.keelson.cloud;

import java.util.Optional;

/**
 * A place that clusters run in. It is opened when a process comes to lead and closed when it does not any more, so no
 * two processes that keep to the election change anything at once. Its parts are called by several threads, never by
 * two about the same Node, Route or Service; all of them may block.
 */
public interface CloudProvider extends AutoCloseable {
    /** Of the files by which providers are set up. */
    String API_VERSION = "cloud.keelson.io/v1";

    /** What {@code --cloud-provider} calls it. */
    String name();

    /** The machines; empty if it knows none. */
    default Optional<Instances> instances() {
        return Optional.empty();
    }

    /** Where the machines are; empty if it knows no zones. */
    default Optional<Zones> zones() {
        return Optional.empty();
    }

    /** The ways to the machines; empty if the network has its own. */
    default Optional<Routes> routes() {
        return Optional.empty();
    }

    /** Addresses for Services; empty if it has none. */
    default Optional<LoadBalancers> loadBalancers() {
        return Optional.empty();
    }

    /** Ends what it runs. What was asked for stays, as far as it does not live in this process. */
    @Override
    default void close() {}
}
