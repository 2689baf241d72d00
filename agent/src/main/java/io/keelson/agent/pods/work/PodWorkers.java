package io.keelson.agent.pods.work;

import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.agent.cri.RuntimeContainer;
import io.keelson.agent.cri.RuntimePod;
import io.keelson.agent.image.PodContents;
import io.keelson.agent.pods.AgentPods;
import io.keelson.agent.pods.PodTraits;
import io.keelson.agent.pods.status.StatusView.Verdict;
import io.keelson.agent.pods.status.StatusWriter.Wanted;
import io.keelson.controllers.runtime.AtOnce;
import io.keelson.controllers.runtime.Key;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All pods of the node, each with its worker. Sources say here what is wanted, and return at once.
 *
 * <p>Of two static pods of one name, an old one and its changed successor, the second begins when the first is gone. So
 * does a pod that was taken away and is wanted again before it has ended.
 */
public final class PodWorkers implements AgentPods, PodContents, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PodWorkers.class);
    private static final long BEYOND_GRACE_SECONDS = 30;
    private static final int PREEMPTED_AT_ONCE = 8;

    private final WorkRooms rooms;
    private final PreemptionMetrics metrics;
    private final Consumer<Pod> gone;
    private final Map<String, PodWorker> workers = new ConcurrentHashMap<>();
    private final Map<Key, Pod> mirrors = new HashMap<>();
    private final Map<Key, Pod> successors = new HashMap<>();

    /** Uids of the pods that had something of the node when this began. */
    private final Set<String> before;

    private final Runnable listening;
    private volatile boolean allTold;
    private boolean closed;

    /**
     * No pods yet.
     *
     * @param gone is told of a pod of which nothing is left, and which nobody wants again; must return at once
     */
    PodWorkers(WorkRooms rooms, PreemptionMetrics metrics, Consumer<Pod> gone) {
        this.rooms = rooms;
        this.metrics = metrics;
        this.gone = gone;
        before = rooms.allocations().noted();
        listening = rooms.observed().listen((before, now) -> observed(now));
    }

    private void observed(RuntimePod now) {
        PodWorker worker = workers.get(now.uid());
        if (worker != null) {
            worker.observed(now);
        }
    }

    /** What a pod refers to has changed: its volumes are to show it. Nothing happens if there is none of this uid. */
    public void outdated(String uid) {
        PodWorker worker = workers.get(uid);
        if (worker != null) {
            worker.outdate();
        }
    }

    /** A probe has another result, or something else that a pod's status depends on has changed. */
    public void changed(String uid) {
        PodWorker worker = workers.get(uid);
        if (worker != null) {
            rooms.statuses().changed(uid);
            worker.wake();
        }
    }

    /** A pod is wanted, or wanted otherwise. */
    public synchronized void set(Pod pod) {
        if (closed) {
            return;
        }
        PodWorker worker = workers.get(pod.getMetadata().getUid());
        if (worker != null && worker.state().isGone()) {
            // What has begun to end does end.
            successors.put(Key.of(pod), pod);
            return;
        }
        if (worker != null) {
            rooms.figures().observed(pod);
            worker.want(pod);
            return;
        }
        if (PodTraits.isStatic(pod)) {
            Key key = Key.of(pod);
            boolean hasPredecessor = workers.values().stream()
                    .map(other -> other.state().pod())
                    .anyMatch(
                            other -> PodTraits.isStatic(other) && Key.of(other).equals(key));
            if (hasPredecessor) {
                successors.put(key, pod);
                return;
            }
        }
        begin(pod, true);
    }

    private void begin(Pod pod, boolean isWanted) {
        String uid = pod.getMetadata().getUid();
        PodState state = new PodState(
                pod,
                mirrors.get(Key.of(pod)),
                rooms.probes(),
                rooms.resources(),
                rooms.runtimeName(),
                rooms.time().instant());
        PodWorker worker =
                new PodWorker(rooms, state, () -> others(uid), this::hasUntold, this::preempt, () -> gone(uid, pod));
        if (isWanted) {
            rooms.figures().seen(pod);
        } else {
            state.gone();
        }
        workers.put(uid, worker);
        worker.start();
    }

    /** Whether pods that were let in before this began may be wanted still, though nobody has told of them yet. */
    private boolean hasUntold() {
        return !allTold && before.stream().anyMatch(uid -> !workers.containsKey(uid));
    }

    /** All sources have told of what they want. */
    void sourcesAreComplete() {
        allTold = true;
        workers.values().forEach(PodWorker::wake);
    }

    private Collection<Pod> others(String uid) {
        List<Pod> all = new ArrayList<>();
        workers.forEach((other, worker) -> {
            Pod holding = other.equals(uid) || !rooms.allocations().isCounted(other) ? null : worker.holding();
            if (holding != null) {
                all.add(holding);
            }
        });
        return all;
    }

    private void gone(String uid, Pod pod) {
        synchronized (this) {
            workers.remove(uid);
            rooms.statuses().forget(uid);
            rooms.probes().forget(uid);
            rooms.figures().forget(uid);
            // Told before anybody can want the same pod again.
            Pod successor = successors.get(Key.of(pod));
            if (successor == null || !isSame(successor, pod)) {
                gone.accept(pod);
            }
            if (successor != null
                    && !closed
                    && !workers.containsKey(successor.getMetadata().getUid())) {
                successors.remove(Key.of(pod));
                begin(successor, true);
            }
        }
    }

    private static boolean isSame(Pod one, Pod other) {
        return one.getMetadata().getUid().equals(other.getMetadata().getUid());
    }

    /** A pod is not wanted any more: its object, or its manifest, is not there. */
    public synchronized void remove(Pod pod) {
        PodWorker worker = workers.get(pod.getMetadata().getUid());
        if (worker != null) {
            worker.vanish();
        }
        Pod successor = successors.get(Key.of(pod));
        if (successor != null && isSame(successor, pod)) {
            successors.remove(Key.of(pod));
            if (worker == null) {
                // It never began.
                gone.accept(pod);
            }
        }
    }

    /**
     * The API has another object that stands for a static pod.
     *
     * @param mirror null if it has none
     */
    public synchronized void mirrored(Key key, @Nullable Pod mirror) {
        if (mirror == null) {
            mirrors.remove(key);
        } else {
            mirrors.put(key, mirror);
        }
        for (PodWorker worker : workers.values()) {
            Pod pod = worker.state().pod();
            if (PodTraits.isStatic(pod) && Key.of(pod).equals(key)) {
                worker.state().mirrored(mirror);
                rooms.statuses().changed(pod.getMetadata().getUid());
            }
        }
    }

    /** Whether a pod of this uid has a worker. */
    boolean has(String uid) {
        return workers.containsKey(uid);
    }

    @Override
    public boolean mayGo(String podUid) {
        return !has(podUid);
    }

    @Override
    public boolean runtimeMayGo(String podUid) {
        PodWorker worker = workers.get(podUid);
        return worker != null && worker.state().isEnded();
    }

    /** Ends what is left of a pod that nobody wants. */
    synchronized void end(Pod leftover) {
        if (!closed && !workers.containsKey(leftover.getMetadata().getUid())) {
            begin(leftover, false);
        }
    }

    /** What the API is to have of a pod. */
    Optional<Wanted> wanted(String uid) {
        PodWorker worker = workers.get(uid);
        if (worker == null) {
            return Optional.empty();
        }
        RuntimePod runtime = rooms.observed().pod(uid);
        // What it says comes with how it ended, not after it.
        worker.state().readMessages(runtime);
        Optional<Wanted> wanted = worker.state()
                .wanted(runtime, rooms.hostIps().get(), rooms.time().instant());
        wanted.ifPresent(now -> rooms.figures().told(uid, now.status()));
        return wanted;
    }

    @Override
    public List<Pod> pods() {
        return workers.values().stream()
                .filter(worker -> !worker.state().isGone())
                .map(worker -> worker.state().shown())
                .toList();
    }

    @Override
    public Optional<Pod> find(String namespace, String name, String uid) {
        return workers.values().stream()
                .map(PodWorker::state)
                .filter(state -> state.pod().getMetadata().getName().equals(name)
                        && Objects.equals(state.pod().getMetadata().getNamespace(), namespace)
                        && (uid.isEmpty() || state.pod().getMetadata().getUid().equals(uid)))
                .findFirst()
                .map(PodState::shown);
    }

    private RuntimePod observed(Pod pod) {
        return rooms.observed().pod(pod.getMetadata().getUid());
    }

    @Override
    public Optional<String> runningContainer(Pod pod, String container) {
        return observed(pod).newest(container).filter(RuntimeContainer::running).map(RuntimeContainer::id);
    }

    @Override
    public Optional<String> sandbox(Pod pod) {
        return observed(pod).readySandbox().map(sandbox -> sandbox.getId());
    }

    @Override
    public Optional<Path> log(Pod pod, String container, boolean previous) {
        return observed(pod).containers().stream()
                .filter(run -> run.name().equals(container))
                .skip(previous ? 1 : 0)
                .findFirst()
                .map(run -> run.status().getLogPath())
                .filter(path -> !path.isEmpty())
                .map(Path::of);
    }

    @Override
    public void evict(Pod pod, String reason, String message, long graceSeconds) throws InterruptedException {
        end(pod, new Verdict(reason, message, message, false), graceSeconds);
    }

    @Override
    public void fail(Pod pod, String reason, String message, long graceSeconds) throws InterruptedException {
        end(pod, new Verdict(reason, message, "", false), graceSeconds);
    }

    private void preempt(List<Pod> victims, String resource) throws InterruptedException {
        Verdict verdict = new Verdict(
                "Preempting",
                "Preempted in order to admit critical pod",
                "Pod was preempted by Kubelet to accommodate a critical pod.",
                false);
        List<RuntimeException> failures = AtOnce.run(victims, PREEMPTED_AT_ONCE, victim -> {
            LOG.info("{} makes room for a critical pod", PodTraits.text(victim));
            metrics.preempted(resource);
            end(victim, verdict, PodTraits.graceSeconds(victim));
        });
        failures.forEach(failure -> LOG.error("a pod that is to make room is not ended", failure));
    }

    private void end(Pod pod, Verdict verdict, long graceSeconds) throws InterruptedException {
        PodWorker worker = workers.get(pod.getMetadata().getUid());
        if (worker == null) {
            return;
        }
        rooms.events().warning(worker.state().pod(), verdict.reason(), verdict.message());
        worker.judge(verdict, graceSeconds);
        var _ = worker.stopped().await(graceSeconds + BEYOND_GRACE_SECONDS, TimeUnit.SECONDS);
    }

    /** Lets go of all pods, which go on running. */
    @Override
    public void close() {
        List<PodWorker> all;
        synchronized (this) {
            closed = true;
            all = List.copyOf(workers.values());
        }
        listening.run();
        all.forEach(PodWorker::close);
        boolean interrupted = false;
        for (PodWorker worker : all) {
            try {
                worker.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
