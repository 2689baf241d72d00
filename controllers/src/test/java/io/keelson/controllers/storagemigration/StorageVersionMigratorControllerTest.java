package io.keelson.controllers.storagemigration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.storagemigration.v1beta1.StorageVersionMigration;
import io.fabric8.kubernetes.api.model.storagemigration.v1beta1.StorageVersionMigrationBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.runtime.Manager;
import io.keelson.controllers.testing.Crashes;
import io.keelson.controllers.testing.ManualTime;
import io.keelson.controllers.testing.TestCluster;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StorageVersionMigratorControllerTest {
    private final TestCluster cluster = TestCluster.withKindsOnDemand();

    @AfterEach
    void close() {
        cluster.close();
    }

    private void define(String word, String kind, boolean second) {
        cluster.client().resource("""
                        apiVersion: apiextensions.k8s.io/v1
                        kind: CustomResourceDefinition
                        metadata: {name: %1$ss.migrated.example.com}
                        spec:
                          group: migrated.example.com
                          scope: Namespaced
                          names: {plural: %1$ss, kind: %2$s}
                          versions:
                          - {name: v1, served: true, storage: %3$b, schema: {openAPIV3Schema: {type: object}}}
                          - {name: v2, served: true, storage: %4$b, schema: {openAPIV3Schema: {type: object}}}
                        """.formatted(word, kind, !second, second)).createOr(existing -> existing.update());
    }

    private Map<String, String> make(String namespace, String word, String kind, int count) throws Exception {
        TestCluster.await("the kind is served", () -> {
            try {
                cluster.client().raw("/apis/migrated.example.com/v1/" + word + "s", "GET", null);
                return true;
            } catch (KubernetesClientException e) {
                return false;
            }
        });
        for (int i = 0; i < count; i++) {
            cluster.create(namespace, """
                    {"apiVersion": "migrated.example.com/v1", "kind": "%s", "metadata": {"name": "thing-%d"}}""".formatted(kind, i));
        }
        return versions(namespace, word);
    }

    /** Has objects stored in the second version, and waits until the server does so. */
    private void store(String namespace, String word, String kind) throws Exception {
        HasMetadata probe = cluster.create(namespace, """
                {"apiVersion": "migrated.example.com/v1", "kind": "%s", "metadata": {"name": "probe"}}""".formatted(kind));
        define(word, kind, true);
        TestCluster.await(
                "the second version is stored",
                () -> !cluster.client()
                        .resource(cluster.client().resource(probe).get())
                        .update()
                        .getMetadata()
                        .getResourceVersion()
                        .equals(probe.getMetadata().getResourceVersion()));
        cluster.client().resource(probe).delete();
    }

    /** Resource versions by name. */
    private Map<String, String> versions(String namespace, String word) {
        Map<String, String> versions = new TreeMap<>();
        cluster.client()
                .genericKubernetesResources("migrated.example.com/v1", kind(word))
                .inNamespace(namespace)
                .list()
                .getItems()
                .forEach(each -> versions.put(
                        each.getMetadata().getName(), each.getMetadata().getResourceVersion()));
        return versions;
    }

    private static String kind(String word) {
        return Character.toUpperCase(word.charAt(0)) + word.substring(1);
    }

    private StorageVersionMigration wish(String name, String group, String resource) {
        return cluster.client()
                .resource(new StorageVersionMigrationBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .withNewSpec()
                        .withNewResource(group, resource)
                        .endSpec()
                        .build())
                .create();
    }

    private StorageVersionMigration migration(String name) {
        return cluster.client()
                .resources(StorageVersionMigration.class)
                .withName(name)
                .get();
    }

    private static String state(HasMetadata migration, String type) {
        StorageVersionMigration now = (StorageVersionMigration) migration;
        return now.getStatus() == null
                ? ""
                : now.getStatus().getConditions().stream()
                        .filter(condition -> condition.getType().equals(type))
                        .map(Condition::getStatus)
                        .findFirst()
                        .orElse("");
    }

    @Test
    void objectsOfAnOlderVersionAreWrittenAsTheyAre() throws Exception {
        String namespace = cluster.namespace();
        define("lamp", "Lamp", false);
        Map<String, String> before = make(namespace, "lamp", "Lamp", 5);
        store(namespace, "lamp", "Lamp");
        cluster.run(StorageVersionMigratorController.descriptor());
        wish("lamps", "migrated.example.com", "lamps");
        TestCluster.await(
                "it succeeds", () -> state(migration("lamps"), "Succeeded").equals("True"));
        assertEquals("False", state(migration("lamps"), "Running"));
        assertFalse(migration("lamps").getStatus().getResourceVersion().isEmpty());
        Map<String, String> after = versions(namespace, "lamp");
        assertEquals(before.keySet(), after.keySet());
        before.forEach((name, version) -> assertNotEquals(version, after.get(name), name + " is stored anew"));

        wish("lamps-again", "migrated.example.com", "lamps");
        TestCluster.await(
                "it succeeds",
                () -> state(migration("lamps-again"), "Succeeded").equals("True"));
        assertEquals(after, versions(namespace, "lamp"), "what is as it is to be is not written");
    }

    @Test
    void manyObjectsAreWrittenSomeEachSecond() throws Exception {
        String namespace = cluster.namespace();
        define("chair", "Chair", false);
        Map<String, String> before = make(namespace, "chair", "Chair", 45);
        store(namespace, "chair", "Chair");
        ManualTime time = new ManualTime(Instant.now());
        Manager manager = cluster.run(time, StorageVersionMigratorController.descriptor());
        wish("chairs", "migrated.example.com", "chairs");
        for (int written : List.of(20, 40)) {
            TestCluster.await(written + " are written", () -> changed(before, namespace) >= written && manager.idle());
            assertEquals("True", state(migration("chairs"), "Running"));
            assertEquals(written, changed(before, namespace));
            time.advance(Duration.ofSeconds(1));
        }
        TestCluster.await(
                "it succeeds", () -> state(migration("chairs"), "Succeeded").equals("True"));
        assertEquals(45, changed(before, namespace));
    }

    private long changed(Map<String, String> before, String namespace) {
        Map<String, String> now = versions(namespace, "chair");
        return before.entrySet().stream()
                .filter(each -> !each.getValue().equals(now.get(each.getKey())))
                .count();
    }

    @Test
    void aMigrationOutlivesCrashes() throws Exception {
        String namespace = cluster.namespace();
        define("table", "Table", false);
        Map<String, String> before = make(namespace, "table", "Table", 8);
        store(namespace, "table", "Table");
        wish("tables", "migrated.example.com", "tables");
        int deaths = new Crashes(cluster, 17, StorageVersionMigratorController.descriptor())
                .until(
                        "it succeeds",
                        4,
                        () -> state(migration("tables"), "Succeeded").equals("True"));
        assertTrue(deaths > 0, "nobody died");
        Map<String, String> after = versions(namespace, "table");
        before.forEach((name, version) -> assertNotEquals(version, after.get(name), name));
    }

    @Test
    void whatIsNotServedFailsAfterAMinute() throws Exception {
        ManualTime time = new ManualTime(Instant.now());
        cluster.run(time, StorageVersionMigratorController.descriptor());
        wish("nothing", "nowhere.example.com", "nothings");
        wish("reviews", "authentication.k8s.io", "tokenreviews");
        TestCluster.await(
                "a review cannot be stored",
                () -> state(migration("reviews"), "Failed").equals("True"));
        assertEquals("", state(migration("nothing"), "Failed"));
        TestCluster.await("a minute is over", () -> {
            time.advance(Duration.ofSeconds(10));
            return state(migration("nothing"), "Failed").equals("True");
        });
        assertEquals(
                "resource not found",
                migration("nothing").getStatus().getConditions().getFirst().getMessage());
    }

    @Test
    void whatIsMigratedCannotBeChangedAfterwards() {
        StorageVersionMigration wish = wish("fixed", "", "configmaps");
        wish.getSpec().getResource().setResource("secrets");
        assertThrows(
                KubernetesClientException.class,
                () -> cluster.client().resource(wish).update());
        assertThrows(KubernetesClientException.class, () -> wish("without", "", ""));
    }
}
