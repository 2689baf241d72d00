package io.keelson.apiserver.crd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import java.util.ArrayList;
import java.util.List;

/** What a custom kind is called: as its definition wants, or as was accepted. Texts are empty where nothing is said. */
record DefinedNames(
        String plural,
        String singular,
        List<String> shortNames,
        String kind,
        String listKind,
        List<String> categories) {
    DefinedNames {
        shortNames = List.copyOf(shortNames);
        categories = List.copyOf(categories);
    }

    /** @param names {@code spec.names} or {@code status.acceptedNames} */
    static DefinedNames of(JsonNode names) {
        return new DefinedNames(
                names.path("plural").asText(""),
                names.path("singular").asText(""),
                texts(names.path("shortNames")),
                names.path("kind").asText(""),
                names.path("listKind").asText(""),
                texts(names.path("categories")));
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(text -> texts.add(text.asText("")));
        return texts;
    }

    ObjectNode toJson() {
        ObjectNode names = Json.object().put("plural", plural);
        if (!singular.isEmpty()) {
            names.put("singular", singular);
        }
        if (!shortNames.isEmpty()) {
            names.set("shortNames", Json.array(shortNames));
        }
        names.put("kind", kind);
        if (!listKind.isEmpty()) {
            names.put("listKind", listKind);
        }
        if (!categories.isEmpty()) {
            names.set("categories", Json.array(categories));
        }
        return names;
    }
}
