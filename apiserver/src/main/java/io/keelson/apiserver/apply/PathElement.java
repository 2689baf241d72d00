package io.keelson.apiserver.apply;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.object.GoText;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.MalformedException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One step from a value to something in it. Ordered as {@code FieldsV1} are written: fields by name, then elements of
 * lists by key, by value, by index.
 */
public sealed interface PathElement extends Comparable<PathElement> {
    /** A field of an object. */
    record Field(String name) implements PathElement {
        @Override
        public String toString() {
            return "." + name;
        }
    }

    /**
     * The element of a list whose fields have these values.
     *
     * @param fields sorted by name
     */
    record Key(List<KeyField> fields) implements PathElement {
        public Key {
            if (fields.size() > 1) {
                List<KeyField> sorted = new ArrayList<>(fields);
                sorted.sort(KeyField.ORDER);
                fields = sorted;
            }
            fields = List.copyOf(fields);
        }

        @Override
        public String toString() {
            return fields.stream()
                    .map(field -> field.name() + "=" + ValueOrder.shown(field.value()))
                    .collect(Collectors.joining(",", "[", "]"));
        }
    }

    /** One of the fields that make a key. Values are the same if they are so to field management. */
    record KeyField(String name, JsonNode value) {
        static final Comparator<KeyField> ORDER = Comparator.comparing(KeyField::name, GoText::compare)
                .thenComparing(KeyField::value, ValueOrder::compare);

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof KeyField field && ORDER.compare(this, field) == 0;
        }

        @Override
        public int hashCode() {
            return name.hashCode() * 31 + hash(value);
        }
    }

    /** The element of a set that is this value. */
    record Value(JsonNode value) implements PathElement {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Value same && ValueOrder.same(value, same.value);
        }

        @Override
        public int hashCode() {
            return hash(value);
        }

        @Override
        public String toString() {
            return "[=" + ValueOrder.shown(value) + "]";
        }
    }

    /** The element of a list at this index. Lists of which elements are owned are never told apart so; it is only read. */
    record Index(int index) implements PathElement {
        @Override
        public String toString() {
            return "[" + index + "]";
        }
    }

    private static int hash(JsonNode value) {
        return value.isNumber() ? Double.hashCode(value.doubleValue() + 0.0) : value.hashCode();
    }

    @Override
    default int compareTo(PathElement other) {
        return switch (this) {
            case Field field when other instanceof Field same -> GoText.compare(field.name, same.name);
            case Key key when other instanceof Key same -> compareFields(key.fields, same.fields);
            case Value value when other instanceof Value same -> ValueOrder.compare(value.value, same.value);
            case Index index when other instanceof Index same -> Integer.compare(index.index, same.index);
            default -> Integer.compare(rank(), other.rank());
        };
    }

    private static int compareFields(List<KeyField> a, List<KeyField> b) {
        for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
            int order = KeyField.ORDER.compare(a.get(i), b.get(i));
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(a.size(), b.size());
    }

    private int rank() {
        return switch (this) {
            case Field field -> 0;
            case Key key -> 1;
            case Value value -> 2;
            case Index index -> 3;
        };
    }

    /** As in {@code FieldsV1}: {@code f:spec}, <code>k:{"name":"web"}</code>, {@code v:"x"}, {@code i:0}. */
    default String encoded() {
        return switch (this) {
            case Field field -> "f:" + field.name;
            case Key key -> {
                var object = Json.object();
                key.fields.forEach(field -> object.set(field.name(), field.value()));
                yield "k:" + Json.text(object);
            }
            case Value value -> "v:" + ValueOrder.canonical(value.value);
            case Index index -> "i:" + index.index;
        };
    }

    /**
     * Reads what {@link #encoded} writes.
     *
     * @return null for a kind of element that is not known; a later version may know it
     * @throws MalformedException if it is none
     */
    static @Nullable PathElement parse(String text) {
        if (text.length() < 2) {
            throw new MalformedException("key must be 2 characters long:");
        }
        if (text.charAt(1) != ':') {
            throw new MalformedException("missing colon: " + text);
        }
        String rest = text.substring(2);
        return switch (text.charAt(0)) {
            case 'f' -> new Field(rest);
            case 'v' -> new Value(Json.parse(rest));
            case 'k' -> key(Json.parse(rest));
            case 'i' -> new Index(index(rest));
            default -> null;
        };
    }

    private static Key key(JsonNode object) {
        if (!object.isObject()) {
            throw new MalformedException("expected an object as key of an element, got " + Json.goKind(object));
        }
        List<KeyField> fields = new ArrayList<>();
        object.properties().forEach(field -> fields.add(new KeyField(field.getKey(), field.getValue())));
        return new Key(fields);
    }

    private static int index(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new MalformedException("strconv.Atoi: parsing \"" + text + "\": invalid syntax");
        }
    }
}
