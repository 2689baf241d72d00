package io.keelson.apiserver.protobuf;

import io.keelson.apiserver.resource.GroupVersionKind;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The messages of Kubernetes 1.36. They lie as text in {@code kubernetes.messages}, one after the other; when the class
 * is loaded only their beginnings are found, and each is read when it is first asked for. Thread-safe.
 */
final class MessageTable {
    private static final String META = "io.k8s.apimachinery.pkg.apis.meta.";

    /** Kinds that every group has in each of its versions. */
    private static final Set<String> IN_EVERY_GROUP = Set.of(
            "CreateOptions",
            "DeleteOptions",
            "GetOptions",
            "ListOptions",
            "PatchOptions",
            "UpdateOptions",
            "WatchEvent");

    /** Kinds that belong to no group; they are known as those of the core group, version 1 or, in discovery, none. */
    private static final Set<String> WITHOUT_GROUP =
            Set.of("Status", "APIVersions", "APIGroup", "APIGroupList", "APIResourceList");

    private static final String TEXT = text();
    private static final Map<String, String> ABBREVIATIONS = new HashMap<>();
    private static final Map<String, Integer> STARTS = new HashMap<>(2_048);
    private static final Map<GroupVersionKind, String> NAMES_BY_KIND = new HashMap<>(1_024);
    private static final Map<String, Message> MESSAGES = new ConcurrentHashMap<>();

    static {
        for (int start = 0; start < TEXT.length(); start = TEXT.indexOf('\n', start) + 1) {
            if (TEXT.charAt(start) != ' ') {
                index(start);
            }
        }
    }

    private MessageTable() {}

    private static String text() {
        try (InputStream resource = MessageTable.class.getResourceAsStream("kubernetes.messages")) {
            if (resource == null) {
                throw new IllegalStateException("kubernetes.messages is missing on the class path");
            }
            return new String(resource.readAllBytes(), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void index(int start) {
        String[] words = line(start).split(" ", -1);
        if (words[0].equals("use")) {
            ABBREVIATIONS.put(words[1], words[2]);
            return;
        }
        STARTS.put(words[0], start);
        if (words.length > 1) {
            String[] kind =
                    words[1].substring("kind(".length(), words[1].length() - 1).split("/", -1);
            NAMES_BY_KIND.put(new GroupVersionKind(kind[0], kind[1], kind[2]), words[0]);
        }
    }

    private static String line(int start) {
        return TEXT.substring(start, TEXT.indexOf('\n', start));
    }

    /** The message of a kind; null if it has none. */
    static @Nullable Message find(GroupVersionKind kind) {
        String name = name(kind);
        return name == null ? null : get(name);
    }

    static boolean knows(GroupVersionKind kind) {
        return name(kind) != null;
    }

    private static @Nullable String name(GroupVersionKind kind) {
        String name = NAMES_BY_KIND.get(kind);
        if (name != null) {
            return name;
        }
        boolean withoutGroup = kind.group().isEmpty()
                && (kind.version().equals("v1") || kind.version().isEmpty())
                && WITHOUT_GROUP.contains(kind.kind());
        if (withoutGroup || IN_EVERY_GROUP.contains(kind.kind())) {
            return META + "v1." + kind.kind();
        }
        if (kind.group().equals("meta.k8s.io")
                && (kind.version().equals("v1") || kind.version().equals("v1beta1"))) {
            return switch (kind.kind()) {
                case "PartialObjectMetadata" -> META + "v1.PartialObjectMetadata";
                // The list has other numbers in v1beta1.
                case "PartialObjectMetadataList" -> META + kind.version() + ".PartialObjectMetadataList";
                default -> null;
            };
        }
        return null;
    }

    /** All kinds that have a message of their own. */
    static Set<GroupVersionKind> kinds() {
        return Collections.unmodifiableSet(NAMES_BY_KIND.keySet());
    }

    /** The names of all messages. */
    static Set<String> names() {
        return Collections.unmodifiableSet(STARTS.keySet());
    }

    /**
     * A message by its name.
     *
     * @throws IllegalArgumentException if there is none
     */
    static Message get(String name) {
        Message known = MESSAGES.get(name);
        if (known != null) {
            return known;
        }
        Integer start = STARTS.get(name);
        if (start == null) {
            throw new IllegalArgumentException("There is no message " + name);
        }
        Message made = new Message(name, fields(start, name.substring(0, name.lastIndexOf('.'))));
        Message other = MESSAGES.putIfAbsent(name, made);
        return other == null ? made : other;
    }

    private static List<Field> fields(int start, String place) {
        List<Field> fields = new ArrayList<>();
        int at = TEXT.indexOf('\n', start) + 1;
        while (at < TEXT.length() && TEXT.charAt(at) == ' ') {
            fields.add(field(line(at).substring(1), place));
            at = TEXT.indexOf('\n', at) + 1;
        }
        return fields;
    }

    /** Reads {@code 3?limits {quantity}}. */
    private static Field field(String line, String place) {
        int mark = 0;
        while (Character.isDigit(line.charAt(mark))) {
            mark++;
        }
        int space = line.indexOf(' ');
        String name = line.substring(mark + 1, space);
        return new Field(
                Integer.parseInt(line, 0, mark, 10),
                name.equals("-") ? "" : name,
                line.charAt(mark) == '!',
                type(line.substring(space + 1), place));
    }

    private static FieldType type(String text, String place) {
        String inner = text.substring(1, text.length() - 1);
        return switch (text.charAt(0)) {
            case '[' -> new FieldType.Repeated(type(inner, place));
            case '{' -> new FieldType.Mapped(type(inner, place));
            case '(' -> new FieldType.Listed(FieldType.Scalar.STRING);
            default -> single(text, place);
        };
    }

    private static FieldType single(String word, String place) {
        return switch (word) {
            case "string" -> FieldType.Scalar.STRING;
            case "bool" -> FieldType.Scalar.BOOL;
            case "int32" -> FieldType.Scalar.INT32;
            case "int64" -> FieldType.Scalar.INT64;
            case "double" -> FieldType.Scalar.DOUBLE;
            case "bytes" -> FieldType.Scalar.BYTES;
            case "time" -> FieldType.Special.TIME;
            case "microtime" -> FieldType.Special.MICRO_TIME;
            case "quantity" -> FieldType.Special.QUANTITY;
            case "intorstring" -> FieldType.Special.INT_OR_STRING;
            case "raw" -> FieldType.Special.RAW;
            case "orBool" -> schemaOr(FieldType.Alternative.BOOL, place);
            case "orList" -> schemaOr(FieldType.Alternative.LIST, place);
            case "orStrings" -> schemaOr(FieldType.Alternative.STRINGS, place);
            default -> new FieldType.Nested(fullName(word, place));
        };
    }

    private static FieldType schemaOr(FieldType.Alternative alternative, String place) {
        return new FieldType.SchemaOr(alternative, new FieldType.Nested(place + ".JSONSchemaProps"));
    }

    private static String fullName(String word, String place) {
        int dot = word.indexOf('.');
        if (dot < 0) {
            return place + "." + word;
        }
        String known = ABBREVIATIONS.get(word.substring(0, dot));
        return known == null ? word : known + word.substring(dot);
    }
}
