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
    private static final String PREFIX = "#/components/schemas/";

    private final ObjectNode schemas = Json.object();
    private final Deque<String> wanted = new ArrayDeque<>();

    private OpenApiDocument() {}

    static ObjectNode of(GroupVersion groupVersion, List<Resource> resources, String version) {
        OpenApiDocument document = new OpenApiDocument();
        ObjectNode paths = Json.object();
        for (Resource resource : resources) {
            if (!resource.custom()) {
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
