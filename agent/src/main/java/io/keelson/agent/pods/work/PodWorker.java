package io.keelson.agent.pods.work;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.grpc.StatusRuntimeException;
import io.keelson.agent.cri.RuntimePod;
import io.keelson.agent.pods.PodProblem;
import io.keelson.agent.pods.PodTraits;
import io.keelson.agent.pods.launch.RuntimeErrors;
import io.keelson.agent.pods.status.StatusView.Verdict;
import io.keelson.agent.pods.work.WorkMetrics.Work;
import io.keelson.controllers.objects.Pods;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One pod's thread. It sleeps until somebody wakes it: the pod is wanted otherwise, the runtime has something else, a
 * probe has another result, or a time has come. Then it looks what there is and goes one stage on, or stays in the one
 * that it is in.
 */
final class PodWorker {
    private static final Logger LOG = LoggerFactory.getLogger(PodWorker.class);

    /** How far a pod is. */
    private enum Stage {
        /** Nobody has looked yet whether it may run here. */
        NEW,
        /** It is to run. */
        RUNNING,
        /** All of it is to be stopped. */
        STOPPING,
        /** Nothing of it runs; what it had is given back, and told is how it ended. */
        RELEASING,
        /** All is done but its object in the API. */
        ENDED,
        /** There is nothing left to do, ever. */
        GONE
    }

    private final WorkRooms rooms;
    private final PodState state;
    private final PodSync sync;
    private final PodEnd end;
    private final Retries retries;
    private final PodEntry entry;
    private final Runnable gone;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Alarm alarm;
    private final Thread thread;
    private Stage stage = Stage.NEW;
    /** Set by any thread: it is wanted otherwise than when it was looked at last. */
    private final AtomicBoolean isUpdated = new AtomicBoolean();

    private boolean deletedInApi;
    /** Whether the last picture may be older than what was done here. */
    private boolean isStale = true;

    private OptionalLong grace = OptionalLong.empty();
    private long lastGraceSeconds = Long.MAX_VALUE;

