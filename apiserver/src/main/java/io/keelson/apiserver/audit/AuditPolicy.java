package io.keelson.apiserver.audit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.certs.ConfigFile;
import io.keelson.apiserver.certs.ConfigShape;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.request.RequestInfo;
import io.keelson.apiserver.request.UserInfo;
import io.keelson.apiserver.validation.FieldError;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.FieldPath;
import io.keelson.apiserver.validation.Names;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What is written down about which requests: a file of kind Policy in {@code audit.k8s.io/v1}. The first rule that fits counts. */
final class AuditPolicy {
    private static final int RULES_MAX = 10_000;

    private static final ConfigShape.Fields SHAPE = ConfigShape.document()
            .field("metadata", ConfigShape.Value.OBJECT)
            .lists("omitStages")
            .flags("omitManagedFields")
            .list(
                    "rules",
                    ConfigShape.object()
                            .texts("level")
                            .lists("users", "userGroups", "verbs", "namespaces", "nonResourceURLs", "omitStages")
                            .flags("omitManagedFields")
                            .list(
                                    "resources",
                                    ConfigShape.object().texts("group").lists("resources", "resourceNames")));

    private final List<AuditRule> rules;
    private final Set<Stage> omitted;
    private final boolean omitManagedFields;

    /**
     * What is wanted about a request.
     *
     * @param omitted stages at which nothing is
     */
    record Wanted(Level level, Set<Stage> omitted, boolean omitManagedFields) {
        private static final Wanted NOTHING = new Wanted(Level.NONE, Set.of(), false);
    }

    private AuditPolicy(List<AuditRule> rules, Set<Stage> omitted, boolean omitManagedFields) {
        this.rules = List.copyOf(rules);
        this.omitted = Set.copyOf(omitted);
        this.omitManagedFields = omitManagedFields;
    }

    /** @throws IOException naming the file and what is wrong with it */
    static AuditPolicy read(Path file) throws IOException {
        ObjectNode document = ConfigFile.read(file);
        try {
            return parse(document);
        } catch (IOException e) {
            throw new IOException(e.getMessage() + ": from file " + file, e);
        }
    }

    /** @throws IOException with all that is wrong with it */
    static AuditPolicy parse(ObjectNode document) throws IOException {
        if (!ObjectMeta.apiVersion(document).equals("audit.k8s.io/v1")
                || !ObjectMeta.kind(document).equals("Policy")) {
            throw new IOException("unknown group version field " + ObjectMeta.apiVersion(document) + ", Kind="
                    + ObjectMeta.kind(document) + " in policy");
        }
        SHAPE.require(document);
        FieldErrors errors = new FieldErrors();
        Set<Stage> omitted = stages(document.path("omitStages"), FieldPath.of("omitStages"), errors);
        List<AuditRule> rules = new ArrayList<>();
        for (JsonNode rule : document.path("rules")) {
            if (rules.size() == RULES_MAX) {
                throw new IOException("rules: Too many: must have at most " + RULES_MAX + " items");
            }
            rules.add(rule(rule, FieldPath.of("rules").index(rules.size()), errors));
        }
        if (!errors.isEmpty()) {
            List<FieldError> all = errors.list();
            throw new IOException(
                    all.size() == 1
                            ? all.getFirst().toString()
                            : all.stream().map(FieldError::toString).collect(Collectors.joining(", ", "[", "]")));
        }
        if (rules.isEmpty()) {
            throw new IOException("loaded illegal policy with 0 rules");
        }
        return new AuditPolicy(
                rules, omitted, document.path("omitManagedFields").asBoolean());
    }

