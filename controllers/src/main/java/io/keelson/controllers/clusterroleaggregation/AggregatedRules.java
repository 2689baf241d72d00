package io.keelson.controllers.clusterroleaggregation;

import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.keelson.controllers.objects.OrEmpty;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The rules of a role that is made of others. */
final class AggregatedRules {
    private AggregatedRules() {}

    /**
     * All rules of the others, each once.
     *
     * @param selected for each selector of the role, in order, those that it selects; the role itself is left out
     */
    static List<PolicyRule> of(ClusterRole role, List<? extends Collection<ClusterRole>> selected) {
        Set<PolicyRule> rules = new LinkedHashSet<>();
        String own = role.getMetadata().getName();
        for (Collection<ClusterRole> others : selected) {
            others.stream()
                    .filter(other -> !other.getMetadata().getName().equals(own))
                    // In an order that is the same each time, so that nothing is written when nothing changed.
                    .sorted(Comparator.comparing(other -> other.getMetadata().getName()))
                    .forEach(other -> rules.addAll(OrEmpty.of(other.getRules())));
        }
        return new ArrayList<>(rules);
    }
}
