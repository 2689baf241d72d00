package io.keelson.benchmarks.decision;

import io.keelson.scheduler.decision.Decider;
import io.keelson.scheduler.decision.Decision;
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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * So many decisions, one after the other, each with the pods before it on their nodes.
 *
 * @param perSecond decisions a second, the pods' being put on their nodes included
 * @param impossible pods for which there was no node
 */
record DecisionRound(double perSecond, double p50Ms, double p99Ms, int impossible) {
    /** Decides, and takes the pods away again, so that the cluster is as it was. */
    static DecisionRound run(Asking asking, ClusterState cluster, int pods, long seed) {
        List<PodInfo> all = new ArrayList<>();
        for (int i = 0; i < pods; i++) {
            all.add(asking.pod(i, cluster.table()));
        }
        Decider decider = decider(seed);
        // The nodes are brought into their order once, and not for each decision.
        var _ = cluster.nodes();
        long[] nanos = new long[pods];
        int impossible = 0;
        long start = System.nanoTime();
        for (int i = 0; i < pods; i++) {
            PodInfo pod = all.get(i);
            long before = System.nanoTime();
            switch (decider.decide(pod, cluster)) {
                case Decision.Chosen chosen -> cluster.put(pod, chosen.node().name());
                case Decision.Impossible _ -> impossible++;
            }
            nanos[i] = System.nanoTime() - before;
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        all.forEach(pod -> cluster.remove(pod.uid()));
        Arrays.sort(nanos);
        return new DecisionRound(
                pods / seconds, nanos[pods / 2] / 1e6, nanos[(int) (pods * 99L / 100)] / 1e6, impossible);
    }

    private static Decider decider(long seed) {
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
                new SplittableRandom(seed));
    }

    /** The median of each figure over some rounds; of the impossible the most. */
    static DecisionRound median(List<DecisionRound> rounds) {
        return new DecisionRound(
                median(rounds.stream().mapToDouble(DecisionRound::perSecond).toArray()),
                median(rounds.stream().mapToDouble(DecisionRound::p50Ms).toArray()),
                median(rounds.stream().mapToDouble(DecisionRound::p99Ms).toArray()),
                rounds.stream().mapToInt(DecisionRound::impossible).max().orElse(0));
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        int middle = values.length / 2;
        return values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }
}
