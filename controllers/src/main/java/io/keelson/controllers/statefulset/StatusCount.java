package io.keelson.controllers.statefulset;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetStatus;
import io.fabric8.kubernetes.api.model.apps.StatefulSetStatusBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSetUpdateStrategy;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Pods;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;

/** What the status of a set says of its pods. */
final class StatusCount {
    private StatusCount() {}

    /**
     * The status of a set.
     *
     * @param pods those it owns
     * @param current name of the current revision
     * @param update name of the update revision
     * @param collisions how often the name of a revision was taken
     * @param outdated pods that were just deleted to be updated, which do not count as current any more
     */
    static StatefulSetStatus of(
            StatefulSet set,
            Collection<Pod> pods,
            String current,
            String update,
            int collisions,
            Collection<Pod> outdated,
            Instant now) {
        Readiness readiness = Readiness.of(set, now);
        int replicas = 0;
        int ready = 0;
        int available = 0;
        int ofCurrent = 0;
        int ofUpdate = 0;
        for (Pod pod : pods) {
            if (Identity.ordinalOf(set, pod) < 0) {
                continue;
            }
            replicas++;
            if (readiness.isReady(pod)) {
                ready++;
            }
            if (readiness.isAvailable(pod)) {
                available++;
            }
            if (!Pods.isTerminating(pod)) {
                ofCurrent += Identity.revisionOf(pod).equals(current) ? 1 : 0;
                ofUpdate += Identity.revisionOf(pod).equals(update) ? 1 : 0;
            }
        }
        for (Pod pod : outdated) {
            ofCurrent -= Identity.revisionOf(pod).equals(current) ? 1 : 0;
        }
        int wanted = Ordinals.of(set).count();
        boolean complete = isRolling(set) && ofUpdate == wanted && ready == wanted && replicas == wanted;
        StatefulSetStatus before = set.getStatus();
        return (before == null ? new StatefulSetStatusBuilder() : new StatefulSetStatusBuilder(before))
                .withObservedGeneration(observed(set))
                .withReplicas(replicas)
                .withReadyReplicas(ready)
                .withAvailableReplicas(available)
                .withCurrentReplicas(complete ? ofUpdate : ofCurrent)
                .withUpdatedReplicas(ofUpdate)
                .withCurrentRevision(complete ? update : current)
                .withUpdateRevision(update)
                .withCollisionCount(collisions)
                .build();
    }

    private static boolean isRolling(StatefulSet set) {
        StatefulSetUpdateStrategy strategy = set.getSpec().getUpdateStrategy();
        return strategy == null || !"OnDelete".equals(strategy.getType());
    }

    private static long observed(StatefulSet set) {
        Long generation = set.getMetadata().getGeneration();
        Long before = set.getStatus() == null ? null : set.getStatus().getObservedGeneration();
        return Math.max(generation == null ? 0 : generation, before == null ? 0 : before);
    }

    /** Whether a status says something else than that of a set. */
    static boolean differs(StatefulSet set, StatefulSetStatus status) {
        StatefulSetStatus before = set.getStatus() == null ? new StatefulSetStatus() : set.getStatus();
        return !OrZero.of(before).equals(OrZero.of(status));
    }

    /** A status in which a number that is not there is the 0 that it means. */
    private record OrZero(
            long generation,
            int replicas,
            int ready,
            int available,
            int ofCurrent,
            int ofUpdate,
            String current,
            String update,
            int collisions) {
        private static OrZero of(StatefulSetStatus status) {
            return new OrZero(
                    status.getObservedGeneration() == null ? 0 : status.getObservedGeneration(),
                    OrEmpty.of(status.getReplicas()),
                    OrEmpty.of(status.getReadyReplicas()),
                    OrEmpty.of(status.getAvailableReplicas()),
                    OrEmpty.of(status.getCurrentReplicas()),
                    OrEmpty.of(status.getUpdatedReplicas()),
                    OrEmpty.of(status.getCurrentRevision()),
                    OrEmpty.of(status.getUpdateRevision()),
                    OrEmpty.of(status.getCollisionCount()));
        }
    }

    /** After how long a pod that is ready becomes available; empty if there is none that waits for it. */
    static Optional<Duration> untilAvailable(StatefulSet set, Collection<Pod> pods, Instant now) {
        int minReadySeconds = OrEmpty.of(set.getSpec().getMinReadySeconds());
        return pods.stream()
                .map(pod -> Pods.availableAfter(pod, minReadySeconds))
                .filter(at -> at.isAfter(now) && at.isBefore(Instant.MAX))
                .min(Instant::compareTo)
                .map(at -> Duration.between(now, at));
    }
}
