package io.keelson.scheduler.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.ContainerImage;
import io.fabric8.kubernetes.api.model.ContainerImageBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;

/** What is kept of nodes, against the nodes themselves. */
class NodeStateProperties {
    private static Map<String, Long> randomImages(Random random) {
        Map<String, Long> images = new HashMap<>();
        for (int i = random.nextInt(5); i > 0; i--) {
            images.put("image-" + random.nextInt(6), (long) random.nextInt(3));
        }
        return images;
    }

    private static Node node(String name, Map<String, Long> images) {
        List<ContainerImage> all = new ArrayList<>();
        images.forEach((image, bytes) -> all.add(new ContainerImageBuilder()
                .withNames(image)
                .withSizeBytes(bytes)
                .build()));
        return new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withNewStatus()
                .withImages(all)
                .endStatus()
                .build();
    }

    @Property(tries = 200)
    void imagesAreThoseOfTheNodesThatThereAre(@ForAll Random random) {
        ClusterState cluster = new ClusterState();
        Map<String, Map<String, Long>> plain = new HashMap<>();
        for (int step = 0; step < 60; step++) {
            String name = "node-" + random.nextInt(5);
            if (random.nextInt(3) == 0) {
                cluster.removeNode(name);
                plain.remove(name);
            } else {
                Map<String, Long> images = randomImages(random);
                cluster.setNode(node(name, images));
                plain.put(name, images);
            }
            for (int i = 0; i < 6; i++) {
                String image = "image-" + i;
                long having = plain.values().stream()
                        .filter(images -> images.containsKey(image))
                        .count();
                assertEquals(having, cluster.nodesWithImage(image));
                plain.forEach((node, images) -> assertEquals(
                        images.getOrDefault(image, -1L),
                        Objects.requireNonNull(cluster.node(node)).imageSize(image)));
            }
        }
    }

    @Property(tries = 200)
    void labelsAreAMapLikeAnyOther(@ForAll @Size(max = 12) Map<String, String> plain, @ForAll String other) {
        Labels labels = Labels.of(plain, "name", new SharedValues());
        assertEquals(plain, labels);
        assertEquals(labels, plain);
        assertEquals(plain.hashCode(), labels.hashCode());
        assertEquals(plain.get(other), labels.get(other));
        assertEquals(plain.entrySet(), labels.entrySet());
        assertEquals(plain.containsKey(other), labels.containsKey(other));
        plain.forEach((key, value) -> assertEquals(value, labels.get(key)));
        assertNull(labels.get(null));
    }

    @Example
    void labelsThatSayNothingAreNone() {
        Map<String, String> withNulls = new LinkedHashMap<>();
        withNulls.put("a", null);
        withNulls.put(null, "b");
        withNulls.put("c", "d");
        assertEquals(Map.of("c", "d"), Labels.of(withNulls, "name", new SharedValues()));
    }

    @Example
    void nodesShareWhatTheyHaveInCommon() {
        NodeState.Shared shared = new NodeState.Shared(new ResourceTable());
        List<NodeState> nodes = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            nodes.add(new NodeState(
                    i,
                    new NodeBuilder()
                            .withNewMetadata()
                            .withName("n" + i)
                            .addToLabels("zone-" + i / 2, "a-" + i / 2)
                            .addToLabels("host", "n" + i)
                            .endMetadata()
                            .withNewSpec()
                            .addNewTaint("NoSchedule", "key", null, null)
                            .endSpec()
                            .withNewStatus()
                            .addToAllocatable("cpu", new Quantity("4"))
                            .endStatus()
                            .build(),
                    shared));
        }
        NodeState one = nodes.getFirst();
        NodeState two = nodes.getLast();
        assertSame(one.labels().get("zone-0"), two.labels().get("zone-0"));
        assertSame(one.taints(), two.taints());
        assertSame(one.allocatable(), two.allocatable());
        assertSame(one.name(), one.labels().get("host"));
    }

    @Example
    void theNodeIsMadeAgainOfWhatIsKept() {
        Node node = new NodeBuilder(node("one", Map.of("image-1", 7L)))
                .editMetadata()
                .addToLabels("zone", "a")
                .addToAnnotations("note", "b")
                .endMetadata()
                .withNewSpec()
                .withUnschedulable(true)
                .addNewTaint("NoSchedule", "key", null, "value")
                .endSpec()
                .editStatus()
                .addToAllocatable("cpu", new Quantity("1500m"))
                .addToAllocatable("memory", new Quantity("1024"))
                .addToAllocatable("example.org/widget", new Quantity("3"))
                .withDeclaredFeatures("A", "B")
                .endStatus()
                .build();
        NodeState.Shared shared = new NodeState.Shared(new ResourceTable());
        NodeState kept = new NodeState(0, node, shared);
        NodeState again = new NodeState(1, kept.node(), shared);
        assertEquals(node.getMetadata().getLabels(), kept.node().getMetadata().getLabels());
        assertEquals(kept.labels(), again.labels());
        assertEquals(Map.of("note", "b"), again.annotations());
        assertEquals(node.getSpec().getTaints(), again.taints());
        assertTrue(again.unschedulable());
        assertEquals(List.of("A", "B"), again.declaredFeatures());
        assertEquals(kept.allocatable(), again.allocatable());
        assertEquals(1_500, again.allocatable(ResourceTable.CPU));
        assertEquals(7, again.imageSize("image-1"));
    }

    @Example
    void aNodeWithoutPodsIsAsItWasBefore() {
        ClusterState cluster = new ClusterState();
        cluster.setNode(node("one", Map.of()));
        NodeState one = Objects.requireNonNull(cluster.node("one"));
        PodInfo pod = PodInfo.of(
                new PodBuilder()
                        .withNewMetadata()
                        .withName("a")
                        .withUid("a")
                        .withNamespace("default")
                        .endMetadata()
                        .withNewSpec()
                        .addNewContainer()
                        .addNewPort()
                        .withHostPort(80)
                        .endPort()
                        .withNewResources()
                        .addToRequests("cpu", new Quantity("1"))
                        .endResources()
                        .endContainer()
                        .endSpec()
                        .build(),
                cluster.table());
        for (int round = 0; round < 2; round++) {
            cluster.put(pod, "one");
            assertEquals(1_000, one.requested(ResourceTable.CPU));
            assertEquals(1, one.requested(ResourceTable.PODS));
            assertEquals(1, one.ports().size());
            cluster.remove("a");
            assertEquals(0, one.requested(ResourceTable.CPU));
            assertEquals(0, one.usual(ResourceTable.CPU));
            assertEquals(List.of(), one.ports());
            assertTrue(one.pods().isEmpty());
        }
        assertEquals(new Amounts(), Amounts.NOTHING);
    }
}
