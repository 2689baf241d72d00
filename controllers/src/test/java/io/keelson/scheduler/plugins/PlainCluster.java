package io.keelson.scheduler.plugins;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodAffinityTerm;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Nodes, pods and namespaces as the API has them; nothing is counted ahead. */
final class PlainCluster {
    final Map<String, Node> nodes = new LinkedHashMap<>();
    final Map<String, Placed> pods = new LinkedHashMap<>();
    final Map<String, Map<String, String>> namespaces = new HashMap<>();

    /** A pod and the name of its node, which need not be known. */
    record Placed(Pod pod, String node) {}

    List<Pod> on(Node node) {
        List<Pod> found = new ArrayList<>();
        for (Placed placed : pods.values()) {
            if (placed.node().equals(node.getMetadata().getName())) {
                found.add(placed.pod());
            }
        }
        return found;
    }

    static Map<String, String> labels(Pod pod) {
        return or(pod.getMetadata().getLabels(), Map.of());
    }

    static Map<String, String> labels(Node node) {
        return or(node.getMetadata().getLabels(), Map.of());
    }

    static <T> T or(@Nullable T value, T otherwise) {
        return value == null ? otherwise : value;
    }

    static boolean near(Node one, Node other, String key) {
        return labels(one).containsKey(key)
                && Objects.equals(labels(one).get(key), labels(other).get(key));
    }

    static boolean selects(@Nullable LabelSelector selector, Map<String, String> labels) {
        if (selector == null) {
            return false;
        }
        for (Map.Entry<String, String> each :
                or(selector.getMatchLabels(), Map.<String, String>of()).entrySet()) {
            if (!each.getValue().equals(labels.get(each.getKey()))) {
                return false;
            }
        }
        for (LabelSelectorRequirement each : or(selector.getMatchExpressions(), List.<LabelSelectorRequirement>of())) {
            String value = labels.get(each.getKey());
            boolean listed = value != null && each.getValues().contains(value);
            boolean holds = switch (each.getOperator()) {
                case "In" -> listed;
                case "NotIn" -> !listed;
                case "Exists" -> value != null;
                default -> value == null;
            };
            if (!holds) {
                return false;
            }
        }
        return true;
    }

    static boolean isSame(String key, Pod one, Pod other) {
        return Objects.equals(labels(one).get(key), labels(other).get(key));
    }

    /** Whether a term that one pod has means another. */
    boolean means(Pod owner, PodAffinityTerm term, Pod other) {
        String namespace = other.getMetadata().getNamespace();
        List<String> named = or(term.getNamespaces(), List.of());
        boolean there = (named.isEmpty() && term.getNamespaceSelector() == null)
                ? namespace.equals(owner.getMetadata().getNamespace())
                : named.contains(namespace)
                        || selects(term.getNamespaceSelector(), namespaces.getOrDefault(namespace, Map.of()));
        if (!there || !selects(term.getLabelSelector(), labels(other))) {
            return false;
        }
        for (String key : or(term.getMatchLabelKeys(), List.<String>of())) {
            if (labels(owner).containsKey(key) && !isSame(key, owner, other)) {
                return false;
            }
        }
        for (String key : or(term.getMismatchLabelKeys(), List.<String>of())) {
            if (labels(owner).containsKey(key) && isSame(key, owner, other)) {
                return false;
            }
        }
        return true;
    }
}
