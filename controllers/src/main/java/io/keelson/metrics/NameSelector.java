package io.keelson.metrics;

import java.util.ArrayList;
import java.util.List;

/** A selector of fields, of which metrics have two: {@code metadata.name} and {@code metadata.namespace}. */
final class NameSelector {
    private final List<Requirement> requirements;

    private record Requirement(String field, String value, boolean equal) {}

    private NameSelector(List<Requirement> requirements) {
        this.requirements = requirements;
    }

    /**
     * Reads {@code metadata.name=a,metadata.namespace!=b}; empty selects all.
     *
     * @throws IllegalArgumentException if it is none, or asks for another field
     */
    static NameSelector parse(String text) {
        List<Requirement> requirements = new ArrayList<>();
        for (String part : text.isBlank() ? new String[0] : text.split(",", -1)) {
            int equals = part.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException("invalid selector: '" + text + "'; can't understand '" + part + "'");
            }
            boolean isNot = part.charAt(equals - 1) == '!';
            String field = part.substring(0, isNot ? equals - 1 : equals).strip();
            String value = part.substring(part.startsWith("==", equals) ? equals + 2 : equals + 1)
                    .strip();
            if (!field.equals("metadata.name") && !field.equals("metadata.namespace")) {
                throw new IllegalArgumentException("field label not supported: " + field);
            }
            requirements.add(new Requirement(field, value, !isNot));
        }
        return new NameSelector(requirements);
    }

    boolean selects(String namespace, String name) {
        for (Requirement each : requirements) {
            String value = each.field().equals("metadata.name") ? name : namespace;
            if (value.equals(each.value()) != each.equal()) {
                return false;
            }
        }
        return true;
    }
}
