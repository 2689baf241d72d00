package io.keelson.apiserver.object;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Chooses objects by the values of a few of their fields: {@code metadata.name=web,status.phase!=Running}. All
 * requirements must hold. A comma, an equals sign or a backslash in a value stands behind a backslash. Immutable.
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
            return field + (equal ? "=" : "!=") + escaped(value);
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
        for (String term : terms(text)) {
            if (!term.isEmpty()) {
                found.add(requirement(term, text));
            }
        }
        return found.isEmpty() ? EVERYTHING : new FieldSelector(found);
    }

    /** What stands between commas that stand behind no backslash, sorted. */
    private static List<String> terms(String text) {
        List<String> terms = new ArrayList<>();
        int begin = 0;
        boolean escaped = false;
        for (int i = 0; i < text.length(); i++) {
            char character = text.charAt(i);
            if (escaped) {
                escaped = false;
            } else if (character == '\\') {
                escaped = true;
            } else if (character == ',') {
                terms.add(text.substring(begin, i));
                begin = i + 1;
            }
        }
        terms.add(text.substring(begin));
        terms.sort(GoText::compare);
        return terms;
    }

    /** The first operator divides a term. Only the value has escapes. */
    private static Requirement requirement(String term, String whole) {
        int sign = term.indexOf('=');
        if (sign < 0) {
            throw new MalformedException("invalid selector: '" + whole + "'; can't understand '" + term + "'");
        }
        boolean differs = sign > 0 && term.charAt(sign - 1) == '!';
        boolean twice = !differs && term.startsWith("=", sign + 1);
        return new Requirement(
                term.substring(0, differs ? sign - 1 : sign),
                !differs,
                unescaped(term.substring(twice ? sign + 2 : sign + 1)));
    }

    private static String escaped(String value) {
        return value.replace("\\", "\\\\").replace(",", "\\,").replace("=", "\\=");
    }

    private static String unescaped(String value) {
        StringBuilder text = new StringBuilder(value.length());
        int at = 0;
        while (at < value.length()) {
            int character = value.codePointAt(at);
            at += Character.charCount(character);
            if (character == '=') {
                // The API tells the number of the character.
                throw new MalformedException("invalid field selector: unescaped character in value: " + character);
            }
            if (character == '\\') {
                String sequence = at < value.length() ? Character.toString(value.codePointAt(at)) : "";
                if (!sequence.equals("\\") && !sequence.equals(",") && !sequence.equals("=")) {
                    throw new MalformedException("invalid field selector: invalid escape sequence: \\" + sequence);
                }
                character = sequence.charAt(0);
                at++;
            }
            text.appendCodePoint(character);
        }
        return text.toString();
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
