package io.keelson.apiserver.authz;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The roles and bindings that every cluster has, read from {@code bootstrap-policy.txt}, whose head says how it is
 * written. Whoever starts the server makes them, in the order given, by way of {@link PolicyReconciliation}.
 */
public final class BootstrapPolicy {
    /** An object with this annotation and the value {@code false} is left as it is. */
    public static final String AUTOUPDATE = "rbac.authorization.kubernetes.io/autoupdate";

    private static final String GROUP = "rbac.authorization.k8s.io";
    private static final List<String> READ = List.of("get", "list", "watch");
    private static final List<String> WRITE = List.of("create", "delete", "deletecollection", "patch", "update");
    private static final List<String> ALL =
            List.of("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch");

    private final List<ObjectNode> objects = new ArrayList<>();
    private final Set<String> features;

    private BootstrapPolicy(Set<String> features) {
        this.features = features;
    }

    /**
     * All objects: cluster roles, roles and bindings.
     *
     * @param features those that are on beyond the ordinary, {@code ClusterTrustBundle} for example
     */
    public static List<ObjectNode> load(Set<String> features) {
        try (InputStream in = BootstrapPolicy.class.getResourceAsStream("bootstrap-policy.txt")) {
            if (in == null) {
                throw new IllegalStateException("bootstrap-policy.txt is missing from the class path");
            }
            BootstrapPolicy policy = new BootstrapPolicy(features);
            new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().forEach(policy::line);
            return List.copyOf(policy.objects);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What nodes may do beyond what is decided by the objects of their pods. */
    public static List<PolicyRule> nodeRules(Set<String> features) {
        for (ObjectNode object : load(features)) {
            if (ObjectMeta.name(object).equals("system:node")
                    && ObjectMeta.kind(object).equals("ClusterRole")) {
                return PolicyRule.rulesOf(object);
            }
        }
        throw new IllegalStateException("there is no role system:node");
    }

    private void line(String line) {
        if (line.isBlank() || line.startsWith("#")) {
            return;
        }
        boolean indented = line.startsWith(" ");
        List<String> words = List.of(line.strip().split(" +"));
        if (words.getFirst().startsWith("?")) {
            if (!features.contains(words.getFirst().substring(1))) {
                return;
            }
            words = words.subList(1, words.size());
        }
        if (indented) {
            rule(words);
        } else {
            object(words);
        }
    }

    private void object(List<String> words) {
        String first = words.get(1);
        switch (words.getFirst()) {
            case "ClusterRole" -> {
                ObjectNode role = begin("ClusterRole", null, first);
                words.subList(2, words.size()).forEach(label -> ObjectMeta.setLabel(role, label, "true"));
                role.putArray("rules");
            }
            case "Role" -> begin("Role", first, words.get(2)).putArray("rules");
            case "ClusterRoleBinding" ->
                bind(
                        begin("ClusterRoleBinding", null, first),
                        "ClusterRole",
                        words.get(2),
                        words.subList(3, words.size()));
            case "RoleBinding" ->
                bind(begin("RoleBinding", first, words.get(2)), "Role", words.get(3), words.subList(4, words.size()));
            case "Controller" -> {
                String name = "system:controller:" + first;
                bind(begin("ClusterRoleBinding", null, name), "ClusterRole", name, List.of("sa:kube-system/" + first));
                begin("ClusterRole", null, name).putArray("rules");
            }
            default -> throw new IllegalStateException("unknown line in bootstrap policy: " + words);
        }
    }

    private ObjectNode begin(String kind, @Nullable String namespace, String name) {
        ObjectNode object = Json.object();
        object.put("apiVersion", GROUP + "/v1");
        object.put("kind", kind);
        ObjectMeta.setName(object, name);
        if (namespace != null) {
            ObjectMeta.setNamespace(object, namespace);
        }
        ObjectMeta.setAnnotation(object, AUTOUPDATE, "true");
        ObjectMeta.setLabel(object, "kubernetes.io/bootstrapping", "rbac-defaults");
        objects.add(object);
        return object;
    }

    private static void bind(ObjectNode binding, String roleKind, String role, List<String> subjects) {
        ObjectNode ref = binding.putObject("roleRef");
        ref.put("apiGroup", GROUP);
        ref.put("kind", roleKind);
        ref.put("name", role);
        if (subjects.isEmpty()) {
            return;
        }
        ArrayNode list = binding.putArray("subjects");
        for (String subject : subjects) {
            int colon = subject.indexOf(':');
            String name = subject.substring(colon + 1);
            ObjectNode entry = list.addObject();
            switch (subject.substring(0, colon)) {
                case "user" -> entry.put("apiGroup", GROUP).put("kind", "User").put("name", name);
                case "group" ->
                    entry.put("apiGroup", GROUP).put("kind", "Group").put("name", name);
                case "sa" -> {
                    int slash = name.indexOf('/');
                    entry.put("kind", "ServiceAccount")
                            .put("name", name.substring(slash + 1))
                            .put("namespace", name.substring(0, slash));
                }
                default -> throw new IllegalStateException("unknown subject in bootstrap policy: " + subject);
            }
        }
    }

    private void rule(List<String> words) {
        ObjectNode role = objects.getLast();
        if (words.getFirst().equals("collect")) {
            role.remove("rules");
            role.putObject("aggregationRule")
                    .putArray("clusterRoleSelectors")
                    .addObject()
                    .putObject("matchLabels")
                    .put(words.get(1), "true");
            return;
        }
        PolicyRule rule = switch (words.size()) {
            case 1 ->
                PolicyRule.on(List.of("create", "patch", "update"), List.of("", "events.k8s.io"), List.of("events"));
            case 2 -> new PolicyRule(verbs(words.get(0)), List.of(), List.of(), List.of(), list(words.get(1)));
            case 3 -> PolicyRule.on(verbs(words.get(0)), groups(words.get(1)), list(words.get(2)));
            case 4 ->
                new PolicyRule(
                        verbs(words.get(0)), groups(words.get(1)), list(words.get(2)), list(words.get(3)), List.of());
            default -> throw new IllegalStateException("unknown rule in bootstrap policy: " + words);
        };
        role.withArray("rules").add(rule.toTree());
    }

    private static List<String> verbs(String word) {
        return switch (word) {
            case "READ" -> READ;
            case "WRITE" -> WRITE;
            case "ALL" -> ALL;
            default -> list(word);
        };
    }

    private static List<String> groups(String word) {
        return list(word).stream()
                .map(group -> group.equals("core") ? "" : group)
                .toList();
    }

    private static List<String> list(String word) {
        return Arrays.asList(word.split(","));
    }
}
