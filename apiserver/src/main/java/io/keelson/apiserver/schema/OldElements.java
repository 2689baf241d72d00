package io.keelson.apiserver.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds, for elements of a list with keys, the element with the same keys in the list as it was before. */
public final class OldElements {
    private final List<String> keys;
    private final Map<List<JsonNode>, JsonNode> elements = new HashMap<>();

    /** @param old the list as it was; null, or no list, if there was none */
    public OldElements(Schema list, @Nullable JsonNode old) {
        keys = list.listType() == Schema.ListType.MAP ? list.listMapKeys() : List.of();
        if (!keys.isEmpty() && old != null && old.isArray()) {
            old.forEach(element -> elements.putIfAbsent(identity(element), element));
        }
    }

    /** The element as it was; null if it was not there, or cannot be told from others. */
    public @Nullable JsonNode of(JsonNode element) {
        return elements.isEmpty() ? null : elements.get(identity(element));
    }

    private List<JsonNode> identity(JsonNode element) {
        List<JsonNode> identity = new ArrayList<>(keys.size());
        keys.forEach(key -> identity.add(element.path(key)));
        return identity;
    }
}
