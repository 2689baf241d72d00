package io.keelson.apiserver.certs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.GoText;
import io.keelson.apiserver.object.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which fields a configuration file may have, and of what type. What is not known would otherwise be passed over in
 * silence, and a rule that is misspelled is a rule that does not hold.
 */
public sealed interface ConfigShape {
    /** How many complaints are told at most. */
    int WRONG_MAX = 20;

    /**
     * Looks for what must not be there. Null stands for a field that is not there.
     *
     * @param path of the value; empty for the document
     * @param wrong receives {@code unknown field "rules[0].verb"} and the like
     */
    void check(JsonNode value, String path, List<String> wrong);

    /** A value without parts. */
    enum Value implements ConfigShape {
        TEXT("a string"),
        FLAG("a bool"),
        NUMBER("a number"),
        /** A document of another kind, whose reader knows its fields. */
        OBJECT("an object");

        private final String shown;

        Value(String shown) {
            this.shown = shown;
        }

        @Override
        public void check(JsonNode value, String path, List<String> wrong) {
            boolean fits = switch (this) {
                case TEXT -> value.isTextual();
                case FLAG -> value.isBoolean();
                case NUMBER -> value.isNumber();
                case OBJECT -> value.isObject();
            };
            if (!fits) {
                complain(wrong, path + ": expected " + shown + ", got " + Json.goKind(value));
            }
        }
    }

    /** Any number of values that are alike. */
    record ListOf(ConfigShape element) implements ConfigShape {
        @Override
        public void check(JsonNode value, String path, List<String> wrong) {
            if (!value.isArray()) {
                complain(wrong, path + ": expected a list, got " + Json.goKind(value));
                return;
            }
            for (int i = 0; i < value.size(); i++) {
                element.check(value.get(i), path + "[" + i + "]", wrong);
            }
        }
    }

    /** Fields of names that are known. */
    record Fields(Map<String, ConfigShape> known) implements ConfigShape {
        public Fields {
            known = Map.copyOf(known);
        }

        private Fields and(ConfigShape shape, String... names) {
            Map<String, ConfigShape> more = new LinkedHashMap<>(known);
            for (String name : names) {
                more.put(name, shape);
            }
            return new Fields(more);
        }

        public Fields texts(String... names) {
            return and(Value.TEXT, names);
        }

        public Fields flags(String... names) {
            return and(Value.FLAG, names);
        }

        public Fields numbers(String... names) {
            return and(Value.NUMBER, names);
        }

        /** Fields that are lists of texts. */
        public Fields lists(String... names) {
            return and(new ListOf(Value.TEXT), names);
        }

        public Fields list(String name, ConfigShape element) {
            return and(new ListOf(element), name);
        }

        public Fields field(String name, ConfigShape shape) {
            return and(shape, name);
        }

        @Override
        public void check(JsonNode value, String path, List<String> wrong) {
            if (!value.isObject()) {
                complain(wrong, path + ": expected an object, got " + Json.goKind(value));
                return;
            }
            for (Map.Entry<String, JsonNode> field : value.properties()) {
                String at = path.isEmpty() ? field.getKey() : path + "." + field.getKey();
                ConfigShape shape = known.get(field.getKey());
                if (shape == null) {
                    complain(wrong, "unknown field " + GoText.quoted(at));
                } else if (!field.getValue().isNull()) {
                    shape.check(field.getValue(), at, wrong);
                }
            }
        }

        /** @throws IOException naming every field that must not be there */
        public void require(ObjectNode document) throws IOException {
            List<String> wrong = new ArrayList<>();
            check(document, "", wrong);
            if (!wrong.isEmpty()) {
                throw new IOException("strict decoding error: " + String.join(", ", wrong));
            }
        }
    }

    /** Without any fields yet. */
    static Fields object() {
        return new Fields(Map.of());
    }

    /** A document with its {@code apiVersion} and {@code kind}. */
    static Fields document() {
        return object().texts("apiVersion", "kind");
    }

    private static void complain(List<String> wrong, String complaint) {
        if (wrong.size() < WRONG_MAX) {
            wrong.add(complaint);
        }
    }
}
