package io.keelson.apiserver.authz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.request.UserInfo;
import io.keelson.apiserver.resource.GroupResource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** The index and its rules against the plainest model there is: every binding, every subject, every rule, by string. */
class RbacProperties {
    private static final List<String> NAMESPACES = List.of("a", "b");
    private static final List<String> NAMES = List.of("r1", "r2", "r3");

    /** A change of the world: put, or remove. */
    record Change(RuleIndex.Kind kind, ObjectNode object, boolean remove) {}

    @Property(tries = 400)
    void decidesAsTheModelDoes(
            @ForAll("changes") List<Change> changes,
            @ForAll("users") UserInfo user,
            @ForAll("wishes") Attributes wish) {
        RuleIndex index = new RuleIndex();
        Map<String, Change> world = new LinkedHashMap<>();
        for (Change change : changes) {
            String namespace = ObjectMeta.namespace(change.object());
            String name = ObjectMeta.name(change.object());
            if (change.remove()) {
                index.remove(change.kind(), namespace, name);
                world.remove(change.kind() + namespace + "/" + name);
            } else {
                index.put(change.kind(), change.object());
                world.put(change.kind() + namespace + "/" + name, change);
            }
        }
        RuleIndex listed = new RuleIndex();
        for (RuleIndex.Kind kind : RuleIndex.Kind.values()) {
            listed.replace(
                    kind,
                    world.values().stream()
                            .filter(change -> change.kind() == kind)
                            .map(Change::object)
                            .toList());
        }
        Attributes attributes = wish.withUser(user);
        boolean expected = Model.allows(world, attributes);
        assertEquals(expected, new RbacAuthorizer(index).authorize(attributes).allowed());
        assertEquals(expected, new RbacAuthorizer(listed).authorize(attributes).allowed());
    }

    @Property(tries = 1_000)
    void rulesThatCoverAnotherAllowAllItAllows(
            @ForAll("rules") List<PolicyRule> held,
            @ForAll("rules") List<PolicyRule> wanted,
            @ForAll("wishes") Attributes wish) {
        if (PolicyRule.missing(held, wanted).isEmpty() && wanted.stream().anyMatch(rule -> rule.allows(wish))) {
            assertTrue(held.stream().anyMatch(rule -> rule.allows(wish)));
        }
    }

    @Property(tries = 500)
    void rulesCoverThemselvesAndWhatIsMissingMakesThemCover(
            @ForAll("rules") List<PolicyRule> held, @ForAll("rules") List<PolicyRule> wanted) {
        assertTrue(PolicyRule.missing(held, held).isEmpty());
        List<PolicyRule> all = new ArrayList<>(held);
        all.addAll(PolicyRule.missing(held, wanted));
        assertTrue(PolicyRule.missing(all, wanted).isEmpty());
        List<PolicyRule> compact = new ArrayList<>(held);
        compact.addAll(PolicyRule.compact(PolicyRule.missing(held, wanted)));
        assertTrue(PolicyRule.missing(compact, wanted).isEmpty());
    }

    /** By string comparison, straight from the objects. */
    private static final class Model {
        static boolean allows(Map<String, Change> world, Attributes wish) {
            for (Change change : world.values()) {
                ObjectNode binding = change.object();
                String namespace = ObjectMeta.namespace(binding);
                boolean applies = switch (change.kind()) {
                    case CLUSTER_ROLE_BINDING -> true;
                    case ROLE_BINDING -> wish.resourceRequest() && namespace.equals(wish.namespace());
                    default -> false;
                };
                if (!applies || !bound(binding, namespace, wish.user())) {
                    continue;
                }
                String kind = binding.path("roleRef").path("kind").asText();
                Change role = world.get((kind.equals("Role") ? "ROLE" + namespace : "CLUSTER_ROLE") + "/"
                        + binding.path("roleRef").path("name").asText());
                if (role == null || (kind.equals("Role") && namespace.isEmpty())) {
                    continue;
                }
                for (PolicyRule rule : PolicyRule.rulesOf(role.object())) {
                    if (rule(rule, wish)) {
                        return true;
                    }
                }
            }
            return false;
        }

        private static boolean bound(ObjectNode binding, String namespace, UserInfo user) {
            for (var subject : binding.path("subjects")) {
                String name = subject.path("name").asText();
                String stated = subject.path("namespace").asText();
                boolean is = switch (subject.path("kind").asText()) {
                    case "User" -> name.equals(user.name());
                    case "Group" -> user.groups().contains(name);
                    case "ServiceAccount" -> {
                        String where = stated.isEmpty() ? namespace : stated;
                        yield !where.isEmpty() && user.name().equals("system:serviceaccount:" + where + ":" + name);
                    }
                    default -> false;
                };
                if (is) {
                    return true;
                }
            }
            return false;
        }

        private static boolean rule(PolicyRule rule, Attributes wish) {
            if (!rule.verbs().contains("*") && !rule.verbs().contains(wish.verb())) {
                return false;
            }
            if (!wish.resourceRequest()) {
                return rule.nonResourceUrls().stream()
                        .anyMatch(url -> url.equals("*")
                                || url.equals(wish.path())
                                || (url.endsWith("*") && wish.path().startsWith(url.substring(0, url.length() - 1))));
            }
            String combined =
                    wish.subresource().isEmpty() ? wish.resource() : wish.resource() + "/" + wish.subresource();
            boolean resource = rule.resources().stream()
                    .anyMatch(one -> one.equals("*")
                            || one.equals(combined)
                            || (!wish.subresource().isEmpty() && one.equals("*/" + wish.subresource())));
            return resource
                    && (rule.apiGroups().contains("*") || rule.apiGroups().contains(wish.apiGroup()))
                    && (rule.resourceNames().isEmpty() || rule.resourceNames().contains(wish.name()));
        }
    }

