package io.keelson.apiserver.zpages;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Says what the command line comes to.
 *
 * @param flags values by the names of flags
 */
public record Flagz(SortedMap<String, String> flags) implements ZPage {
    public Flagz {
        flags = Collections.unmodifiableSortedMap(new TreeMap<>(flags));
    }

    public static Flagz of(Map<String, String> flags) {
        return new Flagz(new TreeMap<>(flags));
    }

    @Override
    public String kind() {
        return "Flagz";
    }

    @Override
    public void fill(ObjectNode object) {
        if (!flags.isEmpty()) {
            ObjectNode shown = object.putObject("flags");
            flags.forEach((name, value) -> shown.put(name, value));
        }
    }

    @Override
    public String text() {
        StringBuilder text = new StringBuilder();
        flags.forEach(
                (name, value) -> text.append(name).append('=').append(value).append('\n'));
        return text.toString();
    }
}
