package io.keelson.agent.pods.work;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.agent.AgentRooms;
import io.keelson.agent.AgentSettings;
import io.keelson.agent.hooks.Hooks;
import io.keelson.agent.pods.PodTraits;
import io.keelson.agent.pods.launch.ContainerLaunch;
import io.keelson.agent.pods.launch.LaunchRooms;
import io.keelson.agent.pods.launch.RuntimeHandlers;
import io.keelson.agent.pods.launch.SandboxLaunch;
import io.keelson.agent.pods.launch.UserNamespaces;
import io.keelson.agent.pods.status.StatusWriter;
import io.keelson.agent.probe.ContainerProber;
import io.keelson.agent.probe.ProbeMetrics;
import io.keelson.agent.probe.Probes;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.Time;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The workers, and what they work with. */
public final class PodWork implements AutoCloseable {
    private final StatusWriter statuses;
    private final Probes probes;
    private final PodWorkers workers;
    private final Leftovers leftovers;

    /**
     * Puts them together.
     *
     * @param gone is told of a static pod of which nothing is left; must return at once
     */
    public PodWork(
            AgentSettings settings,
            AgentRooms rooms,
            KubernetesClient client,
            Events events,
            Time time,
            ProbeMetrics metrics,
            PreemptionMetrics preemptions,
            WorkMetrics figures,
            Consumer<Pod> gone) {
        statuses = new StatusWriter(client, time, uid -> workers().wanted(uid), figures::synced);
        probes = new Probes(
                new ContainerProber(rooms.runtime(), rooms.environment()),
                time,
                events,
                metrics,
                uid -> workers().changed(uid));
        UserNamespaces users = new UserNamespaces(settings.folders(), settings.users(), rooms.users());
        LaunchRooms launch = new LaunchRooms(
                rooms.runtime(),
                rooms.volumes(),
                (pod, container, sandbox) -> {
                    long begin = time.nanoTime();
                    try {
                        return rooms.images().ensure(pod, container, sandbox);
                    } finally {
                        figures.pulled(pod.getMetadata().getUid(), time.nanoTime() - begin);
                    }
                },
                rooms.environment(),
                rooms.names(),
                rooms.resources(),
                users,
                settings.profileByDefault(),
                settings.folders(),
                rooms.logLinks(),
                RuntimeHandlers.inApi(client),
                events,
                client.getKubernetesSerialization());
        SandboxLaunch sandboxes = new SandboxLaunch(launch);
        WorkRooms work = new WorkRooms(
                client,
                rooms.runtime(),
                rooms.observed(),
                rooms.volumes(),
                rooms.resources(),
                rooms.admission(),
                new NodeFit(rooms.node()),
                rooms.placement(),
                rooms.guard(),
                new Allocations(
                        settings.folders(), rooms.node(), rooms.resources().hasExclusiveCpus()),
                users,
                sandboxes,
                new ContainerLaunch(launch, sandboxes),
                new Hooks(rooms.runtime(), time),
                probes,
                statuses,
                events,
                figures,
                time,
                settings.folders(),
                () -> hostIps(rooms.node()),
                rooms.runtimeName(),
                settings.backOffLimit(),
                settings.syncEvery());
        workers = new PodWorkers(work, preemptions, pod -> {
            if (PodTraits.isStatic(pod)) {
                gone.accept(pod);
            }
        });
        leftovers = new Leftovers(work, workers);
    }

    private static List<String> hostIps(Supplier<@Nullable Node> node) {
        Node here = node.get();
        return here == null || here.getStatus() == null
                ? List.of()
                : OrEmpty.of(here.getStatus().getAddresses()).stream()
                        .filter(address -> "InternalIP".equals(address.getType()))
                        .map(NodeAddress::getAddress)
                        .toList();
    }

    /** The workers. */
    public PodWorkers workers() {
        return workers;
    }

    /** Begins to write statuses. */
    public void start() {
        statuses.start();
    }

    /** All sources have told of what they want: whatever else there is nobody wants. */
    public void sourcesAreComplete() {
        workers.sourcesAreComplete();
        Thread.ofVirtual().name("leftovers").start(leftovers::start);
    }

    /** Lets go of all. */
    @Override
    public void close() {
        leftovers.close();
        workers.close();
        // Without results of probes, containers would be told to be unready.
        statuses.close();
        probes.close();
    }
}
