package io.keelson.controllers.resourcequota;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.kinds.Discovery;
import io.keelson.controllers.kinds.Kind;
import io.keelson.controllers.kinds.Metadata;
import io.keelson.controllers.kinds.MetadataClient;
import io.keelson.controllers.kinds.MetadataWatch;
import io.keelson.controllers.kinds.RunningWatch;
import io.keelson.controllers.runtime.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many objects there are of each kind whose number some quota limits, in each namespace. Only those kinds are
 * followed. A kind that is not served yet is looked for again every half minute, or when somebody asks.
 */
final class ObjectCounts {
    private static final Logger LOG = LoggerFactory.getLogger(ObjectCounts.class);
    private static final String COUNT = "count/";
    private static final Set<String> SHORT =
            Set.of("configmaps", "resourcequotas", "replicationcontrollers", "secrets");
    private static final Duration BETWEEN_DISCOVERIES = Duration.ofSeconds(30);
    private static final Duration BETWEEN_DISCOVERIES_MIN = Duration.ofSeconds(1);

    private final MetadataClient client;
    private final Time time;
    private final Supplier<Set<String>> wanted;
    private final Fewer listener;
    private final Map<String, Monitor> running = new ConcurrentHashMap<>();
    private final Semaphore wake = new Semaphore(0);
    private volatile Set<String> missing = Set.of();

    /** Is told, quickly, that there are fewer objects of a kind in a namespace than before. */
    @FunctionalInterface
    interface Fewer {
        /** @param kind as {@code resource.group} */
        void fewer(String kind, String namespace);
    }

    /** @param wanted the kinds that are limited now, as {@code resource.group} */
    ObjectCounts(MetadataClient client, Time time, Supplier<Set<String>> wanted, Fewer listener) {
        this.client = client;
        this.time = time;
        this.wanted = wanted;
        this.listener = listener;
    }

    /**
     * The kind whose number a quota limits by this name, as {@code resource.group}; null if it is not about a number.
     */
    static @Nullable String kindOf(String resource) {
        if (SHORT.contains(resource)) {
            return resource;
        }
        return resource.startsWith(COUNT) ? resource.substring(COUNT.length()) : null;
    }

    private final class Monitor implements MetadataWatch.Listener {
        private final Kind kind;
        private final RunningWatch watch;
        private final Map<String, Set<String>> names = new HashMap<>();
        private boolean filled;

        private Monitor(Kind kind) {
            this.kind = kind;
            watch = new RunningWatch(kind, new MetadataWatch(client, kind, time, this));
        }

        @Override
        public void replaced(List<Metadata> all) {
            Map<String, Set<String>> now = new HashMap<>();
            all.forEach(object -> now.computeIfAbsent(object.namespace(), ignored -> new HashSet<>())
                    .add(object.name()));
            List<String> fewer = new ArrayList<>();
            synchronized (this) {
                names.forEach((namespace, before) -> {
                    if (now.getOrDefault(namespace, Set.of()).size() < before.size()) {
                        fewer.add(namespace);
                    }
                });
                names.clear();
                names.putAll(now);
                filled = true;
            }
            fewer.forEach(namespace -> listener.fewer(kind.groupResource(), namespace));
        }

        @Override
        public synchronized void changed(Metadata object) {
            names.computeIfAbsent(object.namespace(), ignored -> new HashSet<>())
                    .add(object.name());
        }

        @Override
        public void deleted(Metadata object) {
            synchronized (this) {
                names.computeIfPresent(object.namespace(), (namespace, left) -> {
                    left.remove(object.name());
                    return left.isEmpty() ? null : left;
                });
            }
            listener.fewer(kind.groupResource(), object.namespace());
        }

        private synchronized OptionalLong count(String namespace) {
            return filled
                    ? OptionalLong.of(names.getOrDefault(namespace, Set.of()).size())
                    : OptionalLong.empty();
        }
    }

    /** How many objects of a kind a namespace has; empty if that is not known, or not yet. */
    OptionalLong count(String kind, String namespace) {
        Monitor monitor = running.get(kind);
        if (monitor == null) {
            wake.release();
            return OptionalLong.empty();
        }
        return monitor.count(namespace);
    }

    /** Whether a kind was looked for, and is not served. */
    boolean isMissing(String kind) {
        return missing.contains(kind);
    }

    /** Follows until the thread is interrupted; then nothing is followed any more. */
    void run() throws InterruptedException {
        try {
            while (true) {
                wake.drainPermits();
                refresh();
                MetadataWatch.sleep(time, BETWEEN_DISCOVERIES_MIN);
                time.after(BETWEEN_DISCOVERIES, wake::release);
                wake.acquire();
            }
        } finally {
            running.values().forEach(monitor -> monitor.watch.interrupt());
            running.clear();
        }
    }

    private void refresh() throws InterruptedException {
        Set<String> kinds = wanted.get();
        if (kinds.isEmpty() && running.isEmpty()) {
            return;
        }
        Discovery discovery;
        try {
            discovery = client.discover();
        } catch (KubernetesClientException e) {
            LOG.warn("kinds cannot be discovered: {}", e.getMessage());
            return;
        }
        Map<String, Kind> found = new HashMap<>();
        for (Kind kind : discovery.preferred()) {
            if (kinds.contains(kind.groupResource())
                    && kind.namespaced()
                    && kind.offers("create", "list", "watch", "delete")) {
                found.put(kind.groupResource(), kind);
            }
        }
        Set<String> without = new HashSet<>(kinds);
        without.removeAll(found.keySet());
        missing = without;
        for (Monitor monitor : new ArrayList<>(running.values())) {
            String name = monitor.kind.groupResource();
            Kind now = found.get(name);
            boolean unknown = kinds.contains(name) && discovery.failures().containsKey(monitor.kind.apiVersion());
            boolean same = now != null && now.apiVersion().equals(monitor.kind.apiVersion());
            if (unknown || (same && !monitor.watch.isBroken())) {
                found.remove(name);
            } else {
                monitor.watch.stop();
                running.remove(name);
            }
        }
        found.forEach((name, kind) -> running.put(name, new Monitor(kind)));
    }
}
