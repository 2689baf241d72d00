package io.keelson.scheduler;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** Virtual threads that wait for the API, so that the one that decides need not. */
final class Workers implements AutoCloseable {
    private final ExecutorService threads;

    Workers(String name) {
        threads = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name(name + '-', 0).factory());
    }

    /** Does something on a thread of its own; nothing if they are closed. */
    void execute(Runnable task) {
        if (!threads.isShutdown()) {
            threads.execute(task);
        }
    }

    /** Interrupts all, and returns when they have ended. */
    @Override
    public void close() {
        threads.shutdownNow();
        boolean interrupted = false;
        while (!threads.isTerminated()) {
            try {
                boolean _ = threads.awaitTermination(1, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
