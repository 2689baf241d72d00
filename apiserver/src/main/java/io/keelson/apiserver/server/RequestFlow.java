package io.keelson.apiserver.server;

import io.keelson.apiserver.cache.ResourceCache;
import io.keelson.apiserver.fairness.FairnessFilter;
import io.keelson.apiserver.fairness.FlowControl;
import io.keelson.apiserver.fairness.FlowDump;
import io.keelson.apiserver.fairness.FlowSettings;
import io.keelson.apiserver.fairness.InFlightFilter;
import io.keelson.apiserver.fairness.ObjectCounts;
import io.keelson.apiserver.health.HealthCheck;
import io.keelson.apiserver.request.Filter;
import io.keelson.apiserver.request.Handler;
import io.keelson.apiserver.resource.GroupResource;
import io.keelson.apiserver.rest.RestApi;
import io.keelson.kvstore.metrics.Metrics;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What limits how many requests are served at a time, with what keeps it up to date.
 *
 * @param filter stands on the road of requests, once it is known who asks
 * @param documents what it tells about itself, by the beginning of paths
 * @param checks what has to be so before it works as it is to
 * @param milestones what is reached once requests go through the filter, by the names of checks
 * @param closing ends what keeps it up to date
 */
record RequestFlow(
        Filter filter,
        Map<String, Handler> documents,
        List<HealthCheck> checks,
        List<String> milestones,
        List<Runnable> closing)
        implements AutoCloseable {
    private static final String DUMPS = "/debug/api_priority_and_fairness";

    static RequestFlow start(RestApi rest, FlowSettings settings, Metrics metrics, InstantSource clock) {
        if (!settings.fair()) {
            return new RequestFlow(
                    new InFlightFilter(settings.readsMax(), settings.writesMax()),
                    Map.of(),
                    List.of(),
                    List.of("poststarthook/max-in-flight-filter"),
                    List.of());
        }
        FlowControl control = FlowControl.start(settings.seats(), metrics);
        FlowFeed feed = new FlowFeed(rest, control, clock);
        feed.start();
        return new RequestFlow(
                new FairnessFilter(control, new Counts(rest), settings.requestTimeout()),
                Map.of(DUMPS, new FlowDump(DUMPS, control, clock)),
                List.of(new HealthCheck(
                        "poststarthook/priority-and-fairness-config-consumer",
                        () -> feed.isLoaded() ? null : "not loaded")),
                List.of(
                        "poststarthook/priority-and-fairness-filter",
                        "poststarthook/storage-object-count-tracker-hook"),
                List.of(feed::close, control::close));
    }

    private record Counts(RestApi rest) implements ObjectCounts {
        @Override
        public @Nullable Amount amount(GroupResource resource) {
            ResourceCache cache = rest.openCache(resource);
            int objects = cache == null ? -1 : cache.size();
            return cache == null || objects < 0 ? null : new Amount(objects, cache.sizeBytes());
        }

        @Override
        public int watches(GroupResource resource, String namespace, String name) {
            ResourceCache cache = rest.openCache(resource);
            return cache == null ? 0 : cache.watches(namespace, name);
        }
    }

    @Override
    public void close() {
        closing.forEach(Runnable::run);
    }
}
