package io.keelson.metrics;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** What is served, for clients that look for it. */
final class MetricsDiscovery {
    private static final JsonMapper JSON = new JsonMapper();

    private MetricsDiscovery() {}

    static ObjectNode groups() {
        ObjectNode list = JSON.createObjectNode().put("kind", "APIGroupList").put("apiVersion", "v1");
        list.putArray("groups").add(described());
        return list;
    }

    static ObjectNode group() {
        ObjectNode group = JSON.createObjectNode().put("kind", "APIGroup").put("apiVersion", "v1");
        group.setAll(described());
        return group;
    }

    private static ObjectNode described() {
        ObjectNode group = JSON.createObjectNode().put("name", MetricsPath.GROUP);
        group.putArray("versions").add(version());
        group.set("preferredVersion", version());
        return group;
    }

    private static ObjectNode version() {
        return JSON.createObjectNode()
                .put("groupVersion", MetricsAnswers.GROUP_VERSION)
                .put("version", MetricsPath.VERSION);
    }

    static ObjectNode resources() {
        ObjectNode list = JSON.createObjectNode()
                .put("kind", "APIResourceList")
                .put("apiVersion", "v1")
                .put("groupVersion", MetricsAnswers.GROUP_VERSION);
        ArrayNode resources = list.putArray("resources");
        resource(resources, "nodes", "NodeMetrics", false);
        resource(resources, "pods", "PodMetrics", true);
        return list;
    }

    private static void resource(ArrayNode resources, String name, String kind, boolean namespaced) {
        resources
                .addObject()
                .put("name", name)
                .put("singularName", "")
                .put("namespaced", namespaced)
                .put("kind", kind)
                .putArray("verbs")
                .add("get")
                .add("list");
    }
}
