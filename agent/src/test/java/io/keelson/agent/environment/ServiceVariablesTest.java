package io.keelson.agent.environment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class ServiceVariablesTest {
    private final Service master = service("default", "kubernetes", "10.0.0.1", 443, "https");
    private final Service redis = service("shop", "redis-master", "10.0.0.11", 6379, "");
    private final Service headless = service("shop", "db", "None", 5432, "");
    private final Service other = service("elsewhere", "web", "10.0.0.12", 80, "");

    private static Service service(String namespace, String name, String address, int port, String portName) {
        return new ServiceBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withClusterIP(address)
                .addNewPort()
                .withName(portName)
                .withPort(port)
                .withProtocol("TCP")
                .endPort()
                .endSpec()
                .build();
    }

    static ServiceLookup lookup(List<Service> services) {
        return new ServiceLookup() {
            @Override
            public boolean isFilled() {
                return true;
            }

            @Override
            public List<Service> in(String namespace) {
                return services.stream()
                        .filter(service ->
                                namespace.equals(service.getMetadata().getNamespace()))
                        .toList();
            }

            @Override
            public @Nullable Service find(String namespace, String name) {
                return in(namespace).stream()
                        .filter(service ->
                                Objects.equals(name, service.getMetadata().getName()))
                        .findFirst()
                        .orElse(null);
            }
        };
    }

    @Test
    void aServiceHasTheVariablesOfDockersLinks() {
        Map<String, String> variables =
                ServiceVariables.of(lookup(List.of(master, redis, headless, other)), "shop", true);
        assertEquals("10.0.0.11", variables.get("REDIS_MASTER_SERVICE_HOST"));
        assertEquals("6379", variables.get("REDIS_MASTER_SERVICE_PORT"));
        assertEquals("tcp://10.0.0.11:6379", variables.get("REDIS_MASTER_PORT"));
        assertEquals("tcp://10.0.0.11:6379", variables.get("REDIS_MASTER_PORT_6379_TCP"));
        assertEquals("tcp", variables.get("REDIS_MASTER_PORT_6379_TCP_PROTO"));
        assertEquals("6379", variables.get("REDIS_MASTER_PORT_6379_TCP_PORT"));
        assertEquals("10.0.0.11", variables.get("REDIS_MASTER_PORT_6379_TCP_ADDR"));
        assertEquals("443", variables.get("KUBERNETES_SERVICE_PORT_HTTPS"));
        assertFalse(variables.containsKey("DB_SERVICE_HOST"), "a headless service has no address");
        assertFalse(variables.containsKey("WEB_SERVICE_HOST"), "nor one of another namespace");
        assertEquals(7 + 8, variables.size());
    }

    @Test
    void withoutLinksOnlyTheApiIsFound() {
        Map<String, String> variables = ServiceVariables.of(lookup(List.of(master, redis)), "shop", false);
        assertEquals("10.0.0.1", variables.get("KUBERNETES_SERVICE_HOST"));
        assertTrue(variables.keySet().stream().allMatch(name -> name.startsWith("KUBERNETES_")));
    }

    @Test
    void aNamespacesOwnServiceOfThatNameHidesTheApi() {
        Service own = service("shop", "kubernetes", "10.0.0.99", 80, "");
        assertEquals(
                "10.0.0.99",
                ServiceVariables.of(lookup(List.of(master, own)), "shop", true).get("KUBERNETES_SERVICE_HOST"));
    }

    @Test
    void anAddressOfSixteenBytesIsBracketedInUrls() {
        Map<String, String> variables =
                ServiceVariables.of(lookup(List.of(service("shop", "a", "fd00::1", 80, ""))), "shop", true);
        assertEquals("tcp://[fd00::1]:80", variables.get("A_PORT"));
        assertEquals("fd00::1", variables.get("A_PORT_80_TCP_ADDR"));
    }
}
