package io.keelson.apiserver.admission.rules;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.admission.AdmissionRequest;
import java.util.ArrayList;
import java.util.List;

/**
 * Requests that a webhook or a policy is for: all that fit one entry of each list. A {@code *} fits everything.
 *
 * @param resources {@code pods}, {@code pods/status}, {@code pods/*}, <code>*&#47;scale</code> and the like; {@code *}
 *     stands for all resources but not their subresources
 * @param names of objects; empty for any
 * @param scope {@code Cluster}, {@code Namespaced} or {@code *}
 */
public record Rule(
        List<String> operations,
        List<String> groups,
        List<String> versions,
        List<String> resources,
        List<String> names,
        String scope) {
    private static final String ANY = "*";

    /** Fits every request. */
    static final Rule EVERYTHING = new Rule(List.of(ANY), List.of(ANY), List.of(ANY), List.of("*/*"), List.of(), ANY);

    public Rule {
        operations = List.copyOf(operations);
        groups = List.copyOf(groups);
        versions = List.copyOf(versions);
        resources = List.copyOf(resources);
        names = List.copyOf(names);
    }

    /** Reads the rules of a list; there are none if it is no list. */
    public static List<Rule> all(JsonNode rules) {
        List<Rule> all = new ArrayList<>();
        for (JsonNode rule : rules) {
            all.add(new Rule(
                    texts(rule.path("operations")),
                    texts(rule.path("apiGroups")),
                    texts(rule.path("apiVersions")),
                    texts(rule.path("resources")),
                    texts(rule.path("resourceNames")),
                    rule.path("scope").asText(ANY)));
        }
        return all;
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(text -> texts.add(text.asText()));
        return texts;
    }

    /** Whether a request, seen in that version, is one of those that are meant. */
    public boolean matches(AdmissionRequest request, Target target) {
        return fits(operations, request.operation().name())
                && fits(groups, target.group())
                && fits(versions, target.version())
                && (names.isEmpty() || names.contains(request.name()))
                && inScope(request)
                && resources.stream().anyMatch(wanted -> isResource(wanted, target.resource(), request.subresource()));
    }

    private static boolean fits(List<String> wanted, String value) {
        return wanted.contains(ANY) || wanted.contains(value);
    }

    private boolean inScope(AdmissionRequest request) {
        // Requests for namespaces go by a namespace, too; they are of the cluster all the same.
        boolean cluster = request.namespace().isEmpty() || RequestMatcher.isNamespace(request);
        return switch (scope) {
            case "Namespaced" -> !cluster;
            case "Cluster" -> cluster;
            default -> true;
        };
    }

    private static boolean isResource(String wanted, String resource, String subresource) {
        int slash = wanted.indexOf('/');
        String main = slash < 0 ? wanted : wanted.substring(0, slash);
        String part = slash < 0 ? "" : wanted.substring(slash + 1);
        return (main.equals(ANY) || main.equals(resource)) && (part.equals(ANY) || part.equals(subresource));
    }
}
