package io.keelson.apiserver.cel;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.schema.Schema;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A JSON object as expressions see it. Values are converted when they are looked at. Never changes. */
final class ObjectView extends AbstractMap<String, Object> {
    private final ObjectNode object;
    private final @Nullable Schema schema;

    /** Whether the names of fields are escaped: those that a schema declares are, keys of maps are not. */
    private final boolean struct;

    /** @param schema null if nothing is known */
    ObjectView(ObjectNode object, @Nullable Schema schema) {
        this.object = object;
        this.schema = schema;
        this.struct = schema != null && schema.additionalProperties() == null;
    }

    ObjectNode json() {
        return object;
    }

    private @Nullable Schema below(String field) {
        if (schema == null) {
            return null;
        }
        return struct ? schema.property(field) : schema.additionalProperties();
    }

    /** Whether expressions can see a field: all of a map, those of an object that have a type. */
    private boolean sees(String field) {
        if (!struct) {
            return true;
        }
        Schema below = below(field);
        return below != null && SchemaTypes.isKnown(below);
    }

    @Override
    public @Nullable Object get(@Nullable Object key) {
        if (!(key instanceof String text)) {
            return null;
        }
        String field = struct ? FieldNames.unescape(text) : text;
        JsonNode value = object.get(field);
        return value == null || !sees(field) ? null : CelValues.view(value, below(field));
    }

    @Override
    public boolean containsKey(@Nullable Object key) {
        if (!(key instanceof String text)) {
            return false;
        }
        String field = struct ? FieldNames.unescape(text) : text;
        return object.has(field) && sees(field);
    }

    @Override
    public int size() {
        if (!struct) {
            return object.size();
        }
        int size = 0;
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            if (sees(field.getKey()) && FieldNames.escape(field.getKey()).isPresent()) {
                size++;
            }
        }
        return size;
    }

    @Override
    public Set<Map.Entry<String, Object>> entrySet() {
        return new AbstractSet<>() {
            @Override
            public Iterator<Map.Entry<String, Object>> iterator() {
                return object.properties().stream()
                        .filter(field -> sees(field.getKey()))
                        .<Map.Entry<String, Object>>mapMulti((field, out) -> {
                            String name =
                                    struct ? FieldNames.escape(field.getKey()).orElse("") : field.getKey();
                            if (!struct || !name.isEmpty()) {
                                out.accept(Map.entry(name, CelValues.view(field.getValue(), below(field.getKey()))));
                            }
                        })
                        .iterator();
            }

            @Override
            public int size() {
                return ObjectView.this.size();
            }
        };
    }
}
