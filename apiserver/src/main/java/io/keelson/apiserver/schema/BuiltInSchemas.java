package io.keelson.apiserver.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The types of Kubernetes 1.36, as schemas. They lie as text in {@code kubernetes.types}, one definition after the other;
 * when the class is loaded only their beginnings are found, and each is read when somebody first asks for it, its fields
 * when somebody first looks at them. Thread-safe.
 */
public final class BuiltInSchemas {
    static final String QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity";
    static final String INT_OR_STRING = "io.k8s.apimachinery.pkg.util.intstr.IntOrString";
    static final String TIME = "io.k8s.apimachinery.pkg.apis.meta.v1.Time";
    static final String MICRO_TIME = "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime";
    static final String DURATION = "io.k8s.apimachinery.pkg.apis.meta.v1.Duration";
    static final String OBJECT_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

    /** Types of objects whose content is free. */
    private static final Set<String> FREE = Set.of(
            "io.k8s.apimachinery.pkg.runtime.RawExtension",
            "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1",
            "io.k8s.apimachinery.pkg.apis.meta.v1.Patch");

    private static final String TEXT = text();
    private static final Map<String, String> ABBREVIATIONS = new HashMap<>();
    private static final Map<String, Integer> STARTS = new LinkedHashMap<>(2_048);
    private static final Map<String, String> NAMES_BY_KIND = new HashMap<>(2_048);
    private static final Map<String, Schema> SCHEMAS = new ConcurrentHashMap<>();

    static {
        for (int start = 0; start < TEXT.length(); start = TEXT.indexOf('\n', start) + 1) {
            if (TEXT.charAt(start) != ' ') {
                index(start);
            }
        }
    }

    private BuiltInSchemas() {}

