package io.keelson.controllers.endpointslice;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointHintsBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.ForZone;
import io.keelson.controllers.objects.OrEmpty;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Hints by the annotation {@code service.kubernetes.io/topology-mode: Auto}: endpoints are given to zones in proportion to
 * their CPU, to their own zone as far as that goes. If there are too few endpoints to give each zone its part without
 * loading another one more than a fifth over, there are no hints.
 */
final class TopologyHints {
    private static final double OVERLOAD = 0.2;

    private TopologyHints() {}

    /**
     * What came of it.
     *
     * @param perZone how many endpoints each zone has; null if there are no hints
     * @param refusal why there are none
     */
    record Result(
            @Nullable Map<String, Integer> perZone,
            @Nullable String refusal) {}

    private record Allocation(int minimum, int maximum, double desired) {}

    /** Whether a Service asks for such hints. */
    static boolean areWanted(Service service) {
        Map<String, String> annotations = OrEmpty.of(service.getMetadata().getAnnotations());
        String mode = annotations.get("service.kubernetes.io/topology-mode");
        if (mode == null) {
            mode = annotations.get("service.kubernetes.io/topology-aware-hints");
        }
        return "Auto".equals(mode) || "auto".equals(mode);
    }

    /** Puts the hints into a plan, or takes them out. */
    static Result add(Map<String, Double> ratios, SlicePlan plan) {
        Map<String, Integer> perZone = new HashMap<>();
        String refusal = tryToAdd(ratios, plan, perZone);
        if (refusal != null) {
            plan.removeHints();
            return new Result(null, refusal);
        }
        return new Result(perZone, null);
    }

    private static @Nullable String tryToAdd(Map<String, Double> ratios, SlicePlan plan, Map<String, Integer> perZone) {
        int endpoints = ready(plan.written()) + ready(plan.unchanged());
        if (ratios.isEmpty()) {
            return "Insufficient Node information: allocatable CPU or zone not specified on one or more nodes";
        }
        String numbers = " (" + endpoints + " endpoints, " + ratios.size() + " zones)";
        if (ratios.size() > endpoints) {
            return "Insufficient number of endpoints" + numbers;
        }
        Map<String, Allocation> allocations = allocations(ratios, endpoints);
        if (allocations == null) {
            return "Unable to allocate minimum required endpoints to each zone without exceeding overload threshold"
                    + numbers;
        }
        plan.rewrite(slice -> !isKept(slice, allocations, perZone));
        for (EndpointSlice slice : plan.written()) {
            for (Endpoint endpoint : SlicePlan.endpoints(slice)) {
                endpoint.setHints(null);
                if (EndpointIdentity.isReady(endpoint)) {
                    if (OrEmpty.of(endpoint.getZone()).isEmpty()) {
                        return "One or more endpoints do not have a zone specified";
                    }
                    hint(endpoint, endpoint.getZone());
                    perZone.merge(endpoint.getZone(), 1, Integer::sum);
                }
            }
        }
        redistribute(plan.written(), allocations, perZone);
        return perZone.isEmpty() ? "No hints allocated for zones" : null;
    }

    private static int ready(List<EndpointSlice> slices) {
        return (int) slices.stream()
                .flatMap(slice -> SlicePlan.endpoints(slice).stream())
                .filter(EndpointIdentity::isReady)
                .count();
    }

    /** How many endpoints each zone is to have; null if not all can have what they need at least. */
    private static @Nullable Map<String, Allocation> allocations(Map<String, Double> ratios, int endpoints) {
        Map<String, Integer> minima = new TreeMap<>();
        ratios.forEach((zone, ratio) -> minima.put(zone, minimum(ratio, endpoints)));
        int spare =
                endpoints - minima.values().stream().mapToInt(Integer::intValue).sum();
        if (spare < 0) {
            return null;
        }
        Map<String, Allocation> allocations = new TreeMap<>();
        minima.forEach((zone, minimum) -> {
            Double ratio = ratios.get(zone);
            double desired = ratio == null ? 0 : ratio * endpoints;
            allocations.put(zone, new Allocation(minimum, minimum + spare, Math.max(desired, minimum)));
        });
        return allocations;
    }

    private static int minimum(double ratio, int endpoints) {
        return (int) Math.ceil(ratio * endpoints / (1 + OVERLOAD));
    }

