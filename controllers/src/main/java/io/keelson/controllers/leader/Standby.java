package io.keelson.controllers.leader;

import io.keelson.controllers.leader.LedProcess.Prepared;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Work that waits for its process to be elected: it reads meanwhile, on a thread of its own, and again if the API cannot be
 * read, so that an election does not wait for that.
 */
final class Standby implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Standby.class);

    private final Prepared work;
    private final Duration between;
    private final Thread filling;
    private volatile boolean elected;
    private boolean closed;

    /**
     * Begins to read.
     *
     * @param between two tries to read how long to wait
     */
    Standby(Prepared work, Duration between) {
        this.work = work;
        this.between = between;
        filling = Thread.ofVirtual().name("standby").start(this::fill);
    }

    private void fill() {
        try {
            while (!elected) {
                try {
                    work.fill();
                    return;
                } catch (RuntimeException e) {
                    LOG.warn("what the work needs cannot be read yet: {}", e.getMessage());
                }
                TimeUnit.NANOSECONDS.sleep(between.toNanos());
            }
        } catch (InterruptedException e) {
            // It is closed.
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Starts the work: the process is elected.
     *
     * @throws RuntimeException if what it needs cannot be read
     */
    void start() throws InterruptedException {
        elected = true;
        // What could not be read yet must not hold up what can act without it; it goes on being read.
        filling.interrupt();
        filling.join();
        work.start();
    }

    /** Ends the work, once. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        filling.interrupt();
        boolean interrupted = false;
        while (filling.isAlive()) {
            try {
                filling.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        work.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
