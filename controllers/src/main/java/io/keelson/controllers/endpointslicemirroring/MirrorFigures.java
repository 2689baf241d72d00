package io.keelson.controllers.endpointslicemirroring;

import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.keelson.controllers.endpointslice.EndpointIdentity;
import io.keelson.controllers.endpointslice.SlicePlan;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.ControllerMetrics;
import io.keelson.controllers.runtime.Key;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToIntFunction;

/** What is counted of mirrored Endpoints: {@code endpoint_slice_mirroring_controller_*}. Any thread. */
final class MirrorFigures {
    private static final String PREFIX = "endpoint_slice_mirroring_controller_";

    private final Gauge changes;
    private final Histogram added;
    private final Histogram updated;
    private final Histogram removed;
    private final Histogram skipped;
    private final Histogram duration;
    /** As many as there are Endpoints that are mirrored. */
    private final Map<Key, Numbers> mirrored = new ConcurrentHashMap<>();

    private record Numbers(int endpoints, int slices) {}

    MirrorFigures(ControllerMetrics metrics) {
        changes = metrics.gauge(PREFIX + "changes", "Slices written", "operation");
        added = metrics.histogram(PREFIX + "endpoints_added_per_sync", "Endpoints added by a look", 2, 2, 15);
        updated = metrics.histogram(PREFIX + "endpoints_updated_per_sync", "Endpoints changed by a look", 2, 2, 15);
        removed = metrics.histogram(PREFIX + "endpoints_removed_per_sync", "Endpoints removed by a look", 2, 2, 15);
        skipped = metrics.histogram(PREFIX + "addresses_skipped_per_sync", "Addresses left out by a look", 2, 2, 15);
        duration = metrics.histogram(PREFIX + "endpoints_sync_duration", "How many seconds a look took", 0.001, 2, 15);
        sum(metrics, "endpoints_desired", "Endpoints that there are to be", Numbers::endpoints);
        sum(metrics, "num_endpoint_slices", "Slices that there are", Numbers::slices);
        // Each family and set of ports has one, which is as few as can be.
        sum(metrics, "desired_endpoint_slices", "Slices if all were full", Numbers::slices);
    }

    private void sum(ControllerMetrics metrics, String name, String help, ToIntFunction<Numbers> number) {
        metrics.gauge(
                PREFIX + name,
                help,
                callback -> callback.call(mirrored.values().stream()
                        .mapToDouble(number::applyAsInt)
                        .sum()));
    }

    /** A look was done. */
    void looked(Duration time) {
        duration.observe(ControllerMetrics.seconds(time));
    }

    /**
     * A plan was carried out.
     *
     * @param before the slices that were there
     */
    void written(Key key, Collection<EndpointSlice> before, SlicePlan plan, int leftOut) {
        changes.labelValues("create").inc(plan.create().size());
        changes.labelValues("update").inc(plan.update().size());
        changes.labelValues("delete").inc(plan.delete().size());
        Map<EndpointIdentity, Endpoint> had = endpoints(before);
        Map<EndpointIdentity, Endpoint> has = endpoints(plan.create());
        has.putAll(endpoints(plan.update()));
        has.putAll(endpoints(plan.unchanged()));
        int same = 0;
        int changed = 0;
        for (Map.Entry<EndpointIdentity, Endpoint> one : has.entrySet()) {
            Endpoint old = had.get(one.getKey());
            same += old == null ? 0 : 1;
            changed += old == null || EndpointIdentity.isSameState(old, one.getValue()) ? 0 : 1;
        }
        added.observe(has.size() - same);
        updated.observe(changed);
        removed.observe(had.size() - same);
        skipped.observe(leftOut);
        int slices =
                plan.create().size() + plan.update().size() + plan.unchanged().size();
        if (slices == 0) {
            mirrored.remove(key);
        } else {
            mirrored.put(key, new Numbers(has.size(), slices));
        }
    }

    private static Map<EndpointIdentity, Endpoint> endpoints(Collection<EndpointSlice> slices) {
        Map<EndpointIdentity, Endpoint> endpoints = new HashMap<>();
        for (EndpointSlice slice : slices) {
            OrEmpty.of(slice.getEndpoints())
                    .forEach(endpoint -> endpoints.put(EndpointIdentity.of(endpoint), endpoint));
        }
        return endpoints;
    }
}