    private static AuditRule rule(JsonNode rule, FieldPath path, FieldErrors errors) {
        String text = rule.path("level").asText("");
        Level level = Level.of(text);
        if (text.isEmpty()) {
            errors.required(path.child("level"), "");
        } else if (level == null) {
            errors.notSupported(path.child("level"), text, Level.TEXTS);
        }
        List<String> urls = texts(rule.path("nonResourceURLs"));
        checkUrls(urls, path.child("nonResourceURLs"), errors);
        List<AuditRule.Resources> resources = new ArrayList<>();
        for (JsonNode some : rule.path("resources")) {
            resources.add(resources(some, path.child("resources"), errors));
        }
        Set<Stage> omitted = stages(rule.path("omitStages"), path.child("omitStages"), errors);
        Set<String> namespaces = set(rule.path("namespaces"));
        if (!urls.isEmpty() && (!resources.isEmpty() || !namespaces.isEmpty())) {
            errors.invalid(
                    path.child("nonResourceURLs"),
                    rule.path("nonResourceURLs"),
                    "rules cannot apply to both regular resources and non-resource URLs");
        }
        JsonNode managed = rule.path("omitManagedFields");
        return new AuditRule(
                level == null ? Level.NONE : level,
                set(rule.path("users")),
                set(rule.path("userGroups")),
                set(rule.path("verbs")),
                resources,
                namespaces,
                urls,
                omitted,
                managed.isBoolean() ? managed.booleanValue() : null);
    }

    private static void checkUrls(List<String> urls, FieldPath path, FieldErrors errors) {
        for (int i = 0; i < urls.size(); i++) {
            String url = urls.get(i);
            if (url.equals("*")) {
                continue;
            }
            if (!url.startsWith("/")) {
                errors.invalid(path.index(i), url, "non-resource URL rules must begin with a '/' character");
            }
            int star = url.indexOf('*');
            if (star >= 0 && star < url.length() - 1) {
                errors.invalid(
                        path.index(i), url, "non-resource URL wildcards '*' must be the final character of the rule");
            }
        }
    }

    private static AuditRule.Resources resources(JsonNode some, FieldPath path, FieldErrors errors) {
        String group = some.path("group").asText("");
        if (!group.isEmpty()) {
            List<String> wrong = Names.dnsSubdomain(group);
            if (!wrong.isEmpty()) {
                errors.invalid(path.child("group"), group, String.join(",", wrong));
            }
        }
        List<String> resources = texts(some.path("resources"));
        Set<String> names = set(some.path("resourceNames"));
        if (!names.isEmpty() && resources.isEmpty()) {
            errors.invalid(
                    path.child("resourceNames"),
                    some.path("resourceNames"),
                    "using resourceNames requires at least one resource");
        }
        return new AuditRule.Resources(group, resources, names);
    }

    private static Set<Stage> stages(JsonNode list, FieldPath path, FieldErrors errors) {
        Set<Stage> stages = EnumSet.noneOf(Stage.class);
        List<String> texts = texts(list);
        for (int i = 0; i < texts.size(); i++) {
            Stage stage = Stage.of(texts.get(i));
            if (stage == null) {
                errors.invalid(path.index(i), texts.get(i), "allowed stages are " + String.join(",", Stage.TEXTS));
            } else {
                stages.add(stage);
            }
        }
        return stages;
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(text -> texts.add(text.asText("")));
        return texts;
    }

    private static Set<String> set(JsonNode list) {
        return new HashSet<>(texts(list));
    }

    /** @param user null if it is not known who asks */
    Wanted wanted(RequestInfo info, @Nullable UserInfo user) {
        for (AuditRule rule : rules) {
            if (rule.matches(info, user)) {
                Boolean managed = rule.omitManagedFields();
                return rule.level() == Level.NONE
                        ? Wanted.NOTHING
                        : new Wanted(rule.level(), both(rule.omitted()), managed == null ? omitManagedFields : managed);
            }
        }
        return Wanted.NOTHING;
    }

    private Set<Stage> both(Set<Stage> more) {
        if (omitted.isEmpty() || more.isEmpty()) {
            return omitted.isEmpty() ? more : omitted;
        }
        Set<Stage> all = new HashSet<>(omitted);
        all.addAll(more);
        return all;
    }
}
