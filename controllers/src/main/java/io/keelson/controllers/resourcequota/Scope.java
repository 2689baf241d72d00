package io.keelson.controllers.resourcequota;

import io.fabric8.kubernetes.api.model.ResourceQuotaSpec;
import io.fabric8.kubernetes.api.model.ScopedResourceSelectorRequirement;
import io.keelson.controllers.objects.OrEmpty;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * One of the conditions by which a quota picks the objects it is about.
 *
 * @param name {@code BestEffort} and the like
 * @param operator {@code Exists}, {@code DoesNotExist}, {@code In} or {@code NotIn}
 */
record Scope(String name, String operator, Set<String> values) {
    Scope {
        values = Set.copyOf(values);
    }

    /** All conditions of a quota: an object is picked if all hold. */
    static List<Scope> of(ResourceQuotaSpec spec) {
        List<Scope> scopes = new ArrayList<>();
        for (String name : OrEmpty.of(spec.getScopes())) {
            scopes.add(new Scope(name, "Exists", Set.of()));
        }
        if (spec.getScopeSelector() != null) {
            for (ScopedResourceSelectorRequirement one :
                    OrEmpty.of(spec.getScopeSelector().getMatchExpressions())) {
                scopes.add(new Scope(
                        OrEmpty.of(one.getScopeName()),
                        OrEmpty.of(one.getOperator()),
                        Set.copyOf(OrEmpty.of(one.getValues()))));
            }
        }
        return scopes;
    }

    /** Whether an object that goes by these names, or by none, is picked. */
    boolean picks(Collection<String> names) {
        boolean any = names.stream().anyMatch(values::contains);
        return switch (operator) {
            case "Exists" -> !names.isEmpty();
            case "DoesNotExist" -> names.isEmpty();
            case "In" -> any;
            case "NotIn" -> names.isEmpty() || !values.containsAll(names);
            default -> false;
        };
    }
}
