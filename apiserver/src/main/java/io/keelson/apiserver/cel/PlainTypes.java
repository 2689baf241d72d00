package io.keelson.apiserver.cel;

import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableMap;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import io.keelson.apiserver.schema.Schema;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Types of what the API itself hands to expressions. Unlike those of the users' own schemas, their fields are written as they
 * are called, {@code request.namespace} for example, and one of unknown type is anything.
 */
public final class PlainTypes {
    private final Map<String, StructType> structs = new LinkedHashMap<>();

    /** Adds the type of an object, and those of what is in it. */
    public CelType add(String name, Schema schema) {
        return switch (schema.type()) {
            case STRING -> schema.format().equals("date-time") ? SimpleType.TIMESTAMP : SimpleType.STRING;
            case BOOLEAN -> SimpleType.BOOL;
            case INTEGER -> SimpleType.INT;
            case NUMBER -> SimpleType.DOUBLE;
            case ARRAY -> {
                Schema items = schema.items();
                yield ListType.create(items == null ? SimpleType.DYN : add(name, items));
            }
            case OBJECT -> {
                Schema values = schema.additionalProperties();
                yield values == null ? struct(name, schema) : MapType.create(SimpleType.STRING, add(name, values));
            }
            case ANY -> SimpleType.DYN;
        };
    }

    private StructType struct(String name, Schema schema) {
        Map<String, CelType> fields = new LinkedHashMap<>();
        schema.properties().forEach((field, below) -> fields.put(field, add(name + "." + field, below)));
        return add(name, fields);
    }

    /** Adds the type of an object with these fields, whose own types were added before. */
    public StructType add(String name, Map<String, CelType> fields) {
        StructType made = struct(name, fields);
        structs.put(name, made);
        return made;
    }

    /** The type of an object with these fields. */
    public static StructType struct(String name, Map<String, CelType> types) {
        ImmutableMap<String, CelType> fields = ImmutableMap.copyOf(types);
        return StructType.create(name, fields.keySet(), field -> Optional.ofNullable(fields.get(field)));
    }

    /** All that were added. */
    public CelTypeProvider provider() {
        return new Added(ImmutableMap.copyOf(structs));
    }

    private record Added(ImmutableMap<String, CelType> structs) implements CelTypeProvider {
        @Override
        public ImmutableCollection<CelType> types() {
            return structs.values();
        }

        @Override
        public Optional<CelType> findType(String name) {
            return Optional.ofNullable(structs.get(name));
        }
    }
}
