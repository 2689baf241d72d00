package io.keelson.dist.history;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.controllers.kinds.Kind;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/** Finds kinds by the words that users have for them: {@code deploy}, {@code Deployment}, {@code deployments.v1.apps}. */
final class ResourceNames {
    private static final String DISCOVERY =
            "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";

    private final ApiCalls calls;

    ResourceNames(ApiCalls calls) {
        this.calls = calls;
    }

    /**
     * The kind that a word means, in the version that its group prefers; of several groups, the one that the API names first.
     *
     * @throws IllegalArgumentException if there is none, with the text of kubectl
     */
    Kind find(String word) throws ApiRefusal, InterruptedException {
        String[] parts = word.toLowerCase(Locale.ROOT).split("\\.", 2);
        String rest = parts.length == 2 ? parts[1] : "";
        for (String path : new String[] {"/api", "/apis"}) {
            for (JsonNode group : calls.get(path, DISCOVERY).path("items")) {
                String name = group.path("metadata").path("name").asText("");
                for (JsonNode version : group.path("versions")) {
                    String of = version.path("version").asText("");
                    boolean meant = rest.isEmpty()
                            || rest.equals(name)
                            || rest.equals(of + '.' + name)
                            || (name.isEmpty() && rest.equals(of));
                    if (!meant) {
                        continue;
                    }
                    for (JsonNode resource : version.path("resources")) {
                        if (words(resource).anyMatch(parts[0]::equals)) {
                            return kind(name, of, resource);
                        }
                    }
                }
            }
        }
        throw new IllegalArgumentException("the server doesn't have a resource type \"" + word + "\"");
    }

    private static Stream<String> words(JsonNode resource) {
        Stream.Builder<String> words = Stream.builder();
        words.add(resource.path("resource").asText(""));
        words.add(resource.path("singularResource").asText(""));
        words.add(resource.path("responseKind").path("kind").asText("").toLowerCase(Locale.ROOT));
        resource.path("shortNames").forEach(name -> words.add(name.asText("")));
        return words.build();
    }

    private static Kind kind(String group, String version, JsonNode resource) {
        Set<String> verbs = new HashSet<>();
        resource.path("verbs").forEach(verb -> verbs.add(verb.asText("")));
        return new Kind(
                group,
                version,
                resource.path("resource").asText(""),
                resource.path("responseKind").path("kind").asText(""),
                "Namespaced".equals(resource.path("scope").asText("")),
                verbs);
    }
}
