package io.keelson.controllers.objects;

import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeSelector;
import io.fabric8.kubernetes.api.model.NodeSelectorRequirement;
import io.fabric8.kubernetes.api.model.NodeSelectorTerm;
import io.fabric8.kubernetes.api.model.PodSpec;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which nodes a pod asks for by labels: its {@code nodeSelector} and what its node affinity requires. */
public final class NodeChoice {
    private NodeChoice() {}

    /** Whether a node is one that a pod asks for. */
    public static boolean matches(PodSpec pod, Node node) {
        Map<String, String> labels = OrEmpty.of(node.getMetadata().getLabels());
        if (!labels.entrySet().containsAll(OrEmpty.of(pod.getNodeSelector()).entrySet())) {
            return false;
        }
        Affinity affinity = pod.getAffinity();
        NodeSelector required = affinity == null || affinity.getNodeAffinity() == null
                ? null
                : affinity.getNodeAffinity().getRequiredDuringSchedulingIgnoredDuringExecution();
        return required == null || matches(required, node);
    }

    /** Whether one term at least selects a node; a selector without terms selects none. */
    public static boolean matches(NodeSelector selector, Node node) {
        return OrEmpty.of(selector.getNodeSelectorTerms()).stream().anyMatch(term -> matches(term, node));
    }

    /** Whether all requirements of a term hold; an empty term selects no node. */
    public static boolean matches(NodeSelectorTerm term, Node node) {
        List<NodeSelectorRequirement> labels = OrEmpty.of(term.getMatchExpressions());
        List<NodeSelectorRequirement> fields = OrEmpty.of(term.getMatchFields());
        if (labels.isEmpty() && fields.isEmpty()) {
            return false;
        }
        Map<String, String> nodeLabels = OrEmpty.of(node.getMetadata().getLabels());
        Map<String, String> nodeFields =
                Map.of("metadata.name", node.getMetadata().getName());
        return labels.stream().allMatch(requirement -> holds(requirement, nodeLabels.get(requirement.getKey())))
                && fields.stream().allMatch(requirement -> holds(requirement, nodeFields.get(requirement.getKey())));
    }

    private static boolean holds(NodeSelectorRequirement requirement, @Nullable String value) {
        List<String> values = OrEmpty.of(requirement.getValues());
        return switch (OrEmpty.of(requirement.getOperator())) {
            case "In" -> value != null && values.contains(value);
            case "NotIn" -> value == null || !values.contains(value);
            case "Exists" -> value != null;
            case "DoesNotExist" -> value == null;
            case "Gt" -> value != null && values.size() == 1 && isLess(values.getFirst(), value);
            case "Lt" -> value != null && values.size() == 1 && isLess(value, values.getFirst());
            default -> false;
        };
    }

    private static boolean isLess(String one, String other) {
        try {
            return Long.parseLong(one) < Long.parseLong(other);
        } catch (NumberFormatException e) {
            // What is no number is neither less nor greater.
            return false;
        }
    }
}
