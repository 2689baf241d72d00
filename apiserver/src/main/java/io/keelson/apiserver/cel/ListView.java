package io.keelson.apiserver.cel;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.keelson.apiserver.cel.functions.TypedList;
import io.keelson.apiserver.schema.Schema;
import java.time.Duration;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.RandomAccess;
import org.jspecify.annotations.Nullable;

/** A JSON list as expressions see it. Elements are converted when they are looked at. Never changes. */
final class ListView extends AbstractList<Object> implements RandomAccess, TypedList {
    private final ArrayNode list;
    private final @Nullable Schema schema;

    /** @param schema of the list; null if nothing is known */
    ListView(ArrayNode list, @Nullable Schema schema) {
        this.list = list;
        this.schema = schema;
    }

    ArrayNode json() {
        return list;
    }

    /** Of the list; null if nothing is known. */
    @Nullable
    Schema schema() {
        return schema;
    }

    @Override
    public Object get(int index) {
        return CelValues.view(list.get(index), schema == null ? null : schema.items());
    }

    @Override
    public Object zero() {
        Schema items = schema == null ? null : schema.items();
        if (items == null) {
            return 0L;
        }
        return items.type() == Schema.Type.NUMBER
                ? (Object) 0.0
                : items.format().equals("duration") ? Duration.ZERO : (Object) 0L;
    }

    @Override
    public boolean isUnordered() {
        return schema != null && schema.listType() != Schema.ListType.ATOMIC;
    }

    @Override
    public Object identity(Object element) {
        if (schema == null || schema.listType() != Schema.ListType.MAP || !(element instanceof Map<?, ?> map)) {
            return element;
        }
        List<Object> identity = new ArrayList<>();
        for (String key : schema.listMapKeys()) {
            Object value = map.get(FieldNames.escape(key).orElse(key));
            identity.add(value == null ? "" : value);
        }
        return identity;
    }

    @Override
    public int size() {
        return list.size();
    }
}
