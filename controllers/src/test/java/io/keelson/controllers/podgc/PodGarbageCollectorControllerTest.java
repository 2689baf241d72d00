package io.keelson.controllers.podgc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.testing.Figures;
import io.keelson.controllers.testing.ManualTime;
import io.keelson.controllers.testing.TestCluster;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PodGarbageCollectorControllerTest {
    private final TestCluster cluster = new TestCluster();
    private final KubernetesClient client = cluster.client();
    private final ManualTime time = new ManualTime(Instant.now());

    @AfterEach
    void close() {
        cluster.close();
    }

    private Pod create(String namespace, String name, @Nullable String node, String... finalizers) {
        return client.resource(new PodBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(namespace)
                        .withFinalizers(finalizers)
                        .endMetadata()
                        .withNewSpec()
                        .withNodeName(node)
                        .addNewContainer()
                        .withName("c")
                        .withImage("i")
                        .endContainer()
                        .endSpec()
                        .build())
                .create();
    }

    private @Nullable Pod get(Pod pod) {
        return client.resource(pod).get();
    }

    @Test
    void aPodOfANodeThatIsGoneFailsAndIsDeletedButNotAtOnce() throws InterruptedException {
        String namespace = cluster.namespace();
        Node node = client.resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName("there-" + namespace)
                        .endMetadata()
                        .build())
                .create();
        Pod stays = create(namespace, "stays", node.getMetadata().getName());
        Pod lost = create(namespace, "lost", "nowhere-" + namespace, "example.com/hold");
        Figures figures = new Figures();
        cluster.run(time, figures.metrics(), PodGarbageCollectorController.descriptor());
        TestCluster.await("it is marked and being deleted", () -> {
            time.advance(Duration.ofSeconds(10));
            Pod found = get(lost);
            return found != null && found.getMetadata().getDeletionTimestamp() != null;
        });
        figures.await(
                1, "pod_gc_collector_force_delete_pods_total{namespace=\"" + namespace + "\",reason=\"orphaned\"}");
        Pod found = get(lost);
        assertNotNull(found);
        assertEquals("Failed", Pods.phase(found));
        PodCondition disrupted = Pods.condition(found, "DisruptionTarget");
        assertNotNull(disrupted);
        assertEquals("True", disrupted.getStatus());
        assertEquals("DeletionByPodGC", disrupted.getReason());
        assertEquals("PodGC: node no longer exists", disrupted.getMessage());
        client.resource(found)
                .edit(pod -> new PodBuilder(pod)
                        .editMetadata()
                        .withFinalizers(List.of())
                        .endMetadata()
                        .build());
        TestCluster.await("it is gone", () -> get(lost) == null);
        assertNotNull(get(stays));
    }

    @Test
    void ofPodsThatEndedOnlySoManyStay() throws InterruptedException {
        String namespace = cluster.namespace();
        for (int i = 0; i < 5; i++) {
            cluster.ended(create(namespace, "p" + i, null), i % 2 == 0 ? "Failed" : "Succeeded");
        }
        Pod runs = create(namespace, "runs", null);
        cluster.run(time, PodGarbageCollectorController.descriptor(new PodGarbageCollectorSettings(2)));
        TestCluster.await("two that ended are left", () -> {
            time.advance(Duration.ofSeconds(10));
            return cluster.pods(namespace).size() == 3;
        });
        assertNotNull(get(runs));
    }
}
