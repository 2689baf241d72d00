package io.keelson.agent.command;

import io.fabric8.kubernetes.api.model.Node;
import io.keelson.agent.Agent;
import io.keelson.agent.image.ContainerCollector;
import io.keelson.agent.image.GarbageCollection;
import io.keelson.agent.logs.LogLinks;
import io.keelson.agent.logs.LogSweep;
import io.keelson.agent.resources.placement.SharedCpus;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.Repeating;
import io.keelson.controllers.runtime.Time;
import java.time.Duration;
import java.time.ZoneId;
import java.util.function.Supplier;

/** What is done now and then, beside the pods: garbage, logs, shared processors. */
final class NodeUpkeep {
    private static final Duration CPUS_EVERY = Duration.ofSeconds(10);

    private NodeUpkeep() {}

    /** Begins all of it. */
    static void start(
            NodePlan plan,
            NodeRuntime runtime,
            NodeParts rooms,
            Agent agent,
            LogLinks links,
            Supplier<Node> node,
            Events events,
            Time time,
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
        rooms.exclusive().ifPresent(exclusive -> {
            SharedCpus shared = new SharedCpus(runtime.connection(), runtime.observer(), exclusive);
            parts.opened(new Repeating("shared-cpus", time, () -> CPUS_EVERY, shared::reconcile))
                    .start();
        });
        parts.opened(rooms.names().watchResolverConfig(time));
    }
}
