package io.keelson.apiserver.openapi;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.resource.GroupVersionKind;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Writes the document of OpenAPI v2: one for everything that is served. */
final class SwaggerDocument {
    private static final List<String> SCHEMES = List.of("https");

    /** Those that have been written, under the name by which they are referred to. */
    private final SortedMap<String, ObjectNode> parameters = new TreeMap<>();

    private final Map<Parameter, String> names = new HashMap<>();

    private SwaggerDocument() {}

    /** @param version of Kubernetes */
    static ObjectNode of(List<PathItem> paths, SortedMap<String, ObjectNode> schemas, String version) {
        return new SwaggerDocument().write(paths, schemas, version);
    }

    private ObjectNode write(List<PathItem> paths, SortedMap<String, ObjectNode> schemas, String version) {
        ObjectNode document = Json.object().put("swagger", "2.0");
        document.putObject("info").put("title", "Kubernetes").put("version", version);
        ObjectNode items = document.putObject("paths");
        paths.stream().sorted(Comparator.comparing(PathItem::path)).forEach(item -> items.set(item.path(), item(item)));
        ObjectNode definitions = document.putObject("definitions");
        schemas.forEach((name, schema) -> definitions.set(name, SwaggerSchema.of(schema)));
        document.putObject("parameters").setAll(parameters);
        document.putObject("securityDefinitions")
                .putObject("BearerToken")
                .put("description", "Bearer Token authentication")
                .put("in", "header")
                .put("name", "authorization")
                .put("type", "apiKey");
        document.putArray("security").addObject().putArray("BearerToken");
        return document;
    }

    private ObjectNode item(PathItem item) {
        ObjectNode out = Json.object();
        item.operations().forEach(operation -> out.set(operation.method(), operation(operation)));
        if (!item.parameters().isEmpty()) {
            ArrayNode all = out.putArray("parameters");
            item.parameters().forEach(parameter -> all.addObject().put("$ref", shared(parameter)));
        }
        return out;
    }

    private ObjectNode operation(Operation operation) {
        ObjectNode out = Json.object();
        out.set("consumes", Json.array(operation.consumes()));
        out.put("description", operation.description());
        out.put("operationId", operation.id());
        ArrayNode all = Json.array();
        if (!operation.body().isEmpty()) {
            all.add(body(operation));
        }
        operation.parameters().forEach(parameter -> all.addObject().put("$ref", shared(parameter)));
        if (!all.isEmpty()) {
            out.set("parameters", all);
        }
        out.set("produces", Json.array(operation.produces()));
        ObjectNode responses = out.putObject("responses");
        operation.answers().forEach((status, schema) -> {
            ObjectNode response =
                    responses.putObject(status.toString()).put("description", Answers.description(status));
            ObjectNode described = response.putObject("schema");
            if (schema.equals(Operation.TEXT)) {
                described.put("type", "string");
            } else {
                described.put("$ref", SwaggerSchema.reference(schema));
            }
        });
        responses.putObject("401").put("description", "Unauthorized");
        out.set("schemes", Json.array(SCHEMES));
        out.putArray("tags").add(operation.tag());
        GroupVersionKind kind = operation.kind();
        if (kind != null) {
            out.put("x-kubernetes-action", operation.action());
            out.set("x-kubernetes-group-version-kind", Answers.kind(kind));
        }
        return out;
    }

    private static ObjectNode body(Operation operation) {
        ObjectNode body = Json.object().put("in", "body").put("name", "body");
        if (operation.bodyRequired()) {
            body.put("required", true);
        }
        body.putObject("schema").put("$ref", SwaggerSchema.reference(operation.body()));
        return body;
    }

    /** Parameters stand in the document once; a name tells those apart that are called the same. */
    private String shared(Parameter parameter) {
        return "#/parameters/" + names.computeIfAbsent(parameter, this::share);
    }

    private String share(Parameter parameter) {
        ObjectNode out = Json.object()
                .put("description", parameter.description())
                .put("in", parameter.place())
                .put("name", parameter.name());
        if (parameter.required()) {
            out.put("required", true);
        }
        out.put("type", parameter.type()).put("uniqueItems", true);
        byte[] digest = Digests.sha512(out.toString().getBytes(StandardCharsets.UTF_8));
        String name = parameter.name() + "-"
                + Base64.getUrlEncoder().withoutPadding().encodeToString(digest).substring(0, 8);
        parameters.put(name, out);
        return name;
    }
}
