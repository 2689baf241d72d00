package io.keelson.apiserver.aggregation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.ObjectLookup;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class ServiceRoutingTest {
    private static final ApiService WANTED = new ApiService("v1.g", "g", "v1", "ns", "svc", 443, "", true, 100, 10);
    private static final String CLUSTER_IP = """
            {"metadata":{"name":"svc","namespace":"ns"},"spec":{"type":"ClusterIP","clusterIP":"10.96.0.7",
             "ports":[{"name":"https","port":443}]}}""";
    private static final String SLICE = """
            {"metadata":{"name":"svc-1","namespace":"ns","labels":{"kubernetes.io/service-name":"svc"}},
             "ports":[{"name":"https","port":8443}],"endpoints":[
             {"addresses":["10.0.0.8"],"conditions":{"ready":false}},{"addresses":["fd00::9"]}]}""";

    /** What there is: services and endpoint slices. */
    private record Objects(List<ObjectNode> services, List<ObjectNode> slices) implements ObjectLookup {
        static Objects of(String service, String... slices) {
            List<ObjectNode> all = new ArrayList<>();
            for (String slice : slices) {
                all.add(parsed(slice));
            }
            return new Objects(service.isEmpty() ? List.of() : List.of(parsed(service)), all);
        }

        private static ObjectNode parsed(String json) {
            return Json.parseObject(json.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public @Nullable ObjectNode recent(String group, String resource, String namespace, String name) {
            return services.stream()
                    .filter(service -> ObjectMeta.name(service).equals(name))
                    .findFirst()
                    .orElse(null);
        }

        @Override
        public @Nullable ObjectNode now(String group, String resource, String namespace, String name) {
            return recent(group, resource, namespace, name);
        }

        @Override
        public List<ObjectNode> all(String group, String resource, String namespace) {
            return slices;
        }

        @Override
        public List<ObjectNode> allNow(String group, String resource, String namespace) {
            return slices;
        }
    }

    private static String refusal(Objects objects, boolean endpoints) {
        ServiceRouting routing = new ServiceRouting(objects, endpoints);
        UnavailableException refused = assertThrows(UnavailableException.class, () -> {
            routing.check(WANTED);
            var _ = routing.to(WANTED);
        });
        return refused.reason() + ": " + refused.message();
    }

    @Test
    void leadsToTheClusterAddressOrToPods() throws Exception {
        Objects objects = Objects.of(CLUSTER_IP, SLICE);
        assertEquals(
                "10.96.0.7:443", new ServiceRouting(objects, false).to(WANTED).toString());
        assertEquals(
                "[fd00::9]:8443", new ServiceRouting(objects, true).to(WANTED).toString());
        new ServiceRouting(objects, true).check(WANTED);
    }

    @Test
    void leadsToWhatAnExternalNameStandsFor() throws Exception {
        Objects objects = Objects.of("""
                {"metadata":{"name":"svc"},"spec":{"type":"ExternalName","externalName":"api.example.com"}}""");
        new ServiceRouting(objects, false).check(WANTED);
        assertEquals(
                "api.example.com:443",
                new ServiceRouting(objects, true).to(WANTED).toString());
    }

    @Test
    void saysWhatIsMissing() {
        assertEquals("ServiceNotFound: service/svc in \"ns\" is not present", refusal(Objects.of(""), false));
        assertEquals(
                "ServicePortError: service/svc in \"ns\" is not listening on port 443",
                refusal(Objects.of(CLUSTER_IP.replace("443", "80"), SLICE), false));
        assertEquals(
                "EndpointsNotFound: cannot find endpoints for service/svc in \"ns\"",
                refusal(Objects.of(CLUSTER_IP), false));
        assertEquals(
                "MissingEndpoints: endpoints for service/svc in \"ns\" have no addresses with port name \"https\"",
                refusal(
                        Objects.of(CLUSTER_IP, SLICE.replace("{\"addresses\":[\"fd00::9\"]}", "{\"addresses\":[]}")),
                        true));
        assertEquals(
                "FailedDiscoveryCheck: cannot route to service with ClusterIP \"None\"",
                refusal(Objects.of(CLUSTER_IP.replace("10.96.0.7", "None"), SLICE), false));
    }
}
