package io.keelson.apiserver.kinds.flow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Yaml;
import io.keelson.apiserver.validation.Place;
import io.keelson.apiserver.validation.SemanticEquality;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** The priority levels and flow schemas of {@code flow-defaults.yaml}, which every cluster has. */
public final class DefaultFlows {
    private static final JsonNode ALL = load();

    private DefaultFlows() {}

    /** All of them, as the file says. */
    public static JsonNode all() {
        return ALL.deepCopy();
    }

    private static JsonNode load() {
        try (InputStream in = DefaultFlows.class.getResourceAsStream("flow-defaults.yaml")) {
            if (in == null) {
                throw new IllegalStateException("flow-defaults.yaml is missing from the class path");
            }
            return Yaml.parse(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Complains about a level that has to be there as it is, and is another. What is exempt may say how much of it is counted
     * and lent.
     */
    static void fixedLevel(Place level) {
        String name = level.at("metadata", "name").text();
        JsonNode fixed = mandatory("levels", name);
        if (fixed == null) {
            return;
        }
        Place spec = level.at("spec");
        if (fixed.has("exempt")) {
            if (!SemanticEquality.equal(without(spec.value(), "exempt"), without(fixed, "exempt"))) {
                spec.invalid("spec of '" + name + "' except the 'spec.exempt' field must equal the fixed value");
            }
        } else {
            fixed(spec, name, fixed);
        }
    }

    /** Complains about a flow schema that has to be there as it is, and is another. */
    static void fixedSchema(Place schema) {
        String name = schema.at("metadata", "name").text();
        JsonNode fixed = mandatory("schemas", name);
        if (fixed != null) {
            fixed(schema.at("spec"), name, fixed);
        }
    }

    private static void fixed(Place spec, String name, JsonNode fixed) {
        if (!SemanticEquality.equal(spec.value(), fixed)) {
            spec.invalid("spec of '" + name + "' must equal the fixed value");
        }
    }

    private static @Nullable JsonNode mandatory(String what, String name) {
        for (JsonNode line : ALL.path("mandatory").path(what)) {
            if (line.path("name").asText().equals(name)) {
                return line.path("spec");
            }
        }
        return null;
    }

    private static JsonNode without(JsonNode spec, String field) {
        return spec instanceof ObjectNode object ? object.deepCopy().without(field) : MissingNode.getInstance();
    }
}
