package io.keelson.benchmarks.controllers;

import java.io.IOException;

/**
 * A namespace is deleted with all that is in it: ConfigMaps, Secrets, pods, and Services with the Endpoints and
 * EndpointSlices that controllers made for them.
 */
final class NamespaceDeletion implements ControllerCase {
    /** Each Service brings two objects more. */
    private static final int OF_A_SERVICE = 3;

    @Override
    public String name() {
        return "namespace";
    }

    @Override
    public String title(int size) {
        return String.format("a namespace of %,d objects is gone", size);
    }

    @Override
    public int usualSize() {
        return 10_000;
    }

    @Override
    public double wantedSeconds() {
        return 20;
    }

    @Override
    public void prepare(Playground playground, String namespace, int size) throws IOException, InterruptedException {
        int services = size / 10;
        int pods = size / 10;
        int secrets = size / 5;
        playground.create(namespace, "service", services, Samples.service("nobody"));
        playground.create(namespace, "pod", pods, Samples.pod("alone"));
        playground.create(namespace, "secret", secrets, Samples.secret());
        playground.create(namespace, "map", size - OF_A_SERVICE * services - pods - secrets, Samples.configMap());
        String slices = "/apis/discovery.k8s.io/v1/namespaces/" + namespace + "/endpointslices";
        playground.await("each Service having its slice", 200, () -> playground.count(slices) >= services);
    }

    @Override
    public void run(Playground playground, String namespace, int size) throws IOException, InterruptedException {
        playground.deleteNamespace(namespace);
    }
}
