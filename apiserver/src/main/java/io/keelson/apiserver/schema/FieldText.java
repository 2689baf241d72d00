package io.keelson.apiserver.schema;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A field as the text of the built-in types writes it, {@code  -protocol string<v1.Protocol> ="TCP" enum(SCTP,TCP,UDP)}
 * for example; {@code apiserver/src/types/generate.py} says what the marks mean.
 *
 * @param alone whether a reference stands without a wrapper in OpenAPI
 * @param defaultJson the default that OpenAPI states; null if none
 * @param listType as OpenAPI names it; empty if none is stated
 * @param mapType as OpenAPI names it; empty if none is stated
 */
record FieldText(
        String name,
        Schema.Presence presence,
        TypeText type,
        boolean alone,
        @Nullable String defaultJson,
        List<String> enumValues,
        String listType,
        List<String> listMapKeys,
        String mapType,
        String mergeKey,
        String strategy) {
    static FieldText parse(String line) {
        String[] parts = line.substring(1).split(" ", -1);
        Schema.Presence presence = switch (parts[0].charAt(0)) {
            case '-' -> Schema.Presence.UNLESS_EMPTY;
            case '0' -> Schema.Presence.ZERO;
            case '~' -> Schema.Presence.NULL;
            default -> Schema.Presence.AS_GIVEN;
        };
        boolean alone = parts[1].startsWith("&");
        String defaultJson = null;
        List<String> enumValues = List.of();
        String listType = "";
        List<String> listMapKeys = List.of();
        String mapType = "";
        String mergeKey = "";
        String strategy = "";
        for (int i = 2; i < parts.length; i++) {
            String part = parts[i];
            if (part.startsWith("=")) {
                defaultJson = part.substring(1);
            } else if (part.startsWith("enum(")) {
                enumValues = List.of(inside(part).replace("%20", " ").split(",", -1));
            } else if (part.startsWith("map(")) {
                listType = "map";
                listMapKeys = List.of(inside(part).split(",", -1));
            } else if (part.startsWith("merge(")) {
                mergeKey = inside(part);
            } else if (part.startsWith("strategy(")) {
                strategy = inside(part);
            } else if (part.equals("granular") || (part.equals("atomic") && isMap(parts[1]))) {
                mapType = part;
            } else {
                listType = part;
            }
        }
        return new FieldText(
                parts[0].substring(1),
                presence,
                TypeText.parse(alone ? parts[1].substring(1) : parts[1]),
                alone,
                defaultJson,
                enumValues,
                listType,
                listMapKeys,
                mapType,
                mergeKey,
                strategy);
    }

    /** Whether the mark {@code atomic} behind this type speaks of a map or object rather than of a list. */
    private static boolean isMap(String type) {
        int named = type.indexOf('<');
        String plain = named < 0 ? type : type.substring(0, named);
        return plain.startsWith("{")
                || (!plain.startsWith("[") && (plain.indexOf('.') >= 0 || Character.isUpperCase(plain.charAt(0))));
    }

    private static String inside(String part) {
        return part.substring(part.indexOf('(') + 1, part.length() - 1);
    }
}
