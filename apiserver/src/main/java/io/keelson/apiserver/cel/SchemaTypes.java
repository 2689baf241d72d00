package io.keelson.apiserver.cel;

import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import io.keelson.apiserver.schema.Schema;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The types of values as schemas declare them. Objects with declared properties become types of their own, named by where
 * they stand; a property whose type is not known is no field of them. Types are made when the compiler asks for them, so
 * a schema may contain itself. For any thread.
 */
@SuppressWarnings("Immutable") // a type once made stays
final class SchemaTypes implements CelTypeProvider {
    /** What can be known of the metadata of a custom object: the rest is the API's, and may change. */
    private static final Set<String> METADATA = Set.of("name", "generateName");

    private final Map<String, CelType> types = new ConcurrentHashMap<>();
    private final IdentityHashMap<Schema, String> names = new IdentityHashMap<>();
    private final boolean limitsMetadata;

    /** @param limitsMetadata whether only names can be read of the metadata of whole objects */
    SchemaTypes(boolean limitsMetadata) {
        this.limitsMetadata = limitsMetadata;
    }

    @Override
    public ImmutableCollection<CelType> types() {
        return ImmutableList.copyOf(types.values());
    }

    @Override
    public Optional<CelType> findType(String name) {
        return Optional.ofNullable(types.get(name));
    }

    /** The type of what a schema describes; empty if expressions cannot look at it. */
    Optional<CelType> typeOf(Schema schema, String name) {
        return Optional.ofNullable(type(schema, name, false));
    }

    private @Nullable CelType type(Schema schema, String name, boolean onlyNames) {
        if (schema.intOrString()) {
            return SimpleType.DYN;
        }
        return switch (schema.type()) {
            case STRING -> text(schema.format());
            case BOOLEAN -> SimpleType.BOOL;
            case INTEGER -> SimpleType.INT;
            case NUMBER -> SimpleType.DOUBLE;
            case ARRAY -> {
                Schema items = schema.items();
                CelType element = items == null ? null : type(items, name + ".@idx", false);
                yield element == null ? null : ListType.create(element);
            }
            case OBJECT -> object(schema, name, onlyNames);
            case ANY -> null;
        };
    }

    private static CelType text(String format) {
        return switch (format) {
            case "byte" -> SimpleType.BYTES;
            case "duration" -> SimpleType.DURATION;
            case "date", "date-time" -> SimpleType.TIMESTAMP;
            default -> SimpleType.STRING;
        };
    }

    private @Nullable CelType object(Schema schema, String name, boolean onlyNames) {
        Schema values = schema.additionalProperties();
        if (values != null) {
            CelType value = type(values, name + ".@elem", false);
            return value == null ? null : MapType.create(SimpleType.STRING, value);
        }
        String typeName = nameOf(schema, name, onlyNames);
        CelType known = types.get(typeName);
        if (known != null) {
            return known;
        }
        Map<String, Schema> fields = new LinkedHashMap<>();
        schema.properties().forEach((property, below) -> {
            if (!onlyNames || METADATA.contains(property)) {
                FieldNames.escape(property).ifPresent(escaped -> fields.put(escaped, below));
            }
        });
        StructType made = new Fields(typeName, schema, fields).type();
        CelType raced = types.putIfAbsent(typeName, made);
        return raced == null ? made : raced;
    }

    /** The same schema has the same name wherever it stands, so that one that contains itself comes to an end. */
    private synchronized String nameOf(Schema schema, String name, boolean onlyNames) {
        return onlyNames ? name : names.computeIfAbsent(schema, key -> name);
    }

    /** The fields of one object. */
    private final class Fields {
        private final String name;
        private final Schema schema;
        private final Map<String, Schema> fields;

        Fields(String name, Schema schema, Map<String, Schema> fields) {
            this.name = name;
            this.schema = schema;
            this.fields = fields;
        }

        @SuppressWarnings("Immutable") // the fields of a schema stay
        StructType type() {
            ImmutableSet.Builder<String> known = ImmutableSet.builder();
            fields.forEach((field, below) -> {
                if (isKnown(below)) {
                    known.add(field);
                }
            });
            return StructType.create(name, known.build(), this::field);
        }

        private Optional<CelType> field(String field) {
            Schema below = fields.get(field);
            return below == null
                    ? Optional.empty()
                    : Optional.ofNullable(SchemaTypes.this.type(
                            below,
                            name + "." + field,
                            limitsMetadata && schema.embeddedResource() && field.equals("metadata")));
        }
    }

    /** Whether expressions can look at values of a schema. */
    static boolean isKnown(Schema schema) {
        if (schema.intOrString()) {
            return true;
        }
        return switch (schema.type()) {
            case STRING, BOOLEAN, INTEGER, NUMBER -> true;
            case ARRAY -> {
                Schema items = schema.items();
                yield items != null && isKnown(items);
            }
            case OBJECT -> {
                Schema values = schema.additionalProperties();
                yield values == null || isKnown(values);
            }
            case ANY -> false;
        };
    }
}
