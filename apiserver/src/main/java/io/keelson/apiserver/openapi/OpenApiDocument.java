package io.keelson.apiserver.openapi;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.resource.GroupVersionKind;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;

/** Writes a document of OpenAPI v3. */
final class OpenApiDocument {
    private OpenApiDocument() {}

    /** @param version of Kubernetes */
    static ObjectNode of(List<PathItem> paths, SortedMap<String, ObjectNode> schemas, String version) {
        ObjectNode document = Json.object().put("openapi", "3.0.0");
        document.putObject("info").put("title", "Kubernetes").put("version", version);
        ObjectNode items = document.putObject("paths");
        paths.stream().sorted(Comparator.comparing(PathItem::path)).forEach(item -> items.set(item.path(), item(item)));
        ObjectNode components = document.putObject("components");
        components.putObject("schemas").setAll(schemas);
        components
                .putObject("securitySchemes")
                .putObject("BearerToken")
                .put("type", "apiKey")
                .put("description", "Bearer Token authentication")
                .put("name", "authorization")
                .put("in", "header");
        document.putArray("security").addObject().putArray("BearerToken");
        return document;
    }

    private static ObjectNode item(PathItem item) {
        ObjectNode out = Json.object();
        item.operations().forEach(operation -> out.set(operation.method(), operation(operation)));
        if (!item.parameters().isEmpty()) {
            parameters(out.putArray("parameters"), item.parameters());
        }
        return out;
    }

    private static ObjectNode operation(Operation operation) {
        ObjectNode out = Json.object();
        out.putArray("tags").add(operation.tag());
        out.put("description", operation.description());
        out.put("operationId", operation.id());
        if (!operation.parameters().isEmpty()) {
            parameters(out.putArray("parameters"), operation.parameters());
        }
        if (!operation.body().isEmpty()) {
            ObjectNode body = out.putObject("requestBody");
            content(body, operation.consumes(), operation.body());
            if (operation.bodyRequired()) {
                body.put("required", true);
            }
        }
        ObjectNode responses = out.putObject("responses");
        operation.answers().forEach((status, schema) -> {
            ObjectNode response =
                    responses.putObject(status.toString()).put("description", Answers.description(status));
            content(response, operation.produces(), schema);
        });
        responses.putObject("401").put("description", "Unauthorized");
        GroupVersionKind kind = operation.kind();
        if (kind != null) {
            out.put("x-kubernetes-action", operation.action());
            out.set("x-kubernetes-group-version-kind", Answers.kind(kind));
        }
        return out;
    }

    private static void content(ObjectNode out, List<String> formats, String schema) {
        ObjectNode content = out.putObject("content");
        for (String format : formats) {
            ObjectNode described = content.putObject(format).putObject("schema");
            if (schema.equals(Operation.TEXT)) {
                described.put("type", "string");
            } else {
                described.put("$ref", Schemas.REFERENCE + schema);
            }
        }
    }

    private static void parameters(ArrayNode out, List<Parameter> parameters) {
        for (Parameter parameter : parameters) {
            ObjectNode one = out.addObject()
                    .put("name", parameter.name())
                    .put("in", parameter.place())
                    .put("description", parameter.description());
            if (parameter.required()) {
                one.put("required", true);
            }
            one.putObject("schema").put("type", parameter.type()).put("uniqueItems", true);
        }
    }
}
