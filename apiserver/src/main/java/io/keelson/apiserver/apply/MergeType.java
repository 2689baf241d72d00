package io.keelson.apiserver.apply;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.schema.BuiltInSchemas;
import io.keelson.apiserver.schema.Schema;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What merging and tracking need to know of the schema at one place: whether a scalar, a list or an object stands there,
 * whether it is one value or its parts have owners of their own, and how elements of a list are told apart.
 *
 * <p>Where nothing is declared, the form is that of the value, whatever it is; objects are merged field by field and
 * lists are one value. Immutable.
 */
final class MergeType {
    /** What a place holds. */
    enum Form {
        SCALAR,
        LIST,
        OBJECT
    }

    /** What a scalar may be. */
    enum Scalar {
        NUMERIC,
        STRING,
        BOOLEAN,
        ANY
    }

    /** A place of which nothing is declared. */
    static final MergeType UNDECLARED = new MergeType(Schema.ANYTHING, Map.of());

    /** What every object with a kind has, whether its schema says so or not. */
    private static final Map<String, MergeType> OF_ALL_KINDS = ofAllKinds();

    private final Schema schema;
    private final Map<String, MergeType> implied;

    private MergeType(Schema schema, Map<String, MergeType> implied) {
        this.schema = schema;
        this.implied = implied;
    }

    private static Map<String, MergeType> ofAllKinds() {
        MergeType metadata = new MergeType(BuiltInSchemas.objectMeta(), Map.of());
        MergeType text = Objects.requireNonNull(metadata.field("name"));
        return Map.of("apiVersion", text, "kind", text, "metadata", metadata);
    }

    /** The type of whole objects of a kind. */
    static MergeType ofKind(Schema schema) {
        return new MergeType(schema, OF_ALL_KINDS);
    }

    static MergeType of(Schema schema) {
        return new MergeType(schema, schema.embeddedResource() ? OF_ALL_KINDS : Map.of());
    }

    /** Whether the schema says what stands here. */
    boolean isDeclared() {
        return schema.type() != Schema.Type.ANY || schema.intOrString();
    }

    /** The form in which a value is looked at here: the declared one, or its own. A null is an object without fields. */
    Form form(JsonNode value) {
        return switch (schema.type()) {
            case OBJECT -> Form.OBJECT;
            case ARRAY -> Form.LIST;
            case STRING, INTEGER, NUMBER, BOOLEAN -> Form.SCALAR;
            case ANY -> {
                if (schema.intOrString()) {
                    yield Form.SCALAR;
                }
                yield value.isArray() ? Form.LIST : value.isObject() || value.isNull() ? Form.OBJECT : Form.SCALAR;
            }
        };
    }

    /**
     * Whether two values cannot be looked at in one form: nothing is declared, and they are of different ones. A null
     * has no form of its own and is taken for a third.
     */
    boolean formsDiffer(JsonNode a, JsonNode b) {
        return !isDeclared() && (form(a) != form(b) || a.isNull() != b.isNull());
    }

    Scalar scalar() {
        if (schema.intOrString()) {
            return Scalar.ANY;
        }
        return switch (schema.type()) {
            case INTEGER, NUMBER -> Scalar.NUMERIC;
            case STRING -> schema.format().isEmpty() || schema.format().equals("byte") ? Scalar.STRING : Scalar.ANY;
            case BOOLEAN -> Scalar.BOOLEAN;
            default -> Scalar.ANY;
        };
    }

    /** Whether a list or object here is one value. */
    boolean isAtomic() {
        return isAtomic(
                switch (schema.type()) {
                    case ARRAY -> Form.LIST;
                    case OBJECT -> Form.OBJECT;
                    default -> Form.SCALAR;
                });
    }

    /** Whether a value that is looked at in a form is one value. */
    boolean isAtomic(Form form) {
        return switch (form) {
            case SCALAR -> true;
            case LIST -> schema.type() != Schema.Type.ARRAY || schema.listType() == Schema.ListType.ATOMIC;
            case OBJECT -> schema.type() == Schema.Type.OBJECT && schema.atomicMap();
        };
    }

    /** Whether an object here has a field of this name by declaration, not as an entry of a map. */
    boolean declares(String field) {
        return implied.containsKey(field) || (schema.type() == Schema.Type.OBJECT && schema.property(field) != null);
    }

