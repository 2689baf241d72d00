package io.keelson.apiserver.admission.policy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.rules.Rule;
import io.keelson.apiserver.cel.CelExpressionException;
import io.keelson.apiserver.cel.admission.AdmissionExpressions;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.resource.GroupKind;
import io.keelson.apiserver.resource.GroupVersionKind;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.ServedVersion;
import io.keelson.apiserver.schema.Schema;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Looks whether the expressions of a ValidatingAdmissionPolicy fit the kinds that it is for, as far as its constraints name
 * them: rules with {@code *} for a group or version say nothing, nor do subresources. What does not fit is only a warning, for
 * the author: the policy works on whatever it is shown.
 */
public final class TypeChecking {
    /** How many kinds of one rule are looked at. */
    private static final int KINDS_MAX = 10;

    private static final Comparator<GroupVersionKind> ORDER = Comparator.comparing(GroupVersionKind::group)
            .thenComparing(GroupVersionKind::version)
            .thenComparing(GroupVersionKind::kind);

    private final Collection<Resource> served;

    /** @param served all kinds there are */
    public TypeChecking(Collection<Resource> served) {
        this.served = served;
    }

    /** What does not fit: {@code [{"fieldRef": "spec.validations[0].expression", "warning": …}]}. */
    public ArrayNode warnings(ObjectNode policy) {
        ArrayNode warnings = Json.array();
        Map<GroupVersionKind, AdmissionExpressions> byKind = new TreeMap<>(ORDER);
        Schema params = params(policy);
        kinds(policy).forEach((kind, schema) -> byKind.put(kind, expressions(policy, schema, params)));
        JsonNode validations = policy.path("spec").path("validations");
        for (int i = 0; i < validations.size(); i++) {
            String place = "spec.validations[" + i + "].";
            check(validations.get(i), "expression", place, byKind, warnings);
            if (!validations.get(i).path("messageExpression").asText("").isEmpty()) {
                check(validations.get(i), "messageExpression", place, byKind, warnings);
            }
        }
        return warnings;
    }

    private static void check(
            JsonNode validation,
            String field,
            String place,
            Map<GroupVersionKind, AdmissionExpressions> byKind,
            ArrayNode warnings) {
        String text = validation.path(field).asText("");
        List<String> issues = new ArrayList<>();
        byKind.forEach((kind, expressions) ->
                expressions.issues(text).ifPresent(issue -> issues.add(kind + ": " + issue + "\n")));
        if (!issues.isEmpty()) {
            warnings.addObject().put("fieldRef", place + field).put("warning", String.join("\n", issues));
        }
    }

    private static AdmissionExpressions expressions(ObjectNode policy, Schema object, @Nullable Schema params) {
        JsonNode variables = policy.path("spec").path("variables");
        AdmissionExpressions expressions = AdmissionExpressions.typed(object, params, !variables.isEmpty());
        for (JsonNode variable : variables) {
            try {
                var _ = expressions.variable(
                        variable.path("name").asText(""),
                        variable.path("expression").asText(""));
            } catch (CelExpressionException e) {
                // It is of any type for those that name it. Only validations are reported on.
            }
        }
        return expressions;
    }

    private @Nullable Schema params(ObjectNode policy) {
        ParamKind kind = ParamKind.of(policy.path("spec").path("paramKind"));
        if (kind == null) {
            return null;
        }
        try {
            GroupVersionKind wanted = kind.versioned();
            for (Resource resource : served) {
                ServedVersion version = resource.version(wanted.version());
                if (version != null && resource.kind().equals(wanted.groupKind())) {
                    return version.schema();
                }
            }
        } catch (ApiException e) {
            // A version that is none has no kinds.
        }
        return null;
    }

    private Map<GroupVersionKind, Schema> kinds(ObjectNode policy) {
        Map<GroupVersionKind, Schema> kinds = new TreeMap<>(ORDER);
        for (Rule rule : Rule.all(policy.path("spec").path("matchConstraints").path("resourceRules"))) {
            if (!rule.groups().contains("*") && !rule.versions().contains("*") && !add(rule, kinds)) {
                return kinds;
            }
        }
        return kinds;
    }

    /** Adds the kinds of a rule; false if there are too many. */
    private boolean add(Rule rule, Map<GroupVersionKind, Schema> kinds) {
        int count = 0;
        for (String group : sorted(rule.groups())) {
            for (String version : sorted(rule.versions())) {
                for (String name : sorted(rule.resources())) {
                    for (Resource resource : served) {
                        ServedVersion found = isNamed(resource, group, name) ? resource.version(version) : null;
                        if (found != null) {
                            GroupKind kind = resource.kind();
                            kinds.put(new GroupVersionKind(kind.group(), version, kind.kind()), found.schema());
                            count++;
                            if (count == KINDS_MAX) {
                                return false;
                            }
                        }
                    }
                }
            }
        }
        return true;
    }

    private static List<String> sorted(List<String> texts) {
        return texts.stream().sorted().toList();
    }

    /** The core group has no name, and so finds resources of that name in every group. */
    private static boolean isNamed(Resource resource, String group, String name) {
        return resource.name().resource().equals(name)
                && (group.isEmpty() || resource.name().group().equals(group));
    }
}
