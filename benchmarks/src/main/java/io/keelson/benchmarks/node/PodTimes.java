package io.keelson.benchmarks.node;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Caches;
import io.keelson.controllers.runtime.Change;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** When pods of a namespace were asked for, and when each was seen to be ready. */
final class PodTimes implements AutoCloseable {
    private static final double NANOS_PER_SECOND = 1e9;

    private final Map<String, Long> asked = new ConcurrentHashMap<>();
    private final Map<String, Long> ready = new ConcurrentHashMap<>();
    private final Map<String, Boolean> there = new ConcurrentHashMap<>();
    private final Caches caches;

    PodTimes(KubernetesClient client, String namespace) throws InterruptedException {
        caches = new Caches(client, Caches.Delivery.PLAIN);
        var _ = caches.listen(Pod.class, change -> {
            if (namespace.equals(change.object().getMetadata().getNamespace())) {
                seen(change);
            }
        });
        caches.start();
    }

    private void seen(Change<Pod> change) {
        String name = change.object().getMetadata().getName();
        if (change.deleted()) {
            there.remove(name);
            return;
        }
        there.put(name, true);
        boolean isReady = change.object().getStatus() != null
                && OrEmpty.of(change.object().getStatus().getConditions()).stream()
                        .anyMatch(condition ->
                                "Ready".equals(condition.getType()) && "True".equals(condition.getStatus()));
        if (isReady) {
            ready.putIfAbsent(name, System.nanoTime());
        }
    }

    /** A pod is asked for from now on. */
    void asked(String name) {
        asked.put(name, System.nanoTime());
    }

    boolean isReady(String name) {
        return ready.containsKey(name);
    }

    /** How many pods there are. */
    int there() {
        return there.size();
    }

    /** How many of those that were asked for were ready once. */
    int ready() {
        return (int) asked.keySet().stream().filter(ready::containsKey).count();
    }

    /** Forgets all. */
    void clear() {
        asked.clear();
        ready.clear();
    }

    /** Seconds from the first that was asked for to the last that was ready. */
    double span() {
        long first = Collections.min(asked.values());
        long last = Collections.max(ready.values());
        return (last - first) / NANOS_PER_SECOND;
    }

    /** Seconds from when it was asked for to when it was ready, of each pod; the shortest first. */
    List<Double> waits() {
        List<Double> waits = new ArrayList<>();
        asked.forEach((name, from) -> {
            Long until = ready.get(name);
            if (until != null) {
                waits.add((until - from) / NANOS_PER_SECOND);
            }
        });
        Collections.sort(waits);
        return waits;
    }

    /** The value below which a part of some lies, which are sorted. */
    static double quantile(List<Double> sorted, double part) {
        return sorted.get(Math.min(sorted.size() - 1, (int) Math.ceil(part * sorted.size()) - 1));
    }

    /**
     * Waits until something is so.
     *
     * @throws IOException if it is not in time
     */
    static void await(String what, Duration limit, Condition condition) throws IOException, InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() - end > 0) {
                throw new IOException(what + ": not within " + limit.toSeconds() + " s");
            }
            Thread.sleep(2);
        }
    }

    interface Condition {
        boolean holds();
    }

    @Override
    public void close() {
        caches.close();
    }
}
