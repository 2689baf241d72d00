package io.keelson.agent.command;

import io.fabric8.kubernetes.api.model.Node;
import io.keelson.agent.Agent;
import io.keelson.agent.cri.RuntimeContainer;
import io.keelson.agent.eviction.Eviction;
import io.keelson.agent.eviction.EvictionMetrics;
import io.keelson.agent.eviction.NodeWaste;
import io.keelson.agent.eviction.StatisticsSource;
import io.keelson.agent.image.ContainerCollector;
import io.keelson.agent.image.GarbageCollection;
import io.keelson.agent.logs.LogLinks;
import io.keelson.agent.logs.LogSweep;
import io.keelson.agent.resources.placement.SharedCpus;
import io.keelson.agent.stats.NodeStatistics;
import io.keelson.controllers.process.Parts;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.Repeating;
import io.keelson.controllers.runtime.Time;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.time.ZoneId;
import java.util.function.Supplier;

/** What is done now and then, beside the pods: garbage, logs, shared processors. */
final class NodeUpkeep {
    private static final Duration CPUS_EVERY = Duration.ofSeconds(10);

    private NodeUpkeep() {}

    /** Begins all of it; returns what ends pods when the node runs out of something. */
    static Eviction start(
            NodePlan plan,
            NodeRuntime runtime,
            NodeParts rooms,
            Agent agent,
            NodeStatistics statistics,
            LogLinks links,
            Supplier<Node> node,
            Events events,
            Time time,
            PrometheusRegistry metrics,
            Parts parts) {
        ContainerCollector containers = new ContainerCollector(
                runtime.connection(),
                runtime.observer(),
                agent.contents(),
                plan.images().containers(),
                plan.agent().folders().logs(),
                time);
        parts.opened(new GarbageCollection(
                        containers,
                        rooms.imageCollector(),
                        plan.images().garbage(),
                        agent::knowsAllPods,
                        node::get,
                        events,
                        time))
                .start();
        parts.opened(new LogSweep(runtime.connection(), plan.logs(), links, time, ZoneId.systemDefault()))
                .start();
        rooms.placement().cpus().ifPresent(exclusive -> {
            SharedCpus shared = new SharedCpus(runtime.connection(), runtime.observer(), exclusive);
            parts.opened(new Repeating("shared-cpus", time, () -> CPUS_EVERY, shared::reconcile))
                    .start();
        });
        parts.opened(rooms.names().watchResolverConfig(time));
        statistics.start();
        Eviction eviction = parts.opened(new Eviction(
                plan.eviction(),
                new StatisticsSource(statistics),
                agent.pods(),
                uid -> isGone(runtime, rooms, uid),
                NodeWaste.of(containers, rooms.imageCollector()),
                node::get,
                events,
                time,
                new EvictionMetrics(metrics)));
        eviction.start();
        return eviction;
    }

    private static boolean isGone(NodeRuntime runtime, NodeParts rooms, String uid) {
        return runtime.observer().pod(uid).containers().stream().noneMatch(RuntimeContainer::running)
                && !rooms.volumes().podsWithVolumes().contains(uid)
                && !rooms.cgroups().podsWithCgroups().contains(uid);
    }
}
