package io.keelson.apiserver.object;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;

/**
 * JSON to trees and back, as the Kubernetes API reads and writes it: numbers without fraction and exponent that fit are
 * longs, all others doubles; text that is not well-formed Unicode is repaired rather than refused; errors have the texts
 * of Go's parser, because clients see them. Nesting deeper than {@link #DEPTH_MAX} is refused; size is the caller's
 * business.
 */
public final class Json {
    /**
     * How deep objects and lists may lie in one another. The original allows 10,000, but whatever walks a tree later on
     * (copying, comparing, merging) uses one frame of the stack for each, and nothing that people write comes near this.
     */
    public static final int DEPTH_MAX = 500;

    /** How many repeated or unknown fields are told at most. */
    public static final int FIELD_ERRORS_MAX = 100;

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Json() {}

    /**
     * Reads an object.
     *
     * @throws MalformedException if it is no JSON, or no object
     */
    public static ObjectNode parseObject(byte[] json) {
        return asObject(parse(json));
    }

    /**
     * Reads one field of an object and nothing behind it.
     *
     * @param json an object that was written by {@link #encode}, so that there is nothing wrong with it
     * @return missing if there is no such field
     */
    public static JsonNode field(byte[] json, String name) {
        JsonNode value = new JsonReader(json, null).field(name);
        return value == null ? MissingNode.getInstance() : value;
    }

    /**
     * Reads an object, and tells which fields stand in it more than once.
     *
     * @param duplicates receives {@code duplicate field "spec.replicas"} for each
     * @throws MalformedException if it is no JSON, or no object
     */
    public static ObjectNode parseObject(byte[] json, List<String> duplicates) {
        return asObject(parse(json, duplicates));
    }

    /**
     * Reads a value. Of a field that stands in an object more than once, the last one counts.
     *
     * @throws MalformedException if it is no JSON
     */
    public static JsonNode parse(byte[] json) {
        return new JsonReader(json, null).document();
    }

    /** As {@link #parse(byte[])}, and tells which fields stand in an object more than once. */
    public static JsonNode parse(byte[] json, List<String> duplicates) {
        return new JsonReader(json, duplicates).document();
    }

    public static JsonNode parse(String json) {
        return parse(json.getBytes(StandardCharsets.UTF_8));
    }

    static ObjectNode asObject(JsonNode node) {
        if (node instanceof ObjectNode object) {
            return object;
        }
        throw new MalformedException(
                "json: cannot unmarshal " + goKind(node) + " into Go value of type " + "map[string]interface {}");
    }

    /** What kind of value it is, in the words of Go's parser. */
    public static String goKind(JsonNode node) {
        return switch (node.getNodeType()) {
            case OBJECT, POJO -> "object";
            case ARRAY -> "array";
            case STRING, BINARY -> "string";
            case BOOLEAN -> "bool";
            case NUMBER -> "number";
            case NULL, MISSING -> "null";
        };
    }

    /** UTF-8, without white space. */
    public static byte[] encode(JsonNode node) {
        return new JsonWriter().value(node).bytes();
    }

    /** As {@link #encode} does it, as text. */
    public static String text(JsonNode node) {
        return new String(encode(node), StandardCharsets.UTF_8);
    }

    /** Indented by two spaces, for people. */
    public static byte[] encodePretty(JsonNode node) {
        return new JsonWriter(2).value(node).bytes();
    }

    /** For records and trees whose source is trusted; not for what clients send. */
    public static ObjectMapper mapper() {
        return MAPPER;
    }

    public static ObjectNode object() {
        return NODES.objectNode();
    }

    public static ArrayNode array() {
        return NODES.arrayNode();
    }

    public static ArrayNode array(Collection<String> texts) {
        ArrayNode array = NODES.arrayNode(texts.size());
        texts.forEach(array::add);
        return array;
    }
}
