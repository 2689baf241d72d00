package io.keelson.controllers.testing;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.authentication.SelfSubjectReview;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import io.fabric8.kubernetes.api.model.scheduling.v1.PriorityClassBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.Outcome;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The next test finds nothing of one that has ended but its namespace. */
class LeftoversTest {
    private final TestCluster next = new TestCluster();
    private final KubernetesClient client = next.client();

    @AfterEach
    void close() {
        next.close();
    }

    /** Makes a role for each ConfigMap of a namespace. */
    private static ControllerDescriptor roles(String namespace) {
        return new ControllerDescriptor("roles", 1, (context, setup) -> {
            setup.watch(ConfigMap.class);
            return key -> {
                if (key.namespace().equals(namespace)) {
                    context.client()
                            .resource(new ClusterRoleBuilder()
                                    .withNewMetadata()
                                    .withName(namespace + ':' + key.name())
                                    .endMetadata()
                                    .build())
                            .createOr(existing -> existing.update());
                }
                return Outcome.done();
            };
        });
    }

    @Test
    void whatIsInNoNamespaceAndServicesGoWithTheirTestWhoeverMadeThemAndHoldsThem() throws InterruptedException {
        String namespace;
        String node;
        try (TestCluster cluster = new TestCluster()) {
            namespace = cluster.namespace();
            cluster.run(roles(namespace));
            node = new TestNodes(cluster.client()).create(Map.of());
            cluster.create(namespace, """
                    apiVersion: v1
                    kind: ConfigMap
                    metadata: {name: stays}
                    """);
            cluster.create(namespace, """
                    apiVersion: v1
                    kind: Service
                    metadata: {name: goes}
                    spec: {ports: [{port: 80}]}
                    """);
            cluster.create(namespace, """
                    apiVersion: v1
                    kind: PersistentVolume
                    metadata: {name: %s, finalizers: [example.com/held]}
                    spec:
                      accessModes: [ReadWriteOnce]
                      capacity: {storage: 1Gi}
                      hostPath: {path: /data}
                    """.formatted(namespace));
            cluster.client()
                    .resource(new PriorityClassBuilder()
                            .withNewMetadata()
                            .withName(namespace)
                            .endMetadata()
                            .withValue(7)
                            .build())
                    .serverSideApply();
            String made = namespace + ":stays";
            TestCluster.await(
                    "a controller makes a role",
                    () -> client.rbac().clusterRoles().withName(made).get() != null);
        }
        assertNull(client.nodes().withName(node).get());
        assertNull(client.persistentVolumes().withName(namespace).get());
        assertNull(
                client.scheduling().v1().priorityClasses().withName(namespace).get());
        assertNull(client.rbac().clusterRoles().withName(namespace + ":stays").get());
        assertNull(client.services().inNamespace(namespace).withName("goes").get());
        assertNotNull(
                client.configMaps().inNamespace(namespace).withName("stays").get());
    }

    @Test
    void aKindGoesWithItsObjects() throws InterruptedException {
        String name = "wells.leftovers.keelson.test";
        try (TestCluster cluster = new TestCluster()) {
            cluster.client().resource("""
                    apiVersion: apiextensions.k8s.io/v1
                    kind: CustomResourceDefinition
                    metadata: {name: wells.leftovers.keelson.test}
                    spec:
                      group: leftovers.keelson.test
                      scope: Cluster
                      names: {plural: wells, singular: well, kind: Well}
                      versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
                    """).create();
            TestCluster.await("the kind is served", () -> client.hasApiGroup("leftovers.keelson.test", true));
            cluster.client().resource("""
                    apiVersion: leftovers.keelson.test/v1
                    kind: Well
                    metadata: {name: deep}
                    """).create();
        }
        assertNull(client.apiextensions()
                .v1()
                .customResourceDefinitions()
                .withName(name)
                .get());
        TestCluster.await("it is served no more", () -> !client.hasApiGroup("leftovers.keelson.test", true));
    }

    @Test
    void whatWasGoneAlreadyAndWhatWasNeverKeptIsNoTrouble() {
        String node;
        try (TestCluster cluster = new TestCluster()) {
            node = new TestNodes(cluster.client()).create(Map.of());
            cluster.client().nodes().withName(node).delete();
            SelfSubjectReview review =
                    cluster.client().resource(new SelfSubjectReview()).create();
            assertFalse(review.getStatus().getUserInfo().getUsername().isEmpty());
        }
        assertNull(client.nodes().withName(node).get());
    }
}
