package io.keelson.agent.pods.work;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.keelson.agent.cri.RuntimeContainer;
import io.keelson.agent.cri.RuntimePod;
import io.keelson.agent.pods.PodProblem;
import io.keelson.agent.pods.PodTraits;
import io.keelson.agent.pods.plan.Action;
import io.keelson.agent.pods.plan.Plan;
import io.keelson.agent.pods.plan.Planner;
import io.keelson.agent.pods.plan.Situation;
import io.keelson.agent.pods.status.StatusView.Verdict;
import io.keelson.agent.pods.status.StatusView.Waiting;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes a pod run: plans, and has done what is planned, or tried again what could not be done. One thread's. */
final class PodSync {
    private static final Logger LOG = LoggerFactory.getLogger(PodSync.class);
    /** What concerns no certain container is tried again under these names, which no container has. */
    private static final String RESOURCES = "/resources";

    private static final String WHOLE = "";

    private static final String SANDBOX = "/sandbox";
    private static final String VOLUMES = "/volumes";

    private final WorkRooms rooms;
    private final PodState state;
    private final PodSteps steps;
    private final Retries retries;
    private final Map<String, Instant> endedAt = new HashMap<>();

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

    PodSync(WorkRooms rooms, PodState state, PodSteps steps) {
        this.rooms = rooms;
        this.state = state;
        this.steps = steps;
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
                steps.backOffs(),
                Map.copyOf(endedAt),
                state.actuated(),
                state.replaced(),
                state.startedAt(),
                rooms.time().steady(),
                rooms.time().instant(),
                rooms.backOffLimit()));
        Duration again = shorter(rooms.syncEvery(), plan.again().orElse(rooms.syncEvery()));
        boolean changed = false;
        if (plan.actions().stream().noneMatch(action -> action instanceof Action.RunSandbox)) {
            retries.succeeded(SANDBOX);
        }
        for (Action action : plan.actions()) {
            if (action instanceof Action.Finish) {
                return new Outcome(Next.FINISH, again);
            }
            if (action instanceof Action.Fail(String reason, String message)) {
                rooms.events().normal(pod, reason, message);
                state.judged(new Verdict(reason, message, "", false));
                return new Outcome(Next.FINISH, again);
            }
            String what = what(action);
            Duration wait = mayFail(action) ? retries.left(what) : Duration.ZERO;
            if (wait.isPositive()) {
                again = shorter(again, wait);
                continue;
            }
            try {
                changed |= steps.perform(action, pod, runtime);
                // A sandbox is only well when it is found so: one that ends at once must not be followed by another at
                // once.
                if (what.equals(SANDBOX)) {
                    retries.failed(what);
                } else {
                    retries.succeeded(what);
                }
            } catch (PodProblem e) {
                retries.failed(what);
                tell(pod, action, e);
                again = shorter(again, retries.left(what));
            }
            rooms.statuses().changed(pod.getMetadata().getUid());
        }
        if (!changed) {
            again = shorter(again, refreshVolumes(pod));
            if (plan.actions().stream()
                    .noneMatch(action -> action instanceof Action.Resize || action instanceof Action.ResizePod)) {
                rooms.allocations().settled(pod.getMetadata().getUid());
            }
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
        steps.forgetRuns(runtime);
    }

    /** By which name a step is tried again. */
    private static String what(Action action) {
        return switch (action) {
            case Action.Start start -> start.container().name();
            case Action.Resize resize -> resize.container().name();
            case Action.RunSandbox _ -> SANDBOX;
            case Action.ResizePod _ -> RESOURCES;
            default -> WHOLE;
        };
    }

    /** Whether a step may have failed before, so that it has to wait. */
    private static boolean mayFail(Action action) {
        return action instanceof Action.Start
                || action instanceof Action.Resize
                || action instanceof Action.ResizePod
                || action instanceof Action.RunSandbox;
    }

    private void tell(Pod pod, Action action, PodProblem problem) {
        LOG.info("{}: {}", PodTraits.text(pod), problem.message());
        if (action instanceof Action.Start start && !problem.waitingReason().isEmpty()) {
            state.waits(start.container().name(), new Waiting(problem.waitingReason(), problem.message()));
        }
        if (problem.eventReason().equals("Failed") && action instanceof Action.Start start) {
            // What else may be wrong when a container is to start, as with volumes, is wrong with its pod.
            rooms.events()
                    .inField(start.container().fieldPath())
                    .warning(pod, problem.eventReason(), "Error: " + problem.message());
        } else if (!problem.eventReason().isEmpty()) {
            rooms.events().warning(pod, problem.eventReason(), problem.message());
        }
    }

    /** What volumes show has changed. Any thread. */
    void outdate() {
        steps.outdate();
    }

    /** Brings files of config maps and the like up to date from time to time; returns when the next time is. */
    private Duration refreshVolumes(Pod pod) throws InterruptedException {
        if (steps.mountedAt().isPresent()) {
            Duration left = rooms.syncEvery()
                    .minus(Duration.between(
                            steps.mountedAt().get(), rooms.time().steady()));
            if (left.isPositive()) {
                return left;
            }
        }
        Duration wait = retries.left(VOLUMES);
        if (wait.isPositive()) {
            return wait;
        }
        try {
            steps.mount(pod);
            retries.succeeded(VOLUMES);
            return rooms.syncEvery();
        } catch (PodProblem e) {
            retries.failed(VOLUMES);
            if (!e.eventReason().isEmpty()) {
                rooms.events().warning(pod, e.eventReason(), e.message());
            }
            return retries.left(VOLUMES);
        }
    }

    /** The conditions of what is not done yet. */
    List<PodCondition> conditions(Pod pod, RuntimePod runtime) {
        return steps.conditions(pod, runtime);
    }
}
