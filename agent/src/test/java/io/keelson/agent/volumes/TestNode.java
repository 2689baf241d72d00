package io.keelson.agent.volumes;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.keelson.agent.embedded.Libc;
import io.keelson.agent.environment.ReferencedObjects;
import io.keelson.agent.mounts.MountTable;
import io.keelson.agent.pods.ContainerImages;
import io.keelson.agent.volumes.csi.CsiDrivers;
import io.keelson.controllers.runtime.Events;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;

/** A node with its volumes in a folder of a test, which can be started again. */
final class TestNode implements AutoCloseable {
    final MovedTime time = new MovedTime();
    final Queue<String> told = new ConcurrentLinkedQueue<>();
    final CsiDrivers drivers = new CsiDrivers(
            socket -> InProcessChannelBuilder.forName(socket.toString()).build());
    final Path root;
    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final VolumeTimes times = new VolumeTimes(registry);
    private final KubernetesClient client;
    private final ReferencedObjects objects;
    private final Node node = new NodeBuilder()
            .withNewMetadata()
            .withName("node-1")
            .withUid("node-uid")
            .endMetadata()
            .withNewStatus()
            .addToAllocatable("memory", new Quantity("64Mi"))
            .addToAllocatable("cpu", new Quantity("2"))
            .endStatus()
            .build();
    private final Events events = new Events() {
        @Override
        public void normal(HasMetadata about, String reason, String message) {
            told.add(reason + ": " + message);
        }

        @Override
        public void warning(HasMetadata about, String reason, String message) {
            told.add(reason + ": " + message);
        }

        @Override
        public Events from(String component) {
            return this;
        }
    };
    private NodeVolumes volumes;

    TestNode(Path folder, KubernetesClient client) throws IOException {
        root = Files.createDirectories(folder.resolve("kubelet")).toRealPath();
        this.client = client;
        objects = new ReferencedObjects(client);
        volumes = started();
    }

    private NodeVolumes started() throws IOException {
        ContainerImages images =
                (pod, container, sandbox) -> new ContainerImages.Image(container.getImage() + "@sha256:1", "sha256:1");
        return new NodeVolumes(new Surroundings(
                root,
                client,
                objects,
                new ServiceAccountTokens(client, time),
                drivers,
                images,
                "node-1",
                () -> node,
                pod -> true,
                events,
                time,
                times));
    }

    ReferencedObjects objects() {
        return objects;
    }

    /** How often a plugin has made volumes, or could not, as status says. */
    long timed(String plugin, String status) {
        return registry.scrape().stream()
                .filter(snapshot -> snapshot.getMetadata().getName().equals("storage_operation_duration_seconds"))
                .flatMap(snapshot -> snapshot.getDataPoints().stream())
                .filter(point -> point.getLabels()
                        .equals(Labels.of(
                                "volume_plugin",
                                "kubernetes.io/" + plugin,
                                "operation_name",
                                "volume_mount",
                                "status",
                                status,
                                "migrated",
                                "false")))
                .mapToLong(point -> ((HistogramSnapshot.HistogramDataPointSnapshot) point).getCount())
                .sum();
    }

    NodeVolumes volumes() {
        return volumes;
    }

    /** As when the agent was killed: nothing in memory is known any more. */
    NodeVolumes restart() throws IOException {
        volumes = started();
        return volumes;
    }

    /** Where a volume of a pod is. */
    Path folder(Pod pod, String plugin, String volume) {
        return root.resolve("pods")
                .resolve(pod.getMetadata().getUid())
                .resolve("volumes")
                .resolve("kubernetes.io~" + plugin)
                .resolve(volume);
    }

    /** What is mounted below the node's folder. */
    List<String> mounted() throws IOException {
        return MountTable.read().under(root).stream()
                .map(MountTable.Mount::point)
                .toList();
    }

    /** Fails if anything of a pod is left. */
    void assertNothingLeft() throws IOException {
        assertEquals(List.of(), mounted());
        assertEquals(
                0,
                volumes.podsWithVolumes().size(),
                () -> volumes.podsWithVolumes().toString());
        assertEquals(0, volumes.volumesInUse().size());
        Path plugins = root.resolve("plugins/kubernetes.io/csi");
        if (Files.exists(plugins)) {
            try (Stream<Path> all = Files.walk(plugins)) {
                List<Path> notes = all.filter(Files::isRegularFile).toList();
                assertEquals(List.of(), notes);
            }
        }
    }

    @Override
    public void close() throws IOException {
        objects.close();
        drivers.close();
        for (MountTable.Mount mount : MountTable.read().under(root)) {
            Libc.unmount(mount.point(), VolumeCalls.UMOUNT_NOFOLLOW);
        }
    }
}
