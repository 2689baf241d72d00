package io.keelson.apiserver.object;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes a tree as YAML in the block style that the API uses: keys in order, two spaces for each level, lists not
 * indented below their key, text in quotes only where it would be read as something else.
 */
final class YamlWriter {
    private final StringBuilder out = new StringBuilder(1_024);

    String document(JsonNode node) {
        if (node.isContainerNode() && !node.isEmpty()) {
            container(node, 0);
        } else {
            scalar(node, 0);
            out.append('\n');
        }
        return out.toString();
    }

    private void container(JsonNode node, int indentation) {
        if (node.isObject()) {
            boolean first = true;
            for (Map.Entry<String, JsonNode> field : sorted(node).entrySet()) {
                if (!first) {
                    indent(indentation);
                }
                first = false;
                text(field.getKey(), indentation, true);
                out.append(':');
                value(field.getValue(), indentation, field.getValue().isArray() ? indentation : indentation + 2);
            }
        } else {
            for (int i = 0; i < node.size(); i++) {
                if (i > 0) {
                    indent(indentation);
                }
                out.append('-');
                JsonNode element = node.get(i);
                if (element.isContainerNode() && !element.isEmpty()) {
                    out.append(' ');
                    container(element, indentation + 2);
                } else {
                    value(element, indentation, indentation + 2);
                }
            }
        }
    }

    /** What stands behind a colon or a dash, with the line's end. */
    private void value(JsonNode node, int indentation, int below) {
        if (node.isContainerNode() && !node.isEmpty()) {
            out.append('\n');
            indent(below);
            container(node, below);
        } else {
            out.append(' ');
            scalar(node, indentation);
            out.append('\n');
        }
    }

    private static Map<String, JsonNode> sorted(JsonNode node) {
        Map<String, JsonNode> fields = new TreeMap<>();
        node.properties().forEach(field -> fields.put(field.getKey(), field.getValue()));
        return fields;
    }

    private void indent(int spaces) {
        out.repeat(' ', spaces);
    }

    private void scalar(JsonNode node, int indentation) {
        switch (node.getNodeType()) {
            case OBJECT -> out.append("{}");
            case ARRAY -> out.append("[]");
            case STRING -> text(node.textValue(), indentation, false);
            default -> out.append(Json.text(node));
        }
    }

    private void text(String text, int indentation, boolean key) {
        if (isPlain(text)) {
            out.append(text);
        } else if (!key && isBlock(text)) {
            block(text, indentation + 2);
        } else if (isPrinted(text)) {
            out.append('\'').append(text.replace("'", "''")).append('\'');
        } else {
            out.append(Json.text(TextNode.valueOf(text)));
        }
    }

    /** Whether the text, without quotes, is read as this text and nothing else. */
    private static boolean isPlain(String text) {
        if (text.isEmpty() || !YamlScalar.resolve(text, null).isTextual() || !isPrinted(text)) {
            return false;
        }
        char first = text.charAt(0);
        boolean dash = (first == '-' || first == '?' || first == ':') && (text.length() == 1 || text.charAt(1) == ' ');
        return !dash
                && ",[]{}#&*!|>'\"%@`=".indexOf(first) < 0
                && first != ' '
                && !text.endsWith(" ")
                && !text.endsWith(":")
                && !text.contains(": ")
                && !text.contains(" #")
                && !text.startsWith("---")
                && !text.startsWith("...")
                && !text.equals("<<")
                && !looksLikeTime(text);
    }

    private static boolean looksLikeTime(String text) {
        return text.length() >= 8
                && text.charAt(4) == '-'
                && text.substring(0, 4).chars().allMatch(Character::isDigit);
    }

    private static boolean isPrinted(String text) {
        return text.codePoints()
                .allMatch(character -> (character >= 0x20 && character < 0x7f)
                        || (character >= 0xa0 && character != 0xfeff && !isSeparator(character) && character < 0xd800)
                        || (character >= 0xe000 && character != 0xfeff && character <= 0xfffd)
                        || character >= 0x10000);
    }

    private static boolean isSeparator(int character) {
        return character == 0x2028 || character == 0x2029;
    }

    /** Whether it is text of several lines that can stand as it is. */
    private static boolean isBlock(String text) {
        return text.indexOf('\n') >= 0
                && !text.startsWith(" ")
                && !text.startsWith("\n")
                && text.indexOf('\r') < 0
                && text.lines().allMatch(line -> isPrinted(line.replace("\t", " ")));
    }

    private void block(String text, int indentation) {
        out.append('|');
        if (!text.endsWith("\n")) {
            out.append('-');
        } else if (text.endsWith("\n\n")) {
            out.append('+');
        }
        for (String line : text.split("\n", -1)) {
            out.append('\n');
            if (!line.isEmpty()) {
                indent(indentation);
                out.append(line);
            }
        }
        if (text.endsWith("\n")) {
            out.setLength(out.length() - 1);
        }
    }
}
