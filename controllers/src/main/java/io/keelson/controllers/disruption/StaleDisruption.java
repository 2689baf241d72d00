package io.keelson.controllers.disruption;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.keelson.controllers.objects.Pods;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * The mark of a pod that is about to be disrupted, {@code DisruptionTarget}. Who sets it deletes the pod next; if the
 * pod is still there two minutes later, that did not come to pass, and the mark must not explain the pod's end some
 * other day. A kubelet's mark stays, as it takes its time; so does that of a pod that has ended.
 */
final class StaleDisruption {
    private static final Duration STALE_AFTER = Duration.ofMinutes(2);
    private static final String TYPE = "DisruptionTarget";

    private StaleDisruption() {}

    /** When the mark of a pod will be, or was, stale; null if it has none that will be. */
    static @Nullable Instant when(Pod pod) {
        PodCondition mark = Pods.condition(pod, TYPE);
        if (mark == null
                || !"True".equals(mark.getStatus())
                || "TerminationByKubelet".equals(mark.getReason())
                || Pods.isTerminating(pod)
                || Pods.isTerminal(pod)) {
            return null;
        }
        Instant since = Pods.time(mark.getLastTransitionTime());
        return (since == null ? Instant.EPOCH : since).plus(STALE_AFTER);
    }

    /** A pod whose mark says that it is not about to be disrupted. */
    static Pod cleared(Pod pod, Instant now) {
        return new PodBuilder(pod)
                .editStatus()
                .removeMatchingFromConditions(condition -> TYPE.equals(condition.getType()))
                .addToConditions(new PodConditionBuilder()
                        .withType(TYPE)
                        .withStatus("False")
                        .withLastTransitionTime(
                                now.truncatedTo(ChronoUnit.SECONDS).toString())
                        .build())
                .endStatus()
                .build();
    }
}
