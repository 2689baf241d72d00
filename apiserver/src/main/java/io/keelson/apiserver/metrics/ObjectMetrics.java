package io.keelson.apiserver.metrics;

import io.keelson.kvstore.metrics.Metrics;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;

/** How much the caches hold, looked up whenever somebody reads the metrics. */
public final class ObjectMetrics {
    private ObjectMetrics() {}

    /** @param caches those that are loaded */
    public static void addTo(Metrics metrics, Supplier<List<CacheFigures>> caches) {
        metrics.family(
                "apiserver_storage_objects",
                "Objects, by the resource with its group.",
                "gauge",
                () -> ordered(caches).stream()
                        .map(cache -> new Metrics.Sample(
                                "", Metrics.label("resource", cache.resource().toString()), cache.objects()))
                        .toList());
        gauge(metrics, "apiserver_resource_objects", "Objects, by group and resource.", caches, CacheFigures::objects);
        gauge(
                metrics,
                "apiserver_watch_cache_watches",
                "Watches that are open, those of the server itself among them, by group and resource.",
                caches,
                CacheFigures::watches);
        gauge(
                metrics,
                "apiserver_watch_cache_recent_events",
                "Events that are kept to begin watches from, by group and resource.",
                caches,
                CacheFigures::recentEvents);
    }

    private static void gauge(
            Metrics metrics,
            String name,
            String help,
            Supplier<List<CacheFigures>> caches,
            ToIntFunction<CacheFigures> figure) {
        metrics.family(name, help, "gauge", () -> {
            List<Metrics.Sample> samples = new ArrayList<>();
            for (CacheFigures cache : ordered(caches)) {
                String labels = RequestLabels.join(
                        Metrics.label("group", cache.resource().group()),
                        Metrics.label("resource", cache.resource().resource()));
                samples.add(new Metrics.Sample("", labels, figure.applyAsInt(cache)));
            }
            return samples;
        });
    }

    private static List<CacheFigures> ordered(Supplier<List<CacheFigures>> caches) {
        return caches.get().stream()
                .sorted(Comparator.comparing(cache -> cache.resource().toString()))
                .toList();
    }
}
