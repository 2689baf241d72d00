package io.keelson.apiserver.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Does things at the same time that do not wait for each other, so that a start takes as long as the longest of them. */
final class Together {
    private Together() {}

    /** Something to do; on a virtual thread. */
    @FunctionalInterface
    interface Task {
        void run() throws InterruptedException;
    }

    /** Does all, and fails with the first failure in their order; by then all have ended. */
    static void run(List<Task> tasks) throws InterruptedException {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Void>> begun = new ArrayList<>();
            for (Task task : tasks) {
                begun.add(threads.submit(() -> {
                    task.run();
                    return null;
                }));
            }
            for (Future<Void> one : begun) {
                var _ = result(one);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits for what comes of something, or fails as it did. */
    static <T> T result(Future<T> begun) throws IOException, InterruptedException {
        try {
            return begun.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException failed -> throw failed;
                case InterruptedException interrupted -> throw interrupted;
                case RuntimeException failed -> throw failed;
                case Error error -> throw error;
                case null, default -> throw new IllegalStateException(e);
            }
        }
    }
}
