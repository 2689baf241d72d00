package io.keelson.cloud.service;

import io.keelson.controllers.runtime.Key;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How long it takes until all load balancers have the nodes that changed: from the change to the end of the last look at a
 * Service that it concerned, whether that went well or not. Changes that come meanwhile are of the same round. Holds at most
 * the keys of the Services that have load balancers. For any thread.
 */
final class NodeSync {
    private final Set<Key> open = new HashSet<>();
    private final Consumer<Duration> ended;
    private @Nullable Instant since;

    /** @param ended is told of each round how long it took */
    NodeSync(Consumer<Duration> ended) {
        this.ended = ended;
    }

    /** Nodes changed. */
    synchronized void begin(Collection<Key> concerned, Instant now) {
        if (concerned.isEmpty()) {
            return;
        }
        if (since == null) {
            since = now;
        }
        open.addAll(concerned);
    }

    /** A Service has been looked at. */
    synchronized void looked(Key service, Instant now) {
        Instant start = since;
        if (start != null && open.remove(service) && open.isEmpty()) {
            since = null;
            Duration took = Duration.between(start, now);
            // A clock that was set back says nothing.
            ended.accept(took.isNegative() ? Duration.ZERO : took);
        }
    }
}
