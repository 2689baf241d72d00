package io.keelson.agent.cri;

import io.grpc.StatusRuntimeException;
import io.keelson.agent.wire.cri.ContainerEventResponse;
import io.keelson.controllers.runtime.QueueMetrics;
import io.keelson.controllers.runtime.Time;
import io.keelson.controllers.runtime.WorkQueue;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the runtime (the kubelet calls it PLEG). One thread asks for everything in outline, every second or, where
 * events flow, every five; a pod whose outline is not that of its picture is looked at in full, and so is one that an
 * event names. Looks of different pods go side by side, four at a time, each pod once however often it was named.
 *
 * <pre>
 *   outline of all, each second ─┐
 *   events of the runtime ───────┼─ uid ─► queue ─► looks ─► pictures ─► listeners
 *   refresh by a pod's worker ───┴──────────────────look────────┘
 * </pre>
 */
public final class RuntimeObserver implements RuntimePods, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RuntimeObserver.class);
    private static final int LOOKS_AT_ONCE = 4;
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);

    private final Time time;
    private final ObserverSettings settings;
    private final ObserverMetrics metrics;
    private final RuntimeReader reader;
    private final PodPictures pictures = new PodPictures();
    private final RelistHealth health;
    private final RuntimeEvents events;
    private final WorkQueue<String> looks;
    /** Has a permit when all is to be asked for at once. */
    private final Semaphore wanted = new Semaphore(0);

    private final CountDownLatch complete = new CountDownLatch(1);
    /** Of what was there at first, what nobody has looked at; null before the first answer. */
    private @Nullable Set<String> unseen;

    private final List<Thread> threads = new ArrayList<>();
    private @Nullable Instant lastBegin;
    /** When the last look at a pod began. */
    private final AtomicReference<Instant> lastLook = new AtomicReference<>(Instant.MIN);

    private volatile boolean failing;
    /** How many looks at everything there were: the timer of an earlier one means nothing any more. */
    private final AtomicLong turn = new AtomicLong();

    /** Watches from {@link #start} on. */
    public RuntimeObserver(
            RuntimeConnection connection, ObserverSettings settings, Time time, ObserverMetrics metrics) {
        this.time = time;
        this.settings = settings;
        this.metrics = metrics;
        reader = new RuntimeReader(connection, settings.callLimit());
        health = new RelistHealth(time, settings.threshold());
        looks = new WorkQueue<>(time, QueueMetrics.NONE);
        events = new RuntimeEvents(connection, time, this::happened, this::relistNow);
    }

    /** Begins; once. */
    public void start() {
        events.open();
        threads.add(Thread.ofVirtual().name("runtime-relist").start(this::relistForEver));
        for (int i = 0; i < LOOKS_AT_ONCE; i++) {
            threads.add(Thread.ofVirtual().name("runtime-look-" + i).start(this::lookForEver));
        }
    }

    @Override
    public RuntimePod pod(String uid) {
        return pictures.pod(uid);
    }

    @Override
    public Collection<RuntimePod> pods() {
        return pictures.pods();
    }

    @Override
    public RuntimePod refresh(String uid) {
        return pictures.put(reader.pod(uid, begin()));
    }

    /** Now, but later than that of any look before, however coarse the clock: of two looks it must be known which is newer. */
    private Instant begin() {
        return lastLook.updateAndGet(before -> {
            Instant now = time.steady();
            return now.isAfter(before) ? now : before.plusNanos(1);
        });
    }

    @Override
    public void awaitComplete(Duration limit) throws InterruptedException, TimeoutException {
        if (!complete.await(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new TimeoutException("the container runtime did not tell within " + limit.toSeconds()
                    + " s what it has; " + problem().orElse("some of its pods were not looked at yet"));
        }
    }

    @Override
    public boolean complete() {
        return complete.getCount() == 0;
    }

    @Override
    public Runnable listen(Listener listener) {
        return pictures.listen(listener);
    }

    @Override
    public Optional<String> problem() {
        return health.problem();
    }

    private void happened(ContainerEventResponse event) {
        String uid = event.getPodSandboxStatus().getLabelsOrDefault(RuntimeLabels.POD_UID, "");
        if (uid.isEmpty()) {
            uid = event.getContainersStatusesList().stream()
                    .map(container -> container.getLabelsOrDefault(RuntimeLabels.POD_UID, ""))
                    .filter(label -> !label.isEmpty())
                    .findFirst()
                    .orElse("");
        }
        String known = uid.isEmpty() ? pictures.podOf(event.getContainerId()) : uid;
        if (known != null) {
            looks.add(known);
        } else {
            relistNow();
        }
    }

    /** Asks for everything soon; of several wishes that come together, once. */
    private void relistNow() {
        if (wanted.availablePermits() == 0) {
            wanted.release();
        }
    }

    private void relistForEver() {
        try {
            while (true) {
                relist();
                Duration period = events.flowing() ? settings.relistPeriodWithEvents() : settings.relistPeriod();
                long next = turn.incrementAndGet();
                time.after(period, () -> {
                    if (next == turn.get()) {
                        relistNow();
                    }
                });
                wanted.acquire();
                wanted.drainPermits();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void relist() {
        Instant begin = time.steady();
        if (lastBegin != null) {
            metrics.began(Duration.between(lastBegin, begin));
        }
        lastBegin = begin;
        Map<String, RuntimeReader.Outline> outlines;
        try {
            outlines = reader.outlines();
        } catch (StatusRuntimeException e) {
            if (!failing && !Thread.currentThread().isInterrupted()) {
                LOG.error("The container runtime does not tell what it has: {}", RuntimeError.description(e));
            }
            failing = true;
            return;
        }
        if (failing) {
            LOG.info("The container runtime tells again what it has");
        }
        failing = false;
        health.active(begin);
        metrics.ended(Duration.between(begin, time.steady()), time.instant());
        first(outlines.keySet());
        outlines.forEach((uid, outline) -> {
            if (!outline.equals(RuntimeReader.Outline.of(pictures.pod(uid)))) {
                looks.add(uid);
            }
        });
        for (RuntimePod known : pictures.pods()) {
            if (!outlines.containsKey(known.uid())) {
                looks.add(known.uid());
            }
        }
    }

    private synchronized void first(Set<String> uids) {
        if (unseen == null) {
            unseen = new HashSet<>(uids);
            if (unseen.isEmpty()) {
                complete.countDown();
            }
        }
    }

    private synchronized void seen(String uid) {
        if (unseen != null && unseen.remove(uid) && unseen.isEmpty()) {
            complete.countDown();
        }
    }

    private void lookForEver() {
        try {
            for (String uid = looks.take(); uid != null; uid = looks.take()) {
                try {
                    RuntimePod _ = refresh(uid);
                } catch (StatusRuntimeException e) {
                    if (Thread.currentThread().isInterrupted()) {
                        return;
                    }
                    if (!failing) {
                        LOG.warn("The container runtime does not tell of pod {}: {}", uid, RuntimeError.description(e));
                    }
                    looks.addAfter(uid, AFTER_FAILURE);
                } finally {
                    // Of one that cannot be read, its worker finds out when it asks; all the others need not wait for
                    // it.
                    seen(uid);
                    looks.done(uid);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends. */
    @Override
    public void close() {
        events.close();
        looks.close();
        threads.forEach(Thread::interrupt);
        boolean interrupted = false;
        for (Thread thread : threads) {
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
