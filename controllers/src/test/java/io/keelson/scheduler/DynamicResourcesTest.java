package io.keelson.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ContainerExtendedResourceRequest;
import io.fabric8.kubernetes.api.model.PodExtendedResourceClaimStatus;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.resource.v1.AllocationResult;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceClass;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceRequestAllocationResult;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaim;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaimBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.keelson.controllers.resourceclaim.ResourceClaimController;
import io.keelson.controllers.runtime.ApiClient;
import io.keelson.controllers.runtime.Caches;
import io.keelson.controllers.testing.TestCluster;
import io.keelson.scheduler.SchedulerCrashTest.Fault;
import io.keelson.scheduler.config.SchedulerConfiguration.PluginConfig;
import io.keelson.scheduler.config.SchedulerConfiguration.Profile;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Pods with claims of devices, against the real API server and with the controller that makes claims from templates. */
class DynamicResourcesTest {
    private final TestScheduler test = new TestScheduler();
    private final TestDevices devices = new TestDevices(test);
    private final String driver = devices.driver;

    @AfterEach
    void close() {
        test.close();
    }

    private void template(String request) {
        test.cluster.create(test.namespace, """
                apiVersion: resource.k8s.io/v1
                kind: ResourceClaimTemplate
                metadata: {name: t}
                spec: {spec: {devices: {requests: [%s]}}}
                """.formatted(request));
    }

    private String exactly() {
        return "{name: r, exactly: {deviceClassName: %s}}".formatted(driver);
    }

    private void claim(String name, String request) {
        test.cluster.create(test.namespace, """
                apiVersion: resource.k8s.io/v1
                kind: ResourceClaim
                metadata: {name: %s}
                spec: {devices: {requests: [%s]}}
                """.formatted(name, request));
    }

    private void pod(String name, String claim) {
        test.create(test.build(name, "100m")
                .editSpec()
                .addNewResourceClaim()
                .withName("gpu")
                .withResourceClaimTemplateName(claim.isEmpty() ? "t" : null)
                .withResourceClaimName(claim.isEmpty() ? null : claim)
                .endResourceClaim()
                .endSpec()
                .build());
    }

    private List<ResourceClaim> claims() {
        return test.client
                .resources(ResourceClaim.class)
                .inNamespace(test.namespace)
                .list()
                .getItems();
    }

    private List<DeviceRequestAllocationResult> allocated() {
        List<DeviceRequestAllocationResult> all = new ArrayList<>();
        for (ResourceClaim claim : claims()) {
            if (claim.getStatus() != null && claim.getStatus().getAllocation() != null) {
                all.addAll(claim.getStatus().getAllocation().getDevices().getResults());
            }
        }
        return all;
    }

    @Test
    void ofTwoPodsThatWantTheLastDeviceOneWaitsUntilTheOtherIsGone() throws InterruptedException {
        test.cluster.run(ResourceClaimController.descriptor());
        String node = test.node("4", Map.of());
        test.node("4", Map.of());
        devices.deviceClass();
        devices.slice(node, "{name: gpu-0}");
        template(exactly());
        test.start();
        pod("one", "");
        test.awaitBound("one");
        assertEquals(node, test.nodeOf("one"));
        ResourceClaim claim = claims().getFirst();
        assertTrue(claim.hasFinalizer("resource.kubernetes.io/delete-protection"));
        assertEquals("one", claim.getStatus().getReservedFor().getFirst().getName());
        AllocationResult allocation = claim.getStatus().getAllocation();
        assertEquals("gpu-0", allocation.getDevices().getResults().getFirst().getDevice());
        assertEquals("FromClass", allocation.getDevices().getConfig().getFirst().getSource());
        pod("two", "");
        test.awaitCondition(
                "two",
                "Unschedulable",
                "0/2 nodes are available: 2 cannot allocate all claims. still not schedulable, preemption: 0/2 nodes are available: "
                        + "2 Preemption is not helpful for scheduling.");
        test.client.pods().inNamespace(test.namespace).withName("one").delete();
        test.awaitBound("two");
        assertEquals(node, test.nodeOf("two"));
    }

    @Test
    void aClaimThatKeepsItsPodFromEveryNodeIsAllocatedAnew() throws InterruptedException {
        String far = test.node("1", Map.of());
        String near = test.node("1", Map.of());
        devices.deviceClass();
        devices.slice(far, "{name: gpu-0}");
        devices.slice(near, "{name: gpu-0}");
        claim("c", exactly());
        test.start();
        pod("first", "c");
        test.awaitBound("first");
        String taken = test.nodeOf("first");
        // Nobody has it reserved any more, but it is still allocated where there is no room now.
        test.client.pods().inNamespace(test.namespace).withName("first").delete();
        ResourceClaim left = new ResourceClaimBuilder(claims().getFirst())
                .editStatus()
                .withReservedFor(List.of())
                .endStatus()
                .build();
        test.client.resource(left).updateStatus();
        test.client.nodes().withName(taken).edit(node -> {
            node.getSpec().setUnschedulable(true);
            return node;
        });
        pod("second", "c");
        test.awaitBound("second");
        assertNotEquals(taken, test.nodeOf("second"));
        assertEquals(test.nodeOf("second"), allocated().getFirst().getPool());
    }

