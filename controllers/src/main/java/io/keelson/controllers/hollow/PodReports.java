package io.keelson.controllers.hollow;

import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a hollow node writes into the status of a pod: the parts that change, to be merged into what is there. */
final class PodReports {
    private PodReports() {}

    /**
     * Its containers run.
     *
     * @param seen when it came to the node
     * @param lastExit with which code they exited before; null if they did not
     */
    static PodStatus running(
            PodView pod,
            int restarts,
            @Nullable Integer lastExit,
            boolean isReady,
            String podAddress,
            String hostAddress,
            Instant seen,
            Instant now) {
        ContainerState running = runningSince(now);
        ContainerState last = lastExit == null ? null : exited(lastExit, pod.since(), now);
        PodStatusBuilder status = new PodStatusBuilder()
                .withPhase("Running")
                .withStartTime(text(seen))
                .withHostIP(hostAddress)
                .addNewHostIP(hostAddress)
                .withConditions(ready(isReady, isReady && pod.gatesOpen(), now))
                .addToConditions(condition("Initialized", true, null, now))
                .addToConditions(condition("PodReadyToStartContainers", true, null, now))
                .withInitContainerStatuses(initContainers(pod, pod.since() == null ? now : pod.since(), null))
                .withContainerStatuses(containers(pod, restarts, isReady, running, last));
        String address = pod.shape().isOnHostNetwork() ? hostAddress : podAddress;
        if (!address.isEmpty()) {
            status.withPodIP(address).addNewPodIP(address);
        }
        return status.build();
    }

    /** Its containers are ready, and it is too if its gates are open. */
    static PodStatus ready(PodView pod, Instant now) {
        ContainerState running = runningSince(pod.since() == null ? now : pod.since());
        return new PodStatusBuilder()
                .withConditions(ready(true, pod.gatesOpen(), now))
                .withContainerStatuses(containers(pod, pod.restarts(), true, running, null))
                .build();
    }

    /** Its containers exited and wait to be started again. */
    static PodStatus waiting(PodView pod, int exitCode, Instant now) {
        ContainerState waiting = new ContainerStateBuilder()
                .withNewWaiting("back-off restarting failed container", "CrashLoopBackOff")
                .build();
        return new PodStatusBuilder()
                .withConditions(ready(false, false, now))
                .withContainerStatuses(
                        containers(pod, pod.restarts(), false, waiting, exited(exitCode, pod.since(), now)))
                .build();
    }

    /** Its containers exited for good. */
    static PodStatus ended(PodView pod, int exitCode, Instant now) {
        boolean well = exitCode == 0;
        String reason = well ? "PodCompleted" : "PodFailed";
        PodStatusBuilder status = new PodStatusBuilder()
                .withPhase(well ? "Succeeded" : "Failed")
                .addToConditions(condition("Ready", false, reason, now))
                .addToConditions(condition("ContainersReady", false, reason, now))
                .addToConditions(condition("PodReadyToStartContainers", false, null, now))
                .withInitContainerStatuses(initContainers(pod, pod.since() == null ? now : pod.since(), now))
                .withContainerStatuses(
                        containers(pod, pod.restarts(), false, exited(exitCode, pod.since(), now), null));
        if (well) {
            status.addToConditions(condition("Initialized", true, reason, now));
        }
        return status.build();
    }

    private static List<PodCondition> ready(boolean containersReady, boolean podReady, Instant now) {
        String reason = containersReady ? null : "ContainersNotReady";
        return List.of(
                condition("Ready", podReady, containersReady && !podReady ? "ReadinessGatesNotReady" : reason, now),
                condition("ContainersReady", containersReady, reason, now));
    }

    private static PodCondition condition(String type, boolean isTrue, @Nullable String reason, Instant now) {
        return new PodConditionBuilder()
                .withType(type)
                .withStatus(isTrue ? "True" : "False")
                // Empty, not left out: what is left out stays as it was.
                .withReason(reason == null ? "" : reason)
                .withLastTransitionTime(text(now))
                .build();
    }

    private static List<ContainerStatus> containers(
            PodView pod, int restarts, boolean isReady, ContainerState state, @Nullable ContainerState last) {
        List<ContainerStatus> statuses = new ArrayList<>();
        for (PodView.Part part : pod.shape().containers()) {
            statuses.add(status(pod, part, restarts, isReady, state, last));
        }
        return statuses;
    }

    /** Init containers have done their work; sidecars run until the pod ends. */
    private static List<ContainerStatus> initContainers(PodView pod, Instant started, @Nullable Instant ended) {
        List<ContainerStatus> statuses = new ArrayList<>();
        for (PodView.Part part : pod.shape().initContainers()) {
            boolean runs = part.isSidecar() && ended == null;
            ContainerState state = runs
                    ? runningSince(started)
                    : exited(0, started, part.isSidecar() && ended != null ? ended : started);
            statuses.add(status(pod, part, 0, !part.isSidecar() || runs, state, null));
        }
        return statuses;
    }

    private static ContainerStatus status(
            PodView pod,
            PodView.Part part,
            int restarts,
            boolean isReady,
            ContainerState state,
            @Nullable ContainerState last) {
        return new ContainerStatusBuilder()
                .withName(part.name())
                .withImage(part.image())
                .withImageID("hollow://" + part.image())
                .withContainerID("hollow://" + pod.uid() + '/' + part.name() + '/' + restarts)
                .withReady(isReady)
                .withStarted(state.getRunning() != null)
                .withRestartCount(restarts)
                .withState(state)
                .withLastState(last)
                .build();
    }

    private static ContainerState runningSince(Instant started) {
        return new ContainerStateBuilder().withNewRunning(text(started)).build();
    }

    private static ContainerState exited(int code, @Nullable Instant started, Instant finished) {
        return new ContainerStateBuilder()
                .withNewTerminated()
                .withExitCode(code)
                .withReason(code == 0 ? "Completed" : "Error")
                .withStartedAt(text(started == null ? finished : started))
                .withFinishedAt(text(finished))
                .endTerminated()
                .build();
    }

    private static String text(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
