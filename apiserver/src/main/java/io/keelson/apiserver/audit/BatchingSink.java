package io.keelson.apiserver.audit;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Keeps events and hands them on many at a time; nobody ever waits for it. What it keeps is bounded in number and in bytes,
 * and what goes beyond is dropped and counted. While a backend is slow, some batches are with it at the same time, and the
 * next ones wait here.
 *
 * <p>One thread collects batches: a batch is complete when it has all events it may have, or its first one has waited for as
 * long as it may. Each batch is stored by a thread of its own, as many as there are permits.
 */
final class BatchingSink implements Sink {
    /** What is kept at most, with the batches that are being stored. */
    static final long BYTES_MAX = 64L << 20;

    private static final int AT_ONCE_MAX = 16;
    private static final Duration CLOSING_MAX = Duration.ofSeconds(10);
    private static final Duration FAILED_PAUSE = Duration.ofMillis(100);

    private final Backend backend;
    private final Truncation truncation;
    private final AuditSettings.Batch settings;
    private final AuditCounts counts;
    private final Complaints complaints;
    private final long bytesMax;
    private final int atOnce;
    private final Throttle throttle;
    private final Semaphore storing;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Queue<AuditEvent> waiting = new ArrayDeque<>();
    private final List<Thread> storers = new ArrayList<>();
    private final Thread collector;
    private long bytes;
    private boolean closed;

    /** @param atOnce how many batches may be with the backend at the same time; 1 keeps them in order */
    BatchingSink(
            Backend backend,
            Truncation truncation,
            AuditSettings.Batch settings,
            int atOnce,
            long bytesMax,
            AuditCounts counts,
            Complaints complaints) {
        this.backend = backend;
        this.truncation = truncation;
        this.settings = settings;
        this.counts = counts;
        this.complaints = complaints;
        this.bytesMax = bytesMax;
        this.atOnce = Math.min(atOnce, AT_ONCE_MAX);
        this.throttle = new Throttle(settings);
        this.storing = new Semaphore(this.atOnce);
        this.collector = Thread.ofVirtual().name("audit " + backend.name()).start(this::collect);
    }

    @Override
    public boolean take(AuditEvent event) {
        long weight = event.weight();
        lock.lock();
        try {
            if (!closed && waiting.size() < settings.bufferSize() && bytes + weight <= bytesMax) {
                waiting.add(event);
                bytes += weight;
                changed.signalAll();
                return true;
            }
        } finally {
            lock.unlock();
        }
        counts.drop();
        complaints.dropped(backend.name(), "it does not keep up");
        return true;
    }

    private void collect() {
        try {
            boolean more = true;
            while (more) {
                more = handOn();
            }
        } catch (InterruptedException e) {
            // Closing took too long: what is left is lost, which was said.
            Thread.currentThread().interrupt();
        }
    }

    /** Waits for a batch and has it stored; false once there are no more. */
    private boolean handOn() throws InterruptedException {
        List<AuditEvent> batch = List.of();
        try {
            batch = next();
            if (!batch.isEmpty()) {
                throttle.await();
                storing.acquire();
                store(batch);
            }
            return !batch.isEmpty();
        } catch (InterruptedException e) {
            counts.error(batch.size());
            throw e;
        } catch (RuntimeException | Error e) {
            // Nobody else collects batches.
            done(batch);
            counts.error(batch.size());
            complaints.failed(backend.name(), batch.size(), e);
            Thread.sleep(FAILED_PAUSE);
            return true;
        }
    }

    /** Has a batch stored by a thread that gives the permit back; if there can be none, it is given back here. */
    private void store(List<AuditEvent> batch) {
        try {
            Thread storer = Thread.ofVirtual()
                    .name("audit " + backend.name() + " batch")
                    .unstarted(() -> storeNow(batch));
            lock.lock();
            try {
                storers.removeIf(other -> !other.isAlive());
                storers.add(storer);
                storer.start();
            } finally {
                lock.unlock();
            }
        } catch (RuntimeException | Error e) {
            storing.release();
            throw e;
        }
    }

    private void storeNow(List<AuditEvent> batch) {
        try {
            for (List<AuditEvent> some : truncation.fitted(batch)) {
                backend.store(some);
            }
        } catch (IOException | RuntimeException | Error e) {
            counts.error(batch.size());
            complaints.failed(backend.name(), batch.size(), e);
        } catch (InterruptedException e) {
            counts.error(batch.size());
            Thread.currentThread().interrupt();
        } finally {
            done(batch);
            storing.release();
        }
    }

    private void done(List<AuditEvent> batch) {
        lock.lock();
        try {
            for (AuditEvent event : batch) {
                bytes -= event.weight();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits for a batch; empty once it is closed and has no more. */
    private List<AuditEvent> next() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (waiting.isEmpty() && !closed) {
                changed.await();
            }
            int sizeMax = Math.min(settings.sizeMax(), settings.bufferSize());
            long left = settings.waitMax().toNanos();
            while (waiting.size() < sizeMax && !closed && left > 0) {
                left = changed.awaitNanos(left);
            }
            List<AuditEvent> batch = new ArrayList<>(Math.min(waiting.size(), sizeMax));
            while (batch.size() < sizeMax && !waiting.isEmpty()) {
                batch.add(waiting.remove());
            }
            return batch;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        throttle.open();
        try {
            boolean done = collector.join(CLOSING_MAX)
                    && storing.tryAcquire(atOnce, CLOSING_MAX.toNanos(), TimeUnit.NANOSECONDS);
            if (!done) {
                complaints.dropped(backend.name(), "the server stops and cannot wait for it any longer");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        collector.interrupt();
        lock.lock();
        try {
            storers.forEach(Thread::interrupt);
            waiting.forEach(_ -> counts.drop());
            waiting.clear();
        } finally {
            lock.unlock();
        }
        backend.close();
    }
}
