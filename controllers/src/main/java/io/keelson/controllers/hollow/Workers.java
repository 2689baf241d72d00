package io.keelson.controllers.hollow;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.runtime.QueueMetrics;
import io.keelson.controllers.runtime.Time;
import io.keelson.controllers.runtime.WorkQueue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * So many threads that work on keys, never two on the same. What fails is tried again in a second or two if the API is away
 * or busy, as all keys fail then and none is at fault; and later each time if the API refuses.
 *
 * @param <K> the key
 */
final class Workers<K> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Workers.class);
    private static final int TOO_MANY_REQUESTS = 429;

    private final WorkQueue<K> queue;
    private final Task<K> task;
    private final List<Thread> threads = new ArrayList<>();

    /** What is done about a key. */
    @FunctionalInterface
    interface Task<K> {
        /**
         * Does it.
         *
         * @return after how long to do it again; null for not before it is asked for
         */
        @Nullable
        Duration run(K key) throws InterruptedException;
    }

    Workers(String name, int count, Time time, Task<K> task) {
        this.queue = new WorkQueue<>(time, QueueMetrics.NONE);
        this.task = task;
        for (int i = 0; i < count; i++) {
            threads.add(Thread.ofVirtual().name(name + '-' + i).unstarted(this::work));
        }
    }

    void start() {
        threads.forEach(Thread::start);
    }

    void add(K key) {
        queue.add(key);
    }

    void addAfter(K key, Duration delay) {
        queue.addAfter(key, delay);
    }

    /** Whether nothing waits and nothing is worked on, but for what waits for its time. */
    boolean resting() {
        return queue.resting();
    }

    private void work() {
        try {
            for (K key = queue.take(); key != null; key = queue.take()) {
                try {
                    work(key);
                } finally {
                    queue.done(key);
                }
            }
        } catch (InterruptedException e) {
            // It is closed.
            Thread.currentThread().interrupt();
        }
    }

    private void work(K key) throws InterruptedException {
        try {
            Duration again = task.run(key);
            queue.forget(key);
            if (again != null) {
                queue.addAfter(key, again);
            }
        } catch (RuntimeException | Error e) {
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedException();
            }
            LOG.debug("{} is tried again", key, e);
            if (e instanceof KubernetesClientException answer && isPassing(answer.getCode())) {
                queue.addAfter(
                        key, Duration.ofMillis(ThreadLocalRandom.current().nextLong(1000, 2000)));
            } else {
                LOG.warn("{} is tried again: {}", key, e.getMessage());
                queue.retry(key);
            }
        }
    }

    private static boolean isPassing(int code) {
        return code < 400 || code >= 500 || code == TOO_MANY_REQUESTS;
    }

    /** Ends, each thread after the call that it is in. */
    @Override
    public void close() {
        queue.close();
        threads.forEach(Thread::interrupt);
        boolean interrupted = false;
        for (Thread thread : threads) {
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
