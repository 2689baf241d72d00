package io.keelson.controllers.endpoints;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.EndpointAddress;
import io.fabric8.kubernetes.api.model.Endpoints;
import io.fabric8.kubernetes.api.model.EndpointsBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodIP;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Manager;
import io.keelson.controllers.testing.TestCluster;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EndpointsControllerTest {
    private static final Instant READY = Instant.parse("2026-03-01T10:00:00Z");

    private final TestCluster cluster = new TestCluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    private Endpoints endpoints(String namespace, String name) {
        return cluster.client()
                .endpoints()
                .inNamespace(namespace)
                .withName(name)
                .get();
    }

    private int addresses(String namespace, boolean ready) {
        return addresses(endpoints(namespace, "web"), ready);
    }

    private static int addresses(@Nullable Endpoints found, boolean ready) {
        return found == null
                ? -1
                : OrEmpty.of(found.getSubsets()).stream()
                        .map(subset -> OrEmpty.of(ready ? subset.getAddresses() : subset.getNotReadyAddresses()))
                        .mapToInt(List::size)
                        .sum();
    }

    private Pod pod(String namespace, String name, String address) {
        Pod pod = (Pod) cluster.create(namespace, """
                apiVersion: v1
                kind: Pod
                metadata: {name: %s, labels: {app: web}}
                spec:
                  nodeName: node-a
                  containers: [{name: main, image: web}]
                """.formatted(name));
        cluster.client()
                .pods()
                .inNamespace(namespace)
                .withName(name)
                .editStatus(now -> new PodBuilder(now)
                        .editOrNewStatus()
                        .withPodIP(address)
                        .withPodIPs(new PodIP(address))
                        .endStatus()
                        .build());
        return pod;
    }

    @Test
    void aServiceHasTheAddressesOfItsPods() throws InterruptedException {
        String namespace = cluster.namespace();
        cluster.create(namespace, """
                apiVersion: v1
                kind: Endpoints
                metadata: {name: left-over}
                """);
        cluster.create(namespace, """
                apiVersion: v1
                kind: Endpoints
                metadata: {name: election, annotations: {control-plane.alpha.kubernetes.io/leader: "{}"}}
                """);
        cluster.create(namespace, """
                apiVersion: v1
                kind: Service
                metadata: {name: web, labels: {team: blue}}
                spec:
                  clusterIP: None
                  selector: {app: web}
                  ports: [{name: http, port: 80, targetPort: 8080}, {name: other, port: 81}]
                """);
        Manager manager = cluster.run(EndpointsController.descriptor());
        TestCluster.await("it has none", () -> addresses(namespace, true) == 0);
        TestCluster.await("what has no Service is gone", () -> endpoints(namespace, "left-over") == null);
        assertTrue(endpoints(namespace, "election") != null);
        Pod one = pod(namespace, "one", "10.1.0.1");
        pod(namespace, "two", "10.1.0.2");
        TestCluster.await("two are not ready", () -> addresses(namespace, false) == 2);
        cluster.ready(one, READY);
        TestCluster.await("one is ready", () -> addresses(namespace, true) == 1 && addresses(namespace, false) == 1);
        Endpoints found = endpoints(namespace, "web");
        assertEquals(
                Map.of(
                        "team", "blue",
                        "service.kubernetes.io/headless", "",
                        "endpoints.kubernetes.io/managed-by", "endpoint-controller"),
                found.getMetadata().getLabels());
        assertEquals(
                READY.toString(),
                found.getMetadata().getAnnotations().get("endpoints.kubernetes.io/last-change-trigger-time"));
        assertEquals(1, found.getSubsets().size());
        EndpointAddress address = found.getSubsets().getFirst().getAddresses().getFirst();
        assertEquals("10.1.0.1", address.getIp());
        assertEquals("node-a", address.getNodeName());
        assertEquals("one", address.getTargetRef().getName());
        assertEquals(
                List.of(8080, 81),
                found.getSubsets().getFirst().getPorts().stream()
                        .map(port -> port.getPort())
                        .toList());

        cluster.client()
                .pods()
                .inNamespace(namespace)
                .withName("one")
                .withGracePeriod(60)
                .delete();
        TestCluster.await("a terminating pod is none", () -> addresses(namespace, true) == 0);
        TestCluster.await("nothing is left to do", manager::idle);
        cluster.client()
                .resource(endpoints(namespace, "web"))
                .edit(now -> new EndpointsBuilder(now).withSubsets().build());
        cluster.client().services().inNamespace(namespace).withName("web").edit(service -> {
            service.getMetadata().getLabels().put("team", "red");
            return service;
        });
        TestCluster.await("it is put right", () -> {
            Endpoints now = endpoints(namespace, "web");
            return addresses(now, false) == 1
                    && "red".equals(now.getMetadata().getLabels().get("team"));
        });
        cluster.client().endpoints().inNamespace(namespace).withName("web").delete();
        TestCluster.await("it is made again", () -> addresses(namespace, false) == 1);
        cluster.client().services().inNamespace(namespace).withName("web").delete();
        TestCluster.await("it goes with its Service", () -> endpoints(namespace, "web") == null);
    }

    @Test
    void portlessHeadlessServicesHaveAddressesAndPublishWhatIsNotReady() throws InterruptedException {
        String namespace = cluster.namespace();
        pod(namespace, "one", "10.1.0.1");
        cluster.create(namespace, """
                apiVersion: v1
                kind: Service
                metadata: {name: web}
                spec: {clusterIP: None, publishNotReadyAddresses: true, selector: {app: web}}
                """);
        cluster.run(EndpointsController.descriptor());
        TestCluster.await("it has one", () -> addresses(namespace, true) == 1);
        assertTrue(
                OrEmpty.of(endpoints(namespace, "web").getSubsets().getFirst().getPorts())
                        .isEmpty());
        assertNull(endpoints(namespace, "web")
                .getMetadata()
                .getAnnotations()
                .get("endpoints.kubernetes.io/over-capacity"));
    }
}
