package io.keelson.apiserver.cel;

import java.util.AbstractMap;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What an expression such as {@code Object.spec{replicas: 3}} makes: fields, under the name of a type. Immutable. */
public final class ConstructedObject extends AbstractMap<String, Object> {
    private final String typeName;
    private final Map<String, Object> fields = new LinkedHashMap<>();

    ConstructedObject(String typeName, Map<?, ?> given) {
        this.typeName = typeName;
        given.forEach((name, value) -> fields.put((String) name, value));
    }

    /** {@code Object.spec} for example. */
    public String typeName() {
        return typeName;
    }

    @Override
    public @Nullable Object get(@Nullable Object name) {
        return fields.get(name);
    }

    @Override
    public boolean containsKey(@Nullable Object name) {
        return fields.containsKey(name);
    }

    @Override
    public Set<Map.Entry<String, Object>> entrySet() {
        return Collections.unmodifiableMap(fields).entrySet();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ConstructedObject object
                && typeName.equals(object.typeName)
                && fields.equals(object.fields);
    }

    @Override
    public int hashCode() {
        return typeName.hashCode() * 31 + fields.hashCode();
    }
}
