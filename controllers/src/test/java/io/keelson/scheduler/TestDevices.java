package io.keelson.scheduler;

import io.fabric8.kubernetes.api.model.Quantity;

/** Devices of a driver of the test's own, their class, and pods that ask for them as for a resource of nodes. */
final class TestDevices {
    final String driver;
    /** What a pod asks for that wants devices of the class. */
    final String resource;

    private final TestScheduler test;

    TestDevices(TestScheduler test) {
        this.test = test;
        driver = test.name + ".example.com";
        resource = "deviceclass.resource.kubernetes.io/" + driver;
    }

    /** The class of all devices of the driver; it is called as the driver is. */
    void deviceClass() {
        test.cluster.create(test.namespace, """
                apiVersion: resource.k8s.io/v1
                kind: DeviceClass
                metadata: {name: %1$s}
                spec:
                  selectors: [{cel: {expression: "device.driver == '%1$s'"}}]
                  config: [{opaque: {driver: %1$s, parameters: {a: b}}}]
                """.formatted(driver));
    }

    /** @param devices in YAML */
    void slice(String node, String devices) {
        test.cluster.create(test.namespace, """
                apiVersion: resource.k8s.io/v1
                kind: ResourceSlice
                metadata: {name: %1$s}
                spec:
                  driver: %2$s
                  nodeName: %1$s
                  pool: {name: %1$s, generation: 1, resourceSliceCount: 1}
                  devices: [%3$s]
                """.formatted(node, driver, devices));
    }

    /** A pod that asks for one of a resource. */
    void pod(String name, String wanted) {
        test.create(test.build(name, "100m")
                .editSpec()
                .editFirstContainer()
                .editResources()
                .addToRequests(wanted, new Quantity("1"))
                .addToLimits(wanted, new Quantity("1"))
                .endResources()
                .endContainer()
                .endSpec()
                .build());
    }
}
