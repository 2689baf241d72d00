package io.keelson.scheduler.config;

import io.fabric8.kubernetes.api.model.NodeAffinity;
import io.fabric8.kubernetes.api.model.NodeSelector;
import io.fabric8.kubernetes.api.model.NodeSelectorRequirement;
import io.fabric8.kubernetes.api.model.NodeSelectorTerm;
import io.fabric8.kubernetes.api.model.PreferredSchedulingTerm;
import io.keelson.controllers.objects.OrEmpty;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code NodeAffinityArgs}.
 *
 * @param addedAffinity what all pods of the profile ask of nodes besides what they say themselves; null for nothing
 */
public record NodeAffinityArguments(@Nullable NodeAffinity addedAffinity) implements PluginArguments.Form {
    private static final Set<String> OPERATORS = Set.of("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt");
    private static final int WEIGHT_MAX = 100;

    /** What counts if nothing is said. */
    public static final NodeAffinityArguments DEFAULT = new NodeAffinityArguments(null);

    @Override
    public void check(String path) {
        NodeAffinity added = addedAffinity;
        if (added == null) {
            return;
        }
        String at = path + ".addedAffinity";
        known(at, added.getAdditionalProperties());
        NodeSelector required = added.getRequiredDuringSchedulingIgnoredDuringExecution();
        if (required != null) {
            String where = at + ".requiredDuringSchedulingIgnoredDuringExecution";
            known(where, required.getAdditionalProperties());
            List<NodeSelectorTerm> terms = OrEmpty.of(required.getNodeSelectorTerms());
            if (terms.isEmpty()) {
                throw Refused.required(where + ".nodeSelectorTerms", "must have at least one node selector term");
            }
            for (int i = 0; i < terms.size(); i++) {
                term(where + ".nodeSelectorTerms[" + i + ']', terms.get(i));
            }
        }
        List<PreferredSchedulingTerm> preferred =
                OrEmpty.of(added.getPreferredDuringSchedulingIgnoredDuringExecution());
        for (int i = 0; i < preferred.size(); i++) {
            PreferredSchedulingTerm each = preferred.get(i);
            String where = at + ".preferredDuringSchedulingIgnoredDuringExecution[" + i + ']';
            known(where, each.getAdditionalProperties());
            Refused.requireRange(where + ".weight", OrEmpty.of(each.getWeight()), 1, WEIGHT_MAX);
            if (each.getPreference() == null) {
                throw Refused.required(where + ".preference", "");
            }
            term(where + ".preference", each.getPreference());
        }
    }

    private static void term(String path, NodeSelectorTerm term) {
        known(path, term.getAdditionalProperties());
        requirements(path + ".matchExpressions", OrEmpty.of(term.getMatchExpressions()));
        requirements(path + ".matchFields", OrEmpty.of(term.getMatchFields()));
    }

    private static void requirements(String path, List<NodeSelectorRequirement> requirements) {
        for (int i = 0; i < requirements.size(); i++) {
            NodeSelectorRequirement each = requirements.get(i);
            String at = path + '[' + i + ']';
            known(at, each.getAdditionalProperties());
            String key = OrEmpty.of(each.getKey());
            if (!Names.isQualified(key)) {
                throw Refused.invalid(at + ".key", key, "is no qualified name");
            }
            String operator = OrEmpty.of(each.getOperator());
            if (!OPERATORS.contains(operator)) {
                throw Refused.unsupported(at + ".operator", operator, OPERATORS);
            }
            int values = OrEmpty.of(each.getValues()).size();
            boolean fits = switch (operator) {
                case "In", "NotIn" -> values > 0;
                case "Exists", "DoesNotExist" -> values == 0;
                default -> values == 1;
            };
            if (!fits) {
                throw Refused.invalid(at + ".values", values, "is no number of values for operator " + operator);
            }
        }
    }

    static void known(String path, Map<String, Object> others) {
        if (!others.isEmpty()) {
            throw new IllegalArgumentException("strict decoding error: unknown field \"" + path + '.'
                    + others.keySet().iterator().next() + "\"");
        }
    }
}
