package io.keelson.controllers.endpointslice;

import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointHints;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointHintsBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.ForNode;
import io.fabric8.kubernetes.api.model.discovery.v1.ForZone;
import io.keelson.controllers.objects.OrEmpty;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Hints by a Service's {@code trafficDistribution}: with {@code PreferSameZone} (or its older name {@code PreferClose}) an
 * endpoint is for its own zone, with {@code PreferSameNode} for its own node as well. With anything else there are none.
 */
final class TrafficHints {
    private TrafficHints() {}

    /** Puts the hints into a plan. */
    static void add(@Nullable String distribution, SlicePlan plan) {
        switch (OrEmpty.of(distribution)) {
            case "PreferClose", "PreferSameZone" -> add(plan, false);
            case "PreferSameNode" -> add(plan, true);
            default -> plan.removeHints();
        }
    }

    private static void add(SlicePlan plan, boolean nodes) {
        plan.rewrite(slice -> SlicePlan.endpoints(slice).stream()
                .anyMatch(endpoint ->
                        EndpointIdentity.isReady(endpoint) && !isSame(hints(endpoint, nodes), endpoint.getHints())));
        plan.written()
                .forEach(slice -> SlicePlan.endpoints(slice).stream()
                        .filter(EndpointIdentity::isReady)
                        .forEach(endpoint -> endpoint.setHints(hints(endpoint, nodes))));
    }

    private static @Nullable EndpointHints hints(Endpoint endpoint, boolean nodes) {
        List<ForZone> forZones = endpoint.getZone() == null ? List.of() : List.of(new ForZone(endpoint.getZone()));
        List<ForNode> forNodes =
                nodes && endpoint.getNodeName() != null ? List.of(new ForNode(endpoint.getNodeName())) : List.of();
        return forZones.isEmpty() && forNodes.isEmpty()
                ? null
                : new EndpointHintsBuilder()
                        .withForZones(forZones)
                        .withForNodes(forNodes)
                        .build();
    }

    private static boolean isSame(@Nullable EndpointHints one, @Nullable EndpointHints other) {
        List<ForZone> oneZones = one == null ? List.of() : OrEmpty.of(one.getForZones());
        List<ForZone> otherZones = other == null ? List.of() : OrEmpty.of(other.getForZones());
        List<ForNode> oneNodes = one == null ? List.of() : OrEmpty.of(one.getForNodes());
        List<ForNode> otherNodes = other == null ? List.of() : OrEmpty.of(other.getForNodes());
        return Objects.equals(oneZones, otherZones) && Objects.equals(oneNodes, otherNodes);
    }
}
