package io.keelson.scheduler.decision;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.keelson.scheduler.plugins.BalancedAllocation;
import io.keelson.scheduler.plugins.ImageLocality;
import io.keelson.scheduler.plugins.InterPodAffinity;
import io.keelson.scheduler.plugins.NodeAffinity;
import io.keelson.scheduler.plugins.NodeName;
import io.keelson.scheduler.plugins.NodePorts;
import io.keelson.scheduler.plugins.NodeResourcesFit;
import io.keelson.scheduler.plugins.NodeUnschedulable;
import io.keelson.scheduler.plugins.PodTopologySpread;
import io.keelson.scheduler.plugins.TaintToleration;
import io.keelson.scheduler.state.ClusterState;
import io.keelson.scheduler.state.PodInfo;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/** Prints how many decisions a second there are in process, for the loads of scheduler_perf. Run by hand. */
final class DecisionSpeed {
    private static final int NODES = Integer.getInteger("nodes", 5_000);
    private static final int PODS = Integer.getInteger("pods", 10_000);
    private static final int ROUNDS = Integer.getInteger("rounds", 3);
    private static final String ZONE = "topology.kubernetes.io/zone";
    private static final String HOSTNAME = "kubernetes.io/hostname";

    private DecisionSpeed() {}

    /** What pods ask for. */
    private enum Load {
        BASIC,
        ANTI_AFFINITY_BY_HOSTNAME,
        ANTI_AFFINITY_OF_MANY_DEPLOYMENTS,
        AFFINITY_BY_ZONE,
        PREFERRED_AFFINITY_BY_HOSTNAME,
        SPREAD_OVER_ZONES,
        PREFERRED_SPREAD_OVER_ZONES_AND_HOSTNAMES;

        /** How many kinds of pods there are; those that must be apart have to have enough nodes. */
        int kinds() {
            return switch (this) {
                case ANTI_AFFINITY_BY_HOSTNAME -> 4;
                case ANTI_AFFINITY_OF_MANY_DEPLOYMENTS -> 2_000;
                default -> 1;
            };
        }
    }

    /** Runs each load a few times in a JVM, as the first ones are slow. */
    public static void main(String[] arguments) {
        for (int round = 1; round <= ROUNDS; round++) {
            for (Load load : Load.values()) {
                if (arguments.length == 0 || Arrays.asList(arguments).contains(load.name())) {
                    run(load, round);
                }
            }
        }
    }

