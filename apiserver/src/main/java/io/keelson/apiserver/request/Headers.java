package io.keelson.apiserver.request;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Header fields, by name without regard to case; a name may have several values. Immutable. */
public final class Headers {
    public static final Headers NONE = new Headers(Map.of());

    private final Map<String, List<String>> values;

    public Headers(Map<String, List<String>> fields) {
        Map<String, List<String>> copy = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        fields.forEach((name, list) ->
                copy.computeIfAbsent(name, _ -> new ArrayList<>()).addAll(list));
        this.values = Collections.unmodifiableMap(copy);
    }

    /** The first value; null if there is none. */
    public @Nullable String first(String name) {
        List<String> list = values.get(name);
        return list == null || list.isEmpty() ? null : list.getFirst();
    }

    public List<String> all(String name) {
        return Collections.unmodifiableList(values.getOrDefault(name, List.of()));
    }

    /** Every field; looked up without regard to case. */
    public Map<String, List<String>> fields() {
        return values;
    }
}
