package io.keelson.scheduler;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Time;
import io.keelson.scheduler.decision.Decision;
import io.keelson.scheduler.groups.PodGroup;
import io.keelson.scheduler.groups.PodGroups;
import io.keelson.scheduler.preemption.Budgets;
import io.keelson.scheduler.queue.ClusterEvent;
import io.keelson.scheduler.queue.QueuedPod;
import io.keelson.scheduler.queue.SchedulingQueue;
import io.keelson.scheduler.state.ClusterState;
import io.keelson.scheduler.state.PodInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the one thread does that owns state and queue: it is told what happened, and makes one decision after the other.
 *
 * <p>A pod that was decided on is assumed to be on its node until the watch tells that it is, or that it is elsewhere or gone,
 * or until the API refuses the binding. A watch that is late may tell of the pod as it was before: what is on a node does not
 * become pending again by that, as in the API it cannot.
 */
final class SchedulingLoop {
    private static final Logger LOG = LoggerFactory.getLogger(SchedulingLoop.class);
    /** How long it waits at most for what is due later: a clock that is set back must not put that off. */
    private static final Duration WAITING_MAX = Duration.ofSeconds(30);
    /** So that what fails again and again does so in peace. */
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);

    private final Time time;
    private final SchedulerMetrics metrics;
    private final PodReports reports;
    private final Inbox inbox;
    private final ClusterState state;
    private final Profiles profiles;
    private final SchedulingQueue queue;
    private final ObservedCluster cluster;
    private final Nominations nominations;
    private final Preemptor preemptor;
    private final DefaultGroups groups;
    private final PodGroups together;
    private final Meanwhile meanwhile;
    private final Assumptions assumptions;
    private final Extending extending;
    private final Attempts attempts;
    /** When what the API told began to be handled, on the monotonic clock; 0 while nothing of it is. */
    private long handling;

    SchedulingLoop(
            SchedulerSettings settings,
            Context context,
            SchedulerMetrics metrics,
            Binder binder,
            PodReports reports,
            GroupReports groupReports,
            Evictor evictor,
            Extending extending,
            Supplier<Budgets> budgets,
            DefaultGroups groups,
            PodGroups together,
            Inbox inbox,
            PluginRegistry registry) {
        this.time = context.time();
        this.metrics = metrics;
        this.reports = reports;
        this.groups = groups;
        this.together = together;
        this.inbox = inbox;
        this.extending = extending;
        state = new ClusterState();
        profiles = new Profiles(settings, registry, context.events(), new SplittableRandom(), metrics::decisions);
        queue = new SchedulingQueue(
                profiles.hints(state, metrics.hints()), profiles, settings.backoff(), metrics::came);
        metrics.rejected(queue.rejected());
        cluster = new ObservedCluster(state, this::happened);
        nominations = new Nominations(state);
        meanwhile = new Meanwhile(queue);
        metrics.inFlight(meanwhile.kept());
        preemptor = new Preemptor(
                state,
                queue,
                cluster,
                nominations,
                budgets,
                evictor,
                extending,
                inbox,
                time,
                metrics,
                this::sendBack,
                this::nominated);
        Results results =
                new Results(settings.verbosity(), profiles, queue, meanwhile, nominations, reports, metrics, time);
        assumptions = new Assumptions(
                settings.bindingsAtOnce(),
                profiles,
                cluster,
                results,
                binder,
                extending,
                together,
                inbox,
                time,
                this::gone,
                made -> new Permits(profiles, together, queue, results, time, made));
        SchedulingParts parts = new SchedulingParts(
                profiles,
                together,
                state,
                queue,
                nominations,
                preemptor,
                new PostFilters(profiles, binder, results),
                assumptions,
                extending,
                results,
                metrics,
                this::happened);
        GroupAttempts groupAttempts = new GroupAttempts(parts, new GroupResults(together, groupReports, metrics));
        attempts = new Attempts(parts, groups, groupAttempts, meanwhile);
    }

    private void nominated(PodInfo pod, Decision.Impossible why) {
        reports.tell(pod, "Unschedulable", why.message(), OrEmpty.of(nominations.nodeOf(pod.uid())));
    }

    private boolean sendBack(String uid) {
        return assumptions.permits().sendBack(uid);
    }

    private Instant instant() {
        return time.instant();
    }

    /** Does what there is to do, until it is interrupted. */
    void run() throws InterruptedException {
        while (true) {
            try {
                turn();
            } catch (RuntimeException e) {
                LOG.error("what was to be done is tried again in a while", e);
                inbox.await(instant().plus(AFTER_FAILURE), time);
            }
        }
    }

    private void turn() throws InterruptedException {
        inbox.handle();
        Instant now = instant();
        assumptions.turn(now);
        assumptions.permits().turn(now);
        QueuedPod next = mayDecide() ? queue.take(now) : null;
        metrics.pending(queue.counts());
        metrics.cached(new SchedulerMetrics.Cached(state.nodeCount(), state.podCount(), assumptions.count()));
        if (next != null) {
            attempts.decide(next, now);
        } else {
            inbox.await(nextTurn(now.plus(WAITING_MAX)), time);
        }
    }

    private boolean mayDecide() {
        return assumptions.mayTake() && !extending.isFull();
    }

    private @Nullable Instant nextTurn(Instant latest) {
        Instant pod = mayDecide() ? queue.nextTurn() : null;
        Instant next = earlier(
                pod, earlier(assumptions.nextTurn(), assumptions.permits().nextTurn()));
        return next != null && next.isAfter(latest) ? latest : next;
    }

    private static @Nullable Instant earlier(@Nullable Instant one, @Nullable Instant other) {
        return one == null || (other != null && other.isBefore(one)) ? other : one;
    }

    /** Handles what the API told. */
    void handle(Runnable change) {
        handling = System.nanoTime();
        try {
            change.run();
        } finally {
            handling = 0;
        }
    }

    private void handled(String event, long begin) {
        long end = System.nanoTime();
        metrics.handled(event, end - begin);
        if (handling != 0) {
            // Of one change more may come.
            handling = end;
        }
    }

    private long begin() {
        return handling == 0 ? System.nanoTime() : handling;
    }

    void node(Change<Node> change) {
        cluster.node(change);
    }

    void namespace(Change<Namespace> change) {
        cluster.namespace(change);
    }

    void pod(Change<Pod> change) {
        together.pod(change);
        follow(change);
        Key group = together.of(change.object());
        if (group != null) {
            assumptions.permits().reconsider(group);
        }
    }

    private void follow(Change<Pod> change) {
        Pod before = change.before();
        Pod now = change.now();
        if (before != null && (now == null || !uid(before).equals(uid(now)))) {
            gone(uid(before));
        }
        if (now == null) {
            return;
        }
        if (Pods.isTerminal(now)) {
            gone(uid(now));
        } else if (Pods.node(now).isEmpty()) {
            pending(now);
        } else {
            boolean wasAssumed = settled(uid(now));
            cluster.assigned(now, wasAssumed);
        }
    }

    private static String uid(Pod pod) {
        return pod.getMetadata().getUid();
    }

    private void gone(String uid) {
        settled(uid);
        cluster.left(uid);
    }

    /** The API has the last word on a pod: nothing is to be decided on it any more. Whether it was assumed on a node. */
    private boolean settled(String uid) {
        queue.remove(uid);
        reports.forget(uid);
        meanwhile.end(uid);
        nominations.forget(uid);
        preemptor.forget(uid);
        return assumptions.settle(uid);
    }

    private void pending(Pod pod) {
        boolean decided = assumptions.contains(uid(pod));
        String held = nominations.nodeOf(uid(pod));
        if (!decided && held == null && state.nodeOf(uid(pod)) != null) {
            // It is older than what is known.
            return;
        }
        RunningProfile profile = profiles.find(OrEmpty.of(pod.getSpec().getSchedulerName()));
        if (profile == null || (!decided && Pods.isTerminating(pod))) {
            gone(uid(pod));
            return;
        }
        long begin = begin();
        String event = queue.contains(uid(pod)) ? SchedulingQueue.CHANGED : SchedulingQueue.ADDED;
        PodInfo read;
        try {
            read = groups.spread(
                    PodInfo.of(pod, state.table()), profile.plugins().spread());
        } catch (RuntimeException e) {
            // No API server takes such a pod; when it is changed it is looked at again.
            LOG.warn("pod {} cannot be scheduled: {}", pod.getMetadata().getName(), e.getMessage());
            gone(uid(pod));
            return;
        }
        if (decided) {
            queue.put(read, instant());
            return;
        }
        if (held == null && !queue.contains(read.uid())) {
            // Another scheduler, before this one, made room for it perhaps.
            held = PodReports.nominatedNode(pod);
        }
        if (held != null && !held.isEmpty()) {
            nominations.hold(read, held);
        }
        queue.put(read, instant());
        if (queue.isGated(read.uid())) {
            reports.tell(read, "SchedulingGated", OrEmpty.of(profiles.whyHeld(read)), "");
        }
        handled(event, begin);
    }

    void happened(ClusterEvent event) {
        long begin = begin();
        Instant now = instant();
        meanwhile.happened(event);
        queue.happened(event, now);
        preemptor.happened(event);
        if (event.kind() == ClusterEvent.Kind.POD_GROUP
                && event.change() != null
                && event.change().object() instanceof PodGroup group) {
            assumptions.permits().reconsider(Key.of(group));
        }
        handled(event.label(), begin);
    }
}
