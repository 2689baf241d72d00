package io.keelson.apiserver.object;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * YAML to trees and back, as the Kubernetes API reads and writes it: YAML 1.1's words for truth ({@code yes}, {@code on})
 * and its octal numbers, keys that become text, times that stay text. Aliases may make a document a hundred times larger
 * at most; nesting is bounded as in {@link Json}. There must be one document only.
 */
public final class Yaml {
    private Yaml() {}

    /**
     * Reads a value; nothing at all is null.
     *
     * @throws MalformedException if it is no YAML, or more than one document
     */
    public static JsonNode parse(byte[] yaml) {
        return read(yaml, null);
    }

    /**
     * As {@link #parse(byte[])}, and tells of keys that stand in a mapping more than once.
     *
     * @param duplicates receives one text for all of them, as the API gives it
     */
    public static JsonNode parse(byte[] yaml, List<String> duplicates) {
        return read(yaml, duplicates);
    }

    /**
     * Reads an object.
     *
     * @throws MalformedException if it is no YAML, or no object
     */
    public static ObjectNode parseObject(byte[] yaml, List<String> duplicates) {
        return Json.asObject(read(yaml, duplicates));
    }

    private static JsonNode read(byte[] yaml, @Nullable List<String> duplicates) {
        JsonNode json = jsonIn(yaml, duplicates);
        if (json != null) {
            return json;
        }
        return new YamlReader(duplicates).document(new String(yaml, StandardCharsets.UTF_8));
    }

    /**
     * What it is if it is JSON, which most YAML that is sent is, and which is read much faster; null if it is none, or if
     * the two languages could differ.
     */
    private static @Nullable JsonNode jsonIn(byte[] yaml, @Nullable List<String> duplicates) {
        int start = 0;
        while (start < yaml.length && (yaml[start] == ' ' || yaml[start] == '\n' || yaml[start] == '\r')) {
            start++;
        }
        if (start == yaml.length || (yaml[start] != '{' && yaml[start] != '[')) {
            return null;
        }
        List<String> repeated = new ArrayList<>();
        try {
            JsonReader reader = new JsonReader(yaml, duplicates == null ? null : repeated);
            JsonNode json = reader.document();
            return reader.sawDouble() || !repeated.isEmpty() ? null : json;
        } catch (MalformedException e) {
            // No JSON; the YAML reader takes it or says what is wrong.
            return null;
        }
    }

    /** Writes a value as YAML, keys in order. */
    public static byte[] encode(JsonNode node) {
        return new YamlWriter().document(node).getBytes(StandardCharsets.UTF_8);
    }
}
