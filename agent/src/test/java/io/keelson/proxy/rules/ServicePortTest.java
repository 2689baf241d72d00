package io.keelson.proxy.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.keelson.controllers.runtime.Key;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class ServicePortTest {
    private static final String NAMED = "metadata: {namespace: default, name: web}\n";

    private static Service service(String text) {
        return Serialization.unmarshal("apiVersion: v1\nkind: Service\n" + NAMED + text, Service.class);
    }

    private static List<ServicePort> ports(String text, Family family) {
        return ServicePort.of(service(text), family);
    }

    @Test
    void aBalancedServiceIsReachedInAllItsWays() {
        String text = """
                spec:
                  type: LoadBalancer
                  clusterIP: 10.96.0.1
                  clusterIPs: [10.96.0.1, "fd00::1"]
                  externalIPs: [203.0.113.1, 203.0.113.1, "2001:db8::1"]
                  externalTrafficPolicy: Local
                  internalTrafficPolicy: Local
                  healthCheckNodePort: 31000
                  loadBalancerSourceRanges: [" 192.0.2.0/24 "]
                  sessionAffinity: ClientIP
                  ports:
                  - {name: http, port: 80, nodePort: 30080}
                  - {name: dns, protocol: UDP, port: 53}
                status:
                  loadBalancer:
                    ingress:
                    - {ip: 198.51.100.1}
                    - {ip: 198.51.100.2, ipMode: VIP}
                    - {ip: 198.51.100.3, ipMode: Proxy}
                    - {hostname: lb.example.com}
                """;
        List<ServicePort> ports = ports(text, Family.IPV4);
        assertEquals(2, ports.size());
        ServicePort http = ports.getFirst();
        assertEquals("default/web:http", http.name().toString());
        assertEquals("[203.0.113.1]", http.externalIps().toString());
        assertEquals("[198.51.100.1, 198.51.100.2]", http.ingressIps().toString());
        assertEquals("[192.0.2.0/24]", String.valueOf(http.sourceRanges()));
        assertEquals(10800, http.affinitySeconds());
        assertEquals(31000, http.healthCheckPort());
        assertTrue(http.externalLocal() && http.internalLocal());
        assertEquals(0, ports.getLast().nodePort());
        ServicePort v6 = ports(text, Family.IPV6).getFirst();
        assertEquals("fd00::1", v6.clusterIp().toString());
        assertEquals("[2001:db8::1]", v6.externalIps().toString());
        // Ranges of the other family let nobody of this one in.
        assertEquals(List.of(), v6.sourceRanges());
    }

    @Test
    void whatIsNotForThisProxyOrHasNoAddressIsLeftOut() {
        String ports = "  ports: [{port: 80}]\n";
        assertEquals(
                1, ports("spec:\n  clusterIP: 10.96.0.1\n" + ports, Family.IPV4).size());
        assertEquals(
                0, ports("spec:\n  clusterIP: 10.96.0.1\n" + ports, Family.IPV6).size());
        assertEquals(0, ports("spec:\n  clusterIP: None\n" + ports, Family.IPV4).size());
        assertEquals(0, ports("spec:\n  clusterIP: ''\n" + ports, Family.IPV4).size());
        assertEquals(0, ports("spec:\n" + ports, Family.IPV4).size());
        assertEquals(
                0,
                ports("spec:\n  type: ExternalName\n  clusterIP: 10.96.0.1\n" + ports, Family.IPV4)
                        .size());
        assertEquals(0, ports("", Family.IPV4).size());
        for (String label : List.of(ServicePort.PROXY_NAME_LABEL, ServicePort.HEADLESS_LABEL)) {
            Service other = service("spec:\n  clusterIP: 10.96.0.1\n" + ports);
            other.getMetadata().setLabels(Map.of(label, ""));
            assertEquals(List.of(), ServicePort.of(other, Family.IPV4));
        }
    }

    @Test
    void whatMakesNoSenseIsLeftOutAndTheRestServed() {
        List<ServicePort> ports = ports("""
                spec:
                  type: NodePort
                  clusterIP: 10.96.0.1
                  externalIPs: [nonsense, "", 300.1.1.1, "203.0.113.1/24"]
                  sessionAffinity: ClientIP
                  sessionAffinityConfig: {clientIP: {timeoutSeconds: -5}}
                  ports:
                  - {port: 0}
                  - {port: 70000}
                  - {port: -1}
                  - {protocol: CARRIER-PIGEON, port: 80}
                  - {name: ok, port: 80, nodePort: 99999}
                """, Family.IPV4);
        assertEquals(1, ports.size());
        assertEquals(0, ports.getFirst().nodePort());
        assertEquals(1, ports.getFirst().affinitySeconds());
        assertEquals(List.of(), ports.getFirst().externalIps());
        assertNull(ports.getFirst().sourceRanges());
    }

    @Test
    void endpointsThatMakeNoSenseAreLeftOut() {
        EndpointSlice slice = Serialization.unmarshal("""
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {namespace: default, name: web-1}
                addressType: IPv4
                endpoints:
                - {addresses: [10.244.0.1, 10.244.0.9], nodeName: here}
                - {addresses: [10.244.0.2], nodeName: there, conditions: {ready: false, serving: true, terminating: true}}
                - {addresses: ["fd00::1"]}
                - {addresses: [nonsense]}
                - {addresses: []}
                - {addresses: [10.244.0.3], hints: {forZones: [{name: a}], forNodes: [{name: here}]}}
                ports:
                - {name: http, port: 8080, protocol: TCP}
                - {name: none}
                - {name: far, port: 70000}
                - {name: odd, port: 1, protocol: X}
                """, EndpointSlice.class);
        Map<ServicePortName, List<Endpoint>> byPort = Endpoint.of(slice, Key.of("default", "web"), "here");
        assertEquals(1, byPort.size());
        List<Endpoint> endpoints = Objects.requireNonNull(
                byPort.get(new ServicePortName(Key.of("default", "web"), "http", Transport.TCP)));
        assertEquals(
                List.of("10.244.0.1:8080", "10.244.0.2:8080", "10.244.0.3:8080"),
                endpoints.stream()
                        .map(endpoint -> endpoint.destination().toString())
                        .toList());
        assertTrue(endpoints.get(0).isLocal() && endpoints.get(0).isReady());
        assertTrue(endpoints.get(1).isElsewhere() && endpoints.get(1).isLastResort());
        assertFalse(endpoints.get(2).isLocal() || endpoints.get(2).isElsewhere());
        assertEquals(Set.of("a"), endpoints.get(2).zones());
        assertEquals(Set.of("here"), endpoints.get(2).nodes());
    }
}
