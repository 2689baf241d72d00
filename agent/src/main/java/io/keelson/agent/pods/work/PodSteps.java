package io.keelson.agent.pods.work;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.Quantity;
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
import io.keelson.agent.pods.status.PodStatuses;
import io.keelson.agent.pods.status.StatusView.Waiting;
import io.keelson.agent.wire.cri.PodSandboxStatus;
import io.keelson.agent.wire.cri.UpdateContainerResourcesRequest;
import io.keelson.controllers.objects.OrEmpty;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does the steps of a plan, each as often as it is planned. One thread's. */
final class PodSteps {
    private static final Logger LOG = LoggerFactory.getLogger(PodSteps.class);
    private static final String CHANGED = "Pod sandbox changed, it will be killed and re-created.";
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final WorkRooms rooms;
    private final PodState state;
    private final ContainerStop stop;
    private final PodStop podStop;
    private final Map<String, BackOff> backOffs = new HashMap<>();
    private final Set<String> heldBack = new HashSet<>();
    private Optional<Instant> mountedAt = Optional.empty();
    /** Set by any thread: what files show has changed. */
    private final AtomicBoolean isOutdated = new AtomicBoolean();

    private boolean restartsAll;
    private String resizeProblem = "";

    PodSteps(WorkRooms rooms, PodState state, ContainerStop stop, PodStop podStop) {
        this.rooms = rooms;
        this.state = state;
        this.stop = stop;
        this.podStop = podStop;
    }

    /** How long containers wait that end again, by their {@linkplain ContainerHash#key keys}. */
    Map<String, BackOff> backOffs() {
        return Map.copyOf(backOffs);
    }

    /** When volumes were made, or brought up to date, last; empty if they are to be now. */
    Optional<Instant> mountedAt() {
        return isOutdated.get() ? Optional.empty() : mountedAt;
    }

    /** What volumes show has changed. Any thread. */
    void outdate() {
        isOutdated.set(true);
    }

    /** What is remembered of runs that the runtime has forgotten is forgotten. */
    void forgetRuns(RuntimePod runtime) {
        heldBack.removeIf(id -> runtime.container(id).isEmpty());
    }

    /** Does one step; returns whether something is another way now. */
    boolean perform(Action action, Pod pod, RuntimePod runtime) throws PodProblem, InterruptedException {
        switch (action) {
            case Action.StopPod _ -> podStop.stop(pod, runtime, OptionalLong.empty(), podIp(pod, runtime));
            case Action.RunSandbox sandbox -> {
                if (sandbox.attempt() > 0) {
                    rooms.events().normal(pod, "SandboxChanged", CHANGED);
                }
                mount(pod);
                rooms.figures().starts(pod);
                try {
                    String id = rooms.sandboxes().run(pod, sandbox.attempt());
                    state.actuated(id, orNone(pod.getSpec().getResources()));
                } catch (PodProblem e) {
                    rooms.figures().failed(pod);
                    throw e;
                }
            }
            case Action.Start start -> start(pod, start, runtime);
            case Action.Hold hold -> {
                hold(pod, hold, runtime);
                return false;
            }
            case Action.Kill kill -> kill(pod, kill, runtime);
            case Action.Resize resize -> resize(pod, resize);
            case Action.ResizePod resize -> resize(pod, resize.sandbox(), runtime);
            case Action.RestartAll all -> restartAll(pod, all.trigger(), runtime);
            case Action.Remove removal -> podStop.remove(removal.run());
            case Action.RemoveSandbox removal -> podStop.remove(removal.sandbox());
            case Action.Finish _, Action.Fail _ ->
                throw new IllegalStateException("whoever looks at the plan ends the pod");
        }
        return true;
    }

    /** Makes volumes, or brings their files up to date. */
    void mount(Pod pod) throws PodProblem, InterruptedException {
        // What changes from now on is seen the next time.
        isOutdated.set(false);
        rooms.volumes().mount(pod);
        mountedAt = Optional.of(rooms.time().steady());
    }

    private List<String> podIps(Pod pod, RuntimePod runtime) {
        return PodTraits.isOnHostNetwork(pod)
                ? rooms.hostIps().get()
                : PodStatuses.sandboxIps(runtime.readySandbox().orElse(null));
    }

    private String podIp(Pod pod, RuntimePod runtime) {
        return podIps(pod, runtime).stream().findFirst().orElse("");
    }

    private void kill(Pod pod, Action.Kill kill, RuntimePod runtime) throws InterruptedException {
        Container container = kill.container().container();
        long grace = ContainerStop.graceSeconds(pod, container, kill.cause());
        if (kill.restarts()) {
            state.replaces(kill.run().id());
        }
        stop.stop(
                new ContainerStop.Order(pod, container, kill.run(), kill.message(), grace, podIp(pod, runtime)),
                ContainerStop.Turn.AT_ONCE);
    }

    private void start(Pod pod, Action.Start start, RuntimePod runtime) throws PodProblem, InterruptedException {
        PodContainer container = start.container();
        if (!PodTraits.isOnHostNetwork(pod)) {
            List<String> addresses = podIps(pod, runtime);
            if (!addresses.isEmpty()) {
                rooms.guard().protect(pod, addresses);
            }
        }
        mount(pod);
        if (start.backOff() != null) {
            backOffs.keySet().removeIf(key -> key.startsWith(container.name() + '@'));
            backOffs.put(ContainerHash.key(container.container()), start.backOff());
        }
        rooms.figures().starts(container);
        try {
            String id = rooms.containers().start(pod, container, start.attempt(), runtime, podIps(pod, runtime));
            state.actuated(id, orNone(container.container().getResources()));
            state.waitsNoMore(container.name());
            restartsAll = false;
            postStart(pod, container, id, runtime);
        } catch (PodProblem e) {
            rooms.figures().failed(container, e);
            throw e;
        }
    }

