package io.keelson.controllers.testing;

import io.keelson.controllers.runtime.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** A clock that a test moves: tasks that become due on the way run in their order, on the thread that moves it. */
public final class ManualTime implements Time {
    /** How long somebody who works by the clock holds it up; who is held up by the test is not waited for any longer. */
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(5);

    private final List<BooleanSupplier> workers = new CopyOnWriteArrayList<>();
    private final PriorityQueue<Due> tasks = new PriorityQueue<>();
    /** What the steady clock says. */
    private Instant now;

    /** By how much the other one was set to another time. */
    private Duration set = Duration.ZERO;

    private long number;

    private record Due(Instant at, long number, Runnable task) implements Comparable<Due> {
        @Override
        public int compareTo(Due other) {
            int byTime = at.compareTo(other.at);
            return byTime != 0 ? byTime : Long.compare(number, other.number);
        }
    }

    /** A clock that stands. */
    public ManualTime(Instant start) {
        now = start;
    }

    @Override
    public synchronized Instant instant() {
        return now.plus(set);
    }

    @Override
    public synchronized long nanoTime() {
        return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
    }

    /** Sets the clock forward, or back, as somebody who corrects it does: no time passes. */
    public synchronized void set(Duration by) {
        set = set.plus(by);
    }

    @Override
    public synchronized void after(Duration delay, Runnable task) {
        tasks.add(new Due(now.plus(delay), number++, task));
    }

    /**
     * Waits from now on with every move until somebody who works by this clock rests. Who has read the clock and then asks
     * to be woken after the rest of a delay would wait for too long if it moved in between.
     */
    public void waitFor(BooleanSupplier rests) {
        workers.add(rests);
    }

    /** Moves on. */
    public void advance(Duration by) {
        long until = System.nanoTime() + PATIENCE;
        while (!workers.stream().allMatch(BooleanSupplier::getAsBoolean) && System.nanoTime() < until) {
            LockSupport.parkNanos(1_000_000);
        }
        Instant end;
        synchronized (this) {
            end = now.plus(by);
        }
        for (Runnable task = next(end); task != null; task = next(end)) {
            task.run();
        }
        synchronized (this) {
            now = end;
        }
    }

    /** The next task that is due by then, and the time is that of it. */
    private synchronized @Nullable Runnable next(Instant end) {
        Due first = tasks.peek();
        if (first == null || first.at().isAfter(end)) {
            return null;
        }
        tasks.remove();
        if (first.at().isAfter(now)) {
            now = first.at();
        }
        return first.task();
    }

    @Override
    public synchronized void close() {
        tasks.clear();
    }
}
