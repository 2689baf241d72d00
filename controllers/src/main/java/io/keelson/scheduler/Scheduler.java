package io.keelson.scheduler;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Caches;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Context;
import io.keelson.scheduler.config.SchedulerConfiguration.ManagedResource;
import io.keelson.scheduler.decision.Watches;
import io.keelson.scheduler.devices.ClaimCreations;
import io.keelson.scheduler.extender.Extenders;
import io.keelson.scheduler.groups.PodGroups;
import io.keelson.scheduler.preemption.Budgets;
import io.keelson.scheduler.queue.ClusterEvent;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Gives the pods of some schedulers' names their nodes. It does not ask whether another process does the same: whoever starts
 * it leads.
 *
 * <p>It is made before the caches start, and {@linkplain #start started} when they are filled.
 */
public final class Scheduler implements AutoCloseable {
    private final Binder binder;
    private final PodReports reports;
    private final GroupReports groupReports;
    private final Evictor evictor;
    private final Inbox inbox = new Inbox();
    private final Extending extending;
    private final SchedulingLoop loop;
    /** Tell all that the caches have. */
    private final List<Runnable> tellings = new ArrayList<>();

    private final Thread owner;

    /**
     * A scheduler that does nothing yet.
     *
     * @throws IllegalArgumentException if a profile makes no sense
     */
    public Scheduler(Context context, Caches caches, SchedulerSettings settings, SchedulerMetrics metrics) {
        reports = new PodReports(context.client(), context.time());
        binder = new Binder(context.client(), reports, metrics);
        groupReports = new GroupReports(context.client(), context.time());
        evictor = new Evictor(context.client(), context.time(), metrics);
        extending = new Extending(
                new Extenders(settings.extenders(), metrics.prioritizing()), inbox, caches.of(Node.class));
        Cache<PodDisruptionBudget> budgets = caches.of(PodDisruptionBudget.class);
        PodGroups groups = new PodGroups(settings.features().genericWorkload());
        PluginRegistry registry = registry(settings, groups, context.time(), metrics::claimCreated);
        loop = new SchedulingLoop(
                settings,
                context,
                metrics,
                binder,
                reports,
                groupReports,
                evictor,
                extending,
                () -> new Budgets(budgets.all()),
                new DefaultGroups(caches),
                groups,
                inbox,
                registry);
        listen(caches, Namespace.class, loop::namespace);
        listen(caches, Node.class, loop::node);
        Watches watches = new Watches() {
            @Override
            public <T extends HasMetadata> Cache<T> listen(Class<T> kind, Consumer<Change<T>> listener) {
                return Scheduler.this.listen(caches, kind, listener);
            }

            @Override
            public <T extends HasMetadata> Cache<T> read(Class<T> kind) {
                return caches.of(kind);
            }

            @Override
            public void happened(ClusterEvent event) {
                loop.happened(event);
            }
        };
        registry.observed().forEach(each -> each.watch(watches));
        groups.watch(watches);
        // Last, as a decision on one may need all else.
        listen(caches, Pod.class, loop::pod);
        owner = Thread.ofPlatform().daemon().name("scheduler").unstarted(this::run);
    }

    private static PluginRegistry registry(
            SchedulerSettings settings, PodGroups groups, InstantSource clock, ClaimCreations creations) {
        Set<String> ignored = new HashSet<>();
        settings.extenders()
                .forEach(extender -> extender.managedResources().stream()
                        .filter(ManagedResource::ignoredByScheduler)
                        .forEach(resource -> ignored.add(resource.name())));
        return DefaultPlugins.registry(ignored, settings.features(), groups, clock, creations);
    }

    /**
     * Checks settings before anything is started with them.
     *
     * @throws IllegalArgumentException if a profile makes no sense
     */
    static void check(SchedulerSettings settings) {
        PluginRegistry registry =
                registry(settings, new PodGroups(false), InstantSource.system(), ClaimCreations.UNTOLD);
        settings.profiles().forEach(profile -> registry.plugins(profile, DefaultPlugins.ENABLED));
        new Extenders(settings.extenders()).close();
    }

    private <T extends HasMetadata> Cache<T> listen(Caches caches, Class<T> kind, Consumer<Change<T>> listener) {
        Cache<T> cache = caches.listen(kind, change -> inbox.tell(() -> loop.handle(() -> listener.accept(change))));
        tellings.add(() -> cache.all().forEach(each -> listener.accept(new Change<>(null, each))));
        return cache;
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
            tellings.forEach(Runnable::run);
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
        extending.close();
        reports.close();
        groupReports.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
