package io.keelson.benchmarks.controllers;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;

/** A Deployment is created, and has all its pods when all are created; nobody runs them. */
final class DeploymentScaling implements ControllerCase {
    @Override
    public String name() {
        return "deployment";
    }

    @Override
    public String title(int size) {
        return String.format("a Deployment of %,d replicas has all its pods created", size);
    }

    @Override
    public int usualSize() {
        return 1_000;
    }

    @Override
    public double wantedSeconds() {
        return 5;
    }

    @Override
    public void prepare(Playground playground, String namespace, int size) {}

    @Override
    public void run(Playground playground, String namespace, int size) throws IOException, InterruptedException {
        ObjectNode deployment = Samples.deployment("web", size);
        deployment.withObjectProperty("metadata").put("name", "web");
        playground.create(namespace, List.of(deployment));
        String pods = "/api/v1/namespaces/" + namespace + "/pods";
        playground.await("all pods being created", 20, () -> playground.count(pods) >= size);
    }
}
