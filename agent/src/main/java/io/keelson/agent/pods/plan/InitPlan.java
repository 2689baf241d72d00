package io.keelson.agent.pods.plan;

import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.agent.cri.RuntimeContainer;
import io.keelson.agent.pods.PodContainer;
import io.keelson.agent.pods.PodContainer.Sort;
import io.keelson.agent.pods.PodContainers;
import io.keelson.agent.probe.ProbeKind;
import io.keelson.agent.probe.ProbeResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How far a pod's init containers are. Each one waits until the one before has ended well or, if that is a sidecar, has
 * started. Once an ordinary container was made, only sidecars matter any more.
 *
 * @param isInitialized whether ordinary containers may start
 * @param hasFailed whether one failed that is not started again
 * @param wanted those that are to be started now
 * @param running sidecars that run
 */
record InitPlan(boolean isInitialized, boolean hasFailed, List<PodContainer> wanted, List<PodContainer> running) {

    /**
     * Looks at the runs in one sandbox.
     *
     * @param sandboxId the one that is there
     */
    static InitPlan of(Pod pod, Situation situation, String sandboxId) {
        List<PodContainer> initial = PodContainers.initial(pod);
        boolean wasInitialized = PodContainers.ordinary(pod).stream()
                .anyMatch(
                        container -> run(situation, sandboxId, container.name()).isPresent());
        List<PodContainer> wanted = new ArrayList<>();
        List<PodContainer> running = new ArrayList<>();
        for (int at = 0; at < initial.size(); at++) {
            PodContainer container = initial.get(at);
            Optional<RuntimeContainer> run = run(situation, sandboxId, container.name());
            boolean isPassed;
            if (container.sort() == Sort.SIDECAR) {
                boolean runs = run.isPresent() && run.get().running();
                (runs ? running : wanted).add(container);
                isPassed = runs && hasStarted(situation, container, run.get());
            } else if (wasInitialized || laterOneRan(situation, sandboxId, initial, at)) {
                // The runtime may have forgotten its run by now.
                isPassed = true;
            } else if (run.isEmpty() || !(run.get().running() || run.get().exited())) {
                wanted.add(container);
                isPassed = false;
            } else if (run.get().running()) {
                isPassed = false;
            } else {
                int exitCode = run.get().status().getExitCode();
                isPassed = exitCode == 0;
                if (!isPassed && !RestartRules.restarts(pod, container, exitCode)) {
                    return new InitPlan(false, true, List.of(), List.of());
                }
                if (!isPassed) {
                    wanted.add(container);
                }
            }
            if (!isPassed && !wasInitialized) {
                return new InitPlan(false, false, wanted, running);
            }
        }
        return new InitPlan(true, false, wanted, running);
    }

    private static boolean laterOneRan(Situation situation, String sandboxId, List<PodContainer> initial, int at) {
        return initial.subList(at + 1, initial.size()).stream()
                .anyMatch(later -> run(situation, sandboxId, later.name()).isPresent());
    }

    private static Optional<RuntimeContainer> run(Situation situation, String sandboxId, String name) {
        return situation.runtime().newest(name).filter(run -> run.sandboxId().equals(sandboxId));
    }

    private static boolean hasStarted(Situation situation, PodContainer container, RuntimeContainer run) {
        return container.container().getStartupProbe() == null
                || situation
                        .probes()
                        .of(run.id(), ProbeKind.STARTUP)
                        .filter(result -> result == ProbeResult.SUCCESS)
                        .isPresent();
    }
}
