package io.keelson.apiserver.admission.quota;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * One of the conditions by which a quota picks the objects it is about.
 *
 * @param name {@code BestEffort} and the like
 * @param operator {@code Exists}, {@code DoesNotExist}, {@code In} or {@code NotIn}
 */
public record QuotaScope(String name, String operator, Set<String> values) {
    /** All conditions of a quota, which have to hold together. */
    static List<QuotaScope> of(JsonNode quota) {
        List<QuotaScope> scopes = new ArrayList<>();
        quota.path("spec")
                .path("scopes")
                .forEach(name -> scopes.add(new QuotaScope(name.asText(), "Exists", Set.of())));
        scopes.addAll(ofExpressions(quota.path("spec").path("scopeSelector").path("matchExpressions")));
        return scopes;
    }

    /** As selectors of scopes write them. */
    static List<QuotaScope> ofExpressions(JsonNode expressions) {
        List<QuotaScope> scopes = new ArrayList<>();
        for (JsonNode expression : expressions) {
            Set<String> values = new HashSet<>();
            expression.path("values").forEach(value -> values.add(value.asText()));
            scopes.add(new QuotaScope(
                    expression.path("scopeName").asText(),
                    expression.path("operator").asText(),
                    values));
        }
        return scopes;
    }

    /** The way the original prints it. */
    @Override
    public String toString() {
        return "{" + name + " " + operator + " [" + String.join(" ", new TreeSet<>(values)) + "]}";
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
