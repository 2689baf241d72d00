package io.keelson.controllers.objects;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Whom a label selector selects. */
public final class Selectors {
    private Selectors() {}

    /**
     * The labels that a selector selects. None selects nothing, an empty one everything.
     *
     * @throws IllegalArgumentException if an operator is not known or has no values and needs some
     */
    public static Predicate<Map<String, String>> of(@Nullable LabelSelector selector) {
        if (selector == null) {
            return labels -> false;
        }
        Predicate<Map<String, String>> all = of(selector.getMatchLabels());
        for (LabelSelectorRequirement requirement : OrEmpty.of(selector.getMatchExpressions())) {
            all = all.and(of(requirement));
        }
        return all;
    }

    /** The labels that have all these, as the selector of a Service or a ReplicationController. None selects everything. */
    public static Predicate<Map<String, String>> of(@Nullable Map<String, String> wanted) {
        Map<String, String> copy = Map.copyOf(OrEmpty.of(wanted));
        return labels -> labels.entrySet().containsAll(copy.entrySet());
    }

    private static Predicate<Map<String, String>> of(LabelSelectorRequirement requirement) {
        String key = requirement.getKey();
        List<String> values = List.copyOf(OrEmpty.of(requirement.getValues()));
        String operator = OrEmpty.of(requirement.getOperator());
        boolean needsValues = operator.equals("In") || operator.equals("NotIn");
        if (needsValues && values.isEmpty()) {
            throw new IllegalArgumentException("for 'in', 'notin' operators, values set can't be empty");
        }
        return switch (operator) {
            case "In" -> labels -> labels.containsKey(key) && values.contains(labels.get(key));
            case "NotIn" -> labels -> !labels.containsKey(key) || !values.contains(labels.get(key));
            case "Exists" -> labels -> labels.containsKey(key);
            case "DoesNotExist" -> labels -> !labels.containsKey(key);
            default ->
                throw new IllegalArgumentException("\"" + operator + "\" is not a valid label selector operator");
        };
    }
}
