package io.keelson.controllers.runtime;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** A controller at work: its queue, its workers, and what it does from time to time. */
final class ControlLoop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ControlLoop.class);

    private final ControllerDescriptor descriptor;
    private final Time time;
    private final WorkQueue<Key> queue;
    private final Controller controller;
    private final List<Thread> threads = new ArrayList<>();
    private final List<Runnable> periods = new ArrayList<>();
    private final Set<Class<?>> kinds = new LinkedHashSet<>();
    private volatile boolean closed;

    ControlLoop(ControllerDescriptor descriptor, Context context, Caches caches, ControllerMetrics metrics) {
        this.descriptor = descriptor;
        this.time = context.time();
        this.queue = new WorkQueue<>(time, metrics.queue(descriptor.queue()));
        this.controller = descriptor.factory().make(context, new Setup() {
            @Override
            public <T extends HasMetadata> Cache<T> watch(
                    Class<T> kind, Function<Change<T>, ? extends Collection<Key>> keys) {
                kinds.add(kind);
                return caches.listen(kind, change -> keys.apply(change).forEach(queue::add));
            }

            @Override
            public <T extends HasMetadata> Cache<T> read(Class<T> kind) {
                kinds.add(kind);
                return caches.of(kind);
            }

            @Override
            public void every(Duration period, Task task) {
                AtomicBoolean running = new AtomicBoolean();
                periods.add(() -> repeat(period, task, running));
            }

            @Override
            public WorkQueue<Key> queue() {
                return queue;
            }

            @Override
            public ControllerMetrics metrics() {
                return metrics;
            }
        });
    }

    /** The kinds that it looks at. */
    Set<Class<?>> kinds() {
        return Collections.unmodifiableSet(kinds);
    }

    /** Starts the workers; the caches of its kinds are filled. */
    synchronized void start() {
        for (int i = 0; i < descriptor.workers(); i++) {
            run(descriptor.name() + '-' + i, this::work);
        }
        periods.forEach(Runnable::run);
    }

    private synchronized void run(String name, Runnable task) {
        threads.removeIf(thread -> !thread.isAlive());
        if (!closed) {
            threads.add(Thread.ofVirtual().name(name).start(task));
        }
    }

    private void repeat(Duration period, Setup.Task task, AtomicBoolean running) {
        if (closed) {
            return;
        }
        time.after(period, () -> repeat(period, task, running));
        if (!running.compareAndSet(false, true)) {
            // The last run is not done yet; the next period is.
            return;
        }
        run(descriptor.name() + "-period", () -> {
            try {
                task.run();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException | Error e) {
                if (!closed) {
                    LOG.warn("{}: {}", descriptor.name(), e.getMessage(), e);
                }
            } finally {
                running.set(false);
            }
        });
    }

    private void work() {
        try {
            for (Key key = queue.take(); key != null; key = queue.take()) {
                try {
                    reconcile(key);
                } finally {
                    queue.done(key);
                }
            }
        } catch (InterruptedException e) {
            // The loop ends.
            Thread.currentThread().interrupt();
        }
    }

    private void reconcile(Key key) throws InterruptedException {
        try {
            Outcome outcome = controller.reconcile(key);
            queue.forget(key);
            Duration again = outcome.again();
            if (again != null) {
                queue.addAfter(key, again);
            }
        } catch (RuntimeException | Error e) {
            // An error as well, a lack of memory say: a worker that ended would never be missed.
            if (closed) {
                return;
            }
            if (e instanceof KubernetesClientException answer) {
                // Somebody else wrote between our look and our write: the usual way of things.
                boolean usual = answer.getCode() == HttpURLConnection.HTTP_CONFLICT;
                LOG.atLevel(usual ? Level.DEBUG : Level.WARN)
                        .log("{}: {}: tried again later: {}", descriptor.name(), key, e.getMessage());
            } else {
                LOG.warn("{}: {}: tried again later: {}", descriptor.name(), key, e.getMessage(), e);
            }
            queue.retry(key);
        }
    }

    /** Whether all that was asked of it so far is done. */
    boolean idle() {
        return queue.idle();
    }

    /** Whether there is nothing that it could do before some time passes or something happens. */
    boolean resting() {
        return queue.resting();
    }

    /** Interrupts what runs, and returns when nothing does. */
    @Override
    public void close() {
        List<Thread> ending;
        synchronized (this) {
            closed = true;
            queue.close();
            ending = List.copyOf(threads);
        }
        ending.forEach(Thread::interrupt);
        boolean interrupted = false;
        for (Thread thread : ending) {
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
