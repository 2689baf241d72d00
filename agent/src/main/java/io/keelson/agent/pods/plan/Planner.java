package io.keelson.agent.pods.plan;

import io.fabric8.kubernetes.api.model.ContainerResizePolicy;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.keelson.agent.cri.RuntimeContainer;
import io.keelson.agent.pods.PodContainer;
import io.keelson.agent.pods.PodContainer.Sort;
import io.keelson.agent.pods.PodContainers;
import io.keelson.agent.pods.PodTraits;
import io.keelson.agent.pods.Resources;
import io.keelson.agent.pods.plan.Action.Cause;
import io.keelson.agent.probe.ProbeKind;
import io.keelson.agent.probe.ProbeResult;
import io.keelson.agent.wire.cri.ContainerState;
import io.keelson.agent.wire.cri.PodSandboxState;
import io.keelson.agent.wire.cri.PodSandboxStatus;
import io.keelson.controllers.objects.GoDuration;
import io.keelson.controllers.objects.OrEmpty;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Makes one plan: what is wanted of a pod against what there is. */
public final class Planner {
    private final Situation situation;
    private final Pod pod;
    private final List<Action> actions = new ArrayList<>();
    private Optional<Duration> again = Optional.empty();

    private Planner(Situation situation) {
        this.situation = situation;
        pod = situation.pod();
    }

    /** The plan for a pod that is to run. */
    public static Plan of(Situation situation) {
        Planner planner = new Planner(situation);
        planner.plan();
        return new Plan(planner.actions, planner.again);
    }

    private void plan() {
        if (isPastDeadline()) {
            actions.add(new Action.Fail(
                    "DeadlineExceeded", "Pod was active on the node longer than the specified deadline"));
            return;
        }
        SandboxNeed need = SandboxNeed.of(pod, situation.runtime());
        if (need.isNeeded()) {
            planSandbox(need);
            return;
        }
        // What is looked at ran in the sandbox that is there: in a new one, all begins with the first init container.
        PodSandboxStatus sandbox = situation.runtime().sandboxes().getFirst();
        Optional<RuntimeContainer> trigger = restartTrigger(sandbox.getId());
        if (trigger.isPresent()) {
            actions.add(new Action.RestartAll(trigger.get()));
            return;
        }
        planWhole(sandbox);
        planEphemeral();
        InitPlan init = InitPlan.of(pod, situation, sandbox.getId());
        if (init.hasFailed()) {
            actions.add(new Action.Finish());
            return;
        }
        List<Action> ofSidecars = new ArrayList<>();
        for (PodContainer container : init.wanted()) {
            planContainer(container, situation.runtime().newest(container.name()), ofSidecars);
        }
        for (PodContainer sidecar : init.running()) {
            planRunning(sidecar, situation.runtime().newest(sidecar.name()).orElseThrow(), ofSidecars);
        }
        if (!init.isInitialized()) {
            actions.addAll(ofSidecars);
            planRemovals();
            return;
        }
        planOrdinary(ofSidecars);
    }

    private boolean isPastDeadline() {
        Long seconds = pod.getSpec().getActiveDeadlineSeconds();
        if (seconds == null) {
            return false;
        }
        Duration left = Duration.ofSeconds(Math.min(seconds, Integer.MAX_VALUE))
                .minus(Duration.between(situation.startedAt(), situation.wallClock()));
        if (left.isPositive()) {
            lookAgain(left);
        }
        return !left.isPositive();
    }

    private void lookAgain(Duration after) {
        again = Optional.of(
                again.filter(earlier -> earlier.compareTo(after) <= 0).orElse(after));
    }

    private void planSandbox(SandboxNeed need) {
        boolean hasRun = !situation.runtime().containers().isEmpty();
        if (need.attempt() > 0 && hasRun && RestartRules.neverRestarts(pod)) {
            actions.add(new Action.Finish());
            return;
        }
        boolean somethingToStart = PodContainers.ordinary(pod).stream()
                .anyMatch(container -> mayStart(container, situation.runtime().newest(container.name())));
        if (!somethingToStart) {
            actions.add(new Action.Finish());
            return;
        }
        if (situation.runtime().active()) {
            actions.add(new Action.StopPod());
        }
        actions.add(new Action.RunSandbox(need.attempt()));
    }

