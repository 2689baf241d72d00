package io.keelson.agent.config;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Taints as flags have them: {@code key=value:effect}, {@code key:effect}. */
final class TaintText {
    static final Set<String> EFFECTS = Set.of("NoSchedule", "PreferNoSchedule", "NoExecute");

    private TaintText() {}

    /** @throws IllegalArgumentException if one is none, or there twice with the same effect */
    static ArrayNode list(List<String> words) {
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        Set<String> known = new HashSet<>();
        for (String word : words) {
            int colon = word.lastIndexOf(':');
            String effect = colon < 0 ? "" : word.substring(colon + 1);
            String pair = colon < 0 ? word : word.substring(0, colon);
            int equals = pair.indexOf('=');
            String key = equals < 0 ? pair : pair.substring(0, equals);
            if (key.isEmpty() || colon < 0) {
                throw new IllegalArgumentException("invalid taint spec: " + word + ", expected key=value:effect");
            }
            if (!EFFECTS.contains(effect)) {
                throw new IllegalArgumentException("invalid taint effect: " + effect + ", unsupported taint effect");
            }
            if (!known.add(key + ':' + effect)) {
                throw new IllegalArgumentException("duplicated taints with the same key and effect: " + word);
            }
            var taint = list.addObject().put("key", key).put("effect", effect);
            if (equals >= 0) {
                taint.put("value", pair.substring(equals + 1));
            }
        }
        return list;
    }
}