    private static ResourceRequirements orNone(@Nullable ResourceRequirements resources) {
        return resources == null ? new ResourceRequirements() : resources;
    }

    private void postStart(Pod pod, PodContainer started, String id, RuntimePod runtime)
            throws PodProblem, InterruptedException {
        Container container = started.container();
        if (container.getLifecycle() == null || container.getLifecycle().getPostStart() == null) {
            return;
        }
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
        rooms.events().inField(started.fieldPath()).warning(pod, "FailedPostStartHook", "PostStartHook failed");
        Optional<RuntimeContainer> run =
                rooms.observed().refresh(pod.getMetadata().getUid()).container(id);
        if (run.isPresent()) {
            long grace = PodTraits.graceSeconds(pod);
            stop.stop(
                    new ContainerStop.Order(
                            pod, container, run.get(), "FailedPostStartHook", grace, podIp(pod, runtime)),
                    ContainerStop.Turn.AT_ONCE);
        }
        throw new PodProblem("PostStartHookError", "", problem.get());
    }

    private void hold(Pod pod, Action.Hold hold, RuntimePod runtime) {
        String name = hold.container().name();
        state.waits(name, new Waiting("CrashLoopBackOff", hold.message()));
        boolean isNew = runtime.newest(name)
                .map(RuntimeContainer::id)
                .filter(heldBack::add)
                .isPresent();
        if (isNew) {
            rooms.events()
                    .inField(hold.container().fieldPath())
                    .warning(
                            pod,
                            "BackOff",
                            "Back-off restarting failed container " + name + " in pod " + PodTraits.text(pod));
        }
    }

    private void resize(Pod pod, Action.Resize resize) throws PodProblem, InterruptedException {
        Container container = resize.container().container();
        resize(pod, Map.of(resize.run().id(), container));
        state.actuated(resize.run().id(), orNone(container.getResources()));
    }

    /** A container that lacks a limit of its own has that of its pod, and so another one now. */
    private void resize(Pod pod, PodSandboxStatus sandbox, RuntimePod runtime) throws PodProblem, InterruptedException {
        Map<String, Container> all = new LinkedHashMap<>();
        for (PodContainer container : PodContainers.all(pod)) {
            Map<String, Quantity> limits =
                    OrEmpty.of(orNone(container.container().getResources()).getLimits());
            if (!limits.containsKey("cpu") || !limits.containsKey("memory")) {
                runtime.newest(container.name())
                        .filter(RuntimeContainer::running)
                        .ifPresent(run -> all.put(run.id(), container.container()));
            }
        }
        resize(pod, all);
        state.actuated(sandbox.getId(), orNone(pod.getSpec().getResources()));
    }

    /**
     * Tells the pod's cgroup and some of its runs, by their ids. Of two limits of which one lies within the
     * other, the wider one has to be there first: the pod's if it grows, the containers' if it shrinks.
     */
    private void resize(Pod pod, Map<String, Container> runs) throws PodProblem, InterruptedException {
        try {
            var _ = rooms.resources().cgroup(pod);
        } catch (PodProblem e) {
            LOG.debug("tried again below", e);
        }
        for (Map.Entry<String, Container> run : runs.entrySet()) {
            try {
                var _ = rooms.runtime()
                        .runtime(LIMIT)
                        .updateContainerResources(UpdateContainerResourcesRequest.newBuilder()
                                .setContainerId(run.getKey())
                                .setLinux(rooms.resources().ofContainer(pod, run.getValue()))
                                .build());
            } catch (StatusRuntimeException e) {
                RuntimeErrors.throwIfInterrupted(e);
                resizeProblem = RuntimeErrors.message(e);
                throw new PodProblem("", "ResizeError", resizeProblem, e);
            }
        }
        var _ = rooms.resources().cgroup(pod);
        resizeProblem = "";
    }

    private void restartAll(Pod pod, RuntimeContainer trigger, RuntimePod runtime) throws InterruptedException {
        restartsAll = true;
        state.passing(conditions(pod, runtime));
        rooms.statuses().changed(pod.getMetadata().getUid());
        RuntimePod containersOnly = new RuntimePod(
                runtime.uid(), runtime.namespace(), runtime.name(), List.of(), runtime.containers(), runtime.since());
        podStop.stop(pod, containersOnly, OptionalLong.empty(), podIp(pod, runtime));
        // The one that wanted it goes last: as long as it is there, all of this is done again after a crash.
        for (RuntimeContainer run : runtime.containers()) {
            if (!run.id().equals(trigger.id())) {
                podStop.remove(run);
            }
        }
        podStop.remove(trigger);
    }

    /** The conditions of what is not done yet. */
    List<PodCondition> conditions(Pod pod, RuntimePod runtime) {
        List<PodCondition> all = new ArrayList<>();
        Map<String, ResourceRequirements> told = state.actuated();
        boolean resizes = PodContainers.all(pod).stream()
                .anyMatch(container -> runtime.newest(container.name())
                        .filter(run -> run.running() && told.containsKey(run.id()))
                        .filter(run -> !Resources.sameChangeable(
                                told.get(run.id()), container.container().getResources()))
                        .isPresent());
        resizes |= runtime.readySandbox()
                .filter(sandbox -> told.containsKey(sandbox.getId()))
                .filter(sandbox -> !Resources.sameChangeable(
                        told.get(sandbox.getId()), pod.getSpec().getResources()))
                .isPresent();
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