    private static void run(Load load, int round) {
        ClusterState cluster = new ClusterState();
        for (int i = 0; i < NODES; i++) {
            addNode(cluster, i);
        }
        Decider decider = decider();
        long[] nanos = new long[PODS];
        int impossible = 0;
        long start = System.nanoTime();
        for (int i = 0; i < PODS; i++) {
            PodInfo pod = pod(load, i, cluster);
            long before = System.nanoTime();
            switch (decider.decide(pod, cluster)) {
                case Decision.Chosen chosen -> cluster.put(pod, chosen.node().name());
                case Decision.Impossible none -> impossible++;
            }
            nanos[i] = System.nanoTime() - before;
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        Arrays.sort(nanos);
        System.out.printf(
                Locale.ROOT,
                "round %d %-42s %8.0f decisions/s, p50 %.3f ms, p99 %.3f ms, %d impossible%n",
                round,
                load,
                PODS / seconds,
                nanos[PODS / 2] / 1e6,
                nanos[PODS * 99 / 100] / 1e6,
                impossible);
    }

    private static Decider decider() {
        NodeResourcesFit fit = new NodeResourcesFit(NodeResourcesFit.Strategy.LEAST_ALLOCATED);
        TaintToleration taints = new TaintToleration();
        NodeAffinity nodes = new NodeAffinity();
        InterPodAffinity pods = new InterPodAffinity(1);
        PodTopologySpread spread = new PodTopologySpread();
        return new Decider(
                List.of(new NodeUnschedulable(), new NodeName(), taints, nodes, new NodePorts(), fit, spread, pods),
                List.of(
                        new Decider.WeightedScore(taints, 3),
                        new Decider.WeightedScore(nodes, 2),
                        new Decider.WeightedScore(fit, 1),
                        new Decider.WeightedScore(spread, 2),
                        new Decider.WeightedScore(pods, 2),
                        new Decider.WeightedScore(new BalancedAllocation(), 1),
                        new Decider.WeightedScore(new ImageLocality(), 1)),
                0,
                new Random(1));
    }

    private static void addNode(ClusterState cluster, int i) {
        cluster.setNode(new NodeBuilder()
                .withNewMetadata()
                .withName("node" + i)
                .addToLabels(HOSTNAME, "node" + i)
                .addToLabels(ZONE, "zone" + i % 3)
                .endMetadata()
                .withNewStatus()
                .withAllocatable(
                        Map.of("cpu", new Quantity("4"), "memory", new Quantity("32Gi"), "pods", new Quantity("110")))
                .endStatus()
                .build());
    }

    private static PodInfo pod(Load load, int i, ClusterState cluster) {
        String kind = "kind" + i % load.kinds();
        LabelSelector own =
                new LabelSelectorBuilder().addToMatchLabels("app", kind).build();
        PodBuilder pod = new PodBuilder()
                .withNewMetadata()
                .withName("pod" + i)
                .withUid("pod" + i)
                .withNamespace("default")
                .addToLabels("app", kind)
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("pause")
                .withImage("registry.k8s.io/pause:3.10")
                .withNewResources()
                .addToRequests("cpu", new Quantity("100m"))
                .addToRequests("memory", new Quantity("500Mi"))
                .endResources()
                .endContainer()
                .endSpec();
        var spec = pod.editSpec();
        switch (load) {
            case BASIC -> {}
            case ANTI_AFFINITY_BY_HOSTNAME, ANTI_AFFINITY_OF_MANY_DEPLOYMENTS ->
                spec.withNewAffinity()
                        .withNewPodAntiAffinity()
                        .addNewRequiredDuringSchedulingIgnoredDuringExecution()
                        .withTopologyKey(HOSTNAME)
                        .withLabelSelector(own)
                        .endRequiredDuringSchedulingIgnoredDuringExecution()
                        .endPodAntiAffinity()
                        .endAffinity();
            case AFFINITY_BY_ZONE ->
                spec.withNewAffinity()
                        .withNewPodAffinity()
                        .addNewRequiredDuringSchedulingIgnoredDuringExecution()
                        .withTopologyKey(ZONE)
                        .withLabelSelector(own)
                        .endRequiredDuringSchedulingIgnoredDuringExecution()
                        .endPodAffinity()
                        .endAffinity();
            case PREFERRED_AFFINITY_BY_HOSTNAME ->
                spec.withNewAffinity()
                        .withNewPodAffinity()
                        .addNewPreferredDuringSchedulingIgnoredDuringExecution()
                        .withWeight(1)
                        .withNewPodAffinityTerm()
                        .withTopologyKey(HOSTNAME)
                        .withLabelSelector(own)
                        .endPodAffinityTerm()
                        .endPreferredDuringSchedulingIgnoredDuringExecution()
                        .endPodAffinity()
                        .endAffinity();
            case SPREAD_OVER_ZONES ->
                spec.addNewTopologySpreadConstraint()
                        .withTopologyKey(ZONE)
                        .withMaxSkew(5)
                        .withWhenUnsatisfiable("DoNotSchedule")
                        .withLabelSelector(own)
                        .endTopologySpreadConstraint();
            case PREFERRED_SPREAD_OVER_ZONES_AND_HOSTNAMES ->
                spec.addNewTopologySpreadConstraint()
                        .withTopologyKey(HOSTNAME)
                        .withMaxSkew(3)
                        .withWhenUnsatisfiable("ScheduleAnyway")
                        .withLabelSelector(own)
                        .endTopologySpreadConstraint()
                        .addNewTopologySpreadConstraint()
                        .withTopologyKey(ZONE)
                        .withMaxSkew(5)
                        .withWhenUnsatisfiable("ScheduleAnyway")
                        .withLabelSelector(own)
                        .endTopologySpreadConstraint();
        }
        return PodInfo.of(spec.endSpec().build(), cluster.table());
    }
}
