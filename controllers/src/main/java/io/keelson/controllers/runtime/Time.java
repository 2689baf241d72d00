package io.keelson.controllers.runtime;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The time, and what is to happen when it comes. Tests move it by hand. */
public interface Time extends InstantSource, AutoCloseable {
    /**
     * How much time has passed since some moment, in nanoseconds. Only differences mean something, and these are right however
     * the clock jumps. By default the clock is taken for one that does not.
     */
    default long nanoTime() {
        Instant now = instant();
        return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
    }

    /**
     * Runs a task after a delay. It runs on the thread that keeps the time, so it must be quick, as putting a key into a
     * queue is.
     */
    void after(Duration delay, Runnable task);

    /** Forgets the tasks that have not run. */
    @Override
    void close();

    /** The machine's clock. */
    static Time system() {
        ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("controllers-time").factory());
        timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        // Who asks after the end asks for what will not be.
        timer.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
        Duration longest = Duration.ofDays(365);
        return new Time() {
            @Override
            public Instant instant() {
                return Instant.now();
            }

            @Override
            public long nanoTime() {
                return System.nanoTime();
            }

            @Override
            public void after(Duration delay, Runnable task) {
                // A delay of centuries, as a user may write one, must not overflow.
                long nanos = (delay.compareTo(longest) < 0 ? delay : longest).toNanos();
                // Nobody waits for it, and it fails to nobody: tasks put keys into queues.
                Future<?> _ = timer.schedule(task, nanos, TimeUnit.NANOSECONDS);
            }

            @Override
            public void close() {
                timer.shutdownNow();
            }
        };
    }
}
