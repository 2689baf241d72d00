package io.keelson.controllers.objects;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.keelson.controllers.runtime.Cache;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Brings selectors and labels of a namespace together without trying each selector on each object. A selector is filed under
 * one label that all it selects must have, or under the namespace if it asks for none; an object under each of its labels
 * and the namespace. So what is found is a superset of what is selected: the selector itself has the last word.
 *
 * <p>Worked through: {@code {app: web, tier: front}} in {@code shop} is filed under {@code shop/app=web}. An object with the
 * labels {@code app=web, x=y} looks under {@code shop/}, {@code shop/app=web} and {@code shop/x=y}, and finds it.
 */
public final class SelectorIndex {
    private static final String ORPHANS = "orphans by label";

    private SelectorIndex() {}

    /** Where a selector is filed; nowhere if it is none, for that selects nothing. */
    public static List<String> ofSelector(@Nullable String namespace, @Nullable LabelSelector selector) {
        return selector == null ? List.of() : ofSelector(namespace, selector.getMatchLabels());
    }

    /** Where a selector that asks for labels only is filed. */
    public static List<String> ofSelector(@Nullable String namespace, @Nullable Map<String, String> selector) {
        Map<String, String> labels = new TreeMap<>(OrEmpty.of(selector));
        for (Map.Entry<String, String> first : labels.entrySet()) {
            return List.of(value(namespace, first));
        }
        return List.of(all(namespace));
    }

    /** Where those selectors are filed that may select these labels. */
    public static List<String> ofLabels(@Nullable String namespace, @Nullable Map<String, String> labels) {
        List<String> values = new ArrayList<>();
        values.add(all(namespace));
        for (Map.Entry<String, String> label : OrEmpty.of(labels).entrySet()) {
            values.add(value(namespace, label));
        }
        return values;
    }

    private static String all(@Nullable String namespace) {
        return OrEmpty.of(namespace) + '/';
    }

    private static String value(@Nullable String namespace, Map.Entry<String, String> label) {
        return all(namespace) + label.getKey() + '=' + label.getValue();
    }

    /** Makes it possible to ask a cache for {@link #candidates}. Only before the caches start. */
    public static <T extends HasMetadata> void indexOrphans(Cache<T> cache) {
        cache.index(ORPHANS, SelectorIndex::orphan);
    }

    private static List<String> orphan(HasMetadata object) {
        return Owners.controllerOf(object) == null
                ? ofLabels(
                        object.getMetadata().getNamespace(),
                        object.getMetadata().getLabels())
                : List.of();
    }

    /**
     * What may be an owner's by the rules of {@link Claims}: what it controls, and what nobody controls and its selector may
     * select.
     */
    public static <T extends HasMetadata> List<T> candidates(
            Cache<T> cache, HasMetadata owner, @Nullable LabelSelector selector) {
        List<T> candidates = new ArrayList<>();
        for (T owned : cache.ownedBy(owner.getMetadata().getUid())) {
            if (Owners.isControlledBy(owned, owner)) {
                candidates.add(owned);
            }
        }
        for (String value : ofSelector(owner.getMetadata().getNamespace(), selector)) {
            candidates.addAll(cache.indexed(ORPHANS, value));
        }
        return candidates;
    }
}
