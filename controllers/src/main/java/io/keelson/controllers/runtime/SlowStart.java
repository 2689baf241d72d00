package io.keelson.controllers.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Makes many things in rounds of one, two, four and so on, each round at once. If the API refuses, a quota is used up say,
 * it is asked a few times in vain and not a thousand.
 */
public final class SlowStart {
    /** At most so many at once, so that one object with many pods leaves room on the connection for others. */
    private static final int ROUND_MAX = 256;

    private SlowStart() {}

    /**
     * Runs a task a number of times, until one fails.
     *
     * @return how many went well, and the first failure
     */
    public static Result run(int count, Task task) throws InterruptedException {
        int done = 0;
        for (int round = 1; done < count; round = Math.min(2 * round, ROUND_MAX)) {
            int size = Math.min(round, count - done);
            List<RuntimeException> failures = atOnce(done, size, task);
            done += size - failures.size();
            if (!failures.isEmpty()) {
                return new Result(done, failures);
            }
        }
        return new Result(done, List.of());
    }

    private static List<RuntimeException> atOnce(int first, int size, Task task) throws InterruptedException {
        List<FutureTask<Void>> running = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        List<RuntimeException> failures = new ArrayList<>();
        try {
            for (int i = 1; i < size; i++) {
                int number = first + i;
                FutureTask<Void> run = new FutureTask<>(() -> {
                    task.run(number);
                    return null;
                });
                running.add(run);
                threads.add(Thread.ofVirtual().start(run));
            }
            try {
                task.run(first);
            } catch (RuntimeException e) {
                failures.add(e);
            }
            for (FutureTask<Void> run : running) {
                try {
                    run.get();
                } catch (ExecutionException e) {
                    failures.add(failure(e));
                }
            }
        } catch (InterruptedException e) {
            threads.forEach(Thread::interrupt);
            throw e;
        }
        return failures;
    }

    private static RuntimeException failure(ExecutionException failed) {
        return switch (failed.getCause()) {
            case RuntimeException problem -> problem;
            case Error error -> throw error;
            case null, default -> new IllegalStateException(failed);
        };
    }

    /** One of them. */
    @FunctionalInterface
    public interface Task {
        /**
         * Does one.
         *
         * @param number from 0 on
         */
        void run(int number) throws InterruptedException;
    }

    /**
     * What came of it.
     *
     * @param done how many went well
     * @param failures those of the last round; empty if all went well
     */
    public record Result(int done, List<RuntimeException> failures) {
        /** Throws the first failure, if there is one. */
        public void orThrow() {
            if (!failures.isEmpty()) {
                throw failures.getFirst();
            }
        }
    }
}