    /** Whether a container would run in a new sandbox: it never ran, or is started again after its last run. */
    private boolean mayStart(PodContainer container, Optional<RuntimeContainer> run) {
        return run.isEmpty()
                || !run.get().exited()
                || situation.replaced().contains(run.get().id())
                || RestartRules.restarts(pod, container, run.get().status().getExitCode());
    }

    private Optional<RuntimeContainer> restartTrigger(String sandboxId) {
        List<PodContainer> all = new ArrayList<>(PodContainers.initial(pod));
        all.addAll(PodContainers.ordinary(pod));
        return all.stream()
                .map(container -> situation
                        .runtime()
                        .newest(container.name())
                        .filter(run -> run.exited()
                                && run.sandboxId().equals(sandboxId)
                                && RestartRules.restartsAll(
                                        container.container(), run.status().getExitCode())))
                .flatMap(Optional::stream)
                .findFirst();
    }

    private void planEphemeral() {
        for (PodContainer container : PodContainers.ephemeral(pod)) {
            if (situation.runtime().newest(container.name()).isEmpty()) {
                actions.add(new Action.Start(container, 0, null));
            }
        }
    }

    private void planOrdinary(List<Action> ofSidecars) {
        List<Action> ofOrdinary = new ArrayList<>();
        boolean anyKept = false;
        for (PodContainer container : PodContainers.ordinary(pod)) {
            int before = ofOrdinary.size();
            Optional<RuntimeContainer> run = situation.runtime().newest(container.name());
            if (run.isPresent() && run.get().running()) {
                anyKept |= planRunning(container, run.get(), ofOrdinary);
            } else if (mayStart(container, run)) {
                planContainer(container, run, ofOrdinary);
            }
            anyKept |= ofOrdinary.subList(before, ofOrdinary.size()).stream()
                    .anyMatch(action -> action instanceof Action.Start || action instanceof Action.Hold);
        }
        if (!anyKept && ofOrdinary.isEmpty()) {
            // Sidecars do not keep a pod alive.
            actions.add(new Action.Finish());
            return;
        }
        actions.addAll(ofSidecars);
        actions.addAll(ofOrdinary);
        planRemovals();
    }

    /** A container that is to run and does not. */
    private void planContainer(PodContainer container, Optional<RuntimeContainer> run, List<Action> planned) {
        if (run.isPresent() && run.get().running()) {
            planRunning(container, run.get(), planned);
            return;
        }
        if (run.isPresent() && run.get().state() == ContainerState.CONTAINER_UNKNOWN) {
            planned.add(new Action.Kill(
                    container,
                    run.get(),
                    Cause.OTHER,
                    true,
                    (container.sort() == Sort.ORDINARY ? "Container" : "Init container")
                            + " is in unknown state, try killing it before restart"));
        }
        planStart(container, run, planned);
    }

    private void planStart(PodContainer container, Optional<RuntimeContainer> run, List<Action> planned) {
        int attempt = run.map(before -> before.attempt() + 1).orElse(0);
        Optional<RuntimeContainer> ended = situation.runtime().containers().stream()
                .filter(before -> before.name().equals(container.name()) && before.exited())
                .findFirst();
        if (ended.isEmpty()) {
            planned.add(new Action.Start(container, attempt, null));
            return;
        }
        Instant now = situation.now();
        Instant endedAt = situation.endedAt().getOrDefault(ended.get().id(), now);
        BackOff known = situation.backOffs().get(ContainerHash.key(container.container()));
        Duration left = BackOff.left(known, endedAt, now, situation.backOffLimit());
        if (known != null && left.isPositive()) {
            lookAgain(left);
            planned.add(new Action.Hold(
                    container,
                    "back-off " + GoDuration.text(known.delay()) + " restarting failed container=" + container.name()
                            + " pod=" + PodTraits.text(pod)));
        } else {
            planned.add(
                    new Action.Start(container, attempt, BackOff.next(known, endedAt, now, situation.backOffLimit())));
        }
    }

