package io.keelson.agent.command;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.grpc.StatusRuntimeException;
import io.keelson.agent.cri.RuntimeError;
import io.keelson.agent.devices.NodeDevices;
import io.keelson.agent.environment.PodAddresses;
import io.keelson.agent.environment.PodEnvironment;
import io.keelson.agent.environment.ReferencedObjects;
import io.keelson.agent.environment.ServiceLookup;
import io.keelson.agent.image.ApiPullSecrets;
import io.keelson.agent.image.CredentialProviders;
import io.keelson.agent.image.ImageCollector;
import io.keelson.agent.image.ImageDisk;
import io.keelson.agent.image.ImageMetrics;
import io.keelson.agent.image.NodeLogins;
import io.keelson.agent.image.PodImages;
import io.keelson.agent.image.PullRecords;
import io.keelson.agent.node.MachineFacts;
import io.keelson.agent.resources.NodeCgroups;
import io.keelson.agent.volumes.NodeVolumes;
import io.keelson.agent.volumes.ServiceAccountTokens;
import io.keelson.agent.volumes.Surroundings;
import io.keelson.agent.volumes.VolumeTimes;
import io.keelson.agent.volumes.csi.CsiDrivers;
import io.keelson.agent.volumes.csi.DriverSockets;
import io.keelson.agent.wire.cri.ListImagesRequest;
import io.keelson.controllers.process.Parts;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.Time;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.function.Supplier;

/**
 * What pods are made with on this node.
 *
 * @param placement who has which processors, and memory in which NUMA nodes
 * @param sockets connects to plugins
 * @param devices the devices that plugins share out
 * @param objects what pods refer to
 */
record NodeParts(
        NodeCgroups cgroups,
        NodePlacement placement,
        ReferencedObjects objects,
        DriverSockets sockets,
        NodeDevices devices,
        CsiDrivers drivers,
        NodeVolumes volumes,
        PodImages images,
        ImageCollector imageCollector,
        PodEnvironment environment,
        PodAddresses names) {
    private static final Duration CALL_MAX = Duration.ofSeconds(30);
    private static final Path HARDWARE = Path.of("/sys/devices/system");

    /**
     * Makes them.
     *
     * @param node as it was seen last, or what is known of it before
     * @param devicesChanged is told when there are other devices; must be quick
     * @throws IOException if the machine lacks something, or what an earlier agent left cannot be read
     */
    static NodeParts open(
            NodePlan plan,
            NodeRuntime runtime,
            MachineFacts machine,
            KubernetesClient client,
            ServiceLookup services,
            Supplier<Node> node,
            Runnable devicesChanged,
            Events events,
            Time time,
            PrometheusRegistry metrics,
            Parts parts)
            throws IOException {
        DriverSockets sockets = parts.opened(new DriverSockets());
        NodeDevices devices = parts.opened(new NodeDevices(
                plan.root().resolve("device-plugins"), sockets, NodeDevices.CALL_MAX, time, devicesChanged));
        NodePlacement placement = NodePlacement.open(
                HARDWARE, plan.root(), plan.exclusive(), plan.numa(), devices, machine.memoryBytes(), time, metrics);
        NodeCgroups cgroups = NodeCgroups.ofMachine(
                plan.resources(),
                machine.memoryBytes(),
                machine.memoryBytes() - plan.node().reserve().memoryBytes(),
                placement.cpus(),
                placement.memory());
        cgroups.start();
        if (plan.enforced().isPresent()) {
            cgroups.enforce(plan.enforced().get());
        }
        ReferencedObjects objects = parts.opened(new ReferencedObjects(client));
        CsiDrivers drivers = parts.opened(new CsiDrivers(sockets));
        CredentialProviders providers = plan.images().providers().isPresent()
                ? plan.images().providers().get().read(time)
                : CredentialProviders.none();
        ImageMetrics imageMetrics = new ImageMetrics(metrics);
        PullRecords records = records(plan, runtime, time);
        ImageCollector collector = new ImageCollector(
                runtime.connection(),
                runtime.observer(),
                Set::of,
                plan.images().garbage(),
                ImageDisk.of(runtime.connection()),
                records,
                (Supplier<HasMetadata>) node::get,
                events,
                time,
                imageMetrics);
        PodImages images = new PodImages(
                runtime.connection(),
                new ApiPullSecrets(client),
                NodeLogins.usual(plan.root(), providers),
                records,
                plan.images().pulls(),
                events,
                time,
                imageMetrics,
                collector::asked);
        NodeVolumes volumes = new NodeVolumes(new Surroundings(
                plan.root(),
                client,
                objects,
                new ServiceAccountTokens(client, time),
                drivers,
                images,
                plan.node().name(),
                node,
                pod -> runtime.hasRecursiveReadOnly(),
                events,
                time,
                new VolumeTimes(metrics)));
        return new NodeParts(
                cgroups,
                placement,
                objects,
                sockets,
                devices,
                drivers,
                volumes,
                images,
                collector,
                new PodEnvironment(services, objects, node, volumes),
                new PodAddresses(plan.names(), node, events));
    }

    private static PullRecords records(NodePlan plan, NodeRuntime runtime, Time time) throws IOException {
        PullRecords records = new PullRecords(
                plan.root().resolve("image_manager"), plan.images().credentials(), time);
        try {
            records.recover(runtime.connection()
                    .images(CALL_MAX)
                    .listImages(ListImagesRequest.getDefaultInstance())
                    .getImagesList());
        } catch (StatusRuntimeException e) {
            throw new IOException("the container runtime does not tell its images: " + RuntimeError.description(e), e);
        }
        return records;
    }
}
