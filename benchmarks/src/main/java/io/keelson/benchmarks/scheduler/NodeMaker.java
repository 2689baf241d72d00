package io.keelson.benchmarks.scheduler;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.benchmarks.cluster.ApiObjects;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Makes nodes that are objects only, in an order that a seed decides: clusters are not sorted. */
final class NodeMaker {
    private static final String HOSTNAME = "kubernetes.io/hostname";

    private final ApiObjects objects;
    private final Template usual;
    private final long seed;

    NodeMaker(ApiObjects objects, Template usual, long seed) {
        this.objects = objects;
        this.usual = usual;
        this.seed = seed;
    }

    /**
     * Makes the nodes of an operation.
     *
     * @param number the operation's number in its case
     * @param made receives the paths of what there is then
     */
    void make(Operation.CreateNodes operation, int number, Map<String, Long> params, List<String> made)
            throws IOException, InterruptedException {
        int count = operation.count().in(params);
        List<ObjectNode> nodes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            nodes.add(node(operation, number, i, count));
        }
        Collections.shuffle(nodes, new Random(seed));
        create("nodes", nodes, made);
        if (!operation.drivers().isEmpty()) {
            create(
                    "CSI nodes",
                    nodes.stream()
                            .map(node ->
                                    csiNode(node.path("metadata").path("name").asText(), operation))
                            .toList(),
                    made);
        }
    }

    private ObjectNode node(Operation.CreateNodes operation, int number, int index, int count) {
        Template template = operation.node() == null ? usual : operation.node();
        ObjectNode node = template.object(index, count, Map.of());
        ObjectNode metadata = node.withObjectProperty("metadata");
        if (!metadata.has("name")) {
            metadata.remove("generateName");
            metadata.put("name", "node-" + number + "-" + index);
        }
        String name = metadata.path("name").asText();
        ObjectNode labels = metadata.withObjectProperty("labels");
        labels.put(HOSTNAME, name);
        if (!operation.labelKey().isEmpty()) {
            List<String> values = operation.labelValues();
            labels.put(operation.labelKey(), values.get(index % values.size()));
        }
        if (!operation.uniqueLabelKey().isEmpty()) {
            labels.put(operation.uniqueLabelKey(), name);
        }
        ObjectNode status = node.withObjectProperty("status");
        operation.allocatable().forEach((resource, amount) -> {
            status.withObjectProperty("allocatable").put(resource, amount);
            status.withObjectProperty("capacity").put(resource, amount);
        });
        return node;
    }

    private static ObjectNode csiNode(String name, Operation.CreateNodes operation) {
        ObjectNode node = Json.object().put("apiVersion", "storage.k8s.io/v1").put("kind", "CSINode");
        ObjectNode metadata = node.putObject("metadata").put("name", name);
        if (!operation.migrated().isEmpty()) {
            metadata.putObject("annotations")
                    .put("storage.alpha.kubernetes.io/migrated-plugins", String.join(",", operation.migrated()));
        }
        ArrayNode drivers = node.putObject("spec").putArray("drivers");
        operation.drivers().forEach((driver, count) -> {
            ObjectNode entry = drivers.addObject().put("name", driver).put("nodeID", name);
            entry.putArray("topologyKeys");
            entry.putObject("allocatable").put("count", count);
        });
        return node;
    }

    private void create(String what, List<ObjectNode> all, List<String> made) throws IOException, InterruptedException {
        if (all.isEmpty()) {
            return;
        }
        objects.check(all.getFirst(), "");
        List<HttpRequest> requests = new ArrayList<>();
        for (ObjectNode each : all) {
            requests.add(objects.creation(each, ""));
            made.add(objects.path(each, "") + "/"
                    + each.path("metadata").path("name").asText());
        }
        objects.each(what, requests.size(), requests::get);
    }
}
