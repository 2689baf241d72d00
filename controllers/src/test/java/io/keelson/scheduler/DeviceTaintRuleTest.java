package io.keelson.scheduler;

import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceClass;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceSlice;
import io.keelson.controllers.objects.DeviceTaintRule;
import io.keelson.controllers.testing.TestCluster;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Rules that taint devices, against a server that serves them. */
class DeviceTaintRuleTest {
    private final TestScheduler test = new TestScheduler(TestCluster.withKindsOnDemand());
    private final String driver = test.name + ".example.com";

    @AfterEach
    void close() {
        test.stopAll();
        test.client.resources(DeviceTaintRule.class).withName(driver).delete();
        test.client.resources(ResourceSlice.class).withName(driver).delete();
        test.client.resources(DeviceClass.class).withName(driver).delete();
        test.close();
    }

    @Test
    void aPodWaitsForADeviceUntilTheRuleThatTaintsItIsGone() throws InterruptedException {
        String node = test.node("4", Map.of());
        test.cluster.create(test.namespace, """
            apiVersion: resource.k8s.io/v1
            kind: DeviceClass
            metadata: {name: %s}
            spec: {selectors: [{cel: {expression: "device.driver == '%s'"}}]}
            """.formatted(driver, driver));
        test.cluster.create(test.namespace, """
            apiVersion: resource.k8s.io/v1
            kind: ResourceSlice
            metadata: {name: %s}
            spec:
              driver: %s
              nodeName: %s
              pool: {name: %s, generation: 1, resourceSliceCount: 1}
              devices: [{name: gpu-0}]
            """.formatted(driver, driver, node, node));
        test.cluster.create(test.namespace, """
            apiVersion: resource.k8s.io/v1beta2
            kind: DeviceTaintRule
            metadata: {name: %s}
            spec:
              deviceSelector: {driver: %s}
              taint: {key: example.com/maintenance, effect: NoSchedule}
            """.formatted(driver, driver));
        test.start();
        String resource = "deviceclass.resource.kubernetes.io/" + driver;
        test.create(test.build("pod", "100m")
                .editSpec()
                .editFirstContainer()
                .editResources()
                .addToRequests(resource, new Quantity("1"))
                .addToLimits(resource, new Quantity("1"))
                .endResources()
                .endContainer()
                .endSpec()
                .build());
        test.awaitCondition(
                "pod",
                "Unschedulable",
                "0/1 nodes are available: 1 cannot allocate all claims. preemption: 0/1 nodes are available: "
                        + "1 Preemption is not helpful for scheduling.");
        test.client.resources(DeviceTaintRule.class).withName(driver).delete();
        test.awaitBound("pod");
    }
}
