package io.keelson.controllers.objects;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.controllers.runtime.Cache;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds the pods of a namespace that a selector selects by an index of their labels, without looking at the other pods.
 */
public final class PodSelection {
    private static final String INDEX = "namespace-and-label";

    private final Cache<Pod> pods;

    /** Looks into a cache, which has not started yet. */
    public PodSelection(Cache<Pod> pods) {
        this.pods = pods;
        pods.index(INDEX, PodSelection::values);
    }

    private static List<String> values(Pod pod) {
        List<String> values = new ArrayList<>();
        OrEmpty.of(pod.getMetadata().getLabels())
                .forEach((key, value) -> values.add(value(pod.getMetadata().getNamespace(), key, value)));
        return values;
    }

    private static String value(String namespace, String key, @Nullable String value) {
        // Neither sign is part of a namespace's name or of a label.
        return namespace + '|' + key + '=' + value;
    }

    /**
     * The pods that a selector selects, in no certain order. No selector selects none, an empty one all of the
     * namespace.
     *
     * @throws IllegalArgumentException if an operator is not known or has no values and needs some
     */
    public List<Pod> of(String namespace, @Nullable LabelSelector selector) {
        Predicate<Map<String, String>> selected = Selectors.of(selector);
        if (selector == null) {
            return List.of();
        }
        return candidates(namespace, selector).stream()
                .filter(pod -> selected.test(OrEmpty.of(pod.getMetadata().getLabels())))
                .toList();
    }

    private List<Pod> candidates(String namespace, LabelSelector selector) {
        List<Pod> fewest = null;
        for (Map.Entry<String, String> label :
                OrEmpty.of(selector.getMatchLabels()).entrySet()) {
            List<Pod> found = pods.indexed(INDEX, value(namespace, label.getKey(), label.getValue()));
            if (fewest == null || found.size() < fewest.size()) {
                fewest = found;
            }
        }
        return fewest == null ? pods.in(namespace) : fewest;
    }
}
