package io.keelson.controllers.garbagecollector;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.kinds.Discovery;
import io.keelson.controllers.kinds.Kind;
import io.keelson.controllers.kinds.Metadata;
import io.keelson.controllers.kinds.MetadataClient;
import io.keelson.controllers.kinds.MetadataWatch;
import io.keelson.controllers.kinds.RunningWatch;
import io.keelson.controllers.runtime.Time;
import io.prometheus.metrics.core.metrics.Counter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows every kind whose objects can be deleted, listed and watched, as discovery has it every half minute. Kinds of
 * a server that does not answer just now are followed on: that they are not listed does not say that they are gone.
 */
final class Monitors implements Collector.Mapping {
    private static final Logger LOG = LoggerFactory.getLogger(Monitors.class);
    private static final Duration BETWEEN_DISCOVERIES = Duration.ofSeconds(30);
    private static final Duration BETWEEN_FIRST_TRIES = Duration.ofSeconds(1);
    /** How long kinds that cannot be listed hold up the rest at the start. */
    private static final Duration FILLED_WITHIN = Duration.ofSeconds(30);

    private final MetadataClient client;
    private final Time time;
    private final Graph graph;
    private final Set<String> ignored;
    private final Counter failures;
    /** One for each kind, by {@code resource.group}. Only the thread that {@link #run runs} changes it. */
    private final Map<String, Monitor> running = new HashMap<>();

    /** Those that the start waits for. */
    private final Queue<Monitor> first = new ConcurrentLinkedQueue<>();

    private volatile Map<Name, Kind> kinds = Map.of();
    private volatile @Nullable Instant waitUntil;
    private volatile boolean filled;

    /** What references call a kind. */
    private record Name(String apiVersion, String kind) {}

    /**
     * Monitors that follow nothing yet.
     *
     * @param ignored kinds that are left alone, as {@code resource.group}
     * @param failures counts looks at what kinds there are that did not find all
     */
    Monitors(MetadataClient client, Time time, Graph graph, Set<String> ignored, Counter failures) {
        this.failures = failures;
        this.client = client;
        this.time = time;
        this.graph = graph;
        this.ignored = Set.copyOf(ignored);
    }

    private final class Monitor implements MetadataWatch.Listener {
        private final Kind kind;
        private final RunningWatch watch;
        private volatile boolean filled;

        private Monitor(Kind kind) {
            this.kind = kind;
            watch = new RunningWatch(kind, new MetadataWatch(client, kind, time, this));
        }

        @Override
        public void replaced(List<Metadata> all) {
            graph.replaced(kind, all);
            filled = true;
        }

        @Override
        public void changed(Metadata object) {
            graph.changed(kind, object);
        }

        @Override
        public void deleted(Metadata object) {
            graph.deleted(kind, object);
        }
    }

    /** Follows until the thread is interrupted; then nothing is followed any more. */
    void run() throws InterruptedException {
        try {
            while (true) {
                boolean known = refresh();
                MetadataWatch.sleep(time, known || filled ? BETWEEN_DISCOVERIES : BETWEEN_FIRST_TRIES);
            }
        } finally {
            running.values().forEach(monitor -> monitor.watch.interrupt());
            running.clear();
        }
    }

    /** Whether the API said which kinds there are. */
    private boolean refresh() throws InterruptedException {
        Discovery discovery;
        try {
            discovery = client.discover();
        } catch (KubernetesClientException e) {
            failures.inc();
            LOG.warn("kinds cannot be discovered: {}", e.getMessage());
            return false;
        }
        if (!discovery.failures().isEmpty()) {
            failures.inc();
            LOG.warn("{}", discovery.failure());
        }
        Map<Name, Kind> found = new HashMap<>();
        discovery.all().forEach(kind -> found.putIfAbsent(new Name(kind.apiVersion(), kind.kind()), kind));
        kinds.forEach((name, kind) -> {
            if (discovery.failures().containsKey(name.apiVersion())) {
                found.putIfAbsent(name, kind);
            }
        });
        kinds = Map.copyOf(found);
        Map<String, Kind> wanted = new HashMap<>();
        for (Kind kind : discovery.preferred()) {
            if (kind.offers("delete", "list", "watch") && !ignored.contains(kind.groupResource())) {
                wanted.put(kind.groupResource(), kind);
            }
        }
        for (Monitor monitor : new ArrayList<>(running.values())) {
            Kind kind = monitor.kind;
            Kind now = wanted.get(kind.groupResource());
            boolean unknown = discovery.failures().containsKey(kind.apiVersion());
            if (unknown || (now != null && now.apiVersion().equals(kind.apiVersion()))) {
                wanted.remove(kind.groupResource());
                if (monitor.watch.isBroken()) {
                    start(kind);
                }
            } else {
                stop(monitor);
            }
        }
        wanted.values().forEach(this::start);
        if (waitUntil == null) {
            waitUntil = time.steady().plus(FILLED_WITHIN);
        }
        return true;
    }

    private void start(Kind kind) {
        Monitor monitor = new Monitor(kind);
        running.put(kind.groupResource(), monitor);
        if (!filled) {
            first.add(monitor);
        }
    }

    private void stop(Monitor monitor) throws InterruptedException {
        monitor.watch.stop();
        running.remove(monitor.kind.groupResource());
        graph.dropped(monitor.kind);
    }

    /** Whether all kinds of the first discovery have been listed, or have been waited for long enough. */
    boolean isFilled() {
        Instant until = waitUntil;
        if (!filled
                && until != null
                && (first.stream().allMatch(monitor -> monitor.filled)
                        || !time.steady().isBefore(until))) {
            filled = true;
            first.clear();
        }
        return filled;
    }

    @Override
    public @Nullable Kind find(String apiVersion, String kind) {
        return kinds.get(new Name(apiVersion, kind));
    }
}
