package io.keelson.apiserver.object;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Chooses objects by the values of a few of their fields: {@code metadata.name=web,status.phase!=Running}. All
 * requirements must hold. Immutable.
 */
public final class FieldSelector {
    /** A selector longer than this is refused. */
    private static final int CHARS_MAX = 1_000_000;

    private static final FieldSelector EVERYTHING = new FieldSelector(List.of());

    /**
     * One condition.
     *
     * @param field its path, {@code metadata.name} for example
     * @param equal whether the field must have the value, rather than another one
     */
    public record Requirement(String field, boolean equal, String value) {
        public boolean matches(String actual) {
            return value.equals(actual) == equal;
        }

        @Override
        public String toString() {
            return field + (equal ? "=" : "!=") + value;
        }
    }

    private final List<Requirement> requirements;

    private FieldSelector(List<Requirement> requirements) {
        this.requirements = List.copyOf(requirements);
    }

    /** Chooses every object. */
    public static FieldSelector everything() {
        return EVERYTHING;
    }

    /** Chooses the objects whose field has this value, whatever characters there are in it. */
    public static FieldSelector of(String field, String value) {
        return new FieldSelector(List.of(new Requirement(field, true, value)));
    }

    /**
     * Reads a selector as it stands in a query. Empty text chooses everything.
     *
     * @throws MalformedException with the text of the Kubernetes API
     */
    public static FieldSelector parse(String text) {
        if (text.length() > CHARS_MAX) {
            throw new MalformedException("selectors must be no more than " + CHARS_MAX + " characters");
        }
        List<Requirement> found = new ArrayList<>();
        for (String part : Arrays.stream(text.split(",", -1)).sorted().toList()) {
            if (!part.isEmpty()) {
                found.add(requirement(part, text));
            }
        }
        return found.isEmpty() ? EVERYTHING : new FieldSelector(found);
    }

    private static Requirement requirement(String part, String whole) {
        for (String operator : List.of("!=", "==", "=")) {
            int at = part.indexOf(operator);
            // An operator that stands there twice is none.
            if (at >= 0 && part.indexOf(operator, at + operator.length()) < 0) {
                return new Requirement(
                        part.substring(0, at), !operator.equals("!="), part.substring(at + operator.length()));
            }
        }
        throw new MalformedException("invalid selector: '" + whole + "'; can't understand '" + part + "'");
    }

    /** Whether it chooses an object whose fields have these values; empty for a field that has none. */
    public boolean matches(Function<String, String> fields) {
        for (Requirement requirement : requirements) {
            if (!requirement.matches(fields.apply(requirement.field()))) {
                return false;
            }
        }
        return true;
    }

    /** The value that a field must have; null if it may have several. */
    public @Nullable String required(String field) {
        for (Requirement requirement : requirements) {
            if (requirement.equal() && requirement.field().equals(field)) {
                return requirement.value();
            }
        }
        return null;
    }

    public boolean isEverything() {
        return requirements.isEmpty();
    }

    public List<Requirement> requirements() {
        return requirements;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof FieldSelector selector && requirements.equals(selector.requirements);
    }

    @Override
    public int hashCode() {
        return requirements.hashCode();
    }

    /** As it would stand in a query. */
    @Override
    public String toString() {
        return requirements.stream().map(Requirement::toString).collect(Collectors.joining(","));
    }
}
