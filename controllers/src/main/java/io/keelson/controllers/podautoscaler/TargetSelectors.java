package io.keelson.controllers.podautoscaler;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Selectors;
import io.keelson.controllers.runtime.Key;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Whose pods are whose: what the target of each autoscaler selected last. Any thread. */
final class TargetSelectors {
    private final Map<String, Map<String, Predicate<Map<String, String>>>> byNamespace = new HashMap<>();

    /**
     * Remembers what an autoscaler's target selects, and finds those that have any of its pods.
     *
     * @return the names of autoscalers, sorted, the one that was asked for included, if there are pods
     */
    synchronized List<String> sharing(Key autoscaler, LabelSelector selector, Collection<Pod> pods) {
        Map<String, Predicate<Map<String, String>>> neighbours =
                byNamespace.computeIfAbsent(autoscaler.namespace(), namespace -> new HashMap<>());
        neighbours.put(autoscaler.name(), Selectors.of(selector));
        TreeSet<String> names = new TreeSet<>();
        neighbours.forEach((name, selected) -> {
            if (pods.stream()
                    .anyMatch(pod -> selected.test(OrEmpty.of(pod.getMetadata().getLabels())))) {
                names.add(name);
            }
        });
        return List.copyOf(names);
    }

    /** Autoscalers as messages list them. */
    static String text(String namespace, List<String> names) {
        return names.stream()
                .map(name -> '{' + name + ' ' + namespace + '}')
                .collect(Collectors.joining(" ", "[", "]"));
    }

    /** Forgets an autoscaler that is gone. */
    synchronized void forget(Key autoscaler) {
        byNamespace.computeIfPresent(autoscaler.namespace(), (namespace, neighbours) -> {
            neighbours.remove(autoscaler.name());
            return neighbours.isEmpty() ? null : neighbours;
        });
    }
}
