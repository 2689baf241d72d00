package io.keelson.apiserver.rest;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** Does the same with each of many, so many at a time. */
final class Workers {
    private Workers() {}

    /** What is done with one; on a virtual thread. */
    @FunctionalInterface
    interface Work<T> {
        void on(T one) throws InterruptedException;
    }

    /**
     * Begins in the order of the list, and returns when nothing is under way any more. After a failure nothing more is begun;
     * the first one is passed on.
     *
     * @param atATime how many at most; less than 1 counts as 1, which is done by the caller's thread
     */
    static <T> void work(List<T> all, int atATime, Work<T> work) throws InterruptedException {
        AtomicInteger next = new AtomicInteger();
        int workers = Math.min(atATime, all.size());
        if (workers <= 1) {
            var _ = take(all, next, work);
            return;
        }
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Boolean>> begun = new ArrayList<>();
            for (int i = 0; i < workers; i++) {
                begun.add(threads.submit(() -> take(all, next, work)));
            }
            try {
                for (Future<Boolean> worker : begun) {
                    await(worker);
                }
            } catch (InterruptedException e) {
                var _ = threads.shutdownNow();
                throw e;
            }
        }
    }

    /** Does one after the other until there are no more; true then. */
    private static <T> boolean take(List<T> all, AtomicInteger next, Work<T> work) throws InterruptedException {
        for (int i = next.getAndIncrement(); i < all.size(); i = next.getAndIncrement()) {
            try {
                work.on(all.get(i));
            } catch (InterruptedException | RuntimeException e) {
                next.set(all.size());
                throw e;
            }
        }
        return true;
    }

    private static void await(Future<Boolean> worker) throws InterruptedException {
        try {
            var _ = worker.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case InterruptedException interrupted -> throw interrupted;
                case RuntimeException failed -> throw failed;
                case Error error -> throw error;
                case null, default -> throw new IllegalStateException(e);
            }
        }
    }
}