    private static <T> Arbitrary<List<T>> some(List<T> values, int min, int max) {
        return Arbitraries.of(values).list().ofMinSize(min).ofMaxSize(max);
    }

    private static Arbitrary<PolicyRule> rule() {
        Arbitrary<List<String>> verbs = some(List.of("get", "list", "delete", "*"), 1, 2);
        Arbitrary<PolicyRule> resources = Combinators.combine(
                        verbs,
                        some(List.of("", "apps", "*"), 1, 2),
                        some(List.of("pods", "pods/log", "*/log", "*", "logs", "*/scale", "deployments/scale"), 1, 3),
                        some(List.of("x", "y"), 0, 2))
                .as((v, groups, rs, names) -> new PolicyRule(v, groups, rs, names, List.of()));
        Arbitrary<PolicyRule> paths = Combinators.combine(
                        verbs, some(List.of("/api", "/api/*", "*", "/healthz", "/a*"), 1, 2))
                .as((v, urls) -> new PolicyRule(v, List.of(), List.of(), List.of(), urls));
        return Arbitraries.oneOf(resources, resources, paths);
    }

    @Provide
    Arbitrary<List<PolicyRule>> rules() {
        return rule().list().ofMaxSize(4);
    }

    @Provide
    Arbitrary<UserInfo> users() {
        return Combinators.combine(
                        Arbitraries.of("jane", "system:serviceaccount:a:bot", "system:serviceaccount:b:bot"),
                        some(List.of("dev", "ops"), 0, 2))
                .as((name, groups) -> new UserInfo(name, "", groups, Map.of()));
    }

    @Provide
    Arbitrary<Attributes> wishes() {
        UserInfo nobody = new UserInfo("jane", "", List.of(), Map.of());
        Arbitrary<Attributes> resources = Combinators.combine(
                        Arbitraries.of("get", "list", "delete"),
                        Arbitraries.of("", "apps"),
                        Arbitraries.of("pods", "deployments", "logs"),
                        Arbitraries.of("", "log", "scale", "g"),
                        Arbitraries.of("", "a", "b"),
                        Arbitraries.of("", "x", "y"))
                .as((verb, group, resource, sub, namespace, name) ->
                        Attributes.ofResource(nobody, verb, new GroupResource(group, resource), sub, namespace, name));
        Arbitrary<Attributes> paths = Combinators.combine(
                        Arbitraries.of("get", "delete"), Arbitraries.of("/api", "/api/v1", "/apis", "/healthz", "/x"))
                .as((verb, path) -> Attributes.ofPath(nobody, verb, path));
        return Arbitraries.oneOf(resources, resources, paths);
    }

    @Provide
    Arbitrary<List<Change>> changes() {
        Arbitrary<Change> roles = Combinators.combine(
                        Arbitraries.of(true, false),
                        Arbitraries.of(NAMESPACES),
                        Arbitraries.of(NAMES),
                        rules(),
                        Arbitraries.integers().between(0, 9))
                .as((cluster, namespace, name, rules, dice) -> {
                    ObjectNode role = Json.object();
                    ObjectMeta.setName(role, name);
                    if (!cluster) {
                        ObjectMeta.setNamespace(role, namespace);
                    }
                    ArrayNode list = role.putArray("rules");
                    rules.forEach(rule -> list.add(rule.toTree()));
                    return new Change(cluster ? RuleIndex.Kind.CLUSTER_ROLE : RuleIndex.Kind.ROLE, role, dice == 0);
                });
        Arbitrary<ObjectNode> subject = Combinators.combine(
                        Arbitraries.of("User", "Group", "ServiceAccount", "Unknown"),
                        Arbitraries.of("jane", "dev", "bot"),
                        Arbitraries.of("", "a"))
                .as((kind, name, namespace) ->
                        Json.object().put("kind", kind).put("name", name).put("namespace", namespace));
        Arbitrary<Change> bindings = Combinators.combine(
                        Arbitraries.of(true, false),
                        Arbitraries.of(NAMESPACES),
                        Arbitraries.of(NAMES),
                        Arbitraries.of("Role", "ClusterRole"),
                        Arbitraries.of(NAMES),
                        subject.list().ofMaxSize(3),
                        Arbitraries.integers().between(0, 9))
                .as((cluster, namespace, name, kind, role, subjects, dice) -> {
                    ObjectNode binding = Json.object();
                    ObjectMeta.setName(binding, name);
                    if (!cluster) {
                        ObjectMeta.setNamespace(binding, namespace);
                    }
                    binding.putObject("roleRef").put("kind", kind).put("name", role);
                    binding.putArray("subjects").addAll(subjects);
                    return new Change(
                            cluster ? RuleIndex.Kind.CLUSTER_ROLE_BINDING : RuleIndex.Kind.ROLE_BINDING,
                            binding,
                            dice == 0);
                });
        return Arbitraries.oneOf(roles, bindings).list().ofMaxSize(20);
    }
}
