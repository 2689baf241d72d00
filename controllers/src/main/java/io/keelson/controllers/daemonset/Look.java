package io.keelson.controllers.daemonset;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Pods;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * A daemon set, its nodes and its pods at a time.
 *
 * @param hash of the revision of what the set says
 * @param verdicts on all nodes that there are, by their names
 * @param pods those of the set by the node that they are for, the oldest first; a node may be gone
 */
record Look(
        DaemonSet set, String hash, Map<String, Placement.Verdict> verdicts, Map<String, List<Pod>> pods, Instant now) {
    /** What is to be of a pod on a node; on one that is gone, none is to be. */
    Placement.Verdict on(String node) {
        return verdicts.getOrDefault(node, Placement.Verdict.GOES);
    }

    /** On how many nodes a pod is to run. */
    int desired() {
        return (int) verdicts.values().stream()
                .filter(verdict -> verdict == Placement.Verdict.RUNS)
                .count();
    }

    boolean isAvailable(Pod pod) {
        return Pods.isAvailable(pod, OrEmpty.of(set.getSpec().getMinReadySeconds()), now);
    }

    boolean isUpdated(Pod pod) {
        return DaemonPods.isUpdated(set, pod, hash);
    }
}
