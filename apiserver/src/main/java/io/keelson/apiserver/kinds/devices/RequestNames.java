package io.keelson.apiserver.kinds.devices;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How other parts of a claim call its requests: by name, or, one of the alternatives of a request, by both names with a slash
 * between them.
 *
 * @param alternatives names of the alternatives, by the name of the request; none if it has no alternatives
 */
record RequestNames(Map<String, Set<String>> alternatives) {
    private static final int REFERENCES_MAX = 32;

    /** @param devices what the claim asks for */
    static RequestNames of(JsonNode devices) {
        Map<String, Set<String>> names = new HashMap<>();
        for (JsonNode request : devices.path("requests")) {
            Set<String> below = names.computeIfAbsent(request.path("name").asText(""), name -> new HashSet<>());
            request.path("firstAvailable")
                    .forEach(alternative -> below.add(alternative.path("name").asText("")));
        }
        return new RequestNames(names);
    }

    /** Says what is wrong with a list of references to requests. */
    void checkAll(Place references) {
        List<Place> items = Bounded.items(references, REFERENCES_MAX);
        items.forEach(this::check);
        Bounded.unique(items, Place::text);
    }

    /** Says what is wrong with a reference to a request. */
    void check(Place reference) {
        String[] parts = reference.text().split("/", -1);
        if (parts.length <= 2) {
            for (String part : parts) {
                for (String wrong : Names.dnsLabel(part)) {
                    reference.invalid(part, wrong);
                }
            }
        }
        if (!has(parts)) {
            reference.invalid("must be the name of a request in the claim or the name of a request and a"
                    + " subrequest separated by '/'");
        }
    }

    private boolean has(String[] parts) {
        Set<String> below = alternatives.get(parts[0]);
        return below != null && (parts.length == 1 || (parts.length == 2 && below.contains(parts[1])));
    }
}
