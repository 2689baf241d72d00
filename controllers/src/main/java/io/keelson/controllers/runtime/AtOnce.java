package io.keelson.controllers.runtime;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;

/** Does something with each of many things, several at a time, all of them even if some fail. */
public final class AtOnce {
    private AtOnce() {}

    /**
     * Returns when all are done.
     *
     * @param most how many at a time
     * @return the failures, in no certain order; empty if all went well
     * @throws InterruptedException if the caller is to end; then what runs is interrupted too, and has ended on return
     */
    public static <T> List<RuntimeException> run(Collection<T> things, int most, Task<T> task)
            throws InterruptedException {
        ConcurrentLinkedQueue<T> left = new ConcurrentLinkedQueue<>(things);
        ConcurrentLinkedQueue<RuntimeException> failures = new ConcurrentLinkedQueue<>();
        AtomicReference<Error> broken = new AtomicReference<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < Math.min(most, things.size()); i++) {
            threads.add(Thread.ofVirtual().start(() -> work(left, task, failures, broken)));
        }
        boolean interrupted = false;
        for (Thread thread : threads) {
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                    left.clear();
                    threads.forEach(Thread::interrupt);
                }
            }
        }
        if (interrupted) {
            throw new InterruptedException();
        }
        Error error = broken.get();
        if (error != null) {
            throw error;
        }
        return new ArrayList<>(failures);
    }

    private static <T> void work(
            ConcurrentLinkedQueue<T> left,
            Task<T> task,
            ConcurrentLinkedQueue<RuntimeException> failures,
            AtomicReference<Error> broken) {
        try {
            for (T thing = left.poll(); thing != null; thing = left.poll()) {
                try {
                    task.run(thing);
                } catch (RuntimeException e) {
                    failures.add(e);
                }
            }
        } catch (InterruptedException e) {
            // The caller ends, and knows.
            Thread.currentThread().interrupt();
        } catch (Error e) {
            broken.set(e);
        }
    }

    /** Done with each. */
    @FunctionalInterface
    public interface Task<T> {
        /** Does it with one of them. */
        void run(T thing) throws InterruptedException;
    }
}
