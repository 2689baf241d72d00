package io.keelson.controllers.disruption;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Selectors;
import io.keelson.controllers.runtime.Cache;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Finds the budgets that select a pod. A budget is indexed by one of the labels that it asks for, so that a pod is
 * compared with those only that ask for one it has, and with those that ask for none by its value.
 */
final class SelectingBudgets {
    private static final String INDEX = "namespace-and-selected-label";
    private static final String ANY = "";

    private final Cache<PodDisruptionBudget> budgets;

    SelectingBudgets(Cache<PodDisruptionBudget> budgets) {
        this.budgets = budgets;
        budgets.index(INDEX, SelectingBudgets::values);
    }

    private static List<String> values(PodDisruptionBudget budget) {
        LabelSelector selector =
                budget.getSpec() == null ? null : budget.getSpec().getSelector();
        String namespace = budget.getMetadata().getNamespace();
        Map<String, String> labels = selector == null ? Map.of() : OrEmpty.of(selector.getMatchLabels());
        if (labels.isEmpty()) {
            return List.of(value(namespace, ANY));
        }
        Map.Entry<String, String> first = new TreeMap<>(labels).firstEntry();
        return List.of(value(namespace, first.getKey() + '=' + first.getValue()));
    }

    private static String value(String namespace, String label) {
        return namespace + '|' + label;
    }

    /** The budgets that select a pod, by their names. */
    List<PodDisruptionBudget> of(Pod pod) {
        String namespace = pod.getMetadata().getNamespace();
        Map<String, String> labels = OrEmpty.of(pod.getMetadata().getLabels());
        List<PodDisruptionBudget> found = new ArrayList<>(budgets.indexed(INDEX, value(namespace, ANY)));
        labels.forEach((key, value) -> found.addAll(budgets.indexed(INDEX, value(namespace, key + '=' + value))));
        found.removeIf(budget -> !selects(budget, labels));
        found.sort(Comparator.comparing(budget -> budget.getMetadata().getName()));
        return found;
    }

    private static boolean selects(PodDisruptionBudget budget, Map<String, String> labels) {
        try {
            return budget.getSpec() != null
                    && Selectors.of(budget.getSpec().getSelector()).test(labels);
        } catch (IllegalArgumentException e) {
            // It selects nothing, and says so in its own status.
            return false;
        }
    }
}
