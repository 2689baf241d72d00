package io.keelson.controllers.daemonset;

import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.controllers.objects.Pods;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which pods are missing and which are too many, whatever their revision.
 *
 * @param creations nodes that need a pod
 * @param deletions pods to delete, those that have ended included
 * @param failed those of the deletions that have failed
 * @param succeeded those of the deletions that have ended well
 * @param again after how long the next pod that failed may be deleted; null if none waits
 */
record Upkeep(
        List<String> creations,
        List<Pod> deletions,
        List<Pod> failed,
        List<Pod> succeeded,
        @Nullable Duration again) {
    /**
     * Computes it.
     *
     * @param wait how long a failed pod on a node has yet to wait for its deletion; zero if it need not
     */
    static Upkeep of(Look look, Function<String, Duration> wait) {
        Making making = new Making(look, wait);
        for (Map.Entry<String, Placement.Verdict> node : look.verdicts().entrySet()) {
            making.node(node.getKey(), node.getValue());
        }
        for (Map.Entry<String, List<Pod>> pods : look.pods().entrySet()) {
            if (!look.verdicts().containsKey(pods.getKey())) {
                // A pod that was made for a node that went before it came there: no node and no collector looks after
                // it.
                pods.getValue().stream()
                        .filter(pod -> Pods.node(pod).isEmpty() && !Pods.isTerminating(pod))
                        .forEach(making.deletions::add);
            }
        }
        return new Upkeep(making.creations, making.deletions, making.failed, making.succeeded, making.again);
    }

    private static boolean hasFailed(Pod pod) {
        return Pods.phase(pod).equals("Failed");
    }

    private static final class Making {
        private final Look look;
        private final Function<String, Duration> wait;
        private final boolean surges;
        private final List<String> creations = new ArrayList<>();
        private final List<Pod> deletions = new ArrayList<>();
        private final List<Pod> failed = new ArrayList<>();
        private final List<Pod> succeeded = new ArrayList<>();
        private @Nullable Duration again;

        private Making(Look look, Function<String, Duration> wait) {
            this.look = look;
            this.wait = wait;
            this.surges = Limits.allowSurge(look.set());
        }

        private void node(String node, Placement.Verdict verdict) {
            List<Pod> pods = look.pods().getOrDefault(node, List.of());
            if (verdict == Placement.Verdict.GOES) {
                pods.stream().filter(pod -> !Pods.isTerminating(pod)).forEach(deletions::add);
                return;
            }
            List<Pod> running = new ArrayList<>();
            for (Pod pod : pods) {
                if (!Pods.isTerminating(pod) && !ended(node, pod)) {
                    running.add(pod);
                }
            }
            // Where pods fail, no other one is made before the failed one may go: they would become ever more.
            boolean waits = pods.stream().anyMatch(Upkeep::hasFailed)
                    && wait.apply(node).isPositive();
            boolean lacks = surges ? running.isEmpty() && !waits : pods.isEmpty();
            if (verdict == Placement.Verdict.RUNS && lacks) {
                creations.add(node);
            } else if (!surges) {
                // The first is the oldest.
                running.stream().skip(1).forEach(deletions::add);
            } else if (running.size() > 1) {
                keepOnePair(running);
            }
        }

        /** Whether a pod has ended; it is deleted if it need not wait. */
        private boolean ended(String node, Pod pod) {
            if (!Pods.isTerminal(pod)) {
                return false;
            }
            Duration left = hasFailed(pod) ? wait.apply(node) : Duration.ZERO;
            if (left.isPositive()) {
                again = again == null || left.compareTo(again) < 0 ? left : again;
            } else {
                (hasFailed(pod) ? failed : succeeded).add(pod);
                deletions.add(pod);
            }
            return true;
        }

        /** Of several pods on a node the oldest new one stays, and the oldest old one as long as it does the work. */
        private void keepOnePair(List<Pod> running) {
            Pod newPod = null;
            Pod oldPod = null;
            for (Pod pod : running) {
                boolean isNew = DaemonPods.hashOf(pod).equals(look.hash());
                if (isNew && newPod == null) {
                    newPod = pod;
                } else if (!isNew && oldPod == null) {
                    oldPod = pod;
                } else {
                    deletions.add(pod);
                }
            }
            if (newPod != null && oldPod != null && (!Pods.isReady(oldPod) || look.isAvailable(newPod))) {
                deletions.add(oldPod);
            }
        }
    }
}
