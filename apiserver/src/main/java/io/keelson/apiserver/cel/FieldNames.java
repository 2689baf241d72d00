package io.keelson.apiserver.cel;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How names of fields are written in expressions: characters that a name in CEL may not have, and words that mean something
 * in CEL, are escaped: {@code foo-bar} is {@code foo__dash__bar}, {@code namespace} is {@code __namespace__}. A name
 * that begins with a digit, or has other characters, cannot be written.
 */
final class FieldNames {
    private static final Set<String> RESERVED = Set.of(
            "true",
            "false",
            "null",
            "in",
            "as",
            "break",
            "const",
            "continue",
            "else",
            "for",
            "function",
            "if",
            "import",
            "let",
            "loop",
            "package",
            "namespace",
            "return",
            "var",
            "void",
            "while");

    private static final List<Map.Entry<String, String>> ESCAPES = List.of(
            Map.entry("__underscores__", "__"),
            Map.entry("__dot__", "."),
            Map.entry("__dash__", "-"),
            Map.entry("__slash__", "/"));

    private FieldNames() {}

    /** The name as expressions write it; empty if they cannot. */
    static Optional<String> escape(String name) {
        if (name.isEmpty() || isDigit(name.charAt(0))) {
            return Optional.empty();
        }
        if (RESERVED.contains(name)) {
            return Optional.of("__" + name + "__");
        }
        StringBuilder escaped = new StringBuilder(name.length());
        for (int i = 0; i < name.length(); i++) {
            char character = name.charAt(i);
            switch (character) {
                case '.' -> escaped.append("__dot__");
                case '-' -> escaped.append("__dash__");
                case '/' -> escaped.append("__slash__");
                case '_' -> {
                    if (name.startsWith("__", i)) {
                        escaped.append("__underscores__");
                        i++;
                    } else {
                        escaped.append('_');
                    }
                }
                default -> {
                    if (!isLetter(character) && !isDigit(character)) {
                        return Optional.empty();
                    }
                    escaped.append(character);
                }
            }
        }
        return Optional.of(escaped.toString());
    }

    /** The name of a field as it stands in the object. */
    static String unescape(String escaped) {
        if (escaped.indexOf("__") < 0) {
            return escaped;
        }
        if (escaped.startsWith("__") && escaped.endsWith("__") && escaped.length() > 4) {
            String word = escaped.substring(2, escaped.length() - 2);
            if (RESERVED.contains(word)) {
                return word;
            }
        }
        StringBuilder name = new StringBuilder(escaped.length());
        int at = 0;
        while (at < escaped.length()) {
            int here = at;
            Map.Entry<String, String> escape = ESCAPES.stream()
                    .filter(one -> escaped.startsWith(one.getKey(), here))
                    .findFirst()
                    .orElse(null);
            if (escape == null) {
                name.append(escaped.charAt(at++));
            } else {
                name.append(escape.getValue());
                at += escape.getKey().length();
            }
        }
        return name.toString();
    }

    private static boolean isLetter(char character) {
        return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z');
    }

    private static boolean isDigit(char character) {
        return character >= '0' && character <= '9';
    }
}
