package io.keelson.apiserver.openapi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.resource.GroupVersion;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.schema.BuiltInSchemas;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** Writes the document of one group and version: its paths, and every schema that they lead to. */
final class OpenApiDocument {
    private static final String LIST_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta";
    private static final String PREFIX = "#/components/schemas/";

    private final ObjectNode schemas = Json.object();
    private final Deque<String> wanted = new ArrayDeque<>();

    private OpenApiDocument() {}

    static ObjectNode of(GroupVersion groupVersion, List<Resource> resources, String version) {
        OpenApiDocument document = new OpenApiDocument();
        ObjectNode paths = Json.object();
        for (Resource resource : resources) {
            ObjectNode published = resource.published();
            if (published != null) {
                document.addCustom(groupVersion, resource, published, paths);
            } else {
                String schema = SchemaNames.of(groupVersion.kind(resource.kind().kind()));
                String list = SchemaNames.of(groupVersion.kind(resource.listKind()));
                new Operations(groupVersion, resource, schema, list.isEmpty() ? schema : list, paths).write();
            }
        }
        document.collect(paths);
        document.addWanted();
        ObjectNode whole = Json.object().put("openapi", "3.0.0");
        whole.putObject("info").put("title", "Kubernetes").put("version", version);
        whole.set("paths", paths);
        whole.putObject("components").set("schemas", document.schemas);
        return whole;
    }

    private void addCustom(GroupVersion groupVersion, Resource resource, ObjectNode published, ObjectNode paths) {
        String name = SchemaNames.ofCustom(groupVersion.kind(resource.kind().kind()));
        String listName = SchemaNames.ofCustom(groupVersion.kind(resource.listKind()));
        schemas.set(name, published);
        ObjectNode list = Json.object()
                .put(
                        "description",
                        resource.listKind() + " is a list of " + resource.kind().kind())
                .put("type", "object");
        list.putArray("required").add("items");
        ObjectNode properties = list.putObject("properties");
        for (String field : List.of("apiVersion", "kind")) {
            properties.set(field, published.path("properties").path(field));
        }
        ObjectNode items = properties.putObject("items").put("type", "array");
        items.put("description", "The objects, in the order of their names.");
        items.putObject("items").put("$ref", PREFIX + name);
        properties
                .putObject("metadata")
                .put("description", "Where the list was taken, and how it goes on.")
                .putArray("allOf")
                .addObject()
                .put("$ref", PREFIX + LIST_META);
        list.putArray("x-kubernetes-group-version-kind")
                .addObject()
                .put("group", groupVersion.group())
                .put("kind", resource.listKind())
                .put("version", groupVersion.version());
        schemas.set(listName, list);
        collect(published);
        collect(list);
        new Operations(groupVersion, resource, name, listName, paths).write();
    }

    /** Notes down every schema that something refers to. */
    private void collect(JsonNode node) {
        if (node.isObject()) {
            JsonNode reference = node.get("$ref");
            if (reference != null && reference.asText().startsWith(PREFIX)) {
                wanted.add(reference.asText().substring(PREFIX.length()));
            }
        }
        node.forEach(this::collect);
    }

    private void addWanted() {
        for (String name = wanted.poll(); name != null; name = wanted.poll()) {
            if (!schemas.has(name) && BuiltInSchemas.find(name) != null) {
                ObjectNode schema = BuiltInSchemas.openApi(name);
                schemas.set(name, schema);
                collect(schema);
            }
        }
    }
}
