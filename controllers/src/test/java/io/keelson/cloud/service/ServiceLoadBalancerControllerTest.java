package io.keelson.cloud.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.LoadBalancerIngress;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.Taint;
import io.keelson.cloud.CloudException;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Time;
import io.keelson.controllers.testing.Crashes;
import io.keelson.controllers.testing.Figures;
import io.keelson.controllers.testing.ManualTime;
import io.keelson.controllers.testing.TestCluster;
import io.keelson.controllers.testing.TestNodes;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServiceLoadBalancerControllerTest {
    private final TestCluster cluster = new TestCluster();
    private final TestNodes nodes = new TestNodes(cluster.client());
    private final RecordingBalancers balancers = new RecordingBalancers();
    private final String namespace = cluster.namespace();

    private final Map<String, String> uids = new HashMap<>();

    @AfterEach
    void close() {
        for (String name : uids.keySet()) {
            // The next test's controller must not care for it.
            if (service(name) != null) {
                edit(
                        name,
                        now -> new ServiceBuilder(now)
                                .editMetadata()
                                .withFinalizers()
                                .endMetadata()
                                .build());
                cluster.client()
                        .services()
                        .inNamespace(namespace)
                        .withName(name)
                        .delete();
            }
        }
        cluster.close();
    }

    private void run() throws InterruptedException {
        cluster.run(ServiceLoadBalancerController.descriptor(balancers, ServiceLoadBalancerSettings.DEFAULT));
    }

    private String create(String name) {
        cluster.create(namespace, """
            apiVersion: v1
            kind: Service
            metadata: {name: %s}
            spec: {type: LoadBalancer, selector: {app: web}, ports: [{port: 80}]}
            """.formatted(name));
        String uid = uid(name);
        uids.put(name, uid);
        return uid;
    }

    private long count(String verb, String name) {
        return balancers.count(verb, uids.getOrDefault(name, ""));
    }

    private @Nullable Service service(String name) {
        return cluster.client().services().inNamespace(namespace).withName(name).get();
    }

    private String uid(String name) {
        Service service = service(name);
        assertNotNull(service);
        return service.getMetadata().getUid();
    }

    private void edit(String name, UnaryOperator<Service> change) {
        cluster.client().services().inNamespace(namespace).withName(name).edit(change);
    }

    private boolean isServed(String name) {
        Service service = service(name);
        return service != null
                && Wish.hasFinalizer(service)
                && RecordingBalancers.status(service)
                        .getIngress()
                        .getFirst()
                        .getIp()
                        .equals(ip(service));
    }

    private static @Nullable String ip(Service service) {
        List<LoadBalancerIngress> ingress =
                service.getStatus() == null || service.getStatus().getLoadBalancer() == null
                        ? List.of()
                        : OrEmpty.of(service.getStatus().getLoadBalancer().getIngress());
        return ingress.isEmpty() ? null : ingress.getFirst().getIp();
    }

    private List<String> events(String name) {
        return cluster.client().v1().events().inNamespace(namespace).list().getItems().stream()
                .filter(event -> name.equals(event.getInvolvedObject().getName()))
                .map(event -> event.getReason() + ": " + event.getMessage())
                .toList();
    }

    @Test
    void aServiceGetsAnAddressAndGivesItBackWhenItGoes() throws InterruptedException {
        run();
        String uid = create("web");
        TestCluster.await("it has an address", () -> isServed("web"));
        Service served = service("web");
        assertNotNull(served);
        assertEquals(
                "VIP",
                served.getStatus().getLoadBalancer().getIngress().getFirst().getIpMode());
        assertEquals(1, count("ensure", "web"));
        assertEquals(1, balancers.recoveries.get());
        cluster.client().services().inNamespace(namespace).withName("web").delete();
        TestCluster.await("it is gone", () -> service("web") == null);
        assertFalse(balancers.nodes.containsKey(uid));
        TestCluster.await(
                "events tell of it",
                () -> events("web")
                        .containsAll(List.of(
                                "EnsuringLoadBalancer: Ensuring load balancer",
                                "EnsuredLoadBalancer: Ensured load balancer",
                                "DeletingLoadBalancer: Deleting load balancer",
                                "DeletedLoadBalancer: Deleted load balancer")));
    }

    @Test
    void aServiceOfAClassOrOfAnotherTypeIsNoBusinessOfThisController() throws InterruptedException {
        run();
        cluster.create(namespace, """
            apiVersion: v1
            kind: Service
            metadata: {name: other}
            spec: {type: LoadBalancer, loadBalancerClass: example.com/lb, ports: [{port: 80}]}
            """);
        cluster.create(namespace, """
            apiVersion: v1
            kind: Service
            metadata: {name: inner}
            spec: {ports: [{port: 80}]}
            """);
        uids.put("other", uid("other"));
        uids.put("inner", uid("inner"));
        create("web");
        TestCluster.await("the one that asks is served", () -> isServed("web"));
        Service other = service("other");
        assertNotNull(other);
        assertFalse(Wish.hasFinalizer(other));
        assertEquals(0, count("ensure", "other") + count("ensure", "inner"));
    }

    @Test
    void aServiceThatChangesItsTypeLosesAddressAndFinalizer() throws InterruptedException {
        run();
        String uid = create("web");
        TestCluster.await("it has an address", () -> isServed("web"));
        edit(
                "web",
                now -> new ServiceBuilder(now)
                        .editSpec()
                        .withType("ClusterIP")
                        .endSpec()
                        .build());
        TestCluster.await("all is undone", () -> {
            Service service = service("web");
            return service != null
                    && !Wish.hasFinalizer(service)
                    && ip(service) == null
                    && !balancers.nodes.containsKey(uid);
        });
        edit(
                "web",
                now -> new ServiceBuilder(now)
                        .editSpec()
                        .withType("LoadBalancer")
                        .endSpec()
                        .build());
        TestCluster.await("it has an address again", () -> isServed("web"));
    }

    @Test
    void aChangeThatMattersIsAskedForAndToldAndOneThatDoesNotIsNot() throws InterruptedException {
        run();
        create("web");
        TestCluster.await("it has an address", () -> isServed("web"));
        edit(
                "web",
                now -> new ServiceBuilder(now)
                        .editMetadata()
                        .addToLabels("color", "blue")
                        .endMetadata()
                        .build());
        edit(
                "web",
                now -> new ServiceBuilder(now)
                        .editSpec()
                        .withLoadBalancerSourceRanges("10.0.0.0/8")
                        .endSpec()
                        .build());
        TestCluster.await("it is ensured again", () -> count("ensure", "web") == 2);
        edit(
                "web",
                now -> new ServiceBuilder(now)
                        .editSpec()
                        .withExternalTrafficPolicy("Local")
                        .endSpec()
                        .build());
        TestCluster.await("and again", () -> count("ensure", "web") == 3);
        TestCluster.await(
                "events tell of it",
                () -> events("web")
                        .containsAll(List.of(
                                "LoadBalancerSourceRanges: [] -> [10.0.0.0/8]",
                                "ExternalTrafficPolicy: Cluster -> Local")));
        assertEquals(3, count("ensure", "web"), "a label is no reason");
    }

    @Test
    void loadBalancersFollowTheNodesThatMayTakeTraffic() throws InterruptedException {
        String first = nodes.create(Map.of());
        String excluded = nodes.create(Map.of(Backends.EXCLUDED, ""));
        Figures figures = new Figures();
        cluster.run(
                Time.system(),
                figures.metrics(),
                ServiceLoadBalancerController.descriptor(balancers, ServiceLoadBalancerSettings.DEFAULT));
        String uid = create("web");
        TestCluster.await("it has an address", () -> isServed("web"));
        assertTrue(names(uid).contains(first));
        assertFalse(names(uid).contains(excluded));
        String second = nodes.create(Map.of());
        TestCluster.await("the new node takes traffic", () -> names(uid).contains(second));
        long told = count("update", "web");
        cluster.client()
                .nodes()
                .withName(second)
                .editStatus(now -> new NodeBuilder(now)
                        .editOrNewStatus()
                        .addToAddresses(new NodeAddress("10.1.2.3", "InternalIP"))
                        .endStatus()
                        .build());
        TestCluster.await("its address is told", () -> count("update", "web") > told);
        nodes.edit(
                excluded,
                now -> new NodeBuilder(now)
                        .editMetadata()
                        .removeFromLabels(Backends.EXCLUDED)
                        .endMetadata()
                        .build());
        TestCluster.await("it is not excluded any more", () -> names(uid).contains(excluded));
        nodes.taint(first, new Taint("NoSchedule", "ToBeDeletedByClusterAutoscaler", null, "1"));
        nodes.delete(second);
        TestCluster.await(
                "the gone one, and with it the one that is about to go",
                () -> !names(uid).contains(second) && !names(uid).contains(first));
        assertEquals(1, count("ensure", "web"), "nodes alone are no reason to ensure");
        figures.await((double) told + 1, "service_controller_loadbalancer_sync_total");
        figures.await((double) told, "service_controller_update_loadbalancer_host_latency_seconds_count");
        figures.await(1, "service_controller_nodesync_latency_seconds_count");
        assertEquals(0, figures.of("service_controller_nodesync_error_total"));
        TestCluster.await(
                "events tell of it",
                () -> events("web").contains("UpdatedLoadBalancer: Updated load balancer with new hosts"));
    }

    private List<String> names(String uid) {
        return balancers.nodes.getOrDefault(uid, List.of());
    }

    @Test
    void whatTheCloudRefusesIsToldAndTriedAgainLaterEachTime() throws InterruptedException {
        ManualTime time = new ManualTime(Instant.now());
        balancers.problem = new CloudException("quota exceeded");
        cluster.run(time, ServiceLoadBalancerController.descriptor(balancers, ServiceLoadBalancerSettings.DEFAULT));
        create("web");
        TestCluster.await("it was tried", () -> count("ensure", "web") == 1);
        TestCluster.await(
                "an event tells of it",
                () -> events("web")
                        .contains("SyncLoadBalancerFailed: Error syncing load balancer: failed to ensure load balancer:"
                                + " quota exceeded"));
        long tried = count("ensure", "web");
        time.advance(Duration.ofSeconds(4));
        assertEquals(tried, count("ensure", "web"), "not within five seconds");
        balancers.problem = null;
        TestCluster.await("then it goes well", () -> {
            time.advance(Duration.ofSeconds(1));
            return isServed("web");
        });
        balancers.problem = new CloudException("busy", null, Duration.ofSeconds(2));
        cluster.client().services().inNamespace(namespace).withName("web").delete();
        TestCluster.await("it was tried", () -> count("delete", "web") >= 1);
        assertNotNull(service("web"), "it stays until the cloud has let go");
        balancers.problem = null;
        TestCluster.await("it is gone", () -> {
            time.advance(Duration.ofSeconds(1));
            return service("web") == null;
        });
    }

    @Test
    void ifNodesCannotBeChangedAllOfItIsEnsured() throws InterruptedException {
        run();
        String uid = create("web");
        TestCluster.await("it has an address", () -> isServed("web"));
        balancers.updateProblem = new CloudException("no such pool");
        String node = nodes.create(Map.of());
        TestCluster.await("it is ensured with the new node", () -> names(uid).contains(node));
        assertTrue(count("ensure", "web") >= 2);
        TestCluster.await(
                "an event tells of it",
                () -> events("web").stream()
                        .anyMatch(event -> event.startsWith(
                                        "UpdateLoadBalancerFailed: Error updating load balancer with new hosts [")
                                && event.endsWith("error: no such pool")));
    }

    @Test
    void aServiceThatVanishesAsSomebodyTookItsFinalizerAwayLeavesNothingBehind() throws InterruptedException {
        run();
        String uid = create("web");
        TestCluster.await("it has an address", () -> isServed("web"));
        edit(
                "web",
                now -> new ServiceBuilder(now)
                        .editMetadata()
                        .withFinalizers()
                        .endMetadata()
                        .build());
        cluster.client().services().inNamespace(namespace).withName("web").delete();
        TestCluster.await("the cloud has nothing of it", () -> !balancers.nodes.containsKey(uid));
        assertNull(service("web"));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void howeverOftenTheProcessDiesNoLoadBalancerIsLostOrLeft(long seed) throws InterruptedException {
        Crashes crashes = new Crashes(
                cluster,
                seed,
                ServiceLoadBalancerController.descriptor(balancers, new ServiceLoadBalancerSettings("kubernetes", 2)));
        List<String> names = List.of("a", "b", "c");
        List<String> created = names.stream().map(this::create).toList();
        int deaths = crashes.until("all are served", 1, () -> names.stream().allMatch(this::isServed));
        cluster.client().services().inNamespace(namespace).withName("a").delete();
        edit(
                "b",
                now -> new ServiceBuilder(now)
                        .editSpec()
                        .withType("NodePort")
                        .endSpec()
                        .build());
        deaths += crashes.until("one is gone, one free, one served", 1, () -> {
            Service free = service("b");
            return service("a") == null
                    && free != null
                    && !Wish.hasFinalizer(free)
                    && ip(free) == null
                    && isServed("c");
        });
        assertTrue(deaths >= 3, "only " + deaths + " lives ended by dying");
        assertFalse(balancers.nodes.containsKey(created.get(0)));
        assertFalse(balancers.nodes.containsKey(created.get(1)));
        assertTrue(balancers.nodes.containsKey(created.get(2)));
    }
}
