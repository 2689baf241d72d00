package io.keelson.controllers.endpointslice;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Quantity;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Change;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How much of the CPU of all nodes is in each zone. Nodes that are not ready and those of the control plane do not count; if
 * one of the others does not say its zone or its CPU, nothing is known. Kept up to date change by change. Any thread.
 */
final class ZoneCapacity {
    private static final String ZONE = "topology.kubernetes.io/zone";

    private final Map<String, Sum> zones = new HashMap<>();
    private int incomplete;

    private record Sum(int nodes, long milliCpu) {}

    /** What a node adds: to no zone if it does not say which. */
    private record Share(String zone, long milliCpu) {
        private boolean isComplete() {
            return !zone.isEmpty() && milliCpu > 0;
        }
    }

    /** Takes a change of a node; says whether it changed anything here. */
    synchronized boolean take(Change<Node> change) {
        Share before = change.before() == null ? null : share(change.before());
        Share now = change.now() == null ? null : share(change.now());
        if (Objects.equals(before, now)) {
            return false;
        }
        count(before, -1);
        count(now, 1);
        return true;
    }

    private void count(@Nullable Share share, int sign) {
        if (share == null) {
            return;
        }
        if (!share.isComplete()) {
            incomplete += sign;
            return;
        }
        Sum sum = zones.getOrDefault(share.zone(), new Sum(0, 0));
        Sum changed = new Sum(sum.nodes() + sign, sum.milliCpu() + sign * share.milliCpu());
        if (changed.nodes() == 0) {
            zones.remove(share.zone());
        } else {
            zones.put(share.zone(), changed);
        }
    }

    private static @Nullable Share share(Node node) {
        Map<String, String> labels = OrEmpty.of(node.getMetadata().getLabels());
        boolean excluded = labels.containsKey("node-role.kubernetes.io/control-plane")
                || labels.containsKey("node-role.kubernetes.io/master");
        boolean ready = node.getStatus() != null
                && OrEmpty.of(node.getStatus().getConditions()).stream()
                        .anyMatch(condition ->
                                "Ready".equals(condition.getType()) && "True".equals(condition.getStatus()));
        if (excluded || !ready) {
            return null;
        }
        return new Share(
                labels.getOrDefault(ZONE, ""),
                milli(OrEmpty.of(node.getStatus().getAllocatable()).get("cpu")));
    }

    private static long milli(@Nullable Quantity cpu) {
        if (cpu == null) {
            return 0;
        }
        try {
            return cpu.getNumericalAmount().multiply(BigDecimal.valueOf(1000)).longValue();
        } catch (IllegalArgumentException | ArithmeticException e) {
            // No server stores such an amount; it says nothing.
            return 0;
        }
    }

    /** The part of the CPU in each zone, together 1; empty if it is not known or there are less than two zones. */
    synchronized Map<String, Double> ratios() {
        if (incomplete > 0 || zones.size() < 2) {
            return Map.of();
        }
        double total = zones.values().stream().mapToLong(Sum::milliCpu).sum();
        Map<String, Double> ratios = new HashMap<>();
        zones.forEach((zone, sum) -> ratios.put(zone, sum.milliCpu() / total));
        return ratios;
    }
}
