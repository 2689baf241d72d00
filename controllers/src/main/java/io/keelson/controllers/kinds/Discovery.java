package io.keelson.controllers.kinds;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which kinds the API serves at a moment.
 *
 * @param all each kind in each version
 * @param preferred each kind in one version: the preferred one of its group, or the first that has it
 * @param failures versions of groups of which nothing is known, as their server did not answer, and why
 * @param malformed versions of groups with names that are none
 */
public record Discovery(List<Kind> all, List<Kind> preferred, Map<String, String> failures, List<String> malformed) {
    public Discovery {
        all = List.copyOf(all);
        preferred = List.copyOf(preferred);
        failures = Map.copyOf(failures);
        malformed = List.copyOf(malformed);
    }

    /**
     * What the documents of discovery say.
     *
     * @param documents each an {@code APIGroupDiscoveryList}
     */
    static Discovery of(List<JsonNode> documents) {
        List<Kind> all = new ArrayList<>();
        Map<String, Kind> preferred = new LinkedHashMap<>();
        Map<String, String> failures = new TreeMap<>();
        List<String> malformed = new ArrayList<>();
        for (JsonNode document : documents) {
            for (JsonNode group : document.path("items")) {
                String name = group.path("metadata").path("name").asText("");
                for (JsonNode version : group.path("versions")) {
                    String of = version.path("version").asText("");
                    String apiVersion = name.isEmpty() ? of : name + '/' + of;
                    if (of.isEmpty() || of.indexOf('/') >= 0 || name.indexOf('/') >= 0) {
                        malformed.add(apiVersion);
                    } else if ("Stale".equals(version.path("freshness").asText(""))) {
                        failures.put(apiVersion, "stale GroupVersion discovery: " + apiVersion);
                    } else {
                        for (Kind kind : kinds(name, of, version.path("resources"))) {
                            all.add(kind);
                            preferred.putIfAbsent(kind.groupResource(), kind);
                        }
                    }
                }
            }
        }
        return new Discovery(all, new ArrayList<>(preferred.values()), failures, malformed);
    }

    private static List<Kind> kinds(String group, String version, JsonNode resources) {
        List<Kind> kinds = new ArrayList<>();
        for (JsonNode resource : resources) {
            String plural = resource.path("resource").asText("");
            String kind = resource.path("responseKind").path("kind").asText("");
            // What has only subresources is nothing that objects are kept of.
            if (plural.isEmpty() || kind.isEmpty()) {
                continue;
            }
            Set<String> verbs = new HashSet<>();
            resource.path("verbs").forEach(verb -> verbs.add(verb.asText("")));
            boolean namespaced = "Namespaced".equals(resource.path("scope").asText(""));
            kinds.add(new Kind(group, version, plural, kind, namespaced, verbs));
        }
        return kinds;
    }

    /** Why not everything is known; null if it is. */
    public @Nullable String failure() {
        return failures.isEmpty()
                ? null
                : failures.entrySet().stream()
                        .map(failure -> failure.getKey() + ": " + failure.getValue())
                        .sorted()
                        .collect(Collectors.joining(", ", "unable to retrieve the complete list of server APIs: ", ""));
    }
}
