package io.keelson.agent.policy;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.SelectorText;
import io.keelson.controllers.objects.Selectors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Pods that a policy speaks of as others: those that a selector selects, in one namespace or in those that a selector selects.
 * Two are equal if they say the same, so policies that say the same share one set of addresses.
 */
final class PodPeer {
    private final String namespace;
    private final @Nullable Predicate<Map<String, String>> namespaces;
    private final Predicate<Map<String, String>> pods;
    private final String text;
    private final String label;
    private final String set4;
    private final String set6;

    private PodPeer(
            String namespace,
            @Nullable Predicate<Map<String, String>> namespaces,
            Predicate<Map<String, String>> pods,
            String text,
            String label) {
        this.namespace = namespace;
        this.namespaces = namespaces;
        this.pods = pods;
        this.text = text;
        this.label = label;
        set4 = TableNames.set(text, false);
        set6 = TableNames.set(text, true);
    }

    /** The name of the set of their addresses. */
    String set(boolean isV6) {
        return isV6 ? set6 : set4;
    }

    /**
     * Pods as a peer of a policy says them.
     *
     * @param own the policy's namespace
     * @param namespaces null for the policy's own one
     * @param pods null for all
     * @throws IllegalArgumentException if a selector has an operator that is none, or wants values
     */
    static PodPeer of(String own, @Nullable LabelSelector namespaces, @Nullable LabelSelector pods) {
        LabelSelector selected = pods == null ? new LabelSelector() : pods;
        String podText = SelectorText.of(selected);
        return namespaces == null
                ? new PodPeer(own, null, Selectors.of(selected), own + ' ' + podText, label(selected) + " in " + own)
                : new PodPeer(
                        "",
                        Selectors.of(namespaces),
                        Selectors.of(selected),
                        SelectorText.of(namespaces) + ' ' + podText,
                        label(selected) + " in namespaces of " + label(namespaces));
    }

    private static String label(LabelSelector selector) {
        List<String> terms = new ArrayList<>();
        new TreeMap<>(OrEmpty.of(selector.getMatchLabels())).forEach((key, value) -> terms.add(key + ": " + value));
        for (LabelSelectorRequirement term : OrEmpty.of(selector.getMatchExpressions())) {
            terms.add(term.getKey() + ' ' + term.getOperator() + ' ' + OrEmpty.of(term.getValues()));
        }
        return terms.isEmpty() ? "all" : String.join(", ", terms);
    }

    /** What it says, as short as people can read it. */
    String label() {
        return label;
    }

    /** Whether pods of a namespace with these labels may be among them. */
    boolean isOf(String name, Map<String, String> labels) {
        return namespaces == null ? namespace.equals(name) : namespaces.test(labels);
    }

    /** Whether it depends on labels of namespaces. */
    boolean selectsNamespaces() {
        return namespaces != null;
    }

    /** Whether a pod with these labels is among them if its namespace is right. */
    boolean selects(Map<String, String> labels) {
        return pods.test(labels);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PodPeer peer && text.equals(peer.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /** All that it says. */
    @Override
    public String toString() {
        return text;
    }
}
