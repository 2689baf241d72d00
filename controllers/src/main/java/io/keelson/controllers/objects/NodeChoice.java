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
        return matches(pod, node.getMetadata().getName(), labels(node));
    }

    /** As {@link #matches(PodSpec, Node)}, of a node of this name with these labels. */
    public static boolean matches(PodSpec pod, String name, Map<String, String> labels) {
        if (!labels.entrySet().containsAll(OrEmpty.of(pod.getNodeSelector()).entrySet())) {
            return false;
        }
        Affinity affinity = pod.getAffinity();
        NodeSelector required = affinity == null || affinity.getNodeAffinity() == null
                ? null
                : affinity.getNodeAffinity().getRequiredDuringSchedulingIgnoredDuringExecution();
        return required == null || matches(required, name, labels);
    }

    /** Whether one term at least selects a node; a selector without terms selects none. */
    public static boolean matches(NodeSelector selector, Node node) {
        return matches(selector, node.getMetadata().getName(), labels(node));
    }

    /** As {@link #matches(NodeSelector, Node)}, of a node of this name with these labels. */
    public static boolean matches(NodeSelector selector, String name, Map<String, String> labels) {
        for (NodeSelectorTerm term : OrEmpty.of(selector.getNodeSelectorTerms())) {
            if (matches(term, name, labels)) {
                return true;
            }
        }
        return false;
    }

    /** Whether all requirements of a term hold; an empty term selects no node. */
    public static boolean matches(NodeSelectorTerm term, Node node) {
        return matches(term, node.getMetadata().getName(), labels(node));
    }

    /** As {@link #matches(NodeSelectorTerm, Node)}, of a node of this name with these labels. */
    public static boolean matches(NodeSelectorTerm term, String name, Map<String, String> labels) {
        List<NodeSelectorRequirement> ofLabels = OrEmpty.of(term.getMatchExpressions());
        List<NodeSelectorRequirement> ofFields = OrEmpty.of(term.getMatchFields());
        for (NodeSelectorRequirement requirement : ofLabels) {
            if (!holds(requirement, labels.get(requirement.getKey()))) {
                return false;
            }
        }
        for (NodeSelectorRequirement requirement : ofFields) {
            if (!holds(requirement, "metadata.name".equals(requirement.getKey()) ? name : null)) {
                return false;
            }
        }
        return !ofLabels.isEmpty() || !ofFields.isEmpty();
    }

    private static Map<String, String> labels(Node node) {
        return OrEmpty.of(node.getMetadata().getLabels());
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
