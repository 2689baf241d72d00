package io.keelson.controllers.endpointslicemirroring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.EndpointAddress;
import io.fabric8.kubernetes.api.model.EndpointAddressBuilder;
import io.fabric8.kubernetes.api.model.EndpointPort;
import io.fabric8.kubernetes.api.model.EndpointPortBuilder;
import io.fabric8.kubernetes.api.model.Endpoints;
import io.fabric8.kubernetes.api.model.EndpointsBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MirrorTest {
    private static EndpointAddress address(String ip) {
        return new EndpointAddressBuilder().withIp(ip).build();
    }

    private static EndpointPort port(int number) {
        return new EndpointPortBuilder().withPort(number).withProtocol("TCP").build();
    }

    private static EndpointsBuilder endpoints() {
        return new EndpointsBuilder()
                .withNewMetadata()
                .withNamespace("test")
                .withName("web")
                .withUid("uid-web")
                .withLabels(Map.of("team", "blue"))
                .withAnnotations(Map.of(
                        "note", "kept",
                        "kubectl.kubernetes.io/last-applied-configuration", "{}",
                        "endpoints.kubernetes.io/last-change-trigger-time", "2026-01-01T00:00:00Z"))
                .endMetadata()
                .addNewSubset()
                .withAddresses(address("10.0.0.1"), address("FD00::0:1"), address("rubbish"))
                .withNotReadyAddresses(address("10.0.0.2"))
                .withPorts(port(80))
                .endSubset();
    }

    private static List<EndpointSlice> stored(Mirror mirror) {
        List<EndpointSlice> stored = new ArrayList<>(mirror.plan().unchanged());
        List<EndpointSlice> written = new ArrayList<>(mirror.plan().create());
        written.addAll(mirror.plan().update());
        for (EndpointSlice slice : written) {
            String name = slice.getMetadata().getName();
            stored.add(new EndpointSliceBuilder(slice)
                    .editMetadata()
                    .withName(name == null ? "web-" + slice.getAddressType() + stored.size() : name)
                    .endMetadata()
                    .build());
        }
        return stored;
    }

    @Test
    void eachFamilyHasASlice() {
        Mirror mirror = Mirror.of(endpoints().build(), List.of(), 1000);
        assertEquals(1, mirror.invalid());
        assertEquals(1, mirror.skipped());
        assertEquals(2, mirror.plan().create().size());
        EndpointSlice four = mirror.plan().create().getFirst();
        assertEquals("IPv4", four.getAddressType());
        assertEquals(
                Map.of(
                        "team", "blue",
                        "kubernetes.io/service-name", "web",
                        "endpointslice.kubernetes.io/managed-by", "endpointslicemirroring-controller.k8s.io"),
                four.getMetadata().getLabels());
        assertEquals(Map.of("note", "kept"), four.getMetadata().getAnnotations());
        assertEquals(
                "Endpoints", four.getMetadata().getOwnerReferences().getFirst().getKind());
        assertEquals(
                List.of(true, false),
                four.getEndpoints().stream()
                        .map(endpoint -> endpoint.getConditions().getReady())
                        .toList());
        assertEquals(
                List.of("fd00::1"),
                mirror.plan().create().getLast().getEndpoints().getFirst().getAddresses());
    }

    @Test
    void whatIsMirroredStaysUntilItChanges() {
        List<EndpointSlice> slices = stored(Mirror.of(endpoints().build(), List.of(), 1000));
        Mirror same = Mirror.of(endpoints().build(), slices, 1000);
        assertTrue(same.plan().create().isEmpty()
                && same.plan().update().isEmpty()
                && same.plan().delete().isEmpty());

        Endpoints ready = endpoints()
                .editFirstSubset()
                .withAddresses(address("10.0.0.2"), address("10.0.0.1"))
                .withNotReadyAddresses()
                .endSubset()
                .build();
        Mirror changed = Mirror.of(ready, slices, 1000);
        assertEquals(1, changed.plan().update().size());
        assertEquals(1, changed.plan().delete().size());
        assertEquals("IPv6", changed.plan().delete().getFirst().getAddressType());

        Endpoints relabelled = endpoints()
                .editMetadata()
                .addToLabels("team", "red")
                .endMetadata()
                .build();
        assertEquals(2, Mirror.of(relabelled, slices, 1000).plan().update().size());

        Endpoints otherPort =
                endpoints().editFirstSubset().withPorts(port(81)).endSubset().build();
        Mirror recycled = Mirror.of(otherPort, slices, 1000);
        assertEquals(2, recycled.plan().update().size(), "the slices are used again");
        assertTrue(
                recycled.plan().create().isEmpty() && recycled.plan().delete().isEmpty());

        Endpoints again =
                endpoints().editMetadata().withUid("another").endMetadata().build();
        assertEquals(2, Mirror.of(again, slices, 1000).plan().delete().size());
    }

    @Test
    void aSliceOfWhichThereAreTwoIsDeleted() {
        List<EndpointSlice> slices = stored(Mirror.of(endpoints().build(), List.of(), 1000));
        EndpointSlice twin = new EndpointSliceBuilder(slices.getFirst())
                .editMetadata()
                .withName("zz")
                .endMetadata()
                .build();
        slices.add(twin);
        assertSame(
                twin,
                Mirror.of(endpoints().build(), slices, 1000).plan().delete().getFirst());
    }

    @Test
    void tooManyAreLeftOut() {
        Mirror mirror = Mirror.of(endpoints().build(), List.of(), 1);
        assertEquals(1, mirror.plan().create().size());
        assertEquals(3, mirror.skipped());
        assertEquals(0, mirror.invalid());
    }
}
