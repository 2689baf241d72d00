package io.keelson.apiserver.authz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A rule of a role: these verbs on these resources, or on these paths. Lists are as written; {@code *} stands for
 * everything.
 *
 * @param resources {@code pods}, {@code pods/log}, {@code *}, or {@code *}{@code /scale} for a subresource of everything
 * @param resourceNames empty for all names
 * @param nonResourceUrls paths; one that ends in {@code *} stands for all that begin so
 */
public record PolicyRule(
        List<String> verbs,
        List<String> apiGroups,
        List<String> resources,
        List<String> resourceNames,
        List<String> nonResourceUrls) {
    public static final PolicyRule ALL_RESOURCES =
            new PolicyRule(List.of("*"), List.of("*"), List.of("*"), List.of(), List.of());
    public static final PolicyRule ALL_PATHS =
            new PolicyRule(List.of("*"), List.of(), List.of(), List.of(), List.of("*"));

    private static final String ALL = "*";

    /** How many single permissions a rule is taken apart into, at most; what is larger is refused. */
    private static final int PARTS_MAX = 1_000_000;

    public PolicyRule {
        verbs = List.copyOf(verbs);
        apiGroups = List.copyOf(apiGroups);
        resources = List.copyOf(resources);
        resourceNames = List.copyOf(resourceNames);
        nonResourceUrls = List.copyOf(nonResourceUrls);
    }

    /** A rule on resources. */
    public static PolicyRule on(List<String> verbs, List<String> apiGroups, List<String> resources) {
        return new PolicyRule(verbs, apiGroups, resources, List.of(), List.of());
    }

    public static PolicyRule of(JsonNode rule) {
        return new PolicyRule(
                texts(rule.path("verbs")),
                texts(rule.path("apiGroups")),
                texts(rule.path("resources")),
                texts(rule.path("resourceNames")),
                texts(rule.path("nonResourceURLs")));
    }

    /** The rules of a Role or ClusterRole. */
    public static List<PolicyRule> rulesOf(JsonNode role) {
        List<PolicyRule> rules = new ArrayList<>();
        for (JsonNode rule : role.path("rules")) {
            rules.add(of(rule));
        }
        return List.copyOf(rules);
    }

    private static List<String> texts(JsonNode array) {
        if (array.isEmpty()) {
            return List.of();
        }
        List<String> texts = new ArrayList<>(array.size());
        array.forEach(element -> texts.add(element.asText()));
        return texts;
    }

    public ObjectNode toTree() {
        ObjectNode tree = Json.object();
        put(tree, "apiGroups", apiGroups);
        put(tree, "nonResourceURLs", nonResourceUrls);
        put(tree, "resourceNames", resourceNames);
        put(tree, "resources", resources);
        tree.set("verbs", Json.array(verbs));
        return tree;
    }

    private static void put(ObjectNode tree, String field, List<String> values) {
        if (!values.isEmpty()) {
            tree.set(field, Json.array(values));
        }
    }

    /** Whether the rule allows this. */
    public boolean allows(Attributes attributes) {
        return attributes.resourceRequest()
                ? matches(verbs, attributes.verb())
                        && matches(apiGroups, attributes.apiGroup())
                        && matchesResource(attributes.resource(), attributes.subresource())
                        && (resourceNames.isEmpty() || resourceNames.contains(attributes.name()))
                : matches(verbs, attributes.verb()) && matchesPath(attributes.path());
    }

    private static boolean matches(List<String> list, String value) {
        for (String element : list) {
            if (element.equals(ALL) || element.equals(value)) {
                return true;
            }
        }
        return false;
    }

    private boolean matchesResource(String resource, String subresource) {
        for (String element : resources) {
            if (element.equals(ALL)) {
                return true;
            }
            if (subresource.isEmpty()) {
                if (element.equals(resource)) {
                    return true;
                }
            } else if (element.length() > subresource.length() && element.endsWith(subresource)) {
                int slash = element.length() - subresource.length() - 1;
                boolean everyResource = slash == 1 && element.charAt(0) == '*';
                boolean thisResource = slash == resource.length() && element.startsWith(resource);
                if (element.charAt(slash) == '/' && (everyResource || thisResource)) {
                    return true;
                }
            }
        }
        return false;
    }

    private boolean matchesPath(String path) {
        for (String element : nonResourceUrls) {
            if (coversPath(element, path)) {
                return true;
            }
        }
        return false;
    }

    private static boolean coversPath(String pattern, String path) {
        if (pattern.equals(ALL) || pattern.equals(path)) {
            return true;
        }
        return pattern.endsWith(ALL) && path.startsWith(trimStars(pattern));
    }

    private static String trimStars(String pattern) {
        int end = pattern.length();
        while (end > 0 && pattern.charAt(end - 1) == '*') {
            end--;
        }
        return pattern.substring(0, end);
    }

    /**
     * What of a list of rules is not covered by the rules that somebody has, taken apart into single permissions. Empty
     * if all is covered. A permission counts as covered only if one rule covers it.
     */
    public static List<PolicyRule> missing(List<PolicyRule> held, List<PolicyRule> wanted) {
        List<PolicyRule> missing = new ArrayList<>();
        for (PolicyRule rule : wanted) {
            for (PolicyRule part : rule.parts()) {
                if (held.stream().noneMatch(owner -> owner.covers(part))) {
                    missing.add(part);
                }
            }
        }
        return missing;
    }

    /** The rule as single permissions: one group, resource, name and verb each, or one path and verb. */
    private List<PolicyRule> parts() {
        long count = (long) verbs.size()
                * Math.max(
                        (long) apiGroups.size() * resources.size() * Math.max(1, resourceNames.size()),
                        nonResourceUrls.size());
        if (count > PARTS_MAX) {
            throw new IllegalArgumentException("rule has more than " + PARTS_MAX + " permissions");
        }
        List<PolicyRule> parts = new ArrayList<>();
        for (String group : apiGroups) {
            for (String resource : resources) {
                for (String verb : verbs) {
                    if (resourceNames.isEmpty()) {
                        parts.add(single(verb, List.of(group), List.of(resource), List.of(), List.of()));
                    }
                    for (String name : resourceNames) {
                        parts.add(single(verb, List.of(group), List.of(resource), List.of(name), List.of()));
                    }
                }
            }
        }
        for (String url : nonResourceUrls) {
            for (String verb : verbs) {
                parts.add(single(verb, List.of(), List.of(), List.of(), List.of(url)));
            }
        }
        return parts;
    }

    private static PolicyRule single(
            String verb, List<String> groups, List<String> resources, List<String> names, List<String> urls) {
        return new PolicyRule(List.of(verb), groups, resources, names, urls);
    }

    /** Whether a single permission is within this rule. */
    private boolean covers(PolicyRule part) {
        return coversAll(verbs, part.verbs)
                && coversAll(apiGroups, part.apiGroups)
                && part.resources.stream().allMatch(this::coversResource)
                && (resourceNames.isEmpty()
                        || (!part.resourceNames.isEmpty() && resourceNames.containsAll(part.resourceNames)))
                && part.nonResourceUrls.stream()
                        .allMatch(url -> nonResourceUrls.stream().anyMatch(pattern -> coversPath(pattern, url)));
    }

    private static boolean coversAll(List<String> held, List<String> wanted) {
        return held.contains(ALL) || held.containsAll(wanted);
    }

    private boolean coversResource(String resource) {
        if (resources.contains(ALL) || resources.contains(resource)) {
            return true;
        }
        int slash = resource.indexOf('/');
        return slash >= 0 && resources.contains("*" + resource.substring(slash));
    }

    /** Rules about the same resource and name become one, with the verbs of all. */
    static List<PolicyRule> compact(List<PolicyRule> rules) {
        Map<List<List<String>>, List<String>> simple = new LinkedHashMap<>();
        List<PolicyRule> compact = new ArrayList<>();
        for (PolicyRule rule : rules) {
            if (rule.apiGroups.size() == 1
                    && rule.resources.size() == 1
                    && rule.resourceNames.size() <= 1
                    && rule.nonResourceUrls.isEmpty()) {
                List<String> verbs = simple.computeIfAbsent(
                        List.of(rule.apiGroups, rule.resources, rule.resourceNames), _ -> new ArrayList<>());
                rule.verbs.stream().filter(verb -> !verbs.contains(verb)).forEach(verbs::add);
            } else {
                compact.add(rule);
            }
        }
        simple.forEach(
                (what, verbs) -> compact.add(new PolicyRule(verbs, what.get(0), what.get(1), what.get(2), List.of())));
        return compact;
    }

    /** {@code {APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}}. */
    @Override
    public String toString() {
        List<String> parts = new ArrayList<>();
        describe(parts, "APIGroups", apiGroups);
        describe(parts, "Resources", resources);
        describe(parts, "NonResourceURLs", nonResourceUrls);
        describe(parts, "ResourceNames", resourceNames);
        describe(parts, "Verbs", verbs);
        return "{" + String.join(", ", parts) + "}";
    }

    private static void describe(List<String> parts, String name, List<String> values) {
        if (!values.isEmpty()) {
            parts.add(name + ":" + quotedList(values));
        }
    }

    /** {@code ["a" "b"]}, as Go's {@code %q} writes a list. */
    static String quotedList(List<String> values) {
        return values.stream().map(Attributes::quoted).collect(Collectors.joining(" ", "[", "]"));
    }
}
