package io.keelson.controllers.endpointslice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodIP;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.keelson.controllers.runtime.Manager;
import io.keelson.controllers.testing.TestCluster;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EndpointSliceControllerTest {
    private static final Instant READY = Instant.parse("2026-03-01T10:00:00Z");

    private final TestCluster cluster = new TestCluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    private void node(String name, String zone) {
        cluster.client()
                .resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .addToLabels("topology.kubernetes.io/zone", zone)
                        .endMetadata()
                        .build())
                .createOr(existing -> existing.update());
    }

    private void nodeStatus(String name, String cpu, String ready) {
        cluster.client()
                .nodes()
                .withName(name)
                .editStatus(now -> new NodeBuilder(now)
                        .editOrNewStatus()
                        .withAllocatable(Map.of("cpu", new Quantity(cpu)))
                        .withConditions()
                        .addNewCondition()
                        .withType("Ready")
                        .withStatus(ready)
                        .endCondition()
                        .endStatus()
                        .build());
    }

    private Set<String> hints(String namespace) {
        return endpoints(namespace).stream()
                .filter(endpoint -> endpoint.getHints() != null)
                .map(endpoint -> endpoint.getTargetRef().getName() + " for "
                        + endpoint.getHints().getForZones().getFirst().getName())
                .collect(Collectors.toSet());
    }

    private boolean isTold(String namespace, String reason, String message) {
        return cluster.client().v1().events().inNamespace(namespace).list().getItems().stream()
                .anyMatch(event ->
                        event.getReason().equals(reason) && event.getMessage().equals(message));
    }

    @Test
    void topologyHintsFollowTheCpuOfTheZones() throws InterruptedException {
        String namespace = cluster.namespace();
        node("node-east", "east");
        node("node-west", "west");
        nodeStatus("node-east", "4", "True");
        nodeStatus("node-west", "4", "True");
        cluster.create(namespace, """
                apiVersion: v1
                kind: Service
                metadata: {name: web, annotations: {service.kubernetes.io/topology-mode: Auto}}
                spec: {clusterIP: None, publishNotReadyAddresses: true, selector: {app: web}}
                """);
        for (int i = 1; i <= 4; i++) {
            pod(namespace, "p" + i, i == 1 ? "node-west" : "node-east", "10.1.0." + i);
        }
        cluster.run(EndpointSliceController.descriptor());
        TestCluster.await("half are for each", () -> perZone(namespace).equals(Map.of("east", 2L, "west", 2L)));
        assertTrue(hints(namespace).contains("p1 for west"));
        TestCluster.await(
                "it is told",
                () -> isTold(
                        namespace,
                        "TopologyAwareHintsEnabled",
                        "Topology Aware Hints has been enabled, addressType: IPv4"));
        nodeStatus("node-west", "12", "True");
        TestCluster.await("the larger zone gets more", () -> perZone(namespace).equals(Map.of("east", 1L, "west", 3L)));
        nodeStatus("node-west", "12", "False");
        TestCluster.await(
                "with one zone there are no hints", () -> perZone(namespace).isEmpty());
        TestCluster.await(
                "it is told why",
                () -> isTold(
                        namespace,
                        "TopologyAwareHintsDisabled",
                        "Insufficient Node information: allocatable CPU or zone not specified on one or more nodes,"
                                + " addressType: IPv4"));
    }

    private Map<String, Long> perZone(String namespace) {
        return hints(namespace).stream()
                .map(hint -> hint.substring(hint.lastIndexOf(' ') + 1))
                .collect(Collectors.groupingBy(zone -> zone, Collectors.counting()));
    }

    private Pod pod(String namespace, String name, String node, String... addresses) {
        Pod pod = (Pod) cluster.create(namespace, """
                apiVersion: v1
                kind: Pod
                metadata: {name: %s, labels: {app: web, x: "%s"}}
                spec:
                  nodeName: %s
                  hostname: h-%s
                  subdomain: web
                  containers:
                  - {name: main, image: web, ports: [{name: http, containerPort: 8080}]}
                """.formatted(name, name, node, name));
        cluster.client()
                .pods()
                .inNamespace(namespace)
                .withName(name)
                .editStatus(now -> new PodBuilder(now)
                        .editOrNewStatus()
                        .withPodIP(addresses[0])
                        .withPodIPs(List.of(addresses).stream().map(PodIP::new).toList())
                        .endStatus()
                        .build());
        return pod;
    }

    private Service service(String namespace, String spec) {
        return (Service) cluster.create(namespace, """
                apiVersion: v1
                kind: Service
                metadata: {name: web, labels: {team: blue, service.kubernetes.io/headless: mine}}
                spec:
                """ + spec.indent(2));
    }

    private List<EndpointSlice> slices(String namespace) {
        return cluster.client().discovery().v1().endpointSlices().inNamespace(namespace).list().getItems().stream()
                .sorted(Comparator.comparing(EndpointSlice::getAddressType))
                .toList();
    }

    private List<Endpoint> endpoints(String namespace) {
        List<Endpoint> all = new ArrayList<>();
        slices(namespace).forEach(slice -> all.addAll(SlicePlan.endpoints(slice)));
        return all;
    }

    private Set<String> ready(String namespace) {
        return endpoints(namespace).stream()
                .filter(endpoint -> endpoint.getConditions().getReady())
                .map(endpoint -> endpoint.getTargetRef().getName())
                .collect(Collectors.toSet());
    }

    @Test
    void aServiceHasOneSliceWithTheStateOfItsPods() throws InterruptedException {
        cluster.run(EndpointSliceController.descriptor());
        String namespace = cluster.namespace();
        node("node-a", "zone-a");
        service(namespace, """
                clusterIP: None
                selector: {app: web}
                ports: [{name: main, port: 80, targetPort: http, appProtocol: "example.com/x"}]
                """);
        TestCluster.await("a slice keeps the place", () -> slices(namespace).size() == 1);
        EndpointSlice empty = slices(namespace).getFirst();
        assertTrue(SlicePlan.endpoints(empty).isEmpty());
        assertEquals(
                Map.of(
                        "kubernetes.io/service-name", "web",
                        "endpointslice.kubernetes.io/managed-by", "endpointslice-controller.k8s.io",
                        "service.kubernetes.io/headless", "",
                        "team", "blue"),
                empty.getMetadata().getLabels());
        assertTrue(empty.getMetadata().getName().startsWith("web-"));

        Pod pod = pod(namespace, "one", "node-a", "10.1.0.1");
        TestCluster.await("the pod is an endpoint", () -> endpoints(namespace).size() == 1);
        EndpointSlice first = slices(namespace).getFirst();
        assertEquals(empty.getMetadata().getUid(), first.getMetadata().getUid(), "the empty slice was taken");
        assertEquals(8080, first.getPorts().getFirst().getPort());
        assertEquals("main", first.getPorts().getFirst().getName());
        assertEquals("TCP", first.getPorts().getFirst().getProtocol());
        assertEquals("example.com/x", first.getPorts().getFirst().getAppProtocol());
        Endpoint endpoint = first.getEndpoints().getFirst();
        assertEquals(List.of("10.1.0.1"), endpoint.getAddresses());
        assertEquals("node-a", endpoint.getNodeName());
        assertEquals("zone-a", endpoint.getZone());
        assertEquals("h-one", endpoint.getHostname());
        assertEquals("one", endpoint.getTargetRef().getName());
        assertFalse(endpoint.getConditions().getReady());
        assertFalse(endpoint.getConditions().getServing());
        assertFalse(endpoint.getConditions().getTerminating());

        cluster.ready(pod, READY);
        TestCluster.await("it is ready", () -> ready(namespace).equals(Set.of("one")));
        assertEquals(
                READY.toString(),
                slices(namespace)
                        .getFirst()
                        .getMetadata()
                        .getAnnotations()
                        .get("endpoints.kubernetes.io/last-change-trigger-time"));

        cluster.client()
                .pods()
                .inNamespace(namespace)
                .withName("one")
                .withGracePeriod(60)
                .delete();
        TestCluster.await(
                "it is terminating",
                () -> endpoints(namespace).stream()
                        .anyMatch(one -> one.getConditions().getTerminating()
                                && one.getConditions().getServing()
                                && !one.getConditions().getReady()));
        cluster.client()
                .pods()
                .inNamespace(namespace)
                .withName("one")
                .withGracePeriod(0)
                .delete();
        TestCluster.await(
                "it is gone, and a slice keeps the place",
                () -> slices(namespace).size() == 1 && endpoints(namespace).isEmpty());
    }

    @Test
    void slicesAreFilledAndRepacked() throws InterruptedException {
        String namespace = cluster.namespace();
        node("node-a", "zone-a");
        service(namespace, """
                clusterIP: None
                publishNotReadyAddresses: true
                selector: {app: web}
                ports: [{port: 80}]
                """);
        for (int i = 1; i <= 5; i++) {
            pod(namespace, "p" + i, "node-a", "10.1.0." + i, "fd00::" + i);
        }
        Manager manager =
                cluster.run(EndpointSliceController.descriptor(new EndpointSliceSettings(2, 2, Duration.ofMillis(10))));
        TestCluster.await("all are ready", () -> endpoints(namespace).size() == 5);
        assertEquals(5, ready(namespace).size());
        assertEquals(3, slices(namespace).size());
        TestCluster.await("nothing is left to do", manager::idle);
        Set<String> versions = versions(namespace);
        cluster.client()
                .pods()
                .inNamespace(namespace)
                .withName("p1")
                .edit(pod -> new PodBuilder(pod)
                        .editMetadata()
                        .addToAnnotations("nobody", "cares")
                        .endMetadata()
                        .build());
        cluster.client()
                .pods()
                .inNamespace(namespace)
                .withName("p2")
                .edit(pod -> new PodBuilder(pod)
                        .editMetadata()
                        .addToLabels("app", "other")
                        .endMetadata()
                        .build());
        TestCluster.await("one leaves by its label", () -> endpoints(namespace).size() == 4);
        Set<String> after = versions(namespace);
        after.removeAll(versions);
        assertTrue(after.size() <= 1, () -> "written: " + after);

        EndpointSlice victim = slices(namespace).getFirst();
        cluster.client().resource(victim).delete();
        TestCluster.await(
                "a slice that somebody deletes comes again",
                () -> endpoints(namespace).size() == 4);
        cluster.client().resource(slices(namespace).getLast()).edit(slice -> {
            slice.getEndpoints().getFirst().setNodeName("wrong");
            return slice;
        });
        TestCluster.await(
                "a slice that somebody changes is put right",
                () -> endpoints(namespace).stream().noneMatch(endpoint -> "wrong".equals(endpoint.getNodeName())));
    }

    private Set<String> versions(String namespace) {
        return slices(namespace).stream()
                .map(slice -> slice.getMetadata().getResourceVersion())
                .collect(Collectors.toSet());
    }

    @Test
    void trafficDistributionAndItsEndAreSeen() throws InterruptedException {
        cluster.run(EndpointSliceController.descriptor());
        String namespace = cluster.namespace();
        node("node-a", "zone-a");
        service(namespace, """
                clusterIP: None
                trafficDistribution: PreferClose
                publishNotReadyAddresses: true
                selector: {app: web}
                """);
        pod(namespace, "one", "node-a", "10.1.0.1");
        TestCluster.await(
                "it is for its zone",
                () -> endpoints(namespace).stream()
                        .anyMatch(endpoint -> endpoint.getHints() != null
                                && endpoint.getHints()
                                        .getForZones()
                                        .getFirst()
                                        .getName()
                                        .equals("zone-a")));
        cluster.client()
                .services()
                .inNamespace(namespace)
                .withName("web")
                .edit(service -> new ServiceBuilder(service)
                        .editSpec()
                        .withTrafficDistribution(null)
                        .endSpec()
                        .build());
        TestCluster.await(
                "it is for everybody",
                () -> endpoints(namespace).stream().allMatch(endpoint -> Objects.isNull(endpoint.getHints())));
    }

    @Test
    void aPodWhoseNodeIsNotThereIsLeftOutAndSaid() throws InterruptedException {
        cluster.run(EndpointSliceController.descriptor());
        String namespace = cluster.namespace();
        service(namespace, """
                clusterIP: None
                selector: {app: web}
                """);
        pod(namespace, "one", "node-late-" + namespace, "10.1.0.1");
        TestCluster.await(
                "it is said",
                () -> cluster.client().v1().events().inNamespace(namespace).list().getItems().stream()
                        .anyMatch(event -> event.getReason().equals("FailedToUpdateEndpointSlices")
                                && event.getMessage()
                                        .contains("skipping Pod one for Service " + namespace + "/web: Node")));
        assertTrue(endpoints(namespace).isEmpty());
        node("node-late-" + namespace, "zone-a");
        TestCluster.await("it comes with its node", () -> endpoints(namespace).size() == 1);
    }

    /** The loop ends at any moment, between any two writes, and the next one starts with nothing but what the API holds. */
    @Test
    void whoeverTakesOverBringsItToTheSameEnd() throws InterruptedException {
        String namespace = cluster.namespace();
        node("node-a", "zone-a");
        service(namespace, """
                clusterIP: None
                publishNotReadyAddresses: true
                selector: {app: web}
                ports: [{port: 80}]
                """);
        Random random = new Random(7);
        Set<String> selected = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            pod(namespace, "p" + i, "node-a", "10.1.0." + i);
            selected.add("p" + i);
        }
        EndpointSliceSettings small = new EndpointSliceSettings(3, 4, Duration.ZERO);
        for (int round = 0; round < 4; round++) {
            try (Manager _ = cluster.run(EndpointSliceController.descriptor(small))) {
                for (int change = 0; change < 6; change++) {
                    String name = "p" + random.nextInt(20);
                    boolean leaves = selected.remove(name);
                    if (!leaves) {
                        selected.add(name);
                    }
                    cluster.client()
                            .pods()
                            .inNamespace(namespace)
                            .withName(name)
                            .edit(pod -> new PodBuilder(pod)
                                    .editMetadata()
                                    .addToLabels("app", leaves ? "other" : "web")
                                    .endMetadata()
                                    .build());
                }
            }
        }
        Manager last = cluster.run(EndpointSliceController.descriptor(small));
        TestCluster.await("the right pods are endpoints", () -> ready(namespace).equals(selected));
        TestCluster.await("nothing is left to do", last::idle);
        assertEquals(selected.size(), endpoints(namespace).size(), "no pod is in two slices");
    }
}
