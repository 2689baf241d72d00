package io.keelson.apiserver.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** A built-in definition as OpenAPI v3 writes it. */
final class OpenApiText {
    /** Simple types that OpenAPI has definitions for. */
    private static final Set<String> DEFINED = Set.of("time", "microtime", "duration", "quantity", "intorstring");

    private final String name;
    private final String header;
    private final Collection<FieldText> fields;
    private final UnaryOperator<String> fullName;

    OpenApiText(String name, String header, Collection<FieldText> fields, UnaryOperator<String> fullName) {
        this.name = name;
        this.header = header;
        this.fields = List.copyOf(fields);
        this.fullName = fullName;
    }

    ObjectNode definition() {
        ObjectNode out = Json.object();
        String[] words = header.split(" ", -1);
        boolean leaf = fields.isEmpty() && words.length > 1;
        if (leaf) {
            leaf(out, words[1]);
        } else {
            ObjectNode properties = out.putObject("properties");
            fields.forEach(field -> properties.set(field.name(), property(field)));
            List<String> required = BuiltInSchemas.marked(words, "required");
            if (!required.isEmpty()) {
                out.set("required", Json.array(required));
            }
            out.put("type", "object");
        }
        List<String> kinds = BuiltInSchemas.marked(words, "kind");
        if (!kinds.isEmpty()) {
            kinds(out.putArray("x-kubernetes-group-version-kind"), kinds);
        }
        for (String word : words) {
            if (word.startsWith("unions(")) {
                out.set("x-kubernetes-unions", Json.parse(inside(word)));
            } else if (word.equals("atomic") || word.equals("granular")) {
                out.put("x-kubernetes-map-type", word);
            }
        }
        return sorted(out);
    }

    private void leaf(ObjectNode out, String word) {
        switch (word) {
            case "quantity" ->
                out.putArray("oneOf")
                        .add(Json.object().put("type", "string"))
                        .add(Json.object().put("type", "number"));
            case "intorstring" -> {
                out.put("format", "int-or-string");
                out.putArray("oneOf")
                        .add(Json.object().put("type", "integer"))
                        .add(Json.object().put("type", "string"));
            }
            case "time", "microtime" -> out.put("type", "string").put("format", "date-time");
            case "duration" -> out.put("type", "string");
            case "object" -> out.put("type", "object");
            default -> {
                if (!word.equals("any")) {
                    throw new IllegalStateException(name + " is of an unknown type: " + word);
                }
            }
        }
    }

    private static void kinds(ArrayNode out, List<String> kinds) {
        for (String kind : kinds) {
            String[] parts = kind.split("/", -1);
            out.addObject().put("group", parts[0]).put("kind", parts[2]).put("version", parts[1]);
        }
    }

    private ObjectNode property(FieldText field) {
        ObjectNode out = Json.object();
        boolean reference = isReference(field.type());
        if (reference && !field.alone()) {
            out.putArray("allOf").add(type(field.type()));
        } else {
            out.setAll(type(field.type()));
        }
        String json = field.defaultJson();
        if (json != null) {
            out.set("default", Json.parse(json));
        }
        if (!field.enumValues().isEmpty()) {
            out.set("enum", Json.array(field.enumValues()));
        }
        if (!field.listMapKeys().isEmpty()) {
            out.set("x-kubernetes-list-map-keys", Json.array(field.listMapKeys()));
        }
        put(out, "x-kubernetes-list-type", field.listType());
        put(out, "x-kubernetes-map-type", field.mapType());
        put(out, "x-kubernetes-patch-merge-key", field.mergeKey());
        put(out, "x-kubernetes-patch-strategy", field.strategy());
        return sorted(out);
    }

    private static boolean isReference(TypeText type) {
        return type.kind() == TypeText.Kind.DEFINITION || DEFINED.contains(type.word());
    }

    private ObjectNode type(TypeText type) {
        ObjectNode out = Json.object();
        if (isReference(type)) {
            return out.put("$ref", "#/components/schemas/" + fullName.apply(type.word()));
        }
        switch (type.kind()) {
            case LIST -> {
                out.put("type", "array");
                out.set("items", type(type.only()));
            }
            case MAP -> {
                out.put("type", "object");
                out.set("additionalProperties", type(type.only()));
            }
            default -> simple(out, type.word());
        }
        if (!type.values().isEmpty()) {
            out.set("enum", Json.array(type.values()));
        }
        return sorted(out);
    }

    private static void simple(ObjectNode out, String word) {
        switch (word) {
            case "int32", "int64" -> out.put("type", "integer").put("format", word);
            case "double" -> out.put("type", "number").put("format", word);
            case "bytes" -> out.put("type", "string").put("format", "byte");
            case "any" -> {}
            default -> out.put("type", word);
        }
    }

    private static void put(ObjectNode out, String key, String value) {
        if (!value.isEmpty()) {
            out.put(key, value);
        }
    }

    private static String inside(String word) {
        return word.substring(word.indexOf('(') + 1, word.length() - 1);
    }

    /** OpenAPI documents have their keys in order. */
    private static ObjectNode sorted(ObjectNode node) {
        ObjectNode out = Json.object();
        TreeMap<String, JsonNode> keys = new TreeMap<>();
        node.properties().forEach(entry -> keys.put(entry.getKey(), entry.getValue()));
        out.setAll(keys);
        return out;
    }
}