    @Test
    void whatIsWrongWithClaimsIsTold() throws InterruptedException {
        String node = test.node("1", Map.of());
        test.start();
        pod("missing", "nope");
        String helpless =
                " still not schedulable, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.";
        test.awaitCondition(
                "missing",
                "Unschedulable",
                "0/1 nodes are available: 1 resourceclaim.resource.k8s.io \"nope\" not found." + helpless);
        pod("early", "");
        test.awaitCondition(
                "early",
                "Unschedulable",
                "0/1 nodes are available: 1 pod \"" + test.namespace + "/early\": ResourceClaim not created yet."
                        + helpless);
        claim("c", exactly());
        pod("classless", "c");
        test.awaitCondition(
                "classless",
                "Unschedulable",
                "0/1 nodes are available: 1 request r: device class " + driver + " does not exist." + helpless);
        devices.slice(node, "{name: gpu-0}");
        devices.deviceClass();
        test.awaitBound("classless");
        test.cluster.run(ResourceClaimController.descriptor());
        template(exactly());
        test.awaitCondition(
                "early", "Unschedulable", "0/1 nodes are available: 1 cannot allocate all claims." + helpless);
    }

    @Test
    void aPodIsBoundWhenItsDevicesAreReady() throws InterruptedException {
        String node = test.node("1", Map.of());
        devices.deviceClass();
        devices.slice(node, "{name: gpu-0, bindingConditions: [attached], bindingFailureConditions: [broken]}");
        claim("c", exactly());
        test.start();
        pod("pod", "c");
        TestCluster.await("the claim is allocated", () -> allocated().size() == 1);
        assertTrue(test.nodeOf("pod").isEmpty());
        ResourceClaim attached = new ResourceClaimBuilder(claims().getFirst())
                .editStatus()
                .addNewDevice()
                .withDriver(driver)
                .withPool(node)
                .withDevice("gpu-0")
                .withConditions(new ConditionBuilder()
                        .withType("attached")
                        .withStatus("True")
                        .withReason("Attached")
                        .withLastTransitionTime("2026-01-01T00:00:00Z")
                        .build())
                .endDevice()
                .endStatus()
                .build();
        test.client.resource(attached).updateStatus();
        test.awaitBound("pod");
    }

    @Test
    void aProfileSaysHowLongDevicesMayTakeToBeReady() throws InterruptedException {
        String node = test.node("1", Map.of());
        devices.deviceClass();
        devices.slice(node, "{name: gpu-0, bindingConditions: [attached], bindingFailureConditions: [broken]}");
        claim("c", exactly());
        test.settings = usual -> withDeviceArguments(usual, "{\"bindingTimeout\": \"1s\"}");
        test.start();
        pod("pod", "c");
        test.awaitEvent(
                "pod",
                "FailedScheduling",
                "running PreBind plugin \"DynamicResources\": claim " + test.namespace + "/c binding timeout");
        assertTrue(test.nodeOf("pod").isEmpty());
    }

