package io.keelson.raft.jraft;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Completes the futures of applied commands and read points, so that what hangs on them does not hold up the apply
 * thread. Bounded: when {@value #BATCHES_MAX} batches of results wait, the apply thread waits too.
 */
final class ResultThread implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ResultThread.class);
    private static final int BATCHES_MAX = 256;

    private final BlockingQueue<Runnable> batches = new ArrayBlockingQueue<>(BATCHES_MAX);
    private final Thread thread;
    private volatile boolean closed;

    ResultThread(String name) {
        thread = new Thread(this::run, name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Runs a batch after those given before; runs it here when this thread has ended. */
    void execute(Runnable batch) {
        if (closed) {
            batch.run();
            return;
        }
        try {
            batches.put(batch);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            batch.run();
        }
    }

    private void run() {
        while (!closed || !batches.isEmpty()) {
            try {
                batches.take().run();
            } catch (InterruptedException e) {
                // Closing: what is left is still done.
                closed = true;
            } catch (RuntimeException e) {
                log.error("completing results failed", e);
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }
}
