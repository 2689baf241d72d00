package io.keelson.scheduler.preemption;

import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetStatus;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Selectors;
import io.keelson.scheduler.state.PodInfo;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What disruption budgets allow. Those of any namespace may be among them. */
public final class Budgets {
    private static final Logger LOG = LoggerFactory.getLogger(Budgets.class);

    private final List<Budget> budgets = new ArrayList<>();

    private record Budget(String namespace, Predicate<Map<String, String>> labels, int allowed, Set<String> disrupted) {
        boolean protects(PodInfo pod) {
            return namespace.equals(pod.namespace())
                    && !pod.labels().isEmpty()
                    && labels.test(pod.labels())
                    // Whose disruption was counted already is not counted again.
                    && !disrupted.contains(pod.key().name());
        }
    }

    /** Reads budgets; one whose selector is none protects nobody. */
    public Budgets(Collection<PodDisruptionBudget> objects) {
        for (PodDisruptionBudget object : objects) {
            PodDisruptionBudgetStatus status = object.getStatus();
            if (object.getSpec() == null || isEmpty(object)) {
                continue;
            }
            try {
                budgets.add(read(object, status));
            } catch (IllegalArgumentException e) {
                LOG.warn(
                        "the disruption budget {} protects nobody: {}",
                        object.getMetadata().getName(),
                        e.getMessage());
            }
        }
    }

    private static Budget read(PodDisruptionBudget object, @Nullable PodDisruptionBudgetStatus status) {
        return new Budget(
                object.getMetadata().getNamespace(),
                Selectors.of(object.getSpec().getSelector()),
                status == null ? 0 : OrEmpty.of(status.getDisruptionsAllowed()),
                status == null
                        ? Set.of()
                        : OrEmpty.of(status.getDisruptedPods()).keySet());
    }

    private static boolean isEmpty(PodDisruptionBudget object) {
        var selector = object.getSpec().getSelector();
        return selector == null
                || (OrEmpty.of(selector.getMatchLabels()).isEmpty()
                        && OrEmpty.of(selector.getMatchExpressions()).isEmpty());
    }

    /** The uids of the pods that would be one too many for a budget if all of these went, the first ones being counted first. */
    Set<String> violatedBy(List<PodInfo> pods) {
        if (budgets.isEmpty()) {
            return Set.of();
        }
        int[] left = budgets.stream().mapToInt(Budget::allowed).toArray();
        Set<String> violating = new HashSet<>();
        for (PodInfo pod : pods) {
            for (int i = 0; i < left.length; i++) {
                if (budgets.get(i).protects(pod) && --left[i] < 0) {
                    violating.add(pod.uid());
                }
            }
        }
        return violating;
    }
}
