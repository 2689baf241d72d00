package io.keelson.apiserver.openapi;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * What built-in kinds and their fields are for, as {@code kubectl explain} shows it. The texts are those of the published
 * Java client; the build takes them out of its sources (see {@code apiserver/src/types/Descriptions.java}), and where that
 * was not done there are none. Thread-safe.
 */
final class Descriptions {
    /** Types that the Java client has no classes for. */
    private static final Map<String, String> SIMPLE = Map.of(
            "io.k8s.apimachinery.pkg.api.resource.Quantity",
            "An amount as a decimal number with a suffix: k, M, G, T, P, E for powers of 1000, Ki, Mi, Gi, Ti, Pi, Ei for"
                    + " powers of 1024, m for thousandths, or an exponent.",
            "io.k8s.apimachinery.pkg.apis.meta.v1.Duration",
            "A span of time, as numbers with units: 1h30m, 300ms.",
            "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1",
            "A set of fields as a tree in JSON: f:<name> is a field of an object, k:<keys> an element of a list by its keys,"
                    + " v:<value> one by its value, i:<index> one by its place.",
            "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime",
            "A moment, as text according to RFC 3339 with microseconds.",
            "io.k8s.apimachinery.pkg.apis.meta.v1.Patch",
            "What is to be changed, in the format that the content type names.",
            "io.k8s.apimachinery.pkg.apis.meta.v1.Time",
            "A moment, as text according to RFC 3339 with seconds.",
            "io.k8s.apimachinery.pkg.runtime.RawExtension",
            "An object of any kind.",
            "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
            "A number or a text.",
            "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON",
            "Any JSON value: a truth value, a number, a text, a list, an object or null.");

    private static final String TEXT = text();
    private static final Map<String, Integer> STARTS = starts();

    private Descriptions() {}

    private static String text() {
        try (InputStream resource = Descriptions.class.getResourceAsStream("kubernetes.descriptions")) {
            return resource == null ? "" : new String(resource.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, Integer> starts() {
        Map<String, Integer> starts = HashMap.newHashMap(1_024);
        for (int at = 0; at < TEXT.length(); at = TEXT.indexOf('\n', at) + 1) {
            if (TEXT.charAt(at) != '\t') {
                starts.put(TEXT.substring(at, TEXT.indexOf('\t', at)), at);
            }
        }
        return starts;
    }

    /** Adds what is known of a definition to its schema, of which it says {@code properties} by name. */
    static ObjectNode describe(String definition, ObjectNode schema) {
        ObjectNode described = Json.object();
        Integer start = STARTS.get(definition);
        String simple = SIMPLE.get(definition);
        if (start == null) {
            if (simple != null) {
                described.put("description", simple);
            }
            described.setAll(schema);
            return described;
        }
        int end = TEXT.indexOf('\n', start);
        String text = unescaped(TEXT.substring(start + definition.length() + 1, end));
        if (!text.isEmpty()) {
            described.put("description", text);
        }
        described.setAll(schema);
        Map<String, String> fields = fields(end + 1);
        if (schema.get("properties") instanceof ObjectNode properties) {
            ObjectNode all = described.putObject("properties");
            properties.properties().forEach(property -> {
                String field = fields.get(property.getKey());
                if (field == null || !(property.getValue() instanceof ObjectNode declared)) {
                    all.set(property.getKey(), property.getValue());
                } else {
                    all.putObject(property.getKey()).put("description", field).setAll(declared);
                }
            });
        }
        return described;
    }

    private static Map<String, String> fields(int from) {
        Map<String, String> fields = new HashMap<>();
        int at = from;
        while (at < TEXT.length() && TEXT.charAt(at) == '\t') {
            int end = TEXT.indexOf('\n', at);
            int tab = TEXT.indexOf('\t', at + 1);
            fields.put(TEXT.substring(at + 1, tab), unescaped(TEXT.substring(tab + 1, end)));
            at = end + 1;
        }
        return fields;
    }

    private static String unescaped(String text) {
        return text.indexOf('\\') < 0 ? text : text.translateEscapes();
    }
}
