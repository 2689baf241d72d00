package io.keelson.controllers.runtime;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Runs controllers in one process on shared caches. It does not ask whether another process does the same: whoever starts it
 * leads.
 */
public final class Manager implements AutoCloseable {
    private final Caches caches;
    private final List<ControlLoop> loops = new ArrayList<>();

    /** Makes controllers; nothing runs yet. */
    public Manager(List<ControllerDescriptor> controllers, Context context, Caches caches, ControllerMetrics metrics) {
        this(controllers, ignored -> context, caches, metrics);
    }

    /** The same, each controller with a context of its own; the caches are shared all the same. */
    public Manager(
            List<ControllerDescriptor> controllers,
            Function<ControllerDescriptor, Context> contexts,
            Caches caches,
            ControllerMetrics metrics) {
        this.caches = caches;
        for (ControllerDescriptor controller : controllers) {
            loops.add(new ControlLoop(controller, contexts.apply(controller), caches, metrics));
        }
    }

    /**
     * Fills the caches, and lets them follow the API, while another process acts: nothing is reconciled before the start.
     * Need not be called.
     */
    public void fill() throws InterruptedException {
        caches.fill();
    }

    /**
     * Fills the caches if they are not, and starts each loop when those of its kinds are: one kind that cannot be read holds up
     * only the loops that look at it. Returns when all have started.
     *
     * @throws KubernetesClientException if the API cannot be asked what it serves
     */
    public void start() throws InterruptedException {
        caches.begin();
        List<CompletableFuture<Void>> started = new ArrayList<>();
        for (ControlLoop loop : loops) {
            started.add(caches.filled(loop.kinds()).thenRun(loop::start));
        }
        Caches.await(started);
    }

    /** Whether nothing waits and nothing is worked on; what is delayed on purpose does not count. */
    public boolean idle() {
        return loops.stream().allMatch(ControlLoop::idle);
    }

    /**
     * Whether nothing waits and nothing is worked on; what is delayed, after a failure as well, does not count. Without time
     * that passes nothing happens then, unless the API tells of something.
     */
    public boolean resting() {
        return loops.stream().allMatch(ControlLoop::resting);
    }

    /** Ends all loops, each after the call that it is in, then the watches. */
    @Override
    public void close() {
        List<Thread> closing = new ArrayList<>();
        for (ControlLoop loop : loops) {
            closing.add(Thread.ofVirtual().start(loop::close));
        }
        boolean interrupted = false;
        for (Thread thread : closing) {
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        caches.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
