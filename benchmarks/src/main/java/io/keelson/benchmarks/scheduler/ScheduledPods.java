package io.keelson.benchmarks.scheduler;

import io.keelson.benchmarks.api.ApiConnection;
import io.keelson.benchmarks.cluster.ObjectWatch;
import java.io.IOException;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Counts pods that have got a node, as a watch for pods that have one tells of them: each once, also if it goes again.
 */
final class ScheduledPods implements AutoCloseable {
    private static final String PATH =
            "/api/v1/pods?watch=true&timeoutSeconds=86400&allowWatchBookmarks=false&fieldSelector=spec.nodeName%21%3D";

    private final ConcurrentHashMap<String, Count> byNamespace = new ConcurrentHashMap<>();
    private final ObjectWatch watch;

    /** How many there were by when; of one moment. */
    record Count(long pods, long lastNanos) {}

    /** Begins to count. */
    ScheduledPods(ApiConnection api) throws IOException, InterruptedException {
        watch = ObjectWatch.open(api, PATH, this::event);
    }

    private void event(String type, byte[] json) throws IOException {
        if (!type.equals("ADDED")) {
            return;
        }
        String namespace = ObjectWatch.text(json, "object", "metadata", "namespace");
        long now = System.nanoTime();
        var _ = byNamespace.merge(namespace, new Count(1, now), (before, _) -> new Count(before.pods() + 1, now));
    }

    /**
     * How many of some namespaces, or of all if there are none of them, had got a node so far, and when the last had.
     */
    Count in(Collection<String> namespaces) {
        long pods = 0;
        long last = 0;
        for (Map.Entry<String, Count> entry : byNamespace.entrySet()) {
            if (namespaces.isEmpty() || namespaces.contains(entry.getKey())) {
                Count count = entry.getValue();
                last = pods == 0 ? count.lastNanos() : Math.max(last, count.lastNanos());
                pods += count.pods();
            }
        }
        return new Count(pods, last);
    }

    /**
     * Waits until so many have.
     *
     * @param stallSeconds how long none may get one
     * @param alive goes on if all that is needed runs
     * @throws IOException if none got a node for too long, with what there is
     */
    void await(Collection<String> namespaces, long pods, long stallSeconds, Liveness alive)
            throws IOException, InterruptedException {
        long seen = -1;
        long since = System.nanoTime();
        while (true) {
            long now = in(namespaces).pods();
            if (now >= pods) {
                return;
            }
            watch.check();
            if (now > seen) {
                seen = now;
                since = System.nanoTime();
            } else if (System.nanoTime() - since > TimeUnit.SECONDS.toNanos(stallSeconds)) {
                throw new IOException(String.format(
                        "%,d of %,d pods of %s have got a node, and none in the last %d s",
                        now, pods, namespaces, stallSeconds));
            }
            alive.check();
            Thread.sleep(5);
        }
    }

    /** Whether what is measured still runs. */
    interface Liveness {
        /** @throws IOException if it does not */
        void check() throws IOException;
    }

    @Override
    public void close() {
        watch.close();
    }
}
