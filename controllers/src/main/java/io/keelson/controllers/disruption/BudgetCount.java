package io.keelson.controllers.disruption;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetStatus;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Pods;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What was counted for a budget.
 *
 * @param currentHealthy pods that are ready, and neither being deleted nor about to be
 * @param disruptedPods when the eviction was permitted of pods that are still there, by their names
 * @param overdue pods whose eviction was permitted longer ago than it may take: they count again
 * @param next when the first of the disrupted pods is overdue; null if there is none
 */
record BudgetCount(
        int currentHealthy,
        Map<String, String> disruptedPods,
        List<Pod> overdue,
        @Nullable Instant next) {
    /** How long a permitted eviction may take until it is seen. */
    static final Duration DELETION_TIMEOUT = Duration.ofMinutes(2);

    /** Counts the pods that a budget selects. */
    static BudgetCount of(PodDisruptionBudget budget, Collection<Pod> pods, Instant now) {
        Map<String, String> permitted = budget.getStatus() == null
                ? Map.of()
                : OrEmpty.of(budget.getStatus().getDisruptedPods());
        Map<String, String> disrupted = new TreeMap<>();
        List<Pod> overdue = new ArrayList<>();
        Instant next = null;
        int healthy = 0;
        for (Pod pod : pods) {
            if (Pods.isTerminating(pod)) {
                continue;
            }
            String name = pod.getMetadata().getName();
            Instant since = Pods.time(permitted.get(name));
            if (since != null) {
                Instant until = since.plus(DELETION_TIMEOUT);
                if (until.isBefore(now)) {
                    overdue.add(pod);
                } else {
                    disrupted.put(name, OrEmpty.of(permitted.get(name)));
                    next = next == null || until.isBefore(next) ? until : next;
                    if (until.isAfter(now)) {
                        continue;
                    }
                }
            }
            if (Pods.isReady(pod)) {
                healthy++;
            }
        }
        return new BudgetCount(healthy, disrupted, overdue, next);
    }

    /**
     * How many pods may be disrupted. None if none are expected: the first ones must not go before they were counted.
     */
    int allowed(int desiredHealthy, int expected) {
        long allowed = (long) currentHealthy - desiredHealthy;
        return expected <= 0 ? 0 : Math.clamp(allowed, 0, Integer.MAX_VALUE);
    }

    /** The status of a budget after counting; equal to the one it has if there is nothing to be written. */
    PodDisruptionBudgetStatus status(PodDisruptionBudget budget, int desiredHealthy, int expected, Instant now) {
        PodDisruptionBudgetStatus status = AllowedCondition.copy(budget);
        int allowed = allowed(desiredHealthy, expected);
        status.setCurrentHealthy(currentHealthy);
        status.setDesiredHealthy(desiredHealthy);
        status.setExpectedPods(expected);
        status.setDisruptionsAllowed(allowed);
        status.setDisruptedPods(disruptedPods);
        status.setObservedGeneration(budget.getMetadata().getGeneration());
        AllowedCondition.set(status, allowed > 0, allowed > 0 ? "SufficientPods" : "InsufficientPods", "", now);
        return status;
    }

    /** The status of a budget that cannot be counted: nothing may be disrupted. */
    static PodDisruptionBudgetStatus failed(PodDisruptionBudget budget, String message, Instant now) {
        PodDisruptionBudgetStatus status = AllowedCondition.copy(budget);
        status.setDisruptionsAllowed(0);
        AllowedCondition.set(status, false, "SyncFailed", message, now);
        return status;
    }
}
