package io.keelson.apiserver.schema;

import java.util.ArrayList;
import java.util.List;

/**
 * A type as the text of the built-in types writes it: {@code int32}, {@code [Container]}, {@code {string}}, {@code
 * meta.ObjectMeta}, {@code string<v1.Protocol>}.
 *
 * @param kind what it is
 * @param word the simple type or the definition's name, as written; empty for lists and maps
 * @param element of a list or map, as a list of one; empty for others
 * @param values that it may have, as far as they are stated with the type itself (elements of lists and maps)
 * @param goName the name of the Go type, if it has one of its own; empty otherwise
 */
record TypeText(Kind kind, String word, List<TypeText> element, List<String> values, String goName) {
    enum Kind {
        SIMPLE,
        DEFINITION,
        LIST,
        MAP
    }

    TypeText {
        element = List.copyOf(element);
        values = List.copyOf(values);
    }

    static TypeText parse(String text) {
        Parser parser = new Parser(text);
        TypeText type = parser.type();
        if (parser.at != text.length()) {
            throw new IllegalStateException("No type: " + text);
        }
        return type;
    }

    TypeText only() {
        return element.getFirst();
    }

    private static final class Parser {
        private final String text;
        private int at;

        private Parser(String text) {
            this.text = text;
        }

        private TypeText type() {
            char first = text.charAt(at);
            if (first == '[' || first == '{') {
                at++;
                TypeText element = type();
                at++;
                return new TypeText(first == '[' ? Kind.LIST : Kind.MAP, "", List.of(element), List.of(), goName());
            }
            String word = upTo("<:]}");
            String goName = goName();
            List<String> values = new ArrayList<>();
            while (at < text.length() && text.charAt(at) == ':') {
                at++;
                values.add(upTo(":]}").replace("%20", " "));
            }
            boolean definition = word.indexOf('.') >= 0 || Character.isUpperCase(word.charAt(0));
            return new TypeText(definition ? Kind.DEFINITION : Kind.SIMPLE, word, List.of(), values, goName);
        }

        private String goName() {
            if (at >= text.length() || text.charAt(at) != '<') {
                return "";
            }
            int end = text.indexOf('>', at);
            String name = text.substring(at + 1, end);
            at = end + 1;
            return name;
        }

        private String upTo(String ends) {
            int start = at;
            while (at < text.length() && ends.indexOf(text.charAt(at)) < 0) {
                at++;
            }
            return text.substring(start, at);
        }
    }
}
