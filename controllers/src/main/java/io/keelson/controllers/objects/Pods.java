package io.keelson.controllers.objects;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;

/** How a pod is doing. */
public final class Pods {
    private Pods() {}

    /** {@code Pending}, {@code Running}, {@code Succeeded}, {@code Failed} or {@code Unknown}; empty before it has one. */
    public static String phase(Pod pod) {
        PodStatus status = pod.getStatus();
        return status == null ? "" : OrEmpty.of(status.getPhase());
    }

    /** Whether it has ended, well or not. */
    public static boolean isTerminal(Pod pod) {
        String phase = phase(pod);
        return phase.equals("Succeeded") || phase.equals("Failed");
    }

    /** Whether somebody has asked for its deletion. */
    public static boolean isTerminating(Pod pod) {
        return pod.getMetadata().getDeletionTimestamp() != null;
    }

    /** Whether it counts: it has not ended and is not being deleted. */
    public static boolean isActive(Pod pod) {
        return !isTerminal(pod) && !isTerminating(pod);
    }

    /** The node it is on; empty if it is on none yet. */
    public static String node(Pod pod) {
        return pod.getSpec() == null ? "" : OrEmpty.of(pod.getSpec().getNodeName());
    }

    /** A condition by its type; null if it has none of it. */
    public static @Nullable PodCondition condition(Pod pod, String type) {
        if (pod.getStatus() != null) {
            for (PodCondition condition : OrEmpty.of(pod.getStatus().getConditions())) {
                if (type.equals(condition.getType())) {
                    return condition;
                }
            }
        }
        return null;
    }

    /** Whether it is ready to do its work. */
    public static boolean isReady(Pod pod) {
        PodCondition ready = condition(pod, "Ready");
        return ready != null && "True".equals(ready.getStatus());
    }

    /** Whether it has been ready for so long; with 0 seconds, whether it is. */
    public static boolean isAvailable(Pod pod, int minReadySeconds, Instant now) {
        return isReady(pod) && !availableAfter(pod, minReadySeconds).isAfter(now);
    }

    /** When a pod that is ready will have been so for long enough; the end of time for one that is not. */
    public static Instant availableAfter(Pod pod, int minReadySeconds) {
        PodCondition ready = condition(pod, "Ready");
        if (ready == null || !"True".equals(ready.getStatus())) {
            return Instant.MAX;
        }
        if (minReadySeconds <= 0) {
            return Instant.MIN;
        }
        Instant since = time(ready.getLastTransitionTime());
        return since == null ? Instant.MAX : since.plus(Duration.ofSeconds(minReadySeconds));
    }

    /** A time of the API; null if it is not there, or is none. */
    public static @Nullable Instant time(@Nullable String text) {
        if (text == null || text.isEmpty()) {
            return null;
        }
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            // No server stores such a time; one that does says nothing by it.
            return null;
        }
    }
}
