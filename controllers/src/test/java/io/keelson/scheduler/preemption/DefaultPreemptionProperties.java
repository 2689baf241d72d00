package io.keelson.scheduler.preemption;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import io.keelson.scheduler.decision.Decider;
import io.keelson.scheduler.decision.Decision;
import io.keelson.scheduler.decision.Filter;
import io.keelson.scheduler.plugins.NodeAffinity;
import io.keelson.scheduler.plugins.NodePorts;
import io.keelson.scheduler.plugins.NodeResourcesFit;
import io.keelson.scheduler.preemption.DefaultPreemption.Result;
import io.keelson.scheduler.state.ClusterState;
import io.keelson.scheduler.state.NodeState;
import io.keelson.scheduler.state.PodInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;

/** Who has to go does not depend on whether it is tried on a copy of a node or in the cluster, and nothing remains of it. */
class DefaultPreemptionProperties {
    private static final List<Filter> FILTERS = List.of(
            new NodeAffinity(), new NodePorts(), new NodeResourcesFit(NodeResourcesFit.Strategy.LEAST_ALLOCATED));

    /** The same filters, which say that they look at pods anywhere. */
    private static final List<Filter> WIDER =
            FILTERS.stream().map(each -> (Filter) new Wider(each)).toList();

    private final Random random = new Random();
    private ClusterState cluster = new ClusterState();

    private record Wider(Filter filter) implements Filter {
        @Override
        public String name() {
            return filter.name();
        }

        @Override
        public @Nullable Test prepare(PodInfo pod, ClusterState cluster) {
            return filter.prepare(pod, cluster);
        }
    }

    private PodInfo pod(String name, int priority) {
        PodBuilder pod = new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withUid(name)
                .withNamespace("default")
                .withLabels(Map.of("app", "app-" + random.nextInt(3)))
                .endMetadata()
                .withNewSpec()
                .withPriority(priority)
                .addNewContainer()
                .withName("main")
                .withNewResources()
                .withRequests(Map.of("cpu", new Quantity(random.nextInt(1, 4) + "")))
                .endResources()
                .endContainer()
                .endSpec();
        if (random.nextInt(4) == 0) {
            pod.editSpec()
                    .editFirstContainer()
                    .addNewPort()
                    .withContainerPort(80)
                    .withHostPort(80)
                    .endPort()
                    .endContainer()
                    .endSpec();
        }
        if (random.nextBoolean()) {
            pod.withNewStatus()
                    .withStartTime("2026-01-0" + random.nextInt(1, 5) + "T00:00:00Z")
                    .endStatus();
        }
        return PodInfo.of(pod.build(), cluster.table());
    }

    private PodDisruptionBudget budget(int number) {
        return new PodDisruptionBudgetBuilder()
                .withNewMetadata()
                .withName("budget-" + number)
                .withNamespace("default")
                .endMetadata()
                .withNewSpec()
                .withNewSelector()
                .withMatchLabels(Map.of("app", "app-" + number))
                .endSelector()
                .endSpec()
                .withNewStatus()
                .withDisruptionsAllowed(random.nextInt(2))
                .endStatus()
                .build();
    }

    private Map<String, Set<String>> placed() {
        Map<String, Set<String>> placed = new HashMap<>();
        for (NodeState node : cluster.nodes()) {
            Set<String> there = new TreeSet<>();
            node.pods().forEach(pod -> there.add(pod.uid()));
            there.add("cpu " + node.requested(0) + " of " + node.usual(0));
            there.add("ports " + node.ports().size());
            placed.put(node.name(), there);
        }
        return placed;
    }

    private static String text(Result result) {
        return switch (result) {
            case Result.Nothing nothing -> nothing.message();
            case Result.Found found ->
                found.candidates().stream()
                        .map(each -> each.node().name() + " without "
                                + each.victims().stream().map(PodInfo::uid).toList() + " violating "
                                + each.violations())
                        .toList()
                        .toString();
        };
    }

    @Property(tries = 100)
    void aCopyShowsWhatTheClusterWould(@ForAll long seed) {
        random.setSeed(seed);
        cluster = new ClusterState();
        for (int i = 0; i < 4; i++) {
            cluster.setNode(new NodeBuilder()
                    .withNewMetadata()
                    .withName("node-" + i)
                    .endMetadata()
                    .withNewStatus()
                    .withAllocatable(Map.of(
                            "cpu", new Quantity(random.nextInt(2, 8) + ""),
                            "pods", new Quantity(random.nextInt(2, 6) + "")))
                    .endStatus()
                    .build());
        }
        int pods = random.nextInt(4, 24);
        for (int i = 0; i < pods; i++) {
            cluster.put(pod("pod-" + i, random.nextInt(5)), "node-" + random.nextInt(4));
        }
        List<PodDisruptionBudget> budgets = new ArrayList<>();
        for (int i = 0; i < random.nextInt(3); i++) {
            budgets.add(budget(i));
        }
        PodInfo asking = pod("asking", 3);
        if (!(new Decider(FILTERS, List.of(), 100, new Random(1)).decide(asking, cluster)
                instanceof Decision.Impossible why)) {
            return;
        }
        Map<String, Set<String>> before = placed();
        Result onCopies =
                new DefaultPreemption(FILTERS, new Random(1)).find(asking, why, cluster, 0, () -> new Budgets(budgets));
        assertEquals(before, placed(), "nothing remains of it");
        Result inCluster =
                new DefaultPreemption(WIDER, new Random(1)).find(asking, why, cluster, 0, () -> new Budgets(budgets));
        assertEquals(before, placed(), "nothing remains of it");
        assertEquals(text(inCluster), text(onCopies));
    }
}
