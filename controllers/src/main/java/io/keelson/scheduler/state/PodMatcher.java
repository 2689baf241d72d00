package io.keelson.scheduler.state;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.objects.Selectors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which pods a term of affinity or a spread constraint means: those of some namespaces with some labels. Two that say the
 * same are equal, so that what is counted for one is there for all pods of a Deployment.
 */
public final class PodMatcher {
    /** Stands for no label in {@link #label}; no pod has it. */
    static final Map.Entry<String, String> NO_LABEL = Map.entry("", "");

    private final List<Part> parts;
    private final boolean leavingCount;
    private final int hash;

    private PodMatcher(List<Part> parts, boolean leavingCount) {
        this.parts = List.copyOf(parts);
        this.leavingCount = leavingCount;
        // It is looked up with every pod that comes and goes, and to hash a selector takes longer than to try it.
        this.hash = 31 * this.parts.hashCode() + Boolean.hashCode(leavingCount);
    }

    /** One condition; equal to another that is made of the same. */
    private static final class Part {
        private final Set<String> namespaces;
        private final @Nullable LabelSelector namespaceSelector;
        private final @Nullable LabelSelector podSelector;
        private final Predicate<Map<String, String>> pods;
        private final Predicate<Map<String, String>> namespaceLabels;

        private Part(
                Set<String> namespaces,
                @Nullable LabelSelector namespaceSelector,
                @Nullable LabelSelector podSelector) {
            this.namespaces = Set.copyOf(namespaces);
            this.namespaceSelector = namespaceSelector;
            this.podSelector = podSelector;
            this.pods = Selectors.of(podSelector);
            this.namespaceLabels = Selectors.of(namespaceSelector);
        }

        private boolean matches(PodInfo pod, Map<String, String> labelsOfNamespace) {
            return (namespaces.contains(pod.namespace()) || namespaceLabels.test(labelsOfNamespace))
                    && pods.test(pod.labels());
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Part part
                    && namespaces.equals(part.namespaces)
                    && Objects.equals(namespaceSelector, part.namespaceSelector)
                    && Objects.equals(podSelector, part.podSelector);
        }

        @Override
        public int hashCode() {
            return Objects.hash(namespaces, namespaceSelector, podSelector);
        }
    }

    /**
     * Pods of namespaces.
     *
     * @param namespaces by name
     * @param namespaceSelector or by their labels; null for none, an empty one for all
     * @param podSelector null for no pod
     * @throws IllegalArgumentException if a selector is none
     */
    public static PodMatcher of(
            Set<String> namespaces, @Nullable LabelSelector namespaceSelector, @Nullable LabelSelector podSelector) {
        return new PodMatcher(List.of(new Part(namespaces, namespaceSelector, podSelector)), true);
    }

    /** The pods that both mean. */
    public PodMatcher and(PodMatcher other) {
        List<Part> both = new ArrayList<>(parts);
        both.addAll(other.parts);
        return new PodMatcher(both, leavingCount && other.leavingCount);
    }

    /** The same without the pods that somebody has asked to delete. */
    public PodMatcher withoutLeaving() {
        return new PodMatcher(parts, false);
    }

    /** Whether it means a pod of a namespace with these labels. */
    boolean matches(PodInfo pod, Map<String, String> labelsOfNamespace) {
        if (!leavingCount && Pods.isTerminating(pod.pod())) {
            return false;
        }
        for (Part part : parts) {
            if (!part.matches(pod, labelsOfNamespace)) {
                return false;
            }
        }
        return true;
    }

    /** A label that all pods have which it means, {@link #NO_LABEL} if there is none such. */
    Map.Entry<String, String> label() {
        Map.Entry<String, String> first = NO_LABEL;
        for (Part part : parts) {
            Map<String, String> labels =
                    part.podSelector == null ? Map.of() : OrEmpty.of(part.podSelector.getMatchLabels());
            for (Map.Entry<String, String> label : labels.entrySet()) {
                if (first.equals(NO_LABEL) || label.getKey().compareTo(first.getKey()) < 0) {
                    first = Map.entry(label.getKey(), label.getValue());
                }
            }
        }
        return first;
    }

    /** Whether the labels of namespaces have a say. */
    boolean asksForNamespaceLabels() {
        return parts.stream().anyMatch(part -> part.namespaceSelector != null);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PodMatcher matcher
                && hash == matcher.hash
                && leavingCount == matcher.leavingCount
                && parts.equals(matcher.parts);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
