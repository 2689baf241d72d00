package io.keelson.controllers.namespace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceCondition;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.controllers.runtime.AtOnce;
import io.keelson.controllers.testing.ManualTime;
import io.keelson.controllers.testing.TestCluster;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NamespaceControllerTest {
    private final TestCluster cluster = new TestCluster();
    private final KubernetesClient client = cluster.client();
    private final ManualTime time = new ManualTime(Instant.now());

    @AfterEach
    void close() {
        cluster.close();
    }

    private void configMap(String namespace, String name, String... finalizers) {
        client.resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(namespace)
                        .withFinalizers(finalizers)
                        .endMetadata()
                        .build())
                .create();
    }

    private @Nullable Namespace get(String namespace) {
        return client.namespaces().withName(namespace).get();
    }

    private boolean isGone(String namespace) {
        time.advance(Duration.ofSeconds(1));
        return get(namespace) == null;
    }

    private boolean says(String namespace, String type, String message) {
        time.advance(Duration.ofSeconds(1));
        Namespace found = get(namespace);
        return found != null
                && found.getStatus().getConditions().stream()
                        .filter(condition -> condition.getType().equals(type))
                        .map(NamespaceCondition::getMessage)
                        .anyMatch(message::equals);
    }

    @Test
    void aNamespaceOfAThousandObjectsOfManyKindsGoesWithAllThatIsInIt() throws InterruptedException {
        // Two of them, as while the lead changes hands.
        cluster.run(time, NamespaceController.descriptor());
        cluster.run(time, NamespaceController.descriptor());
        String namespace = cluster.namespace();
        AtOnce.run(IntStream.range(0, 1000).boxed().toList(), 32, i -> configMap(namespace, "c" + i));
        cluster.create(namespace, """
            apiVersion: v1
            kind: Service
            metadata: {name: s}
            spec: {ports: [{port: 80}]}
            """);
        cluster.create(namespace, """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: d}
            spec:
              selector: {matchLabels: {a: b}}
              template:
                metadata: {labels: {a: b}}
                spec: {containers: [{name: c, image: i}]}
            """);
        client.namespaces().withName(namespace).delete();
        time.advance(Duration.ofSeconds(4));
        assertNotNull(get(namespace));
        TestCluster.await("it is gone", () -> isGone(namespace));
        assertEquals(
                List.of(), client.configMaps().inNamespace(namespace).list().getItems());
        assertEquals(List.of(), client.services().inNamespace(namespace).list().getItems());
    }

    @Test
    void whatHasAFinalizerIsWaitedForAndNamed() throws InterruptedException {
        cluster.run(time, NamespaceController.descriptor());
        String namespace = cluster.namespace();
        configMap(namespace, "held", "example.com/hold");
        configMap(namespace, "free");
        client.namespaces().withName(namespace).delete();
        TestCluster.await(
                "the finalizer is named",
                () -> says(
                        namespace,
                        "NamespaceFinalizersRemaining",
                        "Some content in the namespace has finalizers remaining: example.com/hold in 1 resource"
                                + " instances"));
        assertTrue(says(
                namespace,
                "NamespaceContentRemaining",
                "Some resources are remaining: configmaps. has 1 resource instances"));
        client.configMaps()
                .inNamespace(namespace)
                .withName("held")
                .edit(map -> new ConfigMapBuilder(map)
                        .editMetadata()
                        .withFinalizers(List.of())
                        .endMetadata()
                        .build());
        TestCluster.await("it is gone", () -> isGone(namespace));
    }

    @Test
    void aPodThatRunsHoldsAllElseUntilItHasEnded() throws InterruptedException {
        cluster.run(time, NamespaceController.descriptor());
        String namespace = cluster.namespace();
        configMap(namespace, "needed");
        Pod pod = (Pod) cluster.create(namespace, """
            apiVersion: v1
            kind: Pod
            metadata: {name: p}
            spec:
              nodeName: somewhere
              containers: [{name: c, image: i}]
            """);
        client.namespaces().withName(namespace).delete();
        TestCluster.await(
                "the pod is named",
                () -> says(
                        namespace,
                        "NamespaceContentRemaining",
                        "Some resources are remaining: pods. has 1 resource instances"));
        ConfigMap needed =
                client.configMaps().inNamespace(namespace).withName("needed").get();
        assertNotNull(needed);
        client.resource(pod).withGracePeriod(0).delete();
        TestCluster.await("it is gone", () -> isGone(namespace));
    }

    @Test
    void aFinalizerOfTheNamespaceThatSomebodyElseHasIsLeftToThem() throws InterruptedException {
        cluster.run(time, NamespaceController.descriptor());
        String namespace = cluster.namespace();
        Namespace held = get(namespace);
        assertNotNull(held);
        held.getSpec().setFinalizers(List.of("kubernetes", "example.com/other"));
        client.raw("/api/v1/namespaces/" + namespace + "/finalize", "PUT", held);
        client.namespaces().withName(namespace).delete();
        TestCluster.await("only the other one is left", () -> {
            time.advance(Duration.ofSeconds(1));
            Namespace found = get(namespace);
            return found != null && found.getSpec().getFinalizers().equals(List.of("example.com/other"));
        });
        Namespace left = get(namespace);
        assertNotNull(left);
        left.getSpec().setFinalizers(List.of());
        client.raw("/api/v1/namespaces/" + namespace + "/finalize", "PUT", left);
        TestCluster.await("it is gone", () -> get(namespace) == null);
    }
}
