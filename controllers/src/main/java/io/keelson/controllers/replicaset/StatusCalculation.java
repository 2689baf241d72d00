package io.keelson.controllers.replicaset;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.objects.Refusals;
import io.keelson.controllers.objects.Selectors;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What an owner of pods looks like from outside.
 *
 * @param wanted how many pods it is to have
 * @param minReadySeconds for how long a pod must be ready to be available
 * @param template what its pods are like
 * @param generation of its specification
 */
record StatusCalculation(
        int wanted, int minReadySeconds, @Nullable PodTemplateSpec template, long generation) {

    /**
     * The status that tells of these pods.
     *
     * @param before what it said until now
     * @param pods those that have not ended and are not being deleted
     * @param terminating how many are being deleted; null if the status does not say
     * @param failure why pods could not be created or deleted just now; null if nothing went wrong
     */
    ReplicaStatus status(
            ReplicaStatus before,
            Collection<Pod> pods,
            @Nullable Integer terminating,
            @Nullable RuntimeException failure,
            Instant now) {
        Predicate<Map<String, String>> labelled = Selectors.of(
                template == null || template.getMetadata() == null
                        ? Map.of()
                        : template.getMetadata().getLabels());
        int fullyLabeled = 0;
        int ready = 0;
        int available = 0;
        for (Pod pod : pods) {
            fullyLabeled += labelled.test(OrEmpty.of(pod.getMetadata().getLabels())) ? 1 : 0;
            ready += Pods.isReady(pod) ? 1 : 0;
            available += Pods.isAvailable(pod, minReadySeconds, now) ? 1 : 0;
        }
        return new ReplicaStatus(
                pods.size(),
                fullyLabeled,
                ready,
                available,
                terminating,
                generation,
                conditions(before.conditions(), pods.size(), failure, now));
    }

    private List<ReplicaStatus.Condition> conditions(
            List<ReplicaStatus.Condition> before, int pods, @Nullable RuntimeException failure, Instant now) {
        boolean failedBefore =
                before.stream().anyMatch(condition -> condition.type().equals(ReplicaStatus.REPLICA_FAILURE));
        if (failedBefore == (failure != null)) {
            return before;
        }
        List<ReplicaStatus.Condition> conditions = new ArrayList<>(before);
        conditions.removeIf(condition -> condition.type().equals(ReplicaStatus.REPLICA_FAILURE));
        if (failure != null) {
            conditions.add(new ReplicaStatus.Condition(
                    ReplicaStatus.REPLICA_FAILURE,
                    "True",
                    pods < wanted ? "FailedCreate" : "FailedDelete",
                    Refusals.message(failure),
                    now.truncatedTo(ChronoUnit.SECONDS).toString()));
        }
        return conditions;
    }

    /** After how long the next pod becomes available though nothing changes; null if none does. */
    @Nullable
    Duration untilAvailable(Collection<Pod> pods, Instant now) {
        if (minReadySeconds <= 0) {
            return null;
        }
        Instant next = Instant.MAX;
        for (Pod pod : pods) {
            Instant available = Pods.availableAfter(pod, minReadySeconds);
            if (available.isAfter(now) && available.isBefore(next)) {
                next = available;
            }
        }
        return next.equals(Instant.MAX) ? null : Duration.between(now, next);
    }
}
