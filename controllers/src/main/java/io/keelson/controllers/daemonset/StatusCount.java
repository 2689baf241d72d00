package io.keelson.controllers.daemonset;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.DaemonSetStatus;
import io.fabric8.kubernetes.api.model.apps.DaemonSetStatusBuilder;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Pods;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the status of a daemon set says of its pods.
 *
 * @param desired nodes where a pod is to run
 * @param current those of them that have one
 * @param misscheduled nodes that have one and are not to have it
 * @param ready nodes whose oldest pod is ready
 * @param updated nodes whose oldest pod is what the set says
 * @param available nodes whose oldest pod is available
 */
record StatusCount(int desired, int current, int misscheduled, int ready, int updated, int available) {
    /** Counts. */
    static StatusCount of(Look look) {
        int current = 0;
        int misscheduled = 0;
        int ready = 0;
        int updated = 0;
        int available = 0;
        for (Map.Entry<String, Placement.Verdict> node : look.verdicts().entrySet()) {
            List<Pod> pods = look.pods().getOrDefault(node.getKey(), List.of());
            if (pods.isEmpty()) {
                continue;
            }
            if (node.getValue() != Placement.Verdict.RUNS) {
                misscheduled++;
                continue;
            }
            current++;
            Pod oldest = pods.getFirst();
            ready += Pods.isReady(oldest) ? 1 : 0;
            available += look.isAvailable(oldest) ? 1 : 0;
            updated += look.isUpdated(oldest) ? 1 : 0;
        }
        return new StatusCount(look.desired(), current, misscheduled, ready, updated, available);
    }

    private static StatusCount told(DaemonSetStatus status) {
        return new StatusCount(
                OrEmpty.of(status.getDesiredNumberScheduled()),
                OrEmpty.of(status.getCurrentNumberScheduled()),
                OrEmpty.of(status.getNumberMisscheduled()),
                OrEmpty.of(status.getNumberReady()),
                OrEmpty.of(status.getUpdatedNumberScheduled()),
                OrEmpty.of(status.getNumberAvailable()));
    }

    /**
     * The status to write; empty if the set has it.
     *
     * @param processed whether what the set says was acted upon
     */
    Optional<DaemonSetStatus> toWrite(DaemonSet set, boolean processed) {
        DaemonSetStatus before = set.getStatus() == null ? new DaemonSetStatus() : set.getStatus();
        long generation = zeroIfNone(set.getMetadata().getGeneration());
        long observed = zeroIfNone(before.getObservedGeneration());
        boolean same = equals(told(before))
                && OrEmpty.of(before.getNumberUnavailable()) == desired - available
                && (!processed || observed >= generation);
        return same
                ? Optional.empty()
                : Optional.of(new DaemonSetStatusBuilder(before)
                        .withDesiredNumberScheduled(desired)
                        .withCurrentNumberScheduled(current)
                        .withNumberMisscheduled(misscheduled)
                        .withNumberReady(ready)
                        .withUpdatedNumberScheduled(updated)
                        .withNumberAvailable(available)
                        .withNumberUnavailable(desired - available)
                        .withObservedGeneration(processed ? Math.max(observed, generation) : observed)
                        .build());
    }

    private static long zeroIfNone(@Nullable Long number) {
        return number == null ? 0 : number;
    }

    /** After how long a pod that is ready becomes available; empty if there is none that waits for it. */
    static Optional<Duration> untilAvailable(Look look) {
        int minReadySeconds = OrEmpty.of(look.set().getSpec().getMinReadySeconds());
        return look.pods().values().stream()
                .flatMap(List::stream)
                .map(pod -> Pods.availableAfter(pod, minReadySeconds))
                .filter(at -> at.isAfter(look.now()) && at.isBefore(Instant.MAX))
                .min(Instant::compareTo)
                .map(at -> Duration.between(look.now(), at));
    }
}
