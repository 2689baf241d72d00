package io.keelson.scheduler;

import io.keelson.scheduler.decision.Decider.WeightedScore;
import io.keelson.scheduler.decision.Filter;
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
import io.keelson.scheduler.volumes.NodeVolumeLimits;
import io.keelson.scheduler.volumes.StorageState;
import io.keelson.scheduler.volumes.VolumeBinding;
import io.keelson.scheduler.volumes.VolumeRestrictions;
import io.keelson.scheduler.volumes.VolumeZone;
import java.util.ArrayList;
import java.util.List;

/** The rules of a scheduler that is not told others, in the order and with the weights of kube-scheduler. */
final class DefaultPlugins {
    private static final TaintToleration TAINTS = new TaintToleration();
    private static final NodeAffinity NODE_AFFINITY = new NodeAffinity();
    private static final NodeResourcesFit FIT = new NodeResourcesFit(NodeResourcesFit.Strategy.LEAST_ALLOCATED);
    private static final PodTopologySpread SPREAD = new PodTopologySpread();
    private static final InterPodAffinity POD_AFFINITY = new InterPodAffinity(1);

    /** Which nodes can take a pod by what they are. */
    private static final List<Filter> OF_NODES =
            List.of(new NodeUnschedulable(), new NodeName(), TAINTS, NODE_AFFINITY, new NodePorts(), FIT);

    /** Which nodes can take a pod by what other pods are there. */
    private static final List<Filter> OF_PODS = List.of(SPREAD, POD_AFFINITY);

    /** Which of them is best. */
    static final List<WeightedScore> SCORES = List.of(
            new WeightedScore(TAINTS, 3),
            new WeightedScore(NODE_AFFINITY, 2),
            new WeightedScore(SPREAD, 2),
            new WeightedScore(POD_AFFINITY, 2),
            new WeightedScore(FIT, 1),
            new WeightedScore(new BalancedAllocation(), 1),
            new WeightedScore(new ImageLocality(), 1));

    private DefaultPlugins() {}

    /** All of them, for a scheduler of its own, as some keep what they read of the API. */
    static Plugins make() {
        StorageState storage = new StorageState();
        VolumeBinding binding = new VolumeBinding(storage, VolumeBinding.BIND_TIMEOUT, List.of());
        List<Filter> filters = new ArrayList<>(OF_NODES);
        filters.add(new VolumeRestrictions(storage));
        filters.add(new NodeVolumeLimits(storage));
        filters.add(binding);
        filters.add(new VolumeZone(storage));
        filters.addAll(OF_PODS);
        return new Plugins(List.of(storage), filters, SCORES, List.of(binding));
    }
}
