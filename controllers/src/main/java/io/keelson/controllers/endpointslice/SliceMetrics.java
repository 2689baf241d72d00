package io.keelson.controllers.endpointslice;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.ControllerMetrics;
import io.keelson.controllers.runtime.Key;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;

/** What is counted of EndpointSlices: {@code endpoint_slice_controller_*}. Any thread. */
final class SliceMetrics {
    private static final String PREFIX = "endpoint_slice_controller_";

    private final Gauge syncs;
    private final Gauge changes;
    private final Histogram added;
    private final Histogram removed;
    private final Histogram changed;
    /** As many as there are Services with slices. */
    private final Map<Key, Numbers> services = new ConcurrentHashMap<>();

    /** How a Service is. */
    private record Numbers(int endpoints, int slices, int slicesWanted, String distribution) {}

    SliceMetrics(ControllerMetrics metrics) {
        syncs = metrics.gauge(PREFIX + "syncs", "Looks at Services", "result");
        changes = metrics.gauge(PREFIX + "changes", "Slices written", "operation");
        added = metrics.histogram(PREFIX + "endpoints_added_per_sync", "Endpoints added by a look", 2, 2, 15);
        removed = metrics.histogram(PREFIX + "endpoints_removed_per_sync", "Endpoints removed by a look", 2, 2, 15);
        changed = metrics.histogram(
                PREFIX + "endpointslices_changed_per_sync",
                "Slices written by a look",
                1,
                2,
                8,
                "topology",
                "traffic_distribution");
        sum(metrics, "endpoints_desired", "Endpoints that there are to be", Numbers::endpoints);
        sum(metrics, "num_endpoint_slices", "Slices that there are", Numbers::slices);
        sum(metrics, "desired_endpoint_slices", "Slices if all were full", Numbers::slicesWanted);
        metrics.gauge(
                PREFIX + "services_count_by_traffic_distribution",
                "Services that say where traffic is to go",
                callback -> services.values().stream()
                        .map(Numbers::distribution)
                        .filter(each -> !each.isEmpty())
                        .collect(Collectors.groupingBy(each -> each, Collectors.counting()))
                        .forEach((distribution, count) -> callback.call(count, distribution)),
                "traffic_distribution");
    }

    private void sum(ControllerMetrics metrics, String name, String help, ToIntFunction<Numbers> number) {
        metrics.gauge(
                PREFIX + name,
                help,
                callback -> callback.call(services.values().stream()
                        .mapToDouble(number::applyAsInt)
                        .sum()));
    }

    /** A Service was looked at: {@code success}, {@code error} or {@code stale}. */
    void synced(String result) {
        syncs.labelValues(result).inc();
    }

    /**
     * A plan was carried out.
     *
     * @param before the slices that were there
     * @param max how many endpoints a slice has room for
     */
    void written(Key key, Service service, List<EndpointSlice> before, SlicePlan plan, PodEndpoints wanted, int max) {
        changes.labelValues("create").inc(plan.create().size());
        changes.labelValues("update").inc(plan.update().size());
        changes.labelValues("delete").inc(plan.delete().size());
        Set<String> had = addresses(before);
        Set<String> has = addresses(plan.unchanged());
        has.addAll(addresses(plan.written()));
        added.observe(missing(has, had));
        removed.observe(missing(had, has));
        String distribution = OrEmpty.of(service.getSpec().getTrafficDistribution());
        int writes = plan.create().size() + plan.update().size() + plan.delete().size();
        changed.labelValues(TopologyHints.areWanted(service) ? "Auto" : "Disabled", distribution)
                .observe(writes);
        int slices =
                plan.create().size() + plan.update().size() + plan.unchanged().size();
        int slicesWanted = 0;
        int endpoints = 0;
        for (var family : wanted.byFamily().values()) {
            for (Map<EndpointIdentity, Endpoint> each : family.values()) {
                endpoints += each.size();
                slicesWanted += Math.ceilDiv(each.size(), max);
            }
        }
        services.put(key, new Numbers(endpoints, slices, slicesWanted, distribution));
    }

    /** How many of some are not among others. */
    private static int missing(Set<String> some, Set<String> others) {
        return (int) some.stream().filter(each -> !others.contains(each)).count();
    }

    private static Set<String> addresses(Collection<EndpointSlice> slices) {
        Set<String> addresses = new HashSet<>();
        for (EndpointSlice slice : slices) {
            for (Endpoint endpoint : SlicePlan.endpoints(slice)) {
                addresses.addAll(OrEmpty.of(endpoint.getAddresses()));
            }
        }
        return addresses;
    }

    /** A Service is gone, or has no slices of ours any more. */
    void forget(Key service) {
        services.remove(service);
    }
}
