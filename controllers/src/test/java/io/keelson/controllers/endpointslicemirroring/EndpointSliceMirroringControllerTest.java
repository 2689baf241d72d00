package io.keelson.controllers.endpointslicemirroring;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.api.model.EndpointAddressBuilder;
import io.fabric8.kubernetes.api.model.Endpoints;
import io.fabric8.kubernetes.api.model.EndpointsBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.keelson.controllers.runtime.Time;
import io.keelson.controllers.testing.Figures;
import io.keelson.controllers.testing.TestCluster;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EndpointSliceMirroringControllerTest {
    private final TestCluster cluster = new TestCluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    private List<EndpointSlice> slices(String namespace) {
        return cluster.client()
                .discovery()
                .v1()
                .endpointSlices()
                .inNamespace(namespace)
                .list()
                .getItems();
    }

    private List<String> addresses(String namespace) {
        return slices(namespace).stream()
                .flatMap(slice -> slice.getEndpoints().stream())
                .map(endpoint -> endpoint.getAddresses().getFirst())
                .sorted()
                .toList();
    }

    private void edit(String namespace, String label, String... ips) {
        cluster.client()
                .endpoints()
                .inNamespace(namespace)
                .withName("db")
                .edit(now -> new EndpointsBuilder(now)
                        .editMetadata()
                        .addToLabels("endpointslice.kubernetes.io/skip-mirror", label)
                        .endMetadata()
                        .editFirstSubset()
                        .withAddresses(List.of(ips).stream()
                                .map(ip ->
                                        new EndpointAddressBuilder().withIp(ip).build())
                                .toList())
                        .endSubset()
                        .build());
    }

    @Test
    void endpointsOfAServiceWithoutSelectorAreMirrored() throws InterruptedException {
        Figures figures = new Figures();
        cluster.run(
                Time.system(),
                figures.metrics(),
                EndpointSliceMirroringController.descriptor(
                        new EndpointSliceMirroringSettings(2, 2, Duration.ofMillis(5))));
        String namespace = cluster.namespace();
        Endpoints endpoints = (Endpoints) cluster.create(namespace, """
                apiVersion: v1
                kind: Endpoints
                metadata: {name: db}
                subsets:
                - addresses: [{ip: 10.9.0.1}]
                  ports: [{port: 5432}]
                """);
        cluster.create(namespace, """
                apiVersion: v1
                kind: Service
                metadata: {name: db}
                spec: {ports: [{port: 5432}]}
                """);
        TestCluster.await("it is mirrored", () -> addresses(namespace).equals(List.of("10.9.0.1")));
        EndpointSlice slice = slices(namespace).getFirst();
        assertEquals(5432, slice.getPorts().getFirst().getPort());
        assertEquals(
                endpoints.getMetadata().getUid(),
                slice.getMetadata().getOwnerReferences().getFirst().getUid());
        edit(namespace, "no", "10.9.0.1", "10.9.0.2", "10.9.0.3");
        TestCluster.await("a change is mirrored", () -> addresses(namespace).equals(List.of("10.9.0.1", "10.9.0.2")));
        assertEquals(
                slice.getMetadata().getName(),
                slices(namespace).getFirst().getMetadata().getName());
        TestCluster.await(
                "what is too much is said",
                () -> cluster.client().v1().events().inNamespace(namespace).list().getItems().stream()
                        .anyMatch(event -> event.getReason().equals("TooManyAddressesToMirror")));
        String prefix = "endpoint_slice_mirroring_controller_";
        figures.await(2, prefix + "endpoints_desired");
        assertEquals(1, figures.of(prefix + "num_endpoint_slices"));
        assertEquals(1, figures.of(prefix + "desired_endpoint_slices"));
        assertEquals(1, figures.of(prefix + "changes{operation=\"create\"}"));
        figures.await(1, prefix + "changes{operation=\"update\"}");
        assertEquals(2, figures.of(prefix + "endpoints_added_per_sync_sum"));
        figures.await(1, prefix + "addresses_skipped_per_sync_sum");
        figures.await(2, prefix + "endpoints_sync_duration_count");
        cluster.client().resource(slices(namespace).getFirst()).delete();
        TestCluster.await(
                "what somebody deletes comes again", () -> addresses(namespace).size() == 2);
        edit(namespace, "true", "10.9.0.1");
        TestCluster.await(
                "who is not to be mirrored is not", () -> slices(namespace).isEmpty());
        edit(namespace, "no", "10.9.0.4");
        TestCluster.await("it is mirrored again", () -> addresses(namespace).equals(List.of("10.9.0.4")));
        cluster.client().services().inNamespace(namespace).withName("db").edit(service -> {
            service.getSpec().setSelector(Map.of("app", "db"));
            return service;
        });
        TestCluster.await(
                "a Service with a selector has others", () -> slices(namespace).isEmpty());
        TestCluster.await("it is forgotten", () -> figures.of(prefix + "num_endpoint_slices") == 0);
    }
}
