package io.keelson.controllers.runtime;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does something again and again on a thread of its own: at once, and then each time that a pause after its end is
 * over, or somebody {@linkplain #wake wakes} it. What fails is tried again after the pause. Any thread.
 */
public final class Repeating implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Repeating.class);

    private final String name;
    private final Time time;
    private final Supplier<Duration> pause;
    private final Task task;
    private final Thread thread;
    private final Semaphore due = new Semaphore(0);
    private final AtomicLong round = new AtomicLong();

    /** What is done. */
    @FunctionalInterface
    public interface Task {
        /** Does it once. */
        void run() throws InterruptedException;
    }

    /**
     * Does nothing before it is started.
     *
     * @param name of the thread
     * @param pause how long it rests; asked after each time
     */
    public Repeating(String name, Time time, Supplier<Duration> pause, Task task) {
        this.name = name;
        this.time = time;
        this.pause = pause;
        this.task = task;
        thread = Thread.ofVirtual().name(name).unstarted(this::work);
    }

    /** Begins; once. */
    public void start() {
        thread.start();
    }

    /** Ends the pause, or the one after what is being done now. */
    public void wake() {
        due.release();
    }

    private void work() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                long mine = round.incrementAndGet();
                try {
                    task.run();
                } catch (RuntimeException e) {
                    LOG.warn("{} fails, and is tried again: {}", name, e.getMessage(), e);
                }
                time.after(pause.get(), () -> {
                    // Where it was woken before, another pause counts by now.
                    if (round.get() == mine) {
                        due.release();
                    }
                });
                due.acquire();
                due.drainPermits();
            }
        } catch (InterruptedException e) {
            // It is closed.
            Thread.currentThread().interrupt();
        }
    }

    /** Interrupts what is being done, and waits for its end. */
    @Override
    public void close() {
        thread.interrupt();
        if (thread.getState() == Thread.State.NEW || Thread.currentThread().equals(thread)) {
            return;
        }
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
