package io.keelson.controllers.garbagecollector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.controllers.testing.ManualTime;
import io.keelson.controllers.testing.TestCluster;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GarbageCollectorControllerTest {
    private final TestCluster cluster = new TestCluster();
    private final KubernetesClient client = cluster.client();
    private final ManualTime time = new ManualTime(Instant.now());

    @BeforeAll
    void run() throws InterruptedException {
        cluster.run(time, GarbageCollectorController.descriptor());
        // Two of them, as while the lead changes hands: each sees what it has not done itself.
        cluster.run(time, GarbageCollectorController.descriptor());
    }

    @AfterAll
    void close() {
        cluster.close();
    }

    private ConfigMap create(String namespace, String name, OwnerReference... owners) {
        return client.resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(namespace)
                        .withOwnerReferences(Arrays.asList(owners))
                        .endMetadata()
                        .build())
                .create();
    }

    private static OwnerReference by(HasMetadata owner) {
        return new OwnerReferenceBuilder()
                .withApiVersion(owner.getApiVersion())
                .withKind(owner.getKind())
                .withName(owner.getMetadata().getName())
                .withUid(owner.getMetadata().getUid())
                .withBlockOwnerDeletion(true)
                .build();
    }

    private @Nullable ConfigMap get(ConfigMap map) {
        return client.configMaps()
                .inNamespace(map.getMetadata().getNamespace())
                .withName(map.getMetadata().getName())
                .get();
    }

    private void delete(HasMetadata object, DeletionPropagation propagation) {
        client.resource(object).withPropagationPolicy(propagation).delete();
    }

    private void await(String what, BooleanSupplier condition) throws InterruptedException {
        TestCluster.await(what, () -> {
            // Some looks are repeated after a while.
            time.advance(Duration.ofMillis(500));
            return condition.getAsBoolean();
        });
    }

    private List<String> owners(ConfigMap map) {
        ConfigMap found = get(map);
        assertNotNull(found);
        return found.getMetadata().getOwnerReferences().stream()
                .map(OwnerReference::getName)
                .toList();
    }

    @Test
    void aChainOfDependentsGoesAfterItsOwner() throws InterruptedException {
        String namespace = cluster.namespace();
        ConfigMap first = create(namespace, "first");
        ConfigMap second = create(namespace, "second", by(first));
        ConfigMap third = create(namespace, "third", by(second));
        ConfigMap other = create(namespace, "other");
        delete(first, DeletionPropagation.BACKGROUND);
        await("all are gone", () -> get(second) == null && get(third) == null);
        assertNotNull(get(other));
    }

    @Test
    void oneOwnerIsEnoughAndTheReferenceToTheOtherIsRemoved() throws InterruptedException {
        String namespace = cluster.namespace();
        ConfigMap one = create(namespace, "one");
        ConfigMap two = create(namespace, "two");
        ConfigMap both = create(namespace, "both", by(one), by(two));
        delete(one, DeletionPropagation.BACKGROUND);
        await("one owner is left", () -> owners(both).equals(List.of("two")));
    }

    @Test
    void inTheForegroundTheOwnerGoesLast() throws InterruptedException {
        String namespace = cluster.namespace();
        ConfigMap owner = create(namespace, "owner");
        ConfigMap held = client.resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName("held")
                        .withNamespace(namespace)
                        .withOwnerReferences(by(owner))
                        .withFinalizers("example.com/hold")
                        .endMetadata()
                        .build())
                .create();
        ConfigMap free = create(namespace, "free", by(owner));
        delete(owner, DeletionPropagation.FOREGROUND);
        await("the free one is gone, the other is being deleted", () -> {
            ConfigMap found = get(held);
            return get(free) == null && found != null && found.getMetadata().getDeletionTimestamp() != null;
        });
        assertNotNull(get(owner));
        client.configMaps()
                .inNamespace(namespace)
                .withName("held")
                .edit(map -> new ConfigMapBuilder(map)
                        .editMetadata()
                        .withFinalizers(List.of())
                        .endMetadata()
                        .build());
        await("the owner is gone", () -> get(owner) == null);
    }

    @Test
    void orphansLoseTheirOwnerAndStay() throws InterruptedException {
        String namespace = cluster.namespace();
        ConfigMap owner = create(namespace, "owner");
        ConfigMap dependent = create(namespace, "dependent", by(owner));
        delete(owner, DeletionPropagation.ORPHAN);
        await("the owner is gone", () -> get(owner) == null);
        assertEquals(List.of(), owners(dependent));
    }

    @Test
    void whoNamesAnOwnerThatNeverWasGoes() throws InterruptedException {
        String namespace = cluster.namespace();
        ConfigMap stray = create(
                namespace,
                "stray",
                new OwnerReference("v1", null, null, "ConfigMap", "never", "00000000-0000-0000-0000-000000000000"));
        await("it is gone", () -> get(stray) == null);
    }

    @Test
    void whoNamesAnOwnerByAnotherNameOrInAnotherNamespaceGoesAndIsReported() throws InterruptedException {
        String namespace = cluster.namespace();
        ConfigMap owner = create(cluster.namespace(), "owner");
        ConfigMap elsewhere = create(namespace, "elsewhere", by(owner));
        await("it is gone", () -> get(elsewhere) == null);
        TestCluster.await(
                "an event says why",
                () -> client.v1().events().inNamespace(namespace).list().getItems().stream()
                        .map(Event::getMessage)
                        .anyMatch(("ownerRef [v1/ConfigMap, namespace: " + namespace + ", name: owner, uid: "
                                + owner.getMetadata().getUid() + "] does not exist in namespace \""
                                + namespace + "\"")::equals));
        assertNotNull(get(owner));
    }

    @Test
    void whoNamesAnOwnerOfAKindThatIsNotThereStays() throws InterruptedException {
        String namespace = cluster.namespace();
        ConfigMap strange = create(
                namespace,
                "strange",
                new OwnerReference(
                        "example.com/v7", null, null, "Nothing", "n", "00000000-0000-0000-0000-000000000001"));
        ConfigMap owner = create(namespace, "owner");
        ConfigMap canary = create(namespace, "canary", by(owner));
        delete(owner, DeletionPropagation.BACKGROUND);
        await("another one is gone", () -> get(canary) == null);
        assertNotNull(get(strange));
    }

    @Test
    void thoseThatOwnEachOtherGoTogether() throws InterruptedException {
        String namespace = cluster.namespace();
        ConfigMap one = create(namespace, "one");
        ConfigMap two = create(namespace, "two", by(one));
        client.resource(one)
                .edit(map -> new ConfigMapBuilder(map)
                        .editMetadata()
                        .withOwnerReferences(by(two))
                        .endMetadata()
                        .build());
        delete(one, DeletionPropagation.FOREGROUND);
        await("both are gone", () -> get(one) == null && get(two) == null);
    }

    @Test
    void aNewKindIsSeenAfterHalfAMinute() throws InterruptedException {
        String namespace = cluster.namespace();
        ConfigMap owner = create(namespace, "owner");
        client.resource("""
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: things.gc.example.com}
            spec:
              group: gc.example.com
              scope: Namespaced
              names: {plural: things, singular: thing, kind: Thing, listKind: ThingList}
              versions:
                - name: v1
                  served: true
                  storage: true
                  schema: {openAPIV3Schema: {type: object}}
            """).create();
        TestCluster.await("the kind is served", () -> client.hasApiGroup("gc.example.com", true));
        HasMetadata thing =
                cluster.create(namespace, """
                    apiVersion: gc.example.com/v1
                    kind: Thing
                    metadata:
                      name: t
                      ownerReferences: [{apiVersion: v1, kind: ConfigMap, name: owner, uid: %s}]
                    """.formatted(owner.getMetadata().getUid()));
        time.advance(Duration.ofSeconds(31));
        delete(owner, DeletionPropagation.BACKGROUND);
        await(
                "it is gone",
                () -> client.genericKubernetesResources("gc.example.com/v1", "Thing")
                                .inNamespace(namespace)
                                .withName(thing.getMetadata().getName())
                                .get()
                        == null);
    }
}
