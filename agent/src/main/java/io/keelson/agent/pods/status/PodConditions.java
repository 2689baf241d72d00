package io.keelson.agent.pods.status;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.api.model.PodReadinessGate;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.keelson.agent.pods.PodContainer;
import io.keelson.agent.pods.PodContainer.Sort;
import io.keelson.agent.pods.PodContainers;
import io.keelson.controllers.objects.OrEmpty;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The conditions of a pod that its node decides on. Others' are kept as they are. */
final class PodConditions {
    /** What only the node writes. */
    static final Set<String> OWN = Set.of(
            "PodScheduled",
            "Ready",
            "Initialized",
            "ContainersReady",
            "PodReadyToStartContainers",
            "PodResizePending",
            "PodResizeInProgress",
            "AllContainersRestarting");

    /** What the node writes when it ends a pod, and others write, too. */
    static final String DISRUPTION = "DisruptionTarget";

    private final Pod pod;
    private final Map<String, ContainerStatus> statuses;
    private final String phase;
    private final Instant now;
    private final List<PodCondition> before;

    PodConditions(Pod pod, PodStatus previous, Map<String, ContainerStatus> statuses, String phase, Instant now) {
        this.pod = pod;
        this.statuses = statuses;
        this.phase = phase;
        this.now = now;
        before = OrEmpty.of(previous.getConditions());
    }

    /** Whether ordinary containers may run. */
    PodCondition initialized() {
        List<String> unknown = new ArrayList<>();
        List<String> incomplete = new ArrayList<>();
        for (PodContainer container : PodContainers.initial(pod)) {
            ContainerStatus status = statuses.get(container.name());
            if (status == null) {
                unknown.add(container.name());
            } else if (container.sort() == Sort.SIDECAR
                    ? !OrEmpty.of(status.getStarted())
                    : !OrEmpty.of(status.getReady())) {
                incomplete.add(container.name());
            }
        }
        if (phase.equals("Succeeded") && unknown.isEmpty()) {
            return condition("Initialized", true, "PodCompleted", null);
        }
        boolean anyRan = PodContainers.ordinary(pod).stream()
                .map(container -> statuses.get(container.name()))
                .anyMatch(status -> status != null
                        && status.getState() != null
                        && (status.getState().getRunning() != null
                                || status.getState().getTerminated() != null));
        String message = join(text(unknown, "unknown"), text(incomplete, "incomplete"));
        return anyRan || message.isEmpty()
                ? condition("Initialized", true, null, null)
                : condition("Initialized", false, "ContainersNotInitialized", message);
    }

    /** Whether all containers that run all the time are ready. */
    PodCondition containersReady() {
        List<String> unknown = new ArrayList<>();
        List<String> unready = new ArrayList<>();
        List<PodContainer> lasting = new ArrayList<>(PodContainers.initial(pod).stream()
                .filter(container -> container.sort() == Sort.SIDECAR)
                .toList());
        lasting.addAll(PodContainers.ordinary(pod));
        for (PodContainer container : lasting) {
            ContainerStatus status = statuses.get(container.name());
            if (status == null) {
                unknown.add(container.name());
            } else if (!OrEmpty.of(status.getReady())) {
                unready.add(container.name());
            }
        }
        if (phase.equals("Succeeded") && unknown.isEmpty()) {
            return condition("ContainersReady", false, "PodCompleted", null);
        }
        if (phase.equals("Failed")) {
            return condition("ContainersReady", false, "PodFailed", null);
        }
        String message = join(text(unknown, "unknown"), text(unready, "unready"));
        return message.isEmpty()
                ? condition("ContainersReady", true, null, null)
                : condition("ContainersReady", false, "ContainersNotReady", message);
    }

    /** Whether the pod is: its containers are, and those say so whom it waits for besides. */
    PodCondition ready(PodCondition containersReady, List<PodCondition> all) {
        if (!"True".equals(containersReady.getStatus())) {
            return condition("Ready", false, containersReady.getReason(), containersReady.getMessage());
        }
        List<String> closed = new ArrayList<>();
        for (PodReadinessGate gate : OrEmpty.of(pod.getSpec().getReadinessGates())) {
            String type = OrEmpty.of(gate.getConditionType());
            PodCondition condition = find(all, type);
            if (condition == null) {
                closed.add("corresponding condition of pod readiness gate \"" + type + "\" does not exist.");
            } else if (!"True".equals(condition.getStatus())) {
                closed.add("the status of pod readiness gate \"" + type + "\" is not \"True\", but "
                        + condition.getStatus());
            }
        }
        return closed.isEmpty()
                ? condition("Ready", true, null, null)
                : condition("Ready", false, "ReadinessGatesNotReady", String.join(", ", closed));
    }

    /** A condition, with the time of its last change. */
    PodCondition condition(String type, boolean isTrue, @Nullable String reason, @Nullable String message) {
        PodCondition made = new PodConditionBuilder()
                .withType(type)
                .withStatus(isTrue ? "True" : "False")
                .withReason(reason)
                .withMessage(message)
                .withObservedGeneration(pod.getMetadata().getGeneration())
                .build();
        return timed(made);
    }

    /** The same condition with the time since which it is so. */
    PodCondition timed(PodCondition condition) {
        PodCondition known = find(before, condition.getType());
        String since = known == null || !condition.getStatus().equals(known.getStatus())
                ? null
                : known.getLastTransitionTime();
        if (since == null) {
            since = now.truncatedTo(ChronoUnit.SECONDS).toString();
        }
        return new PodConditionBuilder(condition).withLastTransitionTime(since).build();
    }

    static @Nullable PodCondition find(List<PodCondition> all, String type) {
        return all.stream()
                .filter(condition -> type.equals(condition.getType()))
                .findFirst()
                .orElse(null);
    }

    private static String text(List<String> names, String what) {
        return names.isEmpty() ? "" : "containers with " + what + " status: [" + String.join(" ", names) + "]";
    }

    private static String join(String one, String other) {
        return one.isEmpty() || other.isEmpty() ? one + other : one + ", " + other;
    }
}
