package io.keelson.apiserver.aggregation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.cache.CacheEntry;
import io.keelson.apiserver.cache.ResourceCache;
import io.keelson.apiserver.resource.GroupResource;
import io.keelson.apiserver.rest.RestApi;
import io.keelson.kvstore.metrics.Metrics;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Tells which {@code APIService} can be used, and counts how often one could not be used any more. Any thread. */
final class AvailabilityMetrics {
    private static final GroupResource API_SERVICES = new GroupResource("apiregistration.k8s.io", "apiservices");
    /** Groups and versions come and go; what is beyond is not shown, and counted together. */
    private static final int SERIES_MAX = 2_000;

    private static final String OTHER = "OTHER";

    private final Metrics.Counters losses;
    private final Map<Loss, LongAdder> byLoss = new ConcurrentHashMap<>();

    private record Loss(String name, String reason) {}

    /** @param rest in whose cache the objects are found */
    AvailabilityMetrics(Metrics metrics, RestApi rest) {
        metrics.family(
                "aggregator_unavailable_apiservice",
                "1 for each APIService that cannot be used, 0 for others, by name.",
                "gauge",
                () -> unavailable(rest.openCache(API_SERVICES)));
        losses = metrics.counters(
                "aggregator_unavailable_apiservice_total",
                "How often an APIService that could be used could not be used any more, by name and reason.");
    }

    private static List<Metrics.Sample> unavailable(@Nullable ResourceCache cache) {
        // What is not loaded yet has no revision.
        if (cache == null || cache.revision() == 0) {
            return List.of();
        }
        List<Metrics.Sample> samples = new ArrayList<>();
        Iterator<CacheEntry> entries = cache.snapshot().iterator("", "");
        while (entries.hasNext() && samples.size() < SERIES_MAX) {
            CacheEntry entry = entries.next();
            samples.add(
                    new Metrics.Sample("", Metrics.label("name", entry.name()), isUnavailable(entry.tree()) ? 1 : 0));
        }
        return samples;
    }

    /** What this server serves itself is always there. */
    private static boolean isUnavailable(ObjectNode object) {
        return ApiService.of(object) != null && !Availability.isAvailable(object);
    }

    /**
     * One that could be used cannot be used any more.
     *
     * @param reason as in its status
     */
    void lost(String name, String reason) {
        Loss loss = new Loss(byLoss.size() < SERIES_MAX ? name : OTHER, reason);
        byLoss.computeIfAbsent(
                        loss,
                        made -> losses.at(
                                Metrics.label("name", made.name()) + "," + Metrics.label("reason", made.reason())))
                .increment();
    }
}
