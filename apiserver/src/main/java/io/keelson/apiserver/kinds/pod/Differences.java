package io.keelson.apiserver.kinds.pod;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.keelson.apiserver.validation.FieldPath;
import io.keelson.apiserver.validation.SemanticEquality;
import java.util.TreeSet;

/** Shows people where two objects differ: one line for what was, one for what is, at most {@link #LINES_MAX}. */
public final class Differences {
    private static final int LINES_MAX = 40;
    private static final int VALUE_CHARS_MAX = 200;

    private final StringBuilder text = new StringBuilder();
    private int lines;

    private Differences() {}

    /** Lines as {@code - spec.hostname: "a"} and {@code + spec.hostname: "b"}. */
    public static String between(FieldPath path, JsonNode before, JsonNode now) {
        Differences differences = new Differences();
        differences.compare(path, before, now);
        return differences.text.toString();
    }

    private void compare(FieldPath path, JsonNode before, JsonNode now) {
        if (lines >= LINES_MAX || SemanticEquality.equal(before, now)) {
            return;
        }
        if (before.isObject() && now.isObject()) {
            TreeSet<String> fields = new TreeSet<>();
            before.fieldNames().forEachRemaining(fields::add);
            now.fieldNames().forEachRemaining(fields::add);
            fields.forEach(field -> compare(path.child(field), before.path(field), now.path(field)));
        } else if (before.isArray() && now.isArray() && before.size() == now.size()) {
            for (int i = 0; i < now.size(); i++) {
                compare(path.index(i), before.path(i), now.path(i));
            }
        } else {
            line('-', path, before);
            line('+', path, now);
        }
    }

    private void line(char sign, FieldPath path, JsonNode value) {
        if (value instanceof MissingNode) {
            return;
        }
        String shown = value.toString();
        text.append("  ")
                .append(sign)
                .append(' ')
                .append(path)
                .append(": ")
                .append(shown.length() <= VALUE_CHARS_MAX ? shown : shown.substring(0, VALUE_CHARS_MAX) + "...")
                .append('\n');
        lines++;
    }
}
