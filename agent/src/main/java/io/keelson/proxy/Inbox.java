package io.keelson.proxy;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.networking.v1.ServiceCIDR;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Key;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What has changed in the API and is not in the rules yet: of each object how it was last, so that there is never more than there
 * are objects. Those who tell never wait.
 */
final class Inbox {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition news = lock.newCondition();
    private Batch batch = new Batch();
    private boolean isClosed;

    /** Changes that are taken as one. Objects that are gone are empty. */
    static final class Batch {
        private final Map<Key, Optional<Service>> services = new LinkedHashMap<>();
        private final Map<Key, Optional<EndpointSlice>> slices = new LinkedHashMap<>();
        private final Map<Key, Optional<ServiceCIDR>> ranges = new HashMap<>();
        private final Map<Key, Optional<Node>> nodes = new HashMap<>();
        private boolean isCheckWanted;

        /** Services by their names. */
        Map<Key, Optional<Service>> services() {
            return services;
        }

        /** Slices by their names. */
        Map<Key, Optional<EndpointSlice>> slices() {
            return slices;
        }

        /** Ranges of cluster IPs by their names. */
        Map<Key, Optional<ServiceCIDR>> ranges() {
            return ranges;
        }

        /** This node. */
        Map<Key, Optional<Node>> nodes() {
            return nodes;
        }

        /** Whether somebody may have changed the rules. */
        boolean isCheckWanted() {
            return isCheckWanted;
        }

        /** Whether there is nothing to do. */
        boolean isEmpty() {
            return services.isEmpty() && slices.isEmpty() && ranges.isEmpty() && nodes.isEmpty() && !isCheckWanted;
        }
    }

    private interface Note {
        void in(Batch batch);
    }

    private void tell(Note note) {
        lock.lock();
        try {
            note.in(batch);
            news.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private static <T extends HasMetadata> void put(Map<Key, Optional<T>> all, Change<T> change) {
        all.put(Key.of(change.object()), Optional.ofNullable(change.now()));
    }

    /** What was there at the start, but for that of which something newer has been told. */
    void fill(List<Service> services, List<EndpointSlice> slices, List<ServiceCIDR> ranges, List<Node> nodes) {
        tell(waiting -> {
            putOld(waiting.services, services);
            putOld(waiting.slices, slices);
            putOld(waiting.ranges, ranges);
            putOld(waiting.nodes, nodes);
        });
    }

    private static <T extends HasMetadata> void putOld(Map<Key, Optional<T>> all, List<T> old) {
        old.forEach(object -> all.putIfAbsent(Key.of(object), Optional.of(object)));
    }

    void service(Change<Service> change) {
        tell(waiting -> put(waiting.services, change));
    }

    void slice(Change<EndpointSlice> change) {
        tell(waiting -> put(waiting.slices, change));
    }

    void range(Change<ServiceCIDR> change) {
        tell(waiting -> put(waiting.ranges, change));
    }

    void node(Change<Node> change) {
        tell(waiting -> put(waiting.nodes, change));
    }

    /** Somebody may have changed the rules. */
    void check() {
        tell(waiting -> waiting.isCheckWanted = true);
    }

    /** Wakes who takes, for good. */
    void close() {
        tell(_ -> isClosed = true);
    }

    /** Whether it is closed. */
    boolean isClosed() {
        lock.lock();
        try {
            return isClosed;
        } finally {
            lock.unlock();
        }
    }

    /**
     * What has changed since it was called last, as soon as there is something.
     *
     * @param nanos how long to wait for it at most
     */
    Batch take(long nanos) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = nanos;
            while (batch.isEmpty() && !isClosed && left > 0) {
                left = news.awaitNanos(left);
            }
            Batch taken = batch;
            batch = new Batch();
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** How many Services and slices wait. */
    long[] waiting() {
        lock.lock();
        try {
            return new long[] {batch.services.size(), batch.slices.size()};
        } finally {
            lock.unlock();
        }
    }

    /** The longest that {@link #take} may wait. */
    static long nanos(long millis) {
        return TimeUnit.MILLISECONDS.toNanos(millis);
    }
}
