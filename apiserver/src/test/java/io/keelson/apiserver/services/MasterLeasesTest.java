package io.keelson.apiserver.services;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.protobuf.KubernetesProtobuf;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.services.TwoServers.Side;
import io.keelson.apiserver.store.StoredValue;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two servers behind the Service {@code kubernetes}. */
final class MasterLeasesTest {
    @TempDir
    private Path folder;

    @Test
    void theEndpointsAreTheServersThatLive() throws Exception {
        try (TwoServers servers = new TwoServers(folder, PortRange.DEFAULT, "10.9.0.0/24", "fd00:9::/112")) {
            List<AddressRange> ranges = List.of(AddressRange.of("10.9.0.0/24"), AddressRange.of("fd00:9::/112"));
            Side one = servers.sides.get(0);
            Side two = servers.sides.get(1);
            KubernetesService first = new KubernetesService(
                    one.rest(), one.store(), TwoServers.PREFIX, ranges, Address.parse("10.0.0.2"), 6443);
            KubernetesService second = new KubernetesService(
                    two.rest(), two.store(), TwoServers.PREFIX, ranges, Address.parse("10.0.0.1"), 6443);
            first.round();
            assertEquals(List.of("10.0.0.2"), addresses(one));
            second.round();
            assertEquals(List.of("10.0.0.1", "10.0.0.2"), addresses(one));
            first.round();
            assertEquals(List.of("10.0.0.1", "10.0.0.2"), addresses(one));
            first.close();
            assertEquals(List.of("10.0.0.1"), addresses(one));
            first.round();
            assertEquals(List.of("10.0.0.1"), addresses(one));

            StoredValue lease = one.store().get("/registry/masterleases/10.0.0.1");
            assertNotNull(lease);
            ObjectNode endpoints = KubernetesProtobuf.decode(lease.bytes());
            assertEquals("10.0.0.1", endpoints.at("/subsets/0/addresses/0/ip").asText());
            ObjectNode service = one.rest().read(one.services(), "default", "kubernetes");
            assertNotNull(service);
            assertEquals("10.9.0.1", service.at("/spec/clusterIP").asText());
            assertEquals("SingleStack", service.at("/spec/ipFamilyPolicy").asText());
            assertEquals(443, service.at("/spec/ports/0/port").asInt());
            assertEquals(6443, service.at("/spec/ports/0/targetPort").asInt());
            Resource slices = one.rest().resource("discovery.k8s.io", "endpointslices");
            ObjectNode six = one.rest().read(slices, "default", "kubernetes-v6");
            assertNotNull(six);
            assertEquals("IPv6", six.path("addressType").asText());
            assertEquals(0, six.path("endpoints").size());
            second.close();
        }
    }

    private static List<String> addresses(Side side) throws InterruptedException {
        ObjectNode endpoints = side.rest().read(side.rest().resource("", "endpoints"), "default", "kubernetes");
        ObjectNode slice =
                side.rest().read(side.rest().resource("discovery.k8s.io", "endpointslices"), "default", "kubernetes");
        assertNotNull(endpoints);
        assertNotNull(slice);
        List<String> old = endpoints
                .at("/subsets/0/addresses")
                .valueStream()
                .map(address -> address.path("ip").asText())
                .toList();
        List<String> now = slice.path("endpoints")
                .valueStream()
                .map(endpoint -> endpoint.at("/addresses/0").asText())
                .toList();
        assertEquals(old, now);
        assertEquals(6443, endpoints.at("/subsets/0/ports/0/port").asInt());
        return old;
    }
}
