package io.keelson.apiserver.request;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The query of a request, decoded; a name may have several values. Immutable. */
public final class Query {
    public static final Query NONE = new Query("", Map.of());

    private final String raw;
    private final Map<String, List<String>> values;

    /** @param raw as it was sent, without the question mark */
    public Query(String raw, Map<String, List<String>> values) {
        this.raw = raw;
        this.values = Collections.unmodifiableMap(values);
    }

    public String raw() {
        return raw;
    }

    /** The first value; null if the name is not there. */
    public @Nullable String first(String name) {
        List<String> list = values.get(name);
        return list == null || list.isEmpty() ? null : list.getFirst();
    }

    /** The first value; empty if the name is not there. */
    public String text(String name) {
        String value = first(name);
        return value == null ? "" : value;
    }

    /** Whether a flag is set, as the API reads it: {@code true} or {@code 1}, or the bare name. */
    public boolean flag(String name) {
        String value = first(name);
        return value != null && !value.equalsIgnoreCase("false") && !value.equals("0");
    }

    public List<String> all(String name) {
        return values.getOrDefault(name, List.of());
    }

    public Map<String, List<String>> values() {
        return values;
    }
}
