package io.keelson.benchmarks.controllers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.benchmarks.cluster.ObjectWatch;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Many Deployments of one pod each get another template. One has followed when its status is of its newest generation
 * and counts a pod of the new template.
 */
final class Rollouts implements ControllerCase {
    @Override
    public String name() {
        return "rollouts";
    }

    @Override
    public String title(int size) {
        return String.format("%,d Deployments with a change each are reconciled", size);
    }

    @Override
    public int usualSize() {
        return 1_000;
    }

    @Override
    public double wantedSeconds() {
        return 30;
    }

    private static String path(String namespace) {
        return "/apis/apps/v1/namespaces/" + namespace + "/deployments";
    }

    @Override
    public void prepare(Playground playground, String namespace, int size) throws IOException, InterruptedException {
        List<ObjectNode> all = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            ObjectNode deployment = Samples.deployment("web-" + i, 1);
            deployment.withObjectProperty("metadata").put("name", "web-" + i);
            all.add(deployment);
        }
        Set<String> reconciled = ConcurrentHashMap.newKeySet();
        try (ObjectWatch watch = watch(playground, namespace, 1, reconciled)) {
            playground.create(namespace, all);
            await(playground, watch, reconciled, size);
        }
    }

    @Override
    public void run(Playground playground, String namespace, int size) throws IOException, InterruptedException {
        Set<String> reconciled = ConcurrentHashMap.newKeySet();
        try (ObjectWatch watch = watch(playground, namespace, 2, reconciled)) {
            String change = "{\"spec\":{\"template\":{\"metadata\":{\"annotations\":{\"change\":\"1\"}}}}}";
            playground
                    .objects()
                    .each("changes", size, i -> playground.objects().merge(path(namespace) + "/web-" + i, change));
            await(playground, watch, reconciled, size);
        }
    }

    private static ObjectWatch watch(Playground playground, String namespace, int generation, Set<String> reconciled)
            throws IOException, InterruptedException {
        return ObjectWatch.open(
                playground.api().connection(),
                path(namespace) + "?watch=true&timeoutSeconds=3600",
                (type, event) -> note(Json.parseObject(event).path("object"), generation, reconciled));
    }

    /** Notes that a Deployment has been followed, if it has. */
    static void note(JsonNode deployment, int generation, Set<String> reconciled) {
        JsonNode status = deployment.path("status");
        if (deployment.path("metadata").path("generation").asInt() >= generation
                && status.path("observedGeneration").asInt() >= generation
                && status.path("updatedReplicas").asInt() >= 1) {
            reconciled.add(deployment.path("metadata").path("name").asText());
        }
    }

    private static void await(Playground playground, ObjectWatch watch, Set<String> reconciled, int size)
            throws IOException, InterruptedException {
        playground.await("every Deployment being reconciled", 5, () -> {
            watch.check();
            return reconciled.size() >= size;
        });
    }
}
