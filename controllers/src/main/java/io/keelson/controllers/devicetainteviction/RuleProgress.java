package io.keelson.controllers.devicetainteviction;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.keelson.controllers.objects.DeviceTaintRule;
import io.keelson.controllers.objects.OrEmpty;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * How far the eviction for a rule is, as the condition {@code EvictionInProgress} says it.
 *
 * @param effect of the rule's taint
 * @param publishedDevices how many devices in slices the rule means; looked at if its effect is {@code None}
 * @param allocatedDevices how many devices of claims it means; looked at if its effect is {@code None}
 * @param pendingPods how many pods have to leave, or would if the effect were {@code NoExecute}
 * @param pendingNamespaces in how many namespaces these are
 * @param evictedPods how many pods this process has evicted for the rule
 */
record RuleProgress(
        String effect,
        long publishedDevices,
        long allocatedDevices,
        long pendingPods,
        long pendingNamespaces,
        long evictedPods) {
    static final String CONDITION = "EvictionInProgress";

    /** The condition of a rule that says how far its eviction is; null if there is none. */
    static @Nullable Condition condition(DeviceTaintRule rule) {
        return rule.getStatus() == null
                ? null
                : OrEmpty.of(rule.getStatus().getConditions()).stream()
                        .filter(each -> CONDITION.equals(each.getType()))
                        .findFirst()
                        .orElse(null);
    }

    /**
     * What the condition is to be.
     *
     * @param generation of the rule
     * @param before what it is; null if there is none
     */
    Condition condition(long generation, @Nullable Condition before, Instant now) {
        Condition next = new ConditionBuilder()
                .withType(CONDITION)
                .withStatus(isInProgress() ? "True" : "False")
                .withReason(reason())
                .withMessage(message())
                .withObservedGeneration(generation)
                .withLastTransitionTime(before == null ? "" : before.getLastTransitionTime())
                .build();
        if (before != null && next.equals(before)) {
            return before;
        }
        return new ConditionBuilder(next)
                .withLastTransitionTime(now.truncatedTo(ChronoUnit.SECONDS).toString())
                .build();
    }

    private boolean isInProgress() {
        return effect.equals(EvictingTaint.NO_EXECUTE) && pendingPods > 0;
    }

    private String reason() {
        return switch (effect) {
            case EvictingTaint.NO_EXECUTE ->
                pendingPods > 0 ? "PodsPendingEviction" : evictedPods > 0 ? "Completed" : "NotStarted";
            case "None" -> "NoEffect";
            default -> "OtherEffect";
        };
    }

    private String message() {
        String message = switch (effect) {
            case EvictingTaint.NO_EXECUTE ->
                pendingPods == 0
                        ? ""
                        : (pendingPods == 1 ? "1 pod needs" : pendingPods + " pods need") + " to be evicted in "
                                + namespaces() + '.';
            case "None" ->
                counted(publishedDevices, "published device") + " selected. "
                        + counted(allocatedDevices, "allocated device") + " selected. "
                        + counted(pendingPods, "pod") + " would be evicted in " + namespaces()
                        + " if the effect was NoExecute. This information will not be updated again."
                        + " Recreate the DeviceTaintRule to trigger an update.";
            default -> "Eviction only happens for the NoExecute effect.";
        };
        if (evictedPods == 0) {
            return message;
        }
        return message + (message.isEmpty() ? "" : " ") + counted(evictedPods, "pod")
                + " evicted since starting the controller.";
    }

    private String namespaces() {
        return pendingNamespaces == 1 ? "1 namespace" : pendingNamespaces + " different namespaces";
    }

    private static String counted(long number, String what) {
        return number == 1 ? "1 " + what : number + " " + what + 's';
    }
}
