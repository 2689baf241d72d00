package io.keelson.scheduler.plugins;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.fabric8.kubernetes.api.model.ContainerImageBuilder;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.keelson.scheduler.decision.Score;
import io.keelson.scheduler.plugins.DataLocality.Weights;
import io.keelson.scheduler.state.ClusterState;
import io.keelson.scheduler.state.NodeState;
import io.keelson.scheduler.state.PodInfo;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class DataLocalityTest {
    private static final String ANNOTATION = "scheduling.keelson.io/data-sets";

    private final ClusterState cluster = new ClusterState();

    private void node(String name, String dataSets, String... images) {
        cluster.setNode(new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .withAnnotations(Map.of(ANNOTATION, dataSets))
                .endMetadata()
                .withNewStatus()
                .withImages(new ContainerImageBuilder()
                        .withNames(images)
                        .withSizeBytes(1L)
                        .build())
                .endStatus()
                .build());
    }

    private PodInfo pod(String dataSets, String... images) {
        PodBuilder pod = new PodBuilder()
                .withNewMetadata()
                .withName("pod")
                .withNamespace("default")
                .withUid("uid")
                .withAnnotations(Map.of(ANNOTATION, dataSets))
                .endMetadata()
                .withNewSpec()
                .endSpec();
        for (String image : images) {
            pod.editSpec().addNewContainer().withImage(image).endContainer().endSpec();
        }
        return PodInfo.of(pod.build(), cluster.table());
    }

    /** What the nodes are worth, by name; empty if the rule has nothing to say. */
    private Map<String, Long> worths(Weights weights, PodInfo pod) {
        Score.Rating rating =
                new DataLocality(weights, ANNOTATION, new DataPlaces()).prepare(pod, cluster, cluster.nodes());
        Map<String, Long> worths = new TreeMap<>();
        if (rating != null) {
            for (NodeState node : cluster.nodes()) {
                worths.put(node.name(), rating.rate(node));
            }
        }
        return worths;
    }

    @Test
    void nodesAreWorthWhatPartOfTheDataSetsTheyHold() {
        node("all", " weather , genomes,maps");
        node("half", "genomes");
        node("none", "");
        assertEquals(
                Map.of("all", 100L, "half", 50L, "none", 0L), worths(new Weights(1, 1, 1), pod("genomes,,weather")));
        assertEquals(Map.of(), worths(new Weights(1, 0, 1), pod("genomes")), "they do not count");
    }

    @Test
    void nodesAreWorthWhatPartOfTheImagesTheyHave() {
        node("both", "", "one:latest", "two:v1");
        node("one", "", "one:latest");
        assertEquals(Map.of("both", 100L, "one", 50L), worths(new Weights(1, 1, 1), pod("", "one", "two:v1")));
        assertEquals(Map.of(), worths(new Weights(1, 1, 1), pod("", "three")), "no node has it");
    }

    @Test
    void eachKindOfDataCountsByItsWeight() {
        node("data", "genomes", "other");
        node("image", "", "one:latest");
        assertEquals(Map.of("data", 75L, "image", 25L), worths(new Weights(5, 3, 1), pod("genomes", "one")));
    }

    @Test
    void whoWorksWithNoDataHasNoWish() {
        node("node", "genomes", "one:latest");
        assertNull(new DataLocality(new Weights(1, 1, 1), ANNOTATION, new DataPlaces())
                .prepare(pod(" , "), cluster, cluster.nodes()));
    }
}
