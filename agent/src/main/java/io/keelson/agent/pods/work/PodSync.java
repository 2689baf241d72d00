package io.keelson.agent.pods.work;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.grpc.StatusRuntimeException;
import io.keelson.agent.cri.RuntimeContainer;
import io.keelson.agent.cri.RuntimePod;
import io.keelson.agent.hooks.Hooks;
import io.keelson.agent.pods.PodContainer;
import io.keelson.agent.pods.PodContainers;
import io.keelson.agent.pods.PodProblem;
import io.keelson.agent.pods.PodTraits;
import io.keelson.agent.pods.Resources;
import io.keelson.agent.pods.launch.RuntimeErrors;
import io.keelson.agent.pods.plan.Action;
import io.keelson.agent.pods.plan.BackOff;
import io.keelson.agent.pods.plan.ContainerHash;
import io.keelson.agent.pods.plan.Plan;
import io.keelson.agent.pods.plan.Planner;
import io.keelson.agent.pods.plan.Situation;
import io.keelson.agent.pods.status.PodStatuses;
import io.keelson.agent.pods.status.StatusView.Verdict;
import io.keelson.agent.pods.status.StatusView.Waiting;
import io.keelson.agent.wire.cri.UpdateContainerResourcesRequest;
import io.keelson.controllers.objects.OrEmpty;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes a pod run: plans, and does what is planned. One thread's. */
final class PodSync {
    private static final Logger LOG = LoggerFactory.getLogger(PodSync.class);
    private static final Duration LIMIT = Duration.ofMinutes(2);
    /** What concerns the pod as a whole is tried again under this name. */
    private static final String WHOLE = "";

    private final WorkRooms rooms;
    private final PodState state;
    private final ContainerStop stop;
    private final PodStop podStop;
    private final Retries retries;
    private final Map<String, BackOff> backOffs = new HashMap<>();
    private final Map<String, Instant> endedAt = new HashMap<>();
    private final Set<String> heldBack = new HashSet<>();
    private Optional<Instant> mountedAt = Optional.empty();
    private boolean restartsAll;
    private String resizeProblem = "";

    /** What is to be done next. */
    enum Next {
        /** Look again at once. */
        AGAIN,
        /** Nothing, until something changes. */
        REST,
        /** End it. */
        FINISH
    }

    /** How a step went, and after how long to look again at the latest. */
    record Outcome(Next next, Duration again) {}

    PodSync(WorkRooms rooms, PodState state, ContainerStop stop, PodStop podStop) {
        this.rooms = rooms;
        this.state = state;
        this.stop = stop;
        this.podStop = podStop;
        retries = new Retries(rooms.time());
    }

