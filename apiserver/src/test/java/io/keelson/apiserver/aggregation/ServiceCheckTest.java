package io.keelson.apiserver.aggregation;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.keelson.apiserver.admission.TestObjects;
import io.keelson.apiserver.routing.ServicePort;
import org.junit.jupiter.api.Test;

final class ServiceCheckTest {
    private static final ServicePort WANTED = new ServicePort("ns", "svc", 443);

    private final TestObjects objects = new TestObjects();

    private void service(String spec) {
        objects.with("services", "metadata: {name: svc, namespace: ns}\nspec: " + spec);
    }

    private void slice(String port, String endpoints) {
        objects.with(
                "endpointslices.discovery.k8s.io",
                "metadata: {name: one, namespace: ns, labels: {kubernetes.io/service-name: svc}}\nports: [{name: "
                        + port + ", port: 8443}]\nendpoints: [" + endpoints + "]\n");
    }

    private String refusal() {
        UnavailableException refused =
                assertThrows(UnavailableException.class, () -> new ServiceCheck(objects).check(WANTED));
        return refused.reason() + ": " + refused.message();
    }

    @Test
    void saysWhatIsMissingUntilSomebodyIsThere() {
        assertEquals("ServiceNotFound: service/svc in \"ns\" is not present", refusal());
        service("{clusterIP: 10.96.0.7, ports: [{name: https, port: 80}]}");
        assertEquals("ServicePortError: service/svc in \"ns\" is not listening on port 443", refusal());
        service("{clusterIP: 10.96.0.7, ports: [{name: https, port: 443}]}");
        assertEquals("EndpointsNotFound: cannot find endpoints for service/svc in \"ns\"", refusal());
        String missing =
                "MissingEndpoints: endpoints for service/svc in \"ns\" have no addresses with port name \"https\"";
        slice("https", "{addresses: [10.0.0.8], conditions: {ready: false}}");
        assertEquals(missing, refusal());
        slice("http", "{addresses: [10.0.0.8]}");
        assertEquals(missing, refusal());
        slice("https", "{addresses: [10.0.0.8]}");
        assertDoesNotThrow(() -> new ServiceCheck(objects).check(WANTED));
    }

    @Test
    void whatIsNotInTheClusterIsNotLookedFor() {
        service("{type: ExternalName, externalName: api.example.com}");
        assertDoesNotThrow(() -> new ServiceCheck(objects).check(WANTED));
    }
}