    private static SchedulerSettings withDeviceArguments(SchedulerSettings usual, String arguments) {
        Profile profile = usual.profiles().getFirst();
        try {
            return new SchedulerSettings(
                    List.of(new Profile(
                            profile.schedulerName(),
                            null,
                            profile.plugins(),
                            List.of(new PluginConfig("DynamicResources", new ObjectMapper().readTree(arguments))))),
                    usual.extenders(),
                    usual.percentageOfNodesToScore(),
                    usual.backoff(),
                    usual.bindingsAtOnce(),
                    usual.features(),
                    usual.verbosity());
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private PodExtendedResourceClaimStatus extendedStatus(String pod) {
        return test.client
                .pods()
                .inNamespace(test.namespace)
                .withName(pod)
                .get()
                .getStatus()
                .getExtendedResourceClaimStatus();
    }

    @Test
    void aResourceThatNodesDoNotHaveComesFromDevicesOfTheClassThatStandsForIt() throws InterruptedException {
        String node = test.node("4", Map.of());
        devices.slice(node, "{name: gpu-0}, {name: gpu-1}");
        test.start();
        String resource = driver + "/gpu";
        devices.pod("explicit", resource);
        test.awaitCondition(
                "explicit",
                "Unschedulable",
                "0/1 nodes are available: 1 Insufficient " + resource
                        + ". no new claims to deallocate, preemption: 0/1 nodes are available: "
                        + "1 Preemption is not helpful for scheduling.");
        devices.deviceClass();
        test.client.resources(DeviceClass.class).withName(driver).edit(now -> {
            now.getSpec().setExtendedResourceName(resource);
            return now;
        });
        test.awaitBound("explicit");
        ResourceClaim claim = claims().getFirst();
        assertEquals(
                "true", claim.getMetadata().getAnnotations().get("resource.kubernetes.io/extended-resource-claim"));
        assertEquals(
                "explicit", claim.getMetadata().getOwnerReferences().getFirst().getName());
        assertEquals("explicit", claim.getStatus().getReservedFor().getFirst().getName());
        assertEquals("container-0-request-1", allocated().getFirst().getRequest());
        assertEquals(claim.getMetadata().getName(), extendedStatus("explicit").getResourceClaimName());
        assertEquals(
                new ContainerExtendedResourceRequest("main", "container-0-request-1", resource),
                extendedStatus("explicit").getRequestMappings().getFirst());
        devices.pod("implicit", devices.resource);
        test.awaitBound("implicit");
        assertEquals(2, new HashSet<>(allocated()).size());
        String created = "scheduler_resourceclaim_creates_total{status=\"success\"} 2.0\n";
        assertTrue(test.scraped().contains(created), test::scraped);
        devices.pod("late", resource);
        test.awaitCondition(
                "late",
                "Unschedulable",
                "0/1 nodes are available: 1 cannot allocate all claims. still not schedulable, preemption: 0/1 nodes are available: "
                        + "1 Preemption is not helpful for scheduling.");
        // A node that has the resource itself needs no claim for it.
        test.client.nodes().withName(node).editStatus(now -> {
            now.getStatus().getCapacity().put(resource, new Quantity("2"));
            now.getStatus().getAllocatable().put(resource, new Quantity("2"));
            return now;
        });
        test.awaitBound("late");
        assertEquals(2, claims().size());
        assertNull(extendedStatus("late"));
    }

    @Test
    void whateverALifeLeavesAPodHasOneClaimForItsExtendedResources() throws InterruptedException {
        test.node("4", Map.of());
        devices.deviceClass();
        devices.slice(test.node("4", Map.of()), "{name: gpu-0}");
        devices.pod("pod", devices.resource);
        List<Fault> deaths = List.of(
                // The claim is made.
                death(1, true),
                // It lost its finalizer, went, was made anew and has got the device.
                death(4, true),
                // It lost the device.
                death(1, true),
                // All is written but the binding.
                death(5, false));
        for (Fault death : deaths) {
            try (var _ =
                    test.start(ApiClient.of(test.client.getConfiguration(), List.of(death)), Caches.Delivery.PLAIN)) {
                TestCluster.await("it dies", () -> death.dead);
            }
            assertEquals(1, claims().size());
        }
        test.start();
        test.awaitBound("pod");
        ResourceClaim claim = claims().getFirst();
        assertEquals(1, claims().size());
        assertEquals("pod", claim.getStatus().getReservedFor().getFirst().getName());
        assertEquals("gpu-0", allocated().getFirst().getDevice());
        assertEquals(claim.getMetadata().getName(), extendedStatus("pod").getResourceClaimName());
    }

    private static boolean counts(HttpRequest request) {
        String path = request.uri().getPath();
        return !request.method().equals("GET") && (path.contains("/resourceclaims") || path.endsWith("/binding"));
    }

    /** Dies at one of the writes of claims and bindings. */
    private static Fault death(int writes, boolean afterwards) {
        return new Fault(writes, afterwards, true, DynamicResourcesTest::counts);
    }

    @Test
    void whateverALifeLeavesNoDeviceIsGivenTwice() throws InterruptedException {
        int pods = 6;
        test.cluster.run(ResourceClaimController.descriptor());
        devices.deviceClass();
        for (int i = 0; i < 2; i++) {
            devices.slice(test.node("4", Map.of()), "{name: gpu-0}, {name: gpu-1}, {name: gpu-2}");
        }
        template(exactly());
        List<String> names = new ArrayList<>();
        for (int i = 0; i < pods; i++) {
            names.add("pod-" + i);
            pod("pod-" + i, "");
        }
        test.bindingsAtOnce = 2;
        int deaths = 0;
        for (int life = 1; names.stream().anyMatch(name -> test.nodeOf(name).isEmpty()); life++) {
            Fault death = death(life, life % 2 == 0);
            try (var _ =
                    test.start(ApiClient.of(test.client.getConfiguration(), List.of(death)), Caches.Delivery.PLAIN)) {
                TestCluster.await(
                        "life " + life + " ends",
                        () -> death.dead
                                || names.stream()
                                        .noneMatch(name -> test.nodeOf(name).isEmpty()));
            }
            deaths += death.dead ? 1 : 0;
        }
        assertTrue(deaths >= 3, "deaths: " + deaths);
        List<DeviceRequestAllocationResult> all = allocated();
        assertEquals(pods, all.size());
        assertEquals(
                pods,
                new HashSet<>(all.stream()
                                .map(result -> result.getPool() + '/' + result.getDevice())
                                .toList())
                        .size());
        for (ResourceClaim claim : claims()) {
            String pod = claim.getStatus().getReservedFor().getFirst().getName();
            assertEquals(
                    test.nodeOf(pod),
                    claim.getStatus()
                            .getAllocation()
                            .getDevices()
                            .getResults()
                            .getFirst()
                            .getPool());
        }
        assertFalse(all.isEmpty());
    }
}
