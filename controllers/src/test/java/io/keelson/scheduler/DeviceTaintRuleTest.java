package io.keelson.scheduler;

import io.keelson.controllers.objects.DeviceTaintRule;
import io.keelson.controllers.testing.TestCluster;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Rules that taint devices, against a server that serves them. */
class DeviceTaintRuleTest {
    private final TestScheduler test = new TestScheduler(TestCluster.withKindsOnDemand());
    private final TestDevices devices = new TestDevices(test);
    private final String driver = devices.driver;

    @AfterEach
    void close() {
        test.close();
    }

    @Test
    void aPodWaitsForADeviceUntilTheRuleThatTaintsItIsGone() throws InterruptedException {
        String node = test.node("4", Map.of());
        devices.deviceClass();
        devices.slice(node, "{name: gpu-0}");
        test.cluster.create(test.namespace, """
            apiVersion: resource.k8s.io/v1beta2
            kind: DeviceTaintRule
            metadata: {name: %s}
            spec:
              deviceSelector: {driver: %s}
              taint: {key: example.com/maintenance, effect: NoSchedule}
            """.formatted(driver, driver));
        test.start();
        devices.pod("pod", devices.resource);
        test.awaitCondition(
                "pod",
                "Unschedulable",
                "0/1 nodes are available: 1 cannot allocate all claims. still not schedulable, preemption: 0/1 nodes are available: "
                        + "1 Preemption is not helpful for scheduling.");
        test.client.resources(DeviceTaintRule.class).withName(driver).delete();
        test.awaitBound("pod");
    }
}
