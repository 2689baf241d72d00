package io.keelson.controllers.job;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.batch.v1.PodFailurePolicy;
import io.fabric8.kubernetes.api.model.batch.v1.PodFailurePolicyOnExitCodesRequirement;
import io.fabric8.kubernetes.api.model.batch.v1.PodFailurePolicyOnPodConditionsPattern;
import io.fabric8.kubernetes.api.model.batch.v1.PodFailurePolicyRule;
import io.keelson.controllers.objects.OrEmpty;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the failure of a pod means. The first rule of {@code podFailurePolicy} that matches decides; if none does, it
 * counts.
 *
 * @param message why the Job fails, if it does by this
 * @param byRule whether a rule said so; without one a failure counts
 */
record FailureVerdict(Action action, @Nullable String message, boolean byRule) {
    private static final FailureVerdict COUNTS = new FailureVerdict(Action.COUNT, null, false);

    /** What is done about it. */
    enum Action {
        /** It counts toward the limits. */
        COUNT("Count"),
        /** It does not count. */
        IGNORE("Ignore"),
        /** The index of the pod fails. */
        FAIL_INDEX("FailIndex"),
        /** The whole Job fails. */
        FAIL_JOB("FailJob");

        private final String word;

        Action(String word) {
            this.word = word;
        }

        /** As rules name it. */
        String word() {
            return word;
        }
    }

    /** Whether it counts toward the limits. */
    boolean counts() {
        return action != Action.IGNORE;
    }

    static FailureVerdict of(@Nullable PodFailurePolicy policy, Pod pod) {
        if (policy == null || pod.getStatus() == null) {
            return COUNTS;
        }
        List<PodFailurePolicyRule> rules = OrEmpty.of(policy.getRules());
        for (int i = 0; i < rules.size(); i++) {
            FailureVerdict verdict = of(rules.get(i), i, pod);
            if (verdict != null) {
                return verdict;
            }
        }
        return COUNTS;
    }

    private static @Nullable FailureVerdict of(PodFailurePolicyRule rule, int number, Pod pod) {
        String what;
        String name = pod.getMetadata().getNamespace() + '/' + pod.getMetadata().getName();
        if (rule.getOnExitCodes() != null) {
            ContainerStatus container = container(rule.getOnExitCodes(), pod);
            if (container == null) {
                return null;
            }
            what = "Container " + container.getName() + " for pod " + name + " failed with exit code "
                    + container.getState().getTerminated().getExitCode();
        } else {
            PodCondition condition = condition(OrEmpty.of(rule.getOnPodConditions()), pod);
            if (condition == null) {
                return null;
            }
            what = "Pod " + name + " has condition " + condition.getType();
        }
        return switch (OrEmpty.of(rule.getAction())) {
            case "Ignore" -> new FailureVerdict(Action.IGNORE, null, true);
            case "FailIndex" -> new FailureVerdict(Action.FAIL_INDEX, null, true);
            case "FailJob" ->
                new FailureVerdict(
                        Action.FAIL_JOB, what + " matching " + rule.getAction() + " rule at index " + number, true);
            case "Count" -> new FailureVerdict(Action.COUNT, null, true);
            // An action of a later version: not for us to guess at.
            default -> null;
        };
    }

    /** The first container that ended with an exit code that is meant. */
    private static @Nullable ContainerStatus container(PodFailurePolicyOnExitCodesRequirement codes, Pod pod) {
        List<ContainerStatus> containers =
                new ArrayList<>(OrEmpty.of(pod.getStatus().getContainerStatuses()));
        containers.addAll(OrEmpty.of(pod.getStatus().getInitContainerStatuses()));
        for (ContainerStatus container : containers) {
            if (container.getState() == null || container.getState().getTerminated() == null) {
                continue;
            }
            int code = OrEmpty.of(container.getState().getTerminated().getExitCode());
            boolean named =
                    codes.getContainerName() == null || codes.getContainerName().equals(container.getName());
            if (named && code != 0 && matches(codes, code)) {
                return container;
            }
        }
        return null;
    }

    private static boolean matches(PodFailurePolicyOnExitCodesRequirement codes, int code) {
        boolean listed = OrEmpty.of(codes.getValues()).contains(code);
        return switch (OrEmpty.of(codes.getOperator())) {
            case "In" -> listed;
            case "NotIn" -> !listed;
            default -> false;
        };
    }

    private static @Nullable PodCondition condition(List<PodFailurePolicyOnPodConditionsPattern> patterns, Pod pod) {
        for (PodCondition condition : OrEmpty.of(pod.getStatus().getConditions())) {
            for (PodFailurePolicyOnPodConditionsPattern pattern : patterns) {
                String status = pattern.getStatus() == null ? "True" : pattern.getStatus();
                if (OrEmpty.of(pattern.getType()).equals(condition.getType()) && status.equals(condition.getStatus())) {
                    return condition;
                }
            }
        }
        return null;
    }
}