    /**
     * Its thread begins with {@link #start}.
     *
     * @param others the pods that have something of the node, without this one
     * @param hasUntold whether there may be others that nobody has told of yet
     * @param preemptor ends others if this one has to have what they have
     * @param gone is run when there is nothing left to do
     */
    PodWorker(
            WorkRooms rooms,
            PodState state,
            Supplier<Collection<Pod>> others,
            BooleanSupplier hasUntold,
            PodEntry.Preemptor preemptor,
            Runnable gone) {
        this.rooms = rooms;
        this.state = state;
        entry = new PodEntry(rooms, state, others, hasUntold, preemptor);
        this.gone = gone;
        ContainerStop stop = new ContainerStop(rooms.runtime(), rooms.hooks(), rooms.events(), rooms.time());
        PodStop podStop = new PodStop(rooms.runtime(), stop, rooms.time());
        sync = new PodSync(rooms, state, new PodSteps(rooms, state, stop, podStop));
        end = new PodEnd(rooms, state, podStop);
        retries = new Retries(rooms.time());
        alarm = new Alarm(rooms.time());
        thread = Thread.ofVirtual()
                .name("pod-" + state.pod().getMetadata().getName())
                .unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    PodState state() {
        return state;
    }

    private String uid() {
        return state.pod().getMetadata().getUid();
    }

    /** Something may be another way. */
    void wake() {
        alarm.ring();
    }

    /** What the pod refers to has changed. */
    void outdate() {
        sync.outdate();
        wake();
    }

    /** The runtime has something else. Called in the order of what happened; returns at once. */
    void observed(RuntimePod now) {
        if (!state.isEnded()) {
            probe(now);
        }
        rooms.statuses().changed(uid());
        alarm.ring();
    }

    private void probe(RuntimePod now) {
        String ip = PodTraits.isOnHostNetwork(state.pod())
                ? rooms.hostIps().get().stream().findFirst().orElse("")
                : now.readySandbox()
                        .map(sandbox -> sandbox.getNetwork().getIp())
                        .orElse("");
        rooms.probes().update(state.pod(), now, ip);
    }

    /** The pod is wanted otherwise. What is being done is given up if the pod is to end, or to end sooner. */
    void want(Pod pod) {
        Pod before = state.pod();
        state.wanted(pod);
        rooms.statuses().changed(uid());
        if (isSame(before, pod)) {
            // Only its status is another one.
            return;
        }
        isUpdated.set(true);
        if (Pods.isTerminating(pod) && hasLess(PodTraits.graceSeconds(pod))) {
            alarm.ringAndInterrupt(thread);
        } else {
            alarm.ring();
        }
    }

    private static boolean isSame(Pod before, Pod now) {
        ObjectMeta one = before.getMetadata();
        ObjectMeta other = now.getMetadata();
        return before.getSpec().equals(now.getSpec())
                && Pods.isTerminal(before) == Pods.isTerminal(now)
                && Objects.equals(one.getLabels(), other.getLabels())
                && Objects.equals(one.getAnnotations(), other.getAnnotations())
                && Objects.equals(one.getDeletionTimestamp(), other.getDeletionTimestamp())
                && Objects.equals(one.getDeletionGracePeriodSeconds(), other.getDeletionGracePeriodSeconds());
    }

    private synchronized boolean hasLess(long seconds) {
        boolean isLess = seconds < lastGraceSeconds;
        lastGraceSeconds = Math.min(lastGraceSeconds, seconds);
        return isLess;
    }

    /** Its object is not there any more, so it is to end. */
    void vanish() {
        state.gone();
        rooms.statuses().changed(uid());
        alarm.ringAndInterrupt(thread);
    }

    /** Ends it, since it has failed as a whole. */
    void judge(Verdict verdict, long graceSeconds) {
        state.judged(verdict);
        synchronized (this) {
            grace = OptionalLong.of(graceSeconds);
        }
        alarm.ringAndInterrupt(thread);
    }

    private synchronized OptionalLong grace() {
        return grace;
    }

    /** Waits until nothing of it runs any more. */
    CountDownLatch stopped() {
        return stopped;
    }

    /** Leaves everything as it is. */
    void close() {
        alarm.close(thread);
    }

    void join() throws InterruptedException {
        thread.join();
    }

    private boolean mustEnd() {
        Pod pod = state.pod();
        boolean hasEnded = !PodTraits.isStatic(pod) && Pods.isTerminal(pod);
        return state.isGone()
                || Pods.isTerminating(pod)
                || hasEnded
                || state.verdict().isPresent();
    }

    private void run() {
        RuntimePod before = rooms.observed().pod(uid());
        if (!before.isEmpty()) {
            // What runs since before a restart is as ready as it was; it must be so before anybody is told otherwise.
            probe(before);
        }
        rooms.statuses().changed(uid());
        rooms.figures().begun(uid());
        @Nullable Work doing = null;
        long begun = 0;
        while (stage != Stage.GONE && !alarm.isClosed()) {
            if (doing == null && stage != Stage.ENDED) {
                doing = what();
                begun = rooms.time().nanoTime();
            }
            Duration rest;
            try {
                alarm.begin();
                boolean wasStale = isStale;
                isStale = true;
                rest = step(wasStale);
                isStale = !rest.isPositive();
            } catch (InterruptedException e) {
                rest = Duration.ZERO;
            } catch (StatusRuntimeException e) {
                rest = Thread.currentThread().isInterrupted() ? Duration.ZERO : failed("", RuntimeErrors.text(e));
            } catch (PodProblem e) {
                rest = failed(e.eventReason(), e.message());
            } catch (RuntimeException | Error e) {
                LOG.warn("working on {}", PodTraits.text(state.pod()), e);
                rest = failed("FailedSync", "error: " + e);
            } finally {
                alarm.end();
            }
            if (rest.isPositive()) {
                if (doing != null) {
                    rooms.figures().worked(doing, rooms.time().nanoTime() - begun);
                    doing = null;
                }
                if (!alarm.await(rest)) {
                    break;
                }
            }
        }
        if (stage == Stage.GONE) {
            stopped.countDown();
            gone.run();
        }
    }

    /** What it is about to do. */
    private Work what() {
        boolean updated = isUpdated.getAndSet(false);
        if (mustEnd()) {
            return Work.KILL;
        }
        if (stage == Stage.NEW) {
            return Work.CREATE;
        }
        return updated ? Work.UPDATE : Work.SYNC;
    }

    private Duration failed(String eventReason, String message) {
        LOG.info("{}: {}", PodTraits.text(state.pod()), message);
        if (!eventReason.isEmpty() && !state.isGone()) {
            rooms.events().warning(state.pod(), eventReason, message);
        }
        retries.failed("");
        return retries.left("");
    }

    /** Goes on; returns after how long to look again, zero for at once. */
    private Duration step(boolean looks) throws PodProblem, InterruptedException {
        if (stage == Stage.ENDED && !state.isGone() && (deletedInApi || !Pods.isTerminating(state.pod()))) {
            // Whoever has ended is only waited for.
            return rooms.syncEvery();
        }
        RuntimePod runtime =
                looks ? rooms.observed().refresh(uid()) : rooms.observed().pod(uid());
        note(runtime);
        Duration rest = switch (stage) {
            case NEW -> admit(runtime);
            case RUNNING -> work(runtime);
            case STOPPING -> stop(runtime);
            case RELEASING -> release();
            case ENDED -> finish(runtime);
            case GONE -> rooms.syncEvery();
        };
        retries.succeeded("");
        return rest;
    }

    /** Takes note of what the runtime has. */
    private void note(RuntimePod runtime) {
        state.readMessages(runtime);
        state.forgetRuns(runtime);
        rooms.statuses().changed(uid());
    }

    private Duration admit(RuntimePod runtime) throws InterruptedException {
        Duration patience = mustEnd() ? Duration.ZERO : entry.patience(runtime);
        if (patience.isPositive()) {
            return patience;
        }
        if (mustEnd() || !entry.letIn(runtime)) {
            stage = Stage.STOPPING;
            return Duration.ZERO;
        }
        probe(rooms.observed().pod(uid()));
        stage = Stage.RUNNING;
        return Duration.ZERO;
    }

    private Duration work(RuntimePod runtime) throws InterruptedException {
        if (mustEnd()) {
            stage = Stage.STOPPING;
            return Duration.ZERO;
        }
        List<PodCondition> conditions = new ArrayList<>(entry.consider());
        conditions.addAll(sync.conditions(state.allocated(), runtime));
        state.passing(conditions);
        PodSync.Outcome outcome = sync.step(runtime);
        return switch (outcome.next()) {
            case AGAIN -> Duration.ZERO;
            case REST -> outcome.again();
            case FINISH -> {
                stage = Stage.STOPPING;
                yield Duration.ZERO;
            }
        };
    }

    private Duration stop(RuntimePod runtime) throws PodProblem, InterruptedException {
        state.ending();
        rooms.probes().ending(uid());
        rooms.statuses().changed(uid());
        synchronized (this) {
            lastGraceSeconds = Math.min(lastGraceSeconds, grace.orElse(PodTraits.graceSeconds(state.pod())));
        }
        end.stop(runtime, grace());
        note(rooms.observed().refresh(uid()));
        state.ended();
        stopped.countDown();
        stage = Stage.RELEASING;
        return Duration.ZERO;
    }

    private Duration release() throws PodProblem, InterruptedException {
        end.release();
        if (!state.isGone()) {
            end.report();
        }
        rooms.probes().forget(uid());
        stage = Stage.ENDED;
        return Duration.ZERO;
    }

    private Duration finish(RuntimePod runtime) throws PodProblem, InterruptedException {
        if (state.isGone()) {
            end.forgetRuns(runtime);
            end.clean();
            stage = Stage.GONE;
            return Duration.ZERO;
        }
        if (!PodTraits.isStatic(state.pod())) {
            end.report();
            end.delete(runtime);
            deletedInApi = true;
        }
        return rooms.syncEvery();
    }

    /** Whether it has, or may get, something of the node. */
    @Nullable
    Pod holding() {
        return state.isEnded() || state.verdict().filter(Verdict::refused).isPresent() ? null : state.allocated();
    }
}
