package io.keelson.scheduler;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Caches;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Context;
import io.keelson.scheduler.preemption.Budgets;

/**
 * Gives the pods of one scheduler's name their nodes. It does not ask whether another process does the same: whoever starts
 * it leads.
 *
 * <p>It is made before the caches start, and {@linkplain #start started} when they are filled.
 */
public final class Scheduler implements AutoCloseable {
    private final Binder binder;
    private final PodReports reports;
    private final Evictor evictor;
    private final Inbox inbox = new Inbox();
    private final SchedulingLoop loop;
    private final Cache<Node> nodes;
    private final Cache<Namespace> namespaces;
    private final Cache<Pod> pods;
    private final Thread owner;

    /** A scheduler that does nothing yet. */
    public Scheduler(Context context, Caches caches, SchedulerSettings settings, SchedulerMetrics metrics) {
        binder = new Binder(context.client());
        reports = new PodReports(context.client(), context.time());
        evictor =
                new Evictor(context.client(), context.events().from(settings.name()), context.time(), settings.name());
        Cache<PodDisruptionBudget> budgets = caches.of(PodDisruptionBudget.class);
        loop = new SchedulingLoop(
                settings, context, metrics, binder, reports, evictor, () -> new Budgets(budgets.all()), inbox);
        nodes = caches.listen(Node.class, change -> inbox.tell(() -> loop.node(change)));
        namespaces = caches.listen(Namespace.class, change -> inbox.tell(() -> loop.namespace(change)));
        pods = caches.listen(Pod.class, change -> inbox.tell(() -> loop.pod(change)));
        owner = Thread.ofPlatform()
                .daemon()
                .name("scheduler-" + settings.name())
                .unstarted(this::run);
    }

    /** Starts to decide; the caches are filled. */
    public void start() {
        owner.start();
    }

    /** Whether it decides: it was started, and has not ended. */
    public boolean running() {
        return owner.isAlive();
    }

    private void run() {
        try {
            // The changes that filled the caches may still be on their way, and no decision may be made without them.
            namespaces.all().forEach(each -> loop.namespace(new Change<>(null, each)));
            nodes.all().forEach(each -> loop.node(new Change<>(null, each)));
            pods.all().forEach(each -> loop.pod(new Change<>(null, each)));
            loop.run();
        } catch (InterruptedException e) {
            // It is closed.
            Thread.currentThread().interrupt();
        }
    }

    /** Ends: decides no more, and nothing is written after it returns. Bindings that were sent are found by the next. */
    @Override
    public void close() {
        inbox.close();
        owner.interrupt();
        boolean interrupted = false;
        while (owner.isAlive()) {
            try {
                owner.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        binder.close();
        evictor.close();
        reports.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
