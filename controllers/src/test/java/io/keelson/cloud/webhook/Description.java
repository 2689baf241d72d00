package io.keelson.cloud.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The OpenAPI description that is shipped, as something that requests and answers are held against. */
final class Description {
    private final JsonNode root;

    /**
     * What a request asks for.
     *
     * @param id of the operation
     */
    record Operation(String id, JsonNode description) {}

    private Description(JsonNode root) {
        this.root = root;
    }

    static byte[] bytes() throws IOException {
        try (InputStream in = WebhookCloud.class.getResourceAsStream("openapi.yaml")) {
            if (in == null) {
                throw new IOException("there is no description");
            }
            return in.readAllBytes();
        }
    }

    static Description read() throws IOException {
        return new Description(new YAMLMapper().readTree(bytes()));
    }

    Set<String> operationIds() {
        Set<String> ids = new HashSet<>();
        for (JsonNode path : root.path("paths")) {
            for (JsonNode operation : path) {
                if (operation.has("operationId")) {
                    ids.add(operation.get("operationId").asText());
                }
            }
        }
        return ids;
    }

    /** The operation of a request; null if there is none. Checks its parameters as well. */
    @Nullable
    Operation operation(String method, String path, @Nullable String query, List<String> problems) {
        for (Iterator<Map.Entry<String, JsonNode>> it = root.path("paths").fields(); it.hasNext(); ) {
            Map.Entry<String, JsonNode> entry = it.next();
            String pattern = entry.getKey().replaceAll("\\{[a-z]+}", "[^/]+");
            JsonNode operation = entry.getValue().get(method.toLowerCase(Locale.ROOT));
            if (path.matches(pattern) && operation != null) {
                checkQuery(operation, query, problems);
                return new Operation(operation.get("operationId").asText(), operation);
            }
        }
        return null;
    }

    private static void checkQuery(JsonNode operation, @Nullable String query, List<String> problems) {
        Set<String> given = new HashSet<>();
        for (String part : query == null ? new String[0] : query.split("&", -1)) {
            given.add(part.substring(0, part.indexOf('=')));
        }
        for (JsonNode parameter : operation.path("parameters")) {
            String name = parameter.get("name").asText();
            if (!given.remove(name) && parameter.path("required").asBoolean()) {
                problems.add("the parameter " + name + " is missing");
            }
        }
        given.forEach(name -> problems.add("there is no parameter " + name));
    }

    /** The example of an answer; null if an answer of this status has none. */
    @Nullable
    JsonNode example(Operation operation, int status) {
        JsonNode answer = resolved(operation.description().path("responses").path(Integer.toString(status)));
        JsonNode example = answer.path("content").path("application/json").get("example");
        if (example != null) {
            List<String> problems = new ArrayList<>();
            check(answer.path("content").path("application/json").get("schema"), example, "example", problems);
            if (!problems.isEmpty()) {
                throw new AssertionError(operation.id() + ": " + problems);
            }
        }
        return example;
    }

    boolean hasStatus(Operation operation, int status) {
        return operation.description().path("responses").has(Integer.toString(status));
    }

    /** The schema of what is sent; null if nothing is. */
    @Nullable
    JsonNode requestSchema(Operation operation) {
        return operation
                .description()
                .path("requestBody")
                .path("content")
                .path("application/json")
                .get("schema");
    }

    private JsonNode resolved(JsonNode node) {
        return node.has("$ref") ? root.at(node.get("$ref").asText().substring(1)) : node;
    }

    /** Holds a value against a schema; a field that the schema does not name is a problem. */
    void check(JsonNode reference, JsonNode value, String at, List<String> problems) {
        JsonNode schema = resolved(reference);
        switch (schema.path("type").asText()) {
            case "object" -> checkObject(schema, value, at, problems);
            case "array" -> {
                if (!value.isArray()) {
                    problems.add(at + " is no list: " + value);
                }
                int number = 0;
                for (JsonNode item : value) {
                    check(schema.get("items"), item, at + '[' + number++ + ']', problems);
                }
            }
            case "string" -> {
                boolean listed = !schema.has("enum");
                for (JsonNode word : schema.path("enum")) {
                    listed |= word.asText().equals(value.asText());
                }
                if (!value.isTextual() || !listed) {
                    problems.add(at + " is no such text: " + value);
                }
            }
            case "integer" -> {
                if (!value.isIntegralNumber()) {
                    problems.add(at + " is no whole number: " + value);
                }
            }
            case "boolean" -> {
                if (!value.isBoolean()) {
                    problems.add(at + " is no truth: " + value);
                }
            }
            default -> problems.add(at + " has no schema: " + schema);
        }
    }

    private void checkObject(JsonNode schema, JsonNode value, String at, List<String> problems) {
        if (!value.isObject()) {
            problems.add(at + " is no object: " + value);
            return;
        }
        schema.path("required").forEach(name -> {
            if (!value.has(name.asText())) {
                problems.add(at + " lacks " + name.asText());
            }
        });
        for (Iterator<Map.Entry<String, JsonNode>> it = value.fields(); it.hasNext(); ) {
            Map.Entry<String, JsonNode> field = it.next();
            JsonNode known = schema.path("properties").get(field.getKey());
            JsonNode any = schema.get("additionalProperties");
            if (known == null && any == null) {
                problems.add(at + " has the unknown field " + field.getKey());
            } else {
                check(known == null ? any : known, field.getValue(), at + '.' + field.getKey(), problems);
            }
        }
    }
}
