package io.keelson.apiserver.cel.rules;

import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.schema.Schema;
import io.keelson.apiserver.validation.FieldPath;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The {@code fieldPath} of a rule: {@code .spec.replicas}, {@code .labels['a.b']}. It must lead to something that the schema
 * declares, and cannot lead into lists.
 */
final class RuleFieldPath {
    private RuleFieldPath() {}

    /**
     * The path as errors write it.
     *
     * @return empty for an empty path
     * @throws MalformedException if it cannot be read, or leads nowhere
     */
    static String resolve(String text, Schema schema) {
        FieldPath path = FieldPath.root();
        Schema here = schema;
        List<String> tokens = tokens(text);
        int at = 0;
        while (at < tokens.size()) {
            String token = tokens.get(at++);
            String name;
            if (token.equals(".")) {
                name = next(tokens, at++);
            } else if (token.equals("[")) {
                name = unquoted(next(tokens, at++));
                String end = next(tokens, at++);
                if (!end.equals("]")) {
                    throw new MalformedException("expected ] but got " + end);
                }
            } else {
                throw new MalformedException("expected [ or . but got: " + token);
            }
            boolean declares = !here.properties().isEmpty();
            path = declares ? path.child(name) : path.key(name);
            Schema below = declares ? here.property(name) : values(here);
            if (below == null) {
                throw new MalformedException("does not refer to a valid field");
            }
            here = below;
        }
        return path.toString();
    }

    private static @Nullable Schema values(Schema schema) {
        return schema.additionalProperties();
    }

    private static String next(List<String> tokens, int at) {
        if (at >= tokens.size()) {
            throw new MalformedException("unexpected end of JSON path");
        }
        return tokens.get(at);
    }

    /** Dots and brackets by themselves, and what stands between; a text in quotes is one token. */
    private static List<String> tokens(String text) {
        List<String> tokens = new ArrayList<>();
        int at = 0;
        while (at < text.length()) {
            int begin = at;
            if (text.charAt(at) == '\'') {
                at++;
                while (at < text.length() && (text.charAt(at) != '\'' || text.charAt(at - 1) == '\\')) {
                    at++;
                }
                at = Math.min(text.length(), at + 1);
            } else if (isDelimiter(text.charAt(at))) {
                at++;
            } else {
                while (at < text.length() && !isDelimiter(text.charAt(at))) {
                    at++;
                }
            }
            tokens.add(text.substring(begin, at));
        }
        return tokens;
    }

    private static boolean isDelimiter(char character) {
        return character == '.' || character == '[' || character == ']';
    }

    private static String unquoted(String token) {
        if (token.length() < 2 || !token.startsWith("'") || !token.endsWith("'")) {
            throw new MalformedException("expected single quoted string but got " + token);
        }
        StringBuilder text = new StringBuilder();
        int at = 1;
        while (at < token.length() - 1) {
            char character = token.charAt(at++);
            if (character != '\\') {
                text.append(character);
                continue;
            }
            char escaped = token.charAt(at++);
            text.append(
                    switch (escaped) {
                        case 'a' -> '\u0007';
                        case 'b' -> '\b';
                        case 'f' -> '\f';
                        case 'n' -> '\n';
                        case 'r' -> '\r';
                        case 't' -> '\t';
                        case 'v' -> '\u000b';
                        case '\'', '\\' -> escaped;
                        default ->
                            throw new MalformedException("invalid string literal: invalid escape char \\" + escaped);
                    });
        }
        return text.toString();
    }
}