    /** One plan, done. */
    Outcome step(RuntimePod runtime) throws InterruptedException {
        Pod pod = state.allocated();
        noteEnds(runtime);
        Plan plan = Planner.of(new Situation(
                pod,
                runtime,
                rooms.probes(),
                Map.copyOf(backOffs),
                Map.copyOf(endedAt),
                state.actuated(),
                state.startedAt(),
                rooms.time().steady(),
                rooms.time().instant(),
                rooms.backOffLimit()));
        Duration again = plan.again()
                .filter(wanted -> wanted.compareTo(rooms.syncEvery()) < 0)
                .orElse(rooms.syncEvery());
        boolean changed = false;
        for (Action action : plan.actions()) {
            if (action instanceof Action.Finish) {
                return new Outcome(Next.FINISH, again);
            }
            if (action instanceof Action.Fail(String reason, String message)) {
                rooms.events().normal(pod, reason, message);
                state.judged(new Verdict(reason, message, "", false));
                return new Outcome(Next.FINISH, again);
            }
            Duration wait = waits(action);
            if (wait.isPositive()) {
                again = again.compareTo(wait) < 0 ? again : wait;
                continue;
            }
            try {
                changed |= perform(action, pod, runtime);
                retries.succeeded(what(action));
            } catch (PodProblem e) {
                retries.failed(what(action));
                tell(pod, action, e);
                again = shorter(again, retries.left(what(action)));
            }
            rooms.statuses().changed(pod.getMetadata().getUid());
        }
        if (!changed) {
            again = shorter(again, refreshVolumes(pod));
            settle(pod, plan);
        }
        return new Outcome(changed ? Next.AGAIN : Next.REST, again);
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private void noteEnds(RuntimePod runtime) {
        for (RuntimeContainer run : runtime.containers()) {
            if (run.exited()) {
                endedAt.putIfAbsent(run.id(), rooms.time().steady());
            }
        }
        endedAt.keySet().removeIf(id -> runtime.container(id).isEmpty());
        heldBack.removeIf(id -> runtime.container(id).isEmpty());
    }

    private static String what(Action action) {
        return switch (action) {
            case Action.Start start -> start.container().name();
            case Action.Resize resize -> resize.container().name();
            default -> WHOLE;
        };
    }

    private Duration waits(Action action) {
        return switch (action) {
            case Action.Start start -> retries.left(start.container().name());
            case Action.Resize resize -> retries.left(resize.container().name());
            case Action.RunSandbox _ -> retries.left(WHOLE);
            default -> Duration.ZERO;
        };
    }

    /** Returns whether something is another way now. */
    private boolean perform(Action action, Pod pod, RuntimePod runtime) throws PodProblem, InterruptedException {
        switch (action) {
            case Action.StopPod stopping -> {
                rooms.events().normal(pod, "SandboxChanged", stopping.message());
                podStop.stop(pod, runtime, OptionalLong.empty(), podIp(pod, runtime));
            }
            case Action.RunSandbox sandbox -> {
                mount(pod);
                var _ = rooms.sandboxes().run(pod, sandbox.attempt());
            }
            case Action.Start start -> start(pod, start, runtime);
            case Action.Hold hold -> {
                hold(pod, hold, runtime);
                return false;
            }
            case Action.Kill kill ->
                stop.stop(
                        new ContainerStop.Order(
                                pod,
                                kill.container().container(),
                                kill.run(),
                                kill.message(),
                                ContainerStop.graceSeconds(
                                        pod, kill.container().container(), kill.cause()),
                                podIp(pod, runtime)),
                        ContainerStop.Turn.AT_ONCE);
            case Action.Resize resize -> resize(pod, resize);
            case Action.RestartAll all -> restartAll(pod, all.trigger(), runtime);
            case Action.Remove removal -> podStop.remove(removal.run());
            case Action.Finish _ -> throw new IllegalStateException("done by whoever looks at the plan");
            case Action.Fail _ -> throw new IllegalStateException("done by whoever looks at the plan");
        }
        return true;
    }

    private void tell(Pod pod, Action action, PodProblem problem) {
        LOG.info("{}: {}", PodTraits.text(pod), problem.message());
        if (action instanceof Action.Start start && !problem.waitingReason().isEmpty()) {
            state.waits(start.container().name(), new Waiting(problem.waitingReason(), problem.message()));
        }
        if (!problem.eventReason().isEmpty()) {
            String prefix = problem.eventReason().equals("Failed") ? "Error: " : "";
            rooms.events().warning(pod, problem.eventReason(), prefix + problem.message());
        }
    }

    private void mount(Pod pod) throws PodProblem, InterruptedException {
        rooms.volumes().mount(pod);
        mountedAt = Optional.of(rooms.time().steady());
    }

    /** Brings files of config maps and the like up to date from time to time; returns when the next time is. */
    private Duration refreshVolumes(Pod pod) throws InterruptedException {
        if (mountedAt.isPresent()) {
            Duration left = rooms.syncEvery().minus(Duration.between(mountedAt.get(), rooms.time().steady()));
            if (left.isPositive()) {
                return left;
            }
        }
        Duration wait = retries.left(WHOLE);
        if (wait.isPositive()) {
            return wait;
        }
        try {
            mount(pod);
            return rooms.syncEvery();
        } catch (PodProblem e) {
            retries.failed(WHOLE);
            if (!e.eventReason().isEmpty()) {
                rooms.events().warning(pod, e.eventReason(), e.message());
            }
            return retries.left(WHOLE);
        }
    }

    private static List<String> sandboxIps(RuntimePod runtime) {
        return PodStatuses.sandboxIps(runtime.readySandbox().orElse(null));
    }

    private List<String> podIps(Pod pod, RuntimePod runtime) {
        return PodTraits.isOnHostNetwork(pod) ? rooms.hostIps().get() : sandboxIps(runtime);
    }

    private String podIp(Pod pod, RuntimePod runtime) {
        return podIps(pod, runtime).stream().findFirst().orElse("");
    }

    private void start(Pod pod, Action.Start start, RuntimePod runtime) throws PodProblem, InterruptedException {
        PodContainer container = start.container();
        mount(pod);
        if (start.backOff() != null) {
            backOffs.keySet().removeIf(key -> key.startsWith(container.name() + '@'));
            backOffs.put(ContainerHash.key(container.container()), start.backOff());
        }
        String id = rooms.containers().start(pod, container, start.attempt(), runtime, podIps(pod, runtime));
        ResourceRequirements given = container.container().getResources();
        state.actuated(id, given == null ? new ResourceRequirements() : given);
        state.waitsNoMore(container.name());
        restartsAll = false;
        postStart(pod, container.container(), id, runtime);
    }

    private void postStart(Pod pod, Container container, String id, RuntimePod runtime)
            throws PodProblem, InterruptedException {
        if (container.getLifecycle() == null || container.getLifecycle().getPostStart() == null) {
            return;
        }
        rooms.statuses().changed(pod.getMetadata().getUid());
        Hooks.Hook hook = new Hooks.Hook(
                container.getLifecycle().getPostStart(),
                PodTraits.text(pod),
                container.getName(),
                id,
                OrEmpty.of(container.getPorts()),
                podIp(pod, runtime));
        Optional<String> problem = rooms.hooks().run(hook, Hooks.LONGEST);
        if (problem.isEmpty()) {
            return;
        }
        rooms.events().warning(pod, "FailedPostStartHook", "PostStartHook failed");
        Optional<RuntimeContainer> run =
                rooms.observed().refresh(pod.getMetadata().getUid()).container(id);
        if (run.isPresent()) {
            stop.stop(
                    new ContainerStop.Order(
                            pod,
                            container,
                            run.get(),
                            "FailedPostStartHook",
                            PodTraits.graceSeconds(pod),
                            podIp(pod, runtime)),
                    ContainerStop.Turn.AT_ONCE);
        }
        throw new PodProblem("PostStartHookError", "", problem.get());
    }

    private void hold(Pod pod, Action.Hold hold, RuntimePod runtime) {
        String name = hold.container().name();
        state.waits(name, new Waiting("CrashLoopBackOff", hold.message()));
        runtime.newest(name).map(RuntimeContainer::id).filter(heldBack::add).ifPresent(id -> rooms.events()
                .warning(
                        pod,
                        "BackOff",
                        "Back-off restarting failed container " + name + " in pod " + PodTraits.text(pod)));
    }

    private void resize(Pod pod, Action.Resize resize) throws PodProblem, InterruptedException {
        Container container = resize.container().container();
        // Of two limits of which one lies within the other, the wider one has to be there first: the pod's if it grows, the
        // container's if it shrinks.
        try {
            var _ = rooms.resources().cgroup(pod);
        } catch (PodProblem e) {
            LOG.debug("tried again below", e);
        }
        try {
            var _ = rooms.runtime()
                    .runtime(LIMIT)
                    .updateContainerResources(UpdateContainerResourcesRequest.newBuilder()
                            .setContainerId(resize.run().id())
                            .setLinux(rooms.resources().ofContainer(pod, container))
                            .build());
        } catch (StatusRuntimeException e) {
            RuntimeErrors.throwIfInterrupted(e);
            resizeProblem = RuntimeErrors.message(e);
            throw new PodProblem("", "ResizeError", resizeProblem, e);
        }
        var _ = rooms.resources().cgroup(pod);
        resizeProblem = "";
        ResourceRequirements given = container.getResources();
        state.actuated(resize.run().id(), given == null ? new ResourceRequirements() : given);
    }

    /** Nothing is left to be told to a container. */
    private void settle(Pod pod, Plan plan) {
        boolean resizes = plan.actions().stream().anyMatch(action -> action instanceof Action.Resize);
        if (!resizes) {
            rooms.allocations().settled(pod.getMetadata().getUid());
        }
    }

    private void restartAll(Pod pod, RuntimeContainer trigger, RuntimePod runtime) throws InterruptedException {
        restartsAll = true;
        state.passing(conditions(pod, runtime));
        rooms.statuses().changed(pod.getMetadata().getUid());
        RuntimePod containersOnly = new RuntimePod(
                runtime.uid(), runtime.namespace(), runtime.name(), List.of(), runtime.containers(), runtime.since());
        podStop.stop(pod, containersOnly, OptionalLong.empty(), podIp(pod, runtime));
        // The one that wanted it goes last: as long as it is there, all of this is done again after a crash.
        List<RuntimeContainer> all = new ArrayList<>(runtime.containers());
        all.removeIf(run -> run.id().equals(trigger.id()));
        for (RuntimeContainer run : all) {
            podStop.remove(run);
        }
        podStop.remove(trigger);
    }

    /** The conditions of what is not done yet. */
    List<PodCondition> conditions(Pod pod, RuntimePod runtime) {
        List<PodCondition> all = new ArrayList<>();
        Map<String, ResourceRequirements> told = state.actuated();
        boolean resizes = PodContainers.all(pod).stream().anyMatch(container -> runtime.newest(container.name())
                .filter(run -> run.running() && told.containsKey(run.id()))
                .filter(run -> !Resources.sameChangeable(
                        told.get(run.id()), container.container().getResources()))
                .isPresent());
        if (resizes) {
            boolean failed = !resizeProblem.isEmpty();
            all.add(Allocations.condition(
                    pod, "PodResizeInProgress", failed ? "Error" : null, failed ? resizeProblem : null));
        }
        if (restartsAll) {
            all.add(Allocations.condition(pod, "AllContainersRestarting", null, null));
        }
        return all;
    }
}
