package io.keelson.controllers.devicetainteviction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaim;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaimBuilder;
import io.keelson.controllers.objects.DeviceTaintRule;
import io.keelson.controllers.testing.Crashes;
import io.keelson.controllers.testing.Figures;
import io.keelson.controllers.testing.ManualTime;
import io.keelson.controllers.testing.TestCluster;
import io.keelson.controllers.testing.TestNodes;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DeviceTaintEvictionControllerTest {
    private final TestCluster cluster = TestCluster.withKindsOnDemand();
    private final TestNodes nodes = new TestNodes(cluster.client());
    /** Ahead of the server's, which says since when a device is tainted. */
    private final ManualTime time = new ManualTime(Instant.now().plusSeconds(60));

    private String namespace;
    private String node;

    @BeforeEach
    void open() {
        namespace = cluster.namespace();
        node = nodes.create(Map.of());
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private void run() throws InterruptedException {
        cluster.run(time, DeviceTaintEvictionController.descriptor(true));
    }

    /** A pod on the node that has the device of its number, as a scheduler would have given it one. */
    private void pod(int number, String tolerations) {
        String name = "pod-" + number;
        ResourceClaim claim = (ResourceClaim) cluster.create(namespace, """
                apiVersion: resource.k8s.io/v1
                kind: ResourceClaim
                metadata: {name: %s}
                spec: {devices: {requests: [{name: one, exactly: {deviceClassName: gpu, tolerations: %s}}]}}
                """.formatted(name, tolerations));
        HasMetadata pod = cluster.create(namespace, """
                apiVersion: v1
                kind: Pod
                metadata: {name: %1$s}
                spec:
                  nodeName: %2$s
                  terminationGracePeriodSeconds: 0
                  resourceClaims: [{name: gpu, resourceClaimName: %1$s}]
                  containers: [{name: main, image: example/image}]
                """.formatted(name, node));
        cluster.client()
                .resource(new ResourceClaimBuilder(claim)
                        .withNewStatus()
                        .withNewAllocation()
                        .withNewDevices()
                        .addNewResult()
                        .withRequest("one")
                        .withDriver("gpu.example.com")
                        .withPool(namespace)
                        .withDevice("gpu-" + number)
                        .withTolerations(claim.getSpec()
                                .getDevices()
                                .getRequests()
                                .getFirst()
                                .getExactly()
                                .getTolerations())
                        .endResult()
                        .endDevices()
                        .endAllocation()
                        .addNewReservedFor()
                        .withResource("pods")
                        .withName(name)
                        .withUid(pod.getMetadata().getUid())
                        .endReservedFor()
                        .endStatus()
                        .build())
                .updateStatus();
    }

    /** Devices 0 to 2, of which one is tainted. */
    private void publish(String name, long generation, int tainted, String effect) {
        StringBuilder devices = new StringBuilder();
        for (int i = 0; i < 3; i++) {
            devices.append("  - name: gpu-").append(i).append('\n');
            if (i == tainted) {
                devices.append("    taints: [{key: example.com/broken, effect: ")
                        .append(effect)
                        .append("}]\n");
            }
        }
        cluster.client()
                .resource("""
                apiVersion: resource.k8s.io/v1
                kind: ResourceSlice
                metadata: {name: %s}
                spec:
                  driver: gpu.example.com
                  nodeName: %s
                  pool: {name: %s, generation: %d, resourceSliceCount: 1}
                  devices:
                %s""".formatted(name, node, namespace, generation, devices))
                .create();
    }

    private void rule(String name, String device, String effect) {
        cluster.client()
                .resource("""
                apiVersion: resource.k8s.io/v1beta2
                kind: DeviceTaintRule
                metadata: {name: %s}
                spec:
                  deviceSelector: {driver: gpu.example.com, pool: %s, device: %s}
                  taint: {key: example.com/maintenance, effect: %s}
                """.formatted(name, namespace, device, effect))
                .create();
    }

    private boolean there(int number) {
        return pod(number) != null;
    }

    private Pod pod(int number) {
        return cluster.client()
                .pods()
                .inNamespace(namespace)
                .withName("pod-" + number)
                .get();
    }

    private String progress(String name) {
        DeviceTaintRule rule =
                cluster.client().resources(DeviceTaintRule.class).withName(name).get();
        Condition condition = RuleProgress.condition(rule);
        return condition == null
                ? ""
                : condition.getStatus() + ' ' + condition.getReason() + ": " + condition.getMessage();
    }

    private boolean told(int number, String message) {
        return cluster.client().v1().events().inNamespace(namespace).list().getItems().stream()
                .anyMatch(event ->
                        ("pod-" + number).equals(event.getInvolvedObject().getName())
                                && "DeviceTaintManagerEviction".equals(event.getReason())
                                && message.equals(event.getMessage()));
    }

    @Test
    void podsLeaveADeviceThatItsDriverTaints() throws Exception {
        pod(0, "[]");
        pod(1, "[]");
        pod(2, "[{operator: Exists}]");
        run();
        publish("slice-" + namespace, 1, 0, "NoExecute");
        TestCluster.await("the pod leaves", () -> !there(0));
        TestCluster.await("it is told", () -> told(0, "Marking for deletion"));
        assertTrue(there(1));
        publish("newer-" + namespace, 2, 2, "NoExecute");
        publish("newest-" + namespace, 3, 1, "NoExecute");
        TestCluster.await("the pod leaves", () -> !there(1));
        assertTrue(there(2));
    }

    @Test
    void aPodStaysAsLongAsItsClaimTolerates() throws Exception {
        pod(0, "[{operator: Exists, effect: NoExecute, tolerationSeconds: 600}]");
        run();
        rule("maintenance", "gpu-0", "NoExecute");
        TestCluster.await(
                "it is to leave",
                () -> progress("maintenance")
                        .equals("True PodsPendingEviction: 1 pod needs to be evicted in 1 namespace."));
        time.advance(Duration.ofSeconds(400));
        assertTrue(there(0));
        time.advance(Duration.ofMinutes(5));
        TestCluster.await("its time is over", () -> !there(0));
        TestCluster.await("the rule says so", () -> {
            time.advance(Duration.ofSeconds(10));
            return progress("maintenance").equals("False Completed: 1 pod evicted since starting the controller.");
        });
    }

    @Test
    void aRuleThatIsTakenBackLetsPodsStay() throws Exception {
        pod(0, "[{operator: Exists, tolerationSeconds: 600}]");
        run();
        rule("mistake", "gpu-0", "NoExecute");
        TestCluster.await("it is to leave", () -> progress("mistake").startsWith("True PodsPendingEviction"));
        cluster.client().resources(DeviceTaintRule.class).withName("mistake").delete();
        TestCluster.await("it may stay", () -> told(0, "Cancelling deletion"));
        time.advance(Duration.ofHours(1));
        assertTrue(there(0));
    }

    @Test
    void aRuleWithoutEffectSaysWhatItWouldDo() throws Exception {
        pod(0, "[]");
        publish("slice-" + namespace, 1, -1, "");
        run();
        rule("rehearsal", "gpu-0", "None");
        TestCluster.await(
                "it says so",
                () -> progress("rehearsal")
                        .startsWith(
                                "False NoEffect: 1 published device selected. 1 allocated device selected. 1 pod would be"
                                        + " evicted in 1 namespace if the effect was NoExecute."));
        assertTrue(there(0));
        rule("other", "gpu-0", "NoSchedule");
        TestCluster.await(
                "it says so",
                () -> progress("other").equals("False OtherEffect: Eviction only happens for the NoExecute effect."));
    }

    @Test
    void rulesAreNotLookedAtWhereTheirFeatureIsOff() throws Exception {
        pod(0, "[]");
        pod(1, "[]");
        Figures figures = new Figures();
        cluster.run(time, figures.metrics(), DeviceTaintEvictionController.descriptor(false));
        rule("ignored", "gpu-0", "NoExecute");
        publish("slice-" + namespace, 1, 1, "NoExecute");
        TestCluster.await("the other pod leaves", () -> !there(1));
        assertTrue(there(0));
        assertEquals("", progress("ignored"));
        figures.await(1, "device_taint_eviction_controller_pod_deletions_total");
        figures.await(1, "device_taint_eviction_controller_pod_deletion_duration_seconds_count");
    }

    @Test
    void podsAreEvictedThoughTheProcessDies() throws Exception {
        for (int i = 0; i < 3; i++) {
            pod(i, "[]");
        }
        rule("all", "gpu-0", "NoExecute");
        rule("more", "gpu-1", "NoExecute");
        new Crashes(cluster, 5, DeviceTaintEvictionController.descriptor(true))
                .until("two pods leave", 3, () -> !there(0) && !there(1));
        assertTrue(there(2));
    }

    @Test
    void aConditionSaysWhyAPodLeaves() {
        pod(0, "[]");
        Pod marked = Objects.requireNonNull(PodEviction.disrupted(pod(0), time.instant()));
        List<PodCondition> conditions = marked.getStatus().getConditions();
        PodCondition condition = conditions.getLast();
        assertEquals("DisruptionTarget", condition.getType());
        assertEquals("DeletionByDeviceTaintManager", condition.getReason());
        assertEquals("Device Taint manager: deleting due to NoExecute taint", condition.getMessage());
        assertNull(PodEviction.disrupted(marked, time.instant().plusSeconds(5)));
        assertFalse(conditions.equals(pod(0).getStatus().getConditions()));
    }
}