    /** The type of a field of an object here; null if there may be none of this name. */
    @Nullable
    MergeType field(String name) {
        MergeType ofAll = implied.get(name);
        Schema property = schema.type() == Schema.Type.OBJECT ? schema.property(name) : null;
        if (ofAll != null && (property == null || property.properties().isEmpty())) {
            return ofAll;
        }
        if (property != null) {
            return of(property);
        }
        if (schema.type() != Schema.Type.OBJECT) {
            return UNDECLARED;
        }
        Schema values = schema.additionalProperties();
        if (values != null) {
            return of(values);
        }
        return schema.preserveUnknownFields() || schema.properties().isEmpty() ? UNDECLARED : null;
    }

    /** The type of the elements of a list here. */
    MergeType element() {
        Schema items = schema.items();
        return items == null ? UNDECLARED : of(items);
    }

    /** The type of what a path element leads to; null if nothing can be there. */
    @Nullable
    MergeType at(PathElement element) {
        return element instanceof PathElement.Field field ? field(field.name()) : element();
    }

    /** Whether elements are told apart by fields that they have; if not, and the list is not atomic, it is a set. */
    boolean hasKeys() {
        return schema.listType() == Schema.ListType.MAP && !schema.listMapKeys().isEmpty();
    }

    /**
     * By what an element of a list is known.
     *
     * @throws MergeException if it has nothing by which it could be
     */
    PathElement identify(JsonNode element) {
        if (!hasKeys()) {
            return new PathElement.Value(setElement(element));
        }
        if (element.isNull()) {
            throw new MergeException("associative list with keys may not have a null element");
        }
        if (!element.isObject()) {
            throw new MergeException("associative list with keys may not have non-map elements");
        }
        List<PathElement.KeyField> key = new ArrayList<>();
        for (String name : schema.listMapKeys()) {
            JsonNode value = keyValue(element, name);
            if (value != null) {
                key.add(new PathElement.KeyField(name, value));
            }
        }
        if (key.isEmpty()) {
            throw lacking(schema.listMapKeys().getFirst());
        }
        return new PathElement.Key(key);
    }

    /** Null if the element does without: what has no share of a device, for example, has no number of one. */
    private @Nullable JsonNode keyValue(JsonNode element, String name) {
        JsonNode value = element.get(name);
        if (value != null) {
            return value;
        }
        Schema items = schema.items();
        Schema property = items == null ? null : items.property(name);
        JsonNode byDefault = property == null ? null : property.defaultValue();
        if (byDefault == null && property != null && property.presence() == Schema.Presence.ZERO) {
            byDefault = zeroOf(property);
        }
        if (byDefault != null && !byDefault.isNull()) {
            return byDefault;
        }
        if (items == null || items.required().contains(name)) {
            throw lacking(name);
        }
        return null;
    }

    private static MergeException lacking(String name) {
        return new MergeException("associative list with keys has an element that omits key field \"" + name
                + "\" (and doesn't have default value)");
    }

    private static JsonNode setElement(JsonNode element) {
        if (element.isObject()) {
            throw new MergeException("associative list without keys has an element that's a map type");
        }
        if (element.isArray()) {
            throw new MergeException("not supported: associative list with lists as elements");
        }
        if (element.isNull()) {
            throw new MergeException("associative list without keys has an element that's an explicit null");
        }
        return element;
    }

    /**
     * What a new object of a built-in kind has before anything is set: structures that always show, and required fields
     * at their zero. What somebody creates is compared with this, so such structures belong to nobody.
     */
    static ObjectNode zero(Schema schema) {
        ObjectNode object = Json.object();
        schema.properties().forEach((name, property) -> {
            switch (property.presence()) {
                case ZERO -> object.set(name, zeroOf(property));
                case NULL -> object.putNull(name);
                case AS_GIVEN, UNLESS_EMPTY -> {}
            }
        });
        return object;
    }

    private static JsonNode zeroOf(Schema schema) {
        return switch (schema.type()) {
            case OBJECT -> schema.properties().isEmpty() ? Json.object() : zero(schema);
            case STRING -> TextNode.valueOf("");
            case INTEGER, NUMBER -> LongNode.valueOf(0);
            case BOOLEAN -> BooleanNode.FALSE;
            case ARRAY, ANY -> NullNode.getInstance();
        };
    }
}
