package io.keelson.apiserver.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.keelson.apiserver.admission.TestObjects;
import io.keelson.apiserver.object.Json;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class ServiceRoutingTest {
    private static final ServicePort WANTED = new ServicePort("ns", "svc", 443);

    private final TestObjects objects = new TestObjects();

    private void service(String spec) {
        objects.with("services", "metadata: {name: svc, namespace: ns}\nspec: " + spec);
    }

    private void slice(String name, String service, int port, String endpoints) {
        objects.with("endpointslices.discovery.k8s.io", """
            metadata: {name: %s, namespace: ns, labels: {kubernetes.io/service-name: %s}}
            ports: [{name: metrics, port: 9090}, {name: https, port: %d}]
            endpoints: [%s]
            """.formatted(name, service, port, endpoints));
    }

    private String way(boolean toEndpoints) throws Exception {
        return new ServiceRouting(objects, toEndpoints).resolve(WANTED).toString();
    }

    private String refusal(boolean toEndpoints) {
        return assertThrows(NoRouteException.class, () -> way(toEndpoints)).message();
    }

    @Test
    void leadsToTheClusterAddress() throws Exception {
        for (String type : new String[] {"ClusterIP", "NodePort", "LoadBalancer"}) {
            service("{type: " + type + ", clusterIP: 10.96.0.7, ports: [{name: https, port: 443}]}");
            assertEquals("10.96.0.7:443", way(false));
        }
        service("{clusterIP: 'fd00::7', ports: [{port: 80}, {port: 443}]}");
        assertEquals("[fd00::7]:443", way(false));
    }

    @Test
    void leadsToEveryEndpointThatIsReadyAndToNoOther() throws Exception {
        service("{type: ClusterIP, clusterIP: None, ports: [{name: https, port: 443}]}");
        slice("one", "svc", 8443, "{addresses: [10.0.0.8], conditions: {ready: false}}, {addresses: ['fd00::9']}");
        slice("two", "svc", 9443, "{addresses: [10.0.0.9, 10.0.0.10], conditions: {ready: true}}, {addresses: []}");
        slice("other", "other", 8443, "{addresses: [10.0.0.11]}");
        Set<String> ways = new HashSet<>();
        for (int i = 0; i < 200; i++) {
            ways.add(way(true));
        }
        assertEquals(Set.of("[fd00::9]:8443", "10.0.0.9:9443"), ways);
    }

    @Test
    void leadsToWhatAnExternalNameStandsFor() throws Exception {
        service("{type: ExternalName, externalName: api.example.com}");
        assertEquals("api.example.com:443", way(false));
        service("{type: ExternalName, externalName: api.example.com, ports: [{port: 443}]}");
        assertEquals("unsupported service type \"ExternalName\"", refusal(true));
    }

    @Test
    void knowsAServiceThatWasMadeAMomentAgo() throws Exception {
        objects.withUnseen("services", """
            metadata: {name: svc, namespace: ns}
            spec: {type: ClusterIP, clusterIP: 10.96.0.7, ports: [{port: 443}]}
            """);
        assertEquals("10.96.0.7:443", way(false));
    }

    @Test
    void saysWhyThereIsNoWay() {
        assertEquals("service \"svc\" not found", refusal(false));
        assertEquals("service \"svc\" not found", refusal(true));
        service("{type: ClusterIP, clusterIP: 10.96.0.7, ports: [{name: https, port: 8443}]}");
        assertEquals("no service port 443 found for service \"svc\"", refusal(false));
        assertEquals("no service port 443 found for service \"svc\"", refusal(true));
        service("{type: ClusterIP, clusterIP: None, ports: [{name: https, port: 443}]}");
        assertEquals("cannot route to service with ClusterIP \"None\"", refusal(false));
        assertEquals("no endpoints available for service \"svc\"", refusal(true));
        slice("one", "svc", 8443, "{addresses: [10.0.0.8], conditions: {ready: false}}");
        assertEquals("no endpoints available for service \"svc\"", refusal(true));
        service("{type: Other, ports: [{name: https, port: 443}]}");
        assertEquals("unsupported service type \"Other\"", refusal(false));
        assertEquals("unsupported service type \"Other\"", refusal(true));
    }

    @Test
    void aReferenceWithoutAPortMeansThatOfHttps() {
        String reference = "{\"namespace\":\"ns\",\"name\":\"svc\"}";
        assertEquals(WANTED, ServicePort.of(Json.parseObject(reference.getBytes(StandardCharsets.UTF_8))));
        assertEquals("svc.ns.svc", WANTED.host());
    }
}
