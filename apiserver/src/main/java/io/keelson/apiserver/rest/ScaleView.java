package io.keelson.apiserver.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.LabelSelector;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.GroupResource;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.ScalePaths;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Objects of a kind seen as a Scale: how many replicas are wanted, how many there are, and which.
 *
 * @param selector the text of the selector
 * @param mustSay whether an object that does not say how many replicas it wants has no scale
 */
record ScaleView(
        List<String> replicas, List<String> statusReplicas, Function<ObjectNode, String> selector, boolean mustSay) {
    private static final GroupResource REPLICATION_CONTROLLERS = new GroupResource("", "replicationcontrollers");
    private static final List<String> REPLICAS = List.of("spec", "replicas");
    private static final List<String> STATUS_REPLICAS = List.of("status", "replicas");

    static ScaleView of(Resource resource) {
        ScalePaths paths = resource.scale();
        if (paths != null) {
            return new ScaleView(
                    paths.replicas(),
                    paths.statusReplicas(),
                    object -> paths.selector().isEmpty()
                            ? ""
                            : at(object, paths.selector()).asText(""),
                    true);
        }
        return new ScaleView(
                REPLICAS,
                STATUS_REPLICAS,
                resource.name().equals(REPLICATION_CONTROLLERS) ? ScaleView::labels : ScaleView::selector,
                false);
    }

    private static String labels(ObjectNode object) {
        Map<String, String> labels = new HashMap<>();
        object.path("spec")
                .path("selector")
                .properties()
                .forEach(label -> labels.put(label.getKey(), label.getValue().asText()));
        return LabelSelector.ofLabels(labels).toString();
    }

    private static String selector(ObjectNode object) {
        try {
            return LabelSelector.of(object.path("spec").get("selector")).toString();
        } catch (MalformedException e) {
            throw ApiException.badRequest(e.message());
        }
    }

    private static JsonNode at(JsonNode object, List<String> path) {
        JsonNode value = object;
        for (String field : path) {
            value = value.path(field);
        }
        return value;
    }

    /**
     * The scale of an object, without managed fields.
     *
     * @throws ApiException InternalError if the object must say how many replicas it wants, and does not
     */
    ObjectNode scale(ObjectNode object) {
        if (mustSay && !at(object, replicas).isNumber()) {
            throw ApiException.internal(
                    "the spec replicas field \"." + String.join(".", replicas) + "\" does not exist", null);
        }
        return scaleAsFar(object);
    }

    /** The same, where an object that does not say how many replicas it wants wants none. */
    ObjectNode scaleAsFar(ObjectNode object) {
        ObjectNode scale = Json.object().put("kind", "Scale").put("apiVersion", "autoscaling/v1");
        ObjectNode metadata = ObjectMeta.metadata(scale);
        for (String field : List.of("name", "namespace", "uid", "resourceVersion", "creationTimestamp")) {
            JsonNode value = object.path("metadata").get(field);
            if (value != null) {
                metadata.set(field, value);
            }
        }
        long wanted = at(object, replicas).asLong();
        ObjectNode spec = scale.putObject("spec");
        if (wanted != 0) {
            spec.put("replicas", wanted);
        }
        ObjectNode status = scale.putObject("status");
        status.put("replicas", at(object, statusReplicas).asLong());
        String text = selector.apply(object);
        if (!text.isEmpty()) {
            status.put("selector", text);
        }
        return scale;
    }

    /** Makes the object want so many replicas. */
    void setReplicas(ObjectNode object, long wanted) {
        ObjectNode parent = object;
        for (String field : replicas.subList(0, replicas.size() - 1)) {
            parent = Fill.object(parent, field);
        }
        parent.put(replicas.getLast(), wanted);
    }
}
