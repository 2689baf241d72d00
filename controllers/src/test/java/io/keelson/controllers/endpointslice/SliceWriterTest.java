package io.keelson.controllers.endpointslice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.SliceVersions;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Time;
import io.keelson.controllers.testing.TestCluster;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SliceWriterTest {
    private final TestCluster cluster = new TestCluster();
    private final Time time = Time.system();
    private final SliceVersions versions = new SliceVersions(time);
    private final SliceWriter writer = new SliceWriter(cluster.client(), versions);
    private Service service = new Service();
    private Key key = new Key("", "");

    @BeforeEach
    void makeService() {
        String namespace = cluster.namespace();
        service = (Service) cluster.create(namespace, """
                apiVersion: v1
                kind: Service
                metadata: {name: web}
                spec: {clusterIP: None, selector: {app: web}}
                """);
        key = Key.of(service);
    }

    @AfterEach
    void close() {
        time.close();
        cluster.close();
    }

    private List<EndpointSlice> stored() {
        return cluster.client()
                .discovery()
                .v1()
                .endpointSlices()
                .inNamespace(key.namespace())
                .list()
                .getItems();
    }

    private EndpointSlice created() {
        writer.write(key, new SlicePlanner(service, 100).plan("IPv4", List.of(), Map.of()), true, annotations -> {});
        return stored().getFirst();
    }

    private static SlicePlan updating(EndpointSlice slice, String label) {
        SlicePlan plan = new SlicePlan();
        plan.update()
                .add(new EndpointSliceBuilder(slice)
                        .editMetadata()
                        .addToLabels("label", label)
                        .endMetadata()
                        .build());
        return plan;
    }

    private static SlicePlan deleting(EndpointSlice slice) {
        SlicePlan plan = new SlicePlan();
        plan.delete().add(slice);
        return plan;
    }

    @Test
    void aSliceThatSomebodyHasWrittenMeanwhileIsNotOverwritten() {
        EndpointSlice seen = created();
        writer.write(key, updating(seen, "theirs"), true, annotations -> annotations.put("note", "here"));
        assertEquals("here", stored().getFirst().getMetadata().getAnnotations().get("note"));
        KubernetesClientException refusal = assertThrows(
                KubernetesClientException.class,
                () -> writer.write(key, updating(seen, "mine"), true, annotations -> {}));
        assertEquals(409, refusal.getCode());
        assertEquals("theirs", stored().getFirst().getMetadata().getLabels().get("label"));
    }

    @Test
    void anotherSliceOfTheSameNameIsNotDeleted() {
        EndpointSlice seen = created();
        writer.write(key, deleting(seen), true, annotations -> {});
        assertTrue(stored().isEmpty());
        cluster.client()
                .resource(new EndpointSliceBuilder(seen)
                        .editMetadata()
                        .withUid(null)
                        .withResourceVersion(null)
                        .endMetadata()
                        .build())
                .create();
        writer.write(key, deleting(seen), true, annotations -> {});
        assertEquals(1, stored().size());
    }

    @Test
    void whatWasWrittenIsKnownAndASliceOfAServiceThatGoesIsNotMade() {
        assertFalse(versions.isStale(key, List.of()));
        EndpointSlice slice = created();
        assertTrue(versions.isStale(key, List.of()));
        assertFalse(versions.isStale(key, List.of(slice)));
        assertFalse(versions.isNews(key, slice));
        SlicePlan more = new SlicePlanner(service, 100).plan("IPv6", List.of(), Map.of());
        writer.write(key, more, false, annotations -> {});
        assertEquals(1, stored().size());
        writer.write(key, deleting(slice), true, annotations -> {});
        assertTrue(versions.isStale(key, List.of(slice)));
        assertFalse(versions.isStale(key, List.of()));
    }

    @Test
    void inANamespaceThatEndsNothingIsMadeAndNothingFails() throws InterruptedException {
        // Nobody empties the namespace here: it stays, terminating, as long as it is not finalized.
        cluster.client().namespaces().withName(key.namespace()).delete();
        TestCluster.await(
                "it is terminating",
                () -> cluster.client()
                                .namespaces()
                                .withName(key.namespace())
                                .get()
                                .getMetadata()
                                .getDeletionTimestamp()
                        != null);
        writer.write(key, new SlicePlanner(service, 100).plan("IPv4", List.of(), Map.of()), true, annotations -> {});
        assertTrue(stored().isEmpty());
    }
}