    /**
     * Whether a slice can stay as it is; then its hints are counted. It cannot if a ready endpoint has none, if one is for a
     * zone that gets none any more, or if a zone has more than it may have.
     */
    private static boolean isKept(
            EndpointSlice slice, Map<String, Allocation> allocations, Map<String, Integer> perZone) {
        Map<String, Integer> own = new HashMap<>();
        for (Endpoint endpoint : SlicePlan.endpoints(slice)) {
            if (!EndpointIdentity.isReady(endpoint)) {
                continue;
            }
            List<ForZone> zones = endpoint.getHints() == null
                    ? List.of()
                    : OrEmpty.of(endpoint.getHints().getForZones());
            if (zones.isEmpty()
                    || !OrEmpty.of(endpoint.getHints().getForNodes()).isEmpty()) {
                return false;
            }
            zones.forEach(zone -> own.merge(OrEmpty.of(zone.getName()), 1, Integer::sum));
        }
        for (Map.Entry<String, Integer> entry : own.entrySet()) {
            Allocation allocation = allocations.get(entry.getKey());
            if (allocation == null
                    || entry.getValue() + perZone.getOrDefault(entry.getKey(), 0) > allocation.maximum()) {
                return false;
            }
        }
        own.forEach((zone, count) -> perZone.merge(zone, count, Integer::sum));
        return true;
    }

    /** Gives endpoints of zones that have too many to those that have too few, until no gift makes it better. */
    private static void redistribute(
            List<EndpointSlice> slices, Map<String, Allocation> allocations, Map<String, Integer> perZone) {
        Map<String, List<Endpoint>> movable = new HashMap<>();
        for (EndpointSlice slice : slices) {
            for (Endpoint endpoint : SlicePlan.endpoints(slice)) {
                if (EndpointIdentity.isReady(endpoint)) {
                    movable.computeIfAbsent(endpoint.getZone(), ignored -> new ArrayList<>())
                            .add(endpoint);
                }
            }
        }
        while (true) {
            String giving = giving(movable, allocations, perZone);
            String receiving = receiving(allocations, perZone);
            if (giving == null || receiving == null || giving.equals(receiving)) {
                return;
            }
            double tooMany = excess(giving, allocations, perZone);
            double tooFew = -excess(receiving, allocations, perZone);
            boolean starving = perZone.getOrDefault(receiving, 0) < minimum(receiving, allocations);
            boolean better = (tooMany >= 1 && tooFew > 0) || (tooMany > 0 && tooFew >= 1);
            if (!starving && !better) {
                return;
            }
            List<Endpoint> own = movable.getOrDefault(giving, List.of());
            hint(own.removeLast(), receiving);
            perZone.merge(giving, -1, Integer::sum);
            perZone.merge(receiving, 1, Integer::sum);
            perZone.values().removeIf(count -> count == 0);
        }
    }

    private static int minimum(String zone, Map<String, Allocation> allocations) {
        Allocation allocation = allocations.get(zone);
        return allocation == null ? 0 : allocation.minimum();
    }

    private static double excess(String zone, Map<String, Allocation> allocations, Map<String, Integer> perZone) {
        Allocation allocation = allocations.get(zone);
        return perZone.getOrDefault(zone, 0) - (allocation == null ? 0 : allocation.desired());
    }

    /** The zone with the most too many, of those that have endpoints to give and more than they need at least. */
    private static @Nullable String giving(
            Map<String, List<Endpoint>> movable, Map<String, Allocation> allocations, Map<String, Integer> perZone) {
        return movable.entrySet().stream()
                .filter(entry -> !entry.getValue().isEmpty())
                .map(Map.Entry::getKey)
                .filter(zone -> perZone.getOrDefault(zone, 0) > minimum(zone, allocations))
                .max(Comparator.comparingDouble((String zone) -> excess(zone, allocations, perZone))
                        .thenComparing(Comparator.reverseOrder()))
                .orElse(null);
    }

    /** The zone with the most too few; one that has less than it needs at least comes first. */
    private static @Nullable String receiving(Map<String, Allocation> allocations, Map<String, Integer> perZone) {
        return allocations.keySet().stream()
                .min(Comparator.comparing((String zone) -> perZone.getOrDefault(zone, 0) >= minimum(zone, allocations))
                        .thenComparingDouble(zone -> excess(zone, allocations, perZone))
                        .thenComparing(Comparator.naturalOrder()))
                .orElse(null);
    }

    private static void hint(Endpoint endpoint, String zone) {
        endpoint.setHints(
                new EndpointHintsBuilder().withForZones(new ForZone(zone)).build());
    }

    /** Whether the endpoints that zones were given are too few for one of them by now. */
    static boolean isOverloaded(Map<String, Integer> perZone, Map<String, Double> ratios) {
        if (perZone.isEmpty()) {
            return false;
        }
        int endpoints = perZone.values().stream().mapToInt(Integer::intValue).sum();
        return ratios.isEmpty()
                || ratios.entrySet().stream()
                        .anyMatch(ratio ->
                                perZone.getOrDefault(ratio.getKey(), 0) < minimum(ratio.getValue(), endpoints));
    }
}
