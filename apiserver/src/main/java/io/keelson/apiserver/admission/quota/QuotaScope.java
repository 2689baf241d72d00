package io.keelson.apiserver.admission.quota;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * One of the conditions by which a quota picks the objects it is about.
 *
 * @param name {@code BestEffort} and the like
 * @param operator {@code Exists}, {@code DoesNotExist}, {@code In} or {@code NotIn}
 */
record QuotaScope(String name, String operator, Set<String> values) {
    /** All conditions of a quota, which have to hold together. */
    static List<QuotaScope> of(JsonNode quota) {
        List<QuotaScope> scopes = new ArrayList<>();
        quota.path("spec")
                .path("scopes")
                .forEach(name -> scopes.add(new QuotaScope(name.asText(), "Exists", Set.of())));
        for (JsonNode expression : quota.path("spec").path("scopeSelector").path("matchExpressions")) {
            Set<String> values = new HashSet<>();
            expression.path("values").forEach(value -> values.add(value.asText()));
            scopes.add(new QuotaScope(
                    expression.path("scopeName").asText(),
                    expression.path("operator").asText(),
                    values));
        }
        return scopes;
    }

    /** Whether an object that goes by these names, or by none, is picked. */
    boolean picks(Collection<String> names) {
        return switch (operator) {
            case "Exists" -> !names.isEmpty();
            case "DoesNotExist" -> names.isEmpty();
            case "In" -> names.stream().anyMatch(values::contains);
            case "NotIn" -> names.isEmpty() || names.stream().anyMatch(one -> !values.contains(one));
            default -> false;
        };
    }
}
