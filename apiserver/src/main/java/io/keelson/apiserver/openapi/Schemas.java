package io.keelson.apiserver.openapi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.resource.GroupVersion;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.schema.BuiltInSchemas;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Gathers the paths of resources, and every schema that they lead to, in the form of OpenAPI v3. For one document; one
 * thread.
 */
final class Schemas {
    static final String REFERENCE = "#/components/schemas/";
    private static final String LIST_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta";

    private final SortedMap<String, ObjectNode> schemas = new TreeMap<>();
    private final Deque<String> wanted = new ArrayDeque<>();

    /** The paths of what is served in a version. */
    List<PathItem> add(GroupVersion groupVersion, List<Resource> resources) {
        List<PathItem> paths = new ArrayList<>();
        for (Resource resource : resources) {
            ObjectNode published = resource.published();
            if (published == null) {
                String schema = SchemaNames.of(groupVersion.kind(resource.kind().kind()));
                String list = SchemaNames.of(groupVersion.kind(resource.listKind()));
                paths.addAll(ResourcePaths.of(groupVersion, resource, schema, list.isEmpty() ? schema : list));
            } else {
                String schema =
                        SchemaNames.ofCustom(groupVersion.kind(resource.kind().kind()));
                String list = SchemaNames.ofCustom(groupVersion.kind(resource.listKind()));
                put(schema, published);
                put(list, customList(groupVersion, resource, schema, published));
                paths.addAll(ResourcePaths.of(groupVersion, resource, schema, list));
            }
        }
        paths.add(CommonPaths.resources(groupVersion));
        want(paths);
        return paths;
    }

    /** Adds what these paths refer to. */
    void want(List<PathItem> paths) {
        for (PathItem item : paths) {
            for (Operation operation : item.operations()) {
                wanted.add(operation.body());
                wanted.addAll(operation.answers().values());
            }
        }
    }

    private void put(String name, ObjectNode schema) {
        schemas.put(name, schema);
        collect(schema);
    }

    private static ObjectNode customList(
            GroupVersion groupVersion, Resource resource, String schema, ObjectNode published) {
        ObjectNode list = Json.object()
                .put(
                        "description",
                        resource.listKind() + " is a list of " + resource.kind().kind())
                .put("type", "object");
        list.putArray("required").add("items");
        ObjectNode properties = list.putObject("properties");
        properties.set("apiVersion", published.path("properties").path("apiVersion"));
        ObjectNode items = properties.putObject("items").put("type", "array");
        items.put("description", "The objects, in the order of their names.");
        items.putObject("items").put("$ref", REFERENCE + schema);
        properties.set("kind", published.path("properties").path("kind"));
        properties
                .putObject("metadata")
                .put("description", "Where the list was taken, and how it goes on.")
                .putArray("allOf")
                .addObject()
                .put("$ref", REFERENCE + LIST_META);
        list.putArray("x-kubernetes-group-version-kind")
                .addObject()
                .put("group", groupVersion.group())
                .put("kind", resource.listKind())
                .put("version", groupVersion.version());
        return list;
    }

    /** Notes down every schema that something refers to. */
    private void collect(JsonNode node) {
        JsonNode reference = node.get("$ref");
        if (reference != null && reference.asText().startsWith(REFERENCE)) {
            wanted.add(reference.asText().substring(REFERENCE.length()));
        }
        node.forEach(this::collect);
    }

    /** All schemas so far, with those that they refer to, by name. */
    SortedMap<String, ObjectNode> all() {
        for (String name = wanted.poll(); name != null; name = wanted.poll()) {
            if (!schemas.containsKey(name) && BuiltInSchemas.find(name) != null) {
                put(name, Descriptions.describe(name, BuiltInSchemas.openApi(name)));
            }
        }
        return schemas;
    }
}
