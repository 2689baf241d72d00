package io.keelson.agent.pods.status;

import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.ResourceStatus;
import io.keelson.agent.cri.RuntimeContainer;
import io.keelson.agent.pods.PodContainer;
import io.keelson.agent.pods.PodContainer.Sort;
import io.keelson.agent.pods.plan.RestartRules;
import io.keelson.agent.probe.ProbeKind;
import io.keelson.agent.probe.ProbeResult;
import io.keelson.controllers.objects.OrEmpty;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What is told of each container of a pod. */
final class ContainerStatuses {
    private final StatusView view;
    private final Map<String, ContainerStatus> previous = new HashMap<>();

    ContainerStatuses(StatusView view) {
        this.view = view;
        for (List<ContainerStatus> list : List.of(
                OrEmpty.of(view.previous().getInitContainerStatuses()),
                OrEmpty.of(view.previous().getContainerStatuses()),
                OrEmpty.of(view.previous().getEphemeralContainerStatuses()))) {
            list.forEach(status -> previous.put(status.getName(), status));
        }
    }

    /** Of some containers, in their order. */
    List<ContainerStatus> of(List<PodContainer> containers) {
        List<ContainerStatus> all = new ArrayList<>();
        for (PodContainer container : containers) {
            ContainerStatus status = status(container);
            boolean isStarted = isStarted(container, status);
            all.add(new ContainerStatusBuilder(status)
                    .withStarted(isStarted)
                    .withReady(isReady(container, status, isStarted))
                    .withAllocatedResourcesStatus(devices(container))
                    // Empty rather than left out, as the API fills it in.
                    .withLastState(status.getLastState() == null ? new ContainerState() : status.getLastState())
                    .build());
        }
        return all;
    }

    /** As they are, or as they were when they were taken back: it may be what the pod failed of. */
    private List<ResourceStatus> devices(PodContainer container) {
        List<ResourceStatus> now = view.devices().get(container.name());
        ContainerStatus before = previous.get(container.name());
        return now != null || before == null ? OrEmpty.of(now) : OrEmpty.of(before.getAllocatedResourcesStatus());
    }

    private ContainerStatus status(PodContainer container) {
        List<RuntimeContainer> runs = view.runtime().containers().stream()
                .filter(run -> run.name().equals(container.name()))
                .limit(2)
                .toList();
        ContainerStatus before = previous.get(container.name());
        ContainerStatus status;
        if (runs.isEmpty()) {
            status = withoutRun(container, before);
        } else {
            status = RunStatus.of(view, container, runs.getFirst(), before);
            if (runs.size() > 1) {
                ContainerState last = RunStatus.state(view, runs.get(1), null);
                status.setLastState(last.getTerminated() == null ? new ContainerState() : last);
            } else if (before != null && before.getLastState() != null && isSameRun(status, before)) {
                // The runtime may have forgotten the run before.
                status.setLastState(before.getLastState());
            }
        }
        return waiting(container, status, runs);
    }

    private static boolean isSameRun(ContainerStatus one, ContainerStatus other) {
        return one.getContainerID().equals(other.getContainerID());
    }

    /** Of a container that the runtime knows nothing of: it has not run yet, or its runs were forgotten. */
    private ContainerStatus withoutRun(PodContainer container, @Nullable ContainerStatus before) {
        if (before != null && before.getState() != null && before.getState().getTerminated() != null) {
            return before;
        }
        boolean hasInit = !OrEmpty.of(view.pod().getSpec().getInitContainers()).isEmpty();
        ContainerStatusBuilder status = new ContainerStatusBuilder()
                .withName(container.name())
                .withImage(container.container().getImage())
                .withImageID("")
                .withRestartCount(before == null ? 0 : OrEmpty.of(before.getRestartCount()))
                .withState(waitingFor(hasInit ? "PodInitializing" : "ContainerCreating", null))
                .withLastState(before == null ? null : before.getLastState());
        boolean ranOnce =
                before != null && before.getState() != null && before.getState().getRunning() != null;
        boolean hasLast = before != null
                && before.getLastState() != null
                && before.getLastState().getTerminated() != null;
        if (before != null && ranOnce && !hasLast) {
            status.withLastState(RunStatus.lost(
                    "The container could not be located when the pod was deleted.  The container used to be Running"));
            if (view.pod().getMetadata().getDeletionTimestamp() == null) {
                status.withRestartCount(OrEmpty.of(before.getRestartCount()) + 1);
            }
        }
        return status.build();
    }

    /** A container that is to run and does not waits, if it is known what for. */
    private ContainerStatus waiting(PodContainer container, ContainerStatus status, List<RuntimeContainer> runs) {
        StatusView.Waiting why = view.waiting().get(container.name());
        if (why == null && isReplaced(runs)) {
            // The API takes an end as the last word where the pod's policy does not start the container again.
            why = new StatusView.Waiting("ContainerCreating", "");
        }
        if (why == null || !isToRun(container, runs)) {
            return status;
        }
        ContainerStatusBuilder waiting =
                new ContainerStatusBuilder(status).withState(waitingFor(why.reason(), why.message()));
        if (status.getState().getTerminated() != null) {
            waiting.withLastState(status.getState());
        }
        return waiting.build();
    }

    private boolean isToRun(PodContainer container, List<RuntimeContainer> runs) {
        if (view.pod().getMetadata().getDeletionTimestamp() != null || view.ending()) {
            return false;
        }
        if (runs.isEmpty()) {
            return true;
        }
        RuntimeContainer newest = runs.getFirst();
        return !newest.running()
                && (!newest.exited()
                        || isReplaced(runs)
                        || RestartRules.restarts(
                                view.pod(), container, newest.status().getExitCode()));
    }

    private boolean isReplaced(List<RuntimeContainer> runs) {
        return !runs.isEmpty()
                && runs.getFirst().exited()
                && view.replaced().contains(runs.getFirst().id());
    }

    private static ContainerState waitingFor(String reason, @Nullable String message) {
        return new ContainerStateBuilder()
                .withNewWaiting()
                .withReason(reason)
                .withMessage(message == null || message.isEmpty() ? null : message)
                .endWaiting()
                .build();
    }

    private boolean isStarted(PodContainer container, ContainerStatus status) {
        if (status.getState().getRunning() == null || container.sort() == Sort.INIT) {
            return false;
        }
        return container.container().getStartupProbe() == null
                || result(container, ProbeKind.STARTUP) == ProbeResult.SUCCESS;
    }

    private boolean isReady(PodContainer container, ContainerStatus status, boolean isStarted) {
        return switch (container.sort()) {
            case INIT ->
                status.getState().getTerminated() != null
                        && status.getState().getTerminated().getExitCode() == 0;
            case EPHEMERAL -> false;
            default ->
                isStarted
                        && (container.container().getReadinessProbe() == null
                                || result(container, ProbeKind.READINESS) == ProbeResult.SUCCESS);
        };
    }

    private ProbeResult result(PodContainer container, ProbeKind kind) {
        Optional<RuntimeContainer> run = view.runtime().newest(container.name());
        return run.flatMap(found -> view.probes().of(found.id(), kind)).orElse(ProbeResult.UNKNOWN);
    }

    /** By name. */
    static Map<String, ContainerStatus> byName(List<ContainerStatus> statuses) {
        Map<String, ContainerStatus> all = new HashMap<>();
        statuses.forEach(status -> all.put(status.getName(), status));
        return all;
    }
}
