package io.keelson.agent.config;

import io.fabric8.kubernetes.api.model.Quantity;
import io.keelson.agent.resources.topology.TopologyPolicy;
import io.keelson.agent.resources.topology.TopologyScope;
import io.keelson.controllers.objects.Milli;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Says what of memory in NUMA nodes, and of what is to lie close together, makes no sense; in the kubelet's words. */
final class PlacementValidation {
    private final KubeletConfiguration configuration;
    private final List<String> problems;

    private PlacementValidation(KubeletConfiguration configuration, List<String> problems) {
        this.configuration = configuration;
        this.problems = problems;
    }

    /** @param problems gets what makes no sense */
    static void check(KubeletConfiguration configuration, List<String> problems) {
        PlacementValidation validation = new PlacementValidation(configuration, problems);
        validation.memory();
        validation.scope();
        validation.topology();
    }

    private void memory() {
        if (!Set.of("None", "Static").contains(configuration.memoryManagerPolicy())) {
            problems.add("memoryManagerPolicy (--memory-manager-policy): unknown policy: \""
                    + configuration.memoryManagerPolicy() + '"');
        }
        Set<String> known = new HashSet<>();
        for (MemoryReservation reservation : configuration.memoryReservations()) {
            int node = reservation.numaNode();
            reservation.limits().forEach((type, amount) -> {
                if (!MemoryReservation.isType(type)) {
                    problems.add("the limit type \"" + type + "\" for NUMA node " + node
                            + " is not supported, only [memory hugepages-<HugePageSize>] is accepted");
                }
                amount(node, type, amount);
                if (!known.add(node + ":" + type)) {
                    problems.add("the reserved memory has a duplicate value for NUMA node " + node + " and resource \""
                            + type + '"');
                }
            });
        }
    }

    private void amount(int node, String type, String amount) {
        try {
            long milli = Milli.of(new Quantity(amount));
            if (milli == 0) {
                problems.add("reserved memory may not be zero for NUMA node " + node + " and resource \"" + type + '"');
            } else if (milli < 0) {
                problems.add("reservedMemory (--reserved-memory): " + type + " of NUMA node " + node
                        + " must not be negative: " + amount);
            }
        } catch (IllegalArgumentException e) {
            problems.add("reservedMemory (--reserved-memory): " + type + " of NUMA node " + node + ": \"" + amount
                    + "\" is no quantity, such as 100Mi");
        }
    }

    private void scope() {
        try {
            var _ = configuration.topologyScope();
        } catch (IllegalArgumentException e) {
            problems.add("topologyManagerScope (--topology-manager-scope) \"" + configuration.topologyManagerScope()
                    + "\" must be one of: \"" + TopologyScope.CONTAINER.text() + "\", or \"" + TopologyScope.POD.text()
                    + '"');
        }
    }

    private void topology() {
        TopologyPolicy policy;
        try {
            policy = configuration.topologyPolicy();
        } catch (IllegalArgumentException e) {
            String policies = Arrays.stream(TopologyPolicy.values())
                    .map(each -> '"' + each.text() + '"')
                    .collect(Collectors.joining(" ", "[", "]"));
            problems.add("topologyManagerPolicy (--topology-manager-policy) \"" + configuration.topologyManagerPolicy()
                    + "\" must be one of: " + policies);
            return;
        }
        // Without a policy, the kubelet does not look at its options either.
        if (policy != TopologyPolicy.NONE) {
            try {
                var _ = configuration.topologyOptions();
            } catch (IllegalArgumentException e) {
                problems.add("topologyManagerPolicyOptions (--topology-manager-policy-options): " + e.getMessage());
            }
        }
    }
}