    /**
     * A container that runs.
     *
     * @return whether it goes on running
     */
    private boolean planRunning(PodContainer container, RuntimeContainer run, List<Action> planned) {
        String subject = (container.sort() == Sort.ORDINARY ? "Container " : "Init container ") + container.name();
        String known = run.status().getAnnotationsMap().get(ContainerHash.ANNOTATION);
        Cause cause = Cause.OTHER;
        String message;
        boolean restarts = RestartRules.restartsAfterFailure(pod, container);
        if (known != null && !known.equals(ContainerHash.of(container.container()))) {
            message = subject + " definition changed";
            restarts = true;
        } else if (result(run, ProbeKind.LIVENESS) == ProbeResult.FAILURE) {
            message = subject + " failed liveness probe";
            cause = Cause.LIVENESS_PROBE;
        } else if (result(run, ProbeKind.STARTUP) == ProbeResult.FAILURE) {
            message = subject + " failed startup probe";
            cause = Cause.STARTUP_PROBE;
        } else {
            return planResize(container, run, planned);
        }
        planned.add(
                new Action.Kill(container, run, cause, restarts, restarts ? message + ", will be restarted" : message));
        if (restarts) {
            planStart(container, Optional.of(run), planned);
        }
        return false;
    }

    private ProbeResult result(RuntimeContainer run, ProbeKind kind) {
        return situation.probes().of(run.id(), kind).orElse(ProbeResult.SUCCESS);
    }

    private void planWhole(PodSandboxStatus sandbox) {
        ResourceRequirements told = situation.actuated().get(sandbox.getId());
        if (told != null && !Resources.sameChangeable(told, pod.getSpec().getResources())) {
            actions.add(new Action.ResizePod(sandbox));
        }
    }

    private boolean planResize(PodContainer container, RuntimeContainer run, List<Action> planned) {
        ResourceRequirements told = situation.actuated().get(run.id());
        ResourceRequirements wanted = container.container().getResources();
        if (told == null || Resources.sameChangeable(told, wanted)) {
            return true;
        }
        Set<String> changed = new HashSet<>(Resources.changed(told, wanted));
        boolean needsRestart = false;
        for (ContainerResizePolicy policy : OrEmpty.of(container.container().getResizePolicy())) {
            needsRestart |=
                    changed.contains(policy.getResourceName()) && "RestartContainer".equals(policy.getRestartPolicy());
        }
        if (needsRestart) {
            planned.add(new Action.Kill(
                    container, run, Cause.OTHER, true, "Container " + container.name() + " resize requires restart"));
            // It did nothing wrong, so it does not wait.
            planned.add(new Action.Start(container, run.attempt() + 1, null));
            return false;
        }
        planned.add(new Action.Resize(container, run));
        return true;
    }

    /** Of each container the last two runs are kept, since status and {@code kubectl logs --previous} show them. */
    private void planRemovals() {
        Set<String> seen = new HashSet<>();
        Set<String> seenTwice = new HashSet<>();
        for (RuntimeContainer run : situation.runtime().containers()) {
            if (seen.add(run.name()) || run.running()) {
                continue;
            }
            if (!seenTwice.add(run.name())) {
                actions.add(new Action.Remove(run));
            }
        }
        situation.runtime().sandboxes().stream()
                .skip(1)
                .filter(sandbox -> sandbox.getState() == PodSandboxState.SANDBOX_NOTREADY)
                .filter(sandbox -> situation.runtime().containers().stream()
                        .noneMatch(run -> run.sandboxId().equals(sandbox.getId())))
                .forEach(sandbox -> actions.add(new Action.RemoveSandbox(sandbox)));
    }
}