    private static String text() {
        try (InputStream resource = BuiltInSchemas.class.getResourceAsStream("kubernetes.types")) {
            if (resource == null) {
                throw new IllegalStateException("kubernetes.types is missing on the class path");
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
        marked(words, "kind").forEach(kind -> NAMES_BY_KIND.put(kind, words[0]));
    }

    /** What a mark behind a definition's name lists: {@code required(name,type)}. */
    static List<String> marked(String[] words, String mark) {
        for (String word : words) {
            if (word.startsWith(mark) && word.startsWith("(", mark.length())) {
                return List.of(
                        word.substring(mark.length() + 1, word.length() - 1).split(",", -1));
            }
        }
        return List.of();
    }

    private static String line(int start) {
        return TEXT.substring(start, TEXT.indexOf('\n', start));
    }

    /** The names of all definitions, {@code io.k8s.api.core.v1.PodSpec} for example. */
    public static Set<String> names() {
        return Collections.unmodifiableSet(STARTS.keySet());
    }

    /** The definition of a kind; null if there is none. */
    public static @Nullable Schema find(String group, String version, String kind) {
        String name = NAMES_BY_KIND.get(group + "/" + version + "/" + kind);
        return name == null ? null : get(name);
    }

    /** A definition by its name; null if there is none. */
    public static @Nullable Schema find(String name) {
        return STARTS.containsKey(name) ? get(name) : null;
    }

    /**
     * A definition by its name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static Schema get(String name) {
        Schema known = SCHEMAS.get(name);
        if (known != null) {
            return known;
        }
        Integer start = STARTS.get(name);
        if (start == null) {
            throw new IllegalArgumentException("There is no type " + name);
        }
        Schema made = definition(name, start);
        Schema other = SCHEMAS.putIfAbsent(name, made);
        return other == null ? made : other;
    }

    /** What all objects have as {@code metadata}. */
    public static Schema objectMeta() {
        return get(OBJECT_META);
    }

    /**
     * A definition as OpenAPI v3 has it, without descriptions; references are to {@code #/components/schemas/…}.
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    public static ObjectNode openApi(String name) {
        Integer start = STARTS.get(name);
        if (start == null) {
            throw new IllegalArgumentException("There is no type " + name);
        }
        return new OpenApiText(name, line(start), fields(start).values(), word -> fullName(word, packageOf(name)))
                .definition();
    }

    private static Schema definition(String name, int start) {
        String[] words = line(start).split(" ", -1);
        String simple = words.length > 1 ? words[1] : "";
        SchemaBuilder schema = simple(simple);
        schema.name = name;
        schema.goType = goType(name);
        if (schema.type == Schema.Type.ANY && !simple.equals("any")) {
            schema.type = Schema.Type.OBJECT;
        }
        schema.preserveUnknownFields = simple.equals("any") || FREE.contains(name);
        schema.atomicMap = List.of(words).contains("atomic");
        Supplier<Map<String, FieldText>> fields = new Lazily<>(() -> fields(start));
        schema.properties = new Lazily<>(() -> properties(fields.get(), packageOf(name)));
        schema.required = Collections.unmodifiableSet(new LinkedHashSet<>(marked(words, "required")));
        return schema.build();
    }

    private static Map<String, FieldText> fields(int start) {
        Map<String, FieldText> fields = new LinkedHashMap<>();
        int at = TEXT.indexOf('\n', start) + 1;
        while (at < TEXT.length() && TEXT.charAt(at) == ' ') {
            FieldText field = FieldText.parse(line(at));
            fields.put(field.name(), field);
            at = TEXT.indexOf('\n', at) + 1;
        }
        return fields;
    }

    private static Map<String, Schema> properties(Map<String, FieldText> fields, String place) {
        Map<String, Schema> properties = new LinkedHashMap<>();
        fields.forEach((name, field) -> properties.put(name, property(field, place)));
        return Collections.unmodifiableMap(properties);
    }

    private static Schema property(FieldText field, String place) {
        SchemaBuilder schema = type(field.type(), place);
        schema.presence = field.presence();
        schema.defaultValue = realDefault(field);
        if (!field.enumValues().isEmpty()) {
            schema.enumValues = Collections.unmodifiableSet(new LinkedHashSet<>(field.enumValues()));
        }
        schema.listType = switch (field.listType()) {
            case "map" -> Schema.ListType.MAP;
            case "set" -> Schema.ListType.SET;
            default -> Schema.ListType.ATOMIC;
        };
        schema.listMapKeys = field.listMapKeys();
        schema.atomicMap = (schema.atomicMap && !field.mapType().equals("granular"))
                || field.mapType().equals("atomic");
        schema.patchMergeKey = field.mergeKey();
        if (!field.strategy().isEmpty()) {
            schema.patchStrategies = Collections.unmodifiableSet(
                    new LinkedHashSet<>(List.of(field.strategy().split(",", -1))));
        }
        return schema.build();
    }

    /**
     * The default that the original really fills in. OpenAPI also states zero, empty text and the empty object for every
     * field that is not a pointer in Go; that says only that it has a value, not that one is given to it.
     */
    private static @Nullable JsonNode realDefault(FieldText field) {
        String json = field.defaultJson();
        if (json == null) {
            return null;
        }
        boolean zero = json.equals("0") || json.equals("\"\"") || json.equals("false") || json.equals("{}");
        return zero && field.presence() != Schema.Presence.AS_GIVEN ? null : Json.parse(json);
    }

    private static SchemaBuilder type(TypeText type, String place) {
        SchemaBuilder schema = switch (type.kind()) {
            case SIMPLE -> simple(type.word());
            case DEFINITION -> new SchemaBuilder(get(fullName(type.word(), place)));
            case LIST -> {
                SchemaBuilder list = new SchemaBuilder();
                list.type = Schema.Type.ARRAY;
                list.items = new Lazily<>(() -> type(type.only(), place).build());
                list.goType = "[]" + goType(type.only(), place);
                yield list;
            }
            case MAP -> {
                SchemaBuilder map = new SchemaBuilder();
                map.type = Schema.Type.OBJECT;
                map.additionalProperties =
                        new Lazily<>(() -> type(type.only(), place).build());
                map.goType = "map[string]" + goType(type.only(), place);
                yield map;
            }
        };
        if (!type.values().isEmpty()) {
            schema.enumValues = Collections.unmodifiableSet(new LinkedHashSet<>(type.values()));
        }
        if (!type.goName().isEmpty()) {
            schema.goType = type.goName();
        }
        return schema;
    }

    private static SchemaBuilder simple(String word) {
        SchemaBuilder schema = new SchemaBuilder();
        schema.goType = word;
        switch (word) {
            case "string" -> schema.type = Schema.Type.STRING;
            case "boolean" -> {
                schema.type = Schema.Type.BOOLEAN;
                schema.goType = "bool";
            }
            case "int32", "int64" -> {
                schema.type = Schema.Type.INTEGER;
                schema.format = word;
            }
            case "double" -> {
                schema.type = Schema.Type.NUMBER;
                schema.format = word;
                schema.goType = "float64";
            }
            case "bytes" -> text(schema, "byte", "", "[]uint8");
            case "time" -> text(schema, "date-time", TIME, "v1.Time");
            case "microtime" -> text(schema, "date-time", MICRO_TIME, "v1.MicroTime");
            case "duration" -> text(schema, "", DURATION, "v1.Duration");
            case "quantity" -> text(schema, "quantity", QUANTITY, "resource.Quantity");
            case "intorstring" -> {
                text(schema, "int-or-string", INT_OR_STRING, "intstr.IntOrString");
                schema.intOrString = true;
            }
            case "object" -> schema.type = Schema.Type.OBJECT;
            default -> schema.preserveUnknownFields = word.equals("any");
        }
        return schema;
    }

    private static void text(SchemaBuilder schema, String format, String name, String goType) {
        schema.type = Schema.Type.STRING;
        schema.format = format;
        schema.name = name;
        schema.goType = goType;
    }

    private static String goType(TypeText type, String place) {
        if (!type.goName().isEmpty()) {
            return type.goName();
        }
        return switch (type.kind()) {
            case SIMPLE -> simple(type.word()).goType;
            case DEFINITION -> goType(fullName(type.word(), place));
            case LIST -> "[]" + goType(type.only(), place);
            case MAP -> "map[string]" + goType(type.only(), place);
        };
    }

    /** {@code v1.PodSpec}: the last two parts of the name. */
    private static String goType(String name) {
        return name.substring(packageOf(name).lastIndexOf('.') + 1);
    }

    private static String packageOf(String name) {
        return name.substring(0, name.lastIndexOf('.'));
    }

    private static String fullName(String word, String place) {
        int dot = word.lastIndexOf('.');
        if (dot < 0) {
            return switch (word) {
                case "time" -> TIME;
                case "microtime" -> MICRO_TIME;
                case "duration" -> DURATION;
                case "quantity" -> QUANTITY;
                case "intorstring" -> INT_OR_STRING;
                default -> place + "." + word;
            };
        }
        String abbreviated = ABBREVIATIONS.get(word.substring(0, dot));
        return abbreviated == null ? word : abbreviated + word.substring(dot);
    }
}
