package io.keelson.benchmarks.decision;

import io.fabric8.kubernetes.api.model.ContainerImage;
import io.fabric8.kubernetes.api.model.ContainerImageBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.keelson.scheduler.state.ClusterState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Nodes as kubelets tell of them: the labels that each has, in three zones, of four types, and some of a hundred
 * images. Each is made of texts of its own, as it would be if it came out of an answer of the API.
 */
final class MachinePark {
    static final String ZONE = "topology.kubernetes.io/zone";
    static final String HOSTNAME = "kubernetes.io/hostname";

    private static final int ZONES = 3;
    private static final int TYPES = 4;
    private static final int IMAGES_OF_ALL = 100;
    private static final int IMAGES_OF_EACH = 8;
    private static final int MEGABYTE = 1 << 20;

    private MachinePark() {}

    /** Puts so many nodes into a cluster. */
    static void fill(ClusterState cluster, int nodes) {
        for (int i = 0; i < nodes; i++) {
            cluster.setNode(node(i));
        }
    }

    private static Node node(int number) {
        String name = "node-" + number;
        List<ContainerImage> images = new ArrayList<>();
        for (int i = 0; i < IMAGES_OF_EACH; i++) {
            int image = (number + i * 13) % IMAGES_OF_ALL;
            images.add(new ContainerImageBuilder()
                    .withNames("registry.example/team/image-" + image + ":1.0")
                    .withSizeBytes((20L + image) * MEGABYTE)
                    .build());
        }
        return new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .withUid(name)
                .addToLabels(HOSTNAME, "node-" + number)
                .addToLabels(ZONE, "zone-" + number % ZONES)
                .addToLabels("topology.kubernetes.io/region", "region-1")
                .addToLabels("node.kubernetes.io/instance-type", "type-" + number % TYPES)
                .addToLabels("kubernetes.io/arch", "amd64")
                .addToLabels("kubernetes.io/os", "linux")
                .addToAnnotations("volumes.kubernetes.io/controller-managed-attach-detach", "true")
                .endMetadata()
                .withNewStatus()
                .withAllocatable(Map.of(
                        "cpu", new Quantity(Integer.toString(4)),
                        "memory", new Quantity(32 + number % TYPES + "Gi"),
                        "pods", new Quantity("110")))
                .withImages(images)
                .addNewCondition()
                .withType("Ready")
                .withStatus("True")
                .endCondition()
                .endStatus()
                .build();
    }
}
