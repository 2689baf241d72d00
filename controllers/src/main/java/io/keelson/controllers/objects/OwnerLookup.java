package io.keelson.controllers.objects;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Key;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which owners of a kind something concerns: the one that controls it, or, if nobody does, those that select it and could
 * adopt it.
 *
 * @param <O> the kind of the owners
 */
public final class OwnerLookup<O extends HasMetadata> {
    private final String kind;
    private final Cache<O> owners;
    private final Function<O, @Nullable LabelSelector> selector;

    /**
     * Looks owners up.
     *
     * @param kind as references name it
     * @param selector whom an owner selects; null for nobody
     */
    public OwnerLookup(String kind, Cache<O> owners, Function<O, @Nullable LabelSelector> selector) {
        this.kind = kind;
        this.owners = owners;
        this.selector = selector;
    }

    /** The owner of the kind that controls an object, by name and uid; null if there is none in the cache. */
    public @Nullable O controllerOf(HasMetadata object) {
        OwnerReference reference = Owners.controllerOf(object);
        if (reference == null || !kind.equals(reference.getKind())) {
            return null;
        }
        O owner = owners.get(OrEmpty.of(object.getMetadata().getNamespace()), reference.getName());
        return owner != null && owner.getMetadata().getUid().equals(reference.getUid()) ? owner : null;
    }

    /** The key of {@link #controllerOf}. */
    public @Nullable Key keyOf(HasMetadata object) {
        O owner = controllerOf(object);
        return owner == null ? null : Key.of(owner);
    }

    /** The keys of the owners that a change concerns. */
    public <T extends HasMetadata> Collection<Key> concerned(Change<T> change) {
        Set<Key> keys = new LinkedHashSet<>();
        T before = change.before();
        T now = change.now();
        addOwner(keys, before);
        addOwner(keys, now);
        if (now != null && mayBeAdoptedNow(before, now)) {
            addSelecting(keys, now);
        }
        return keys;
    }

    private void addOwner(Set<Key> keys, @Nullable HasMetadata object) {
        Key key = object == null ? null : keyOf(object);
        if (key != null) {
            keys.add(key);
        }
    }

    private static boolean mayBeAdoptedNow(@Nullable HasMetadata before, HasMetadata now) {
        return Owners.controllerOf(now) == null
                && now.getMetadata().getDeletionTimestamp() == null
                && (before == null
                        || Owners.controllerOf(before) != null
                        || !labels(before).equals(labels(now)));
    }

    private void addSelecting(Set<Key> keys, HasMetadata object) {
        for (O owner : owners.in(OrEmpty.of(object.getMetadata().getNamespace()))) {
            if (selects(owner, labels(object))) {
                keys.add(Key.of(owner));
            }
        }
    }

    private boolean selects(O owner, Map<String, String> labels) {
        try {
            return Selectors.of(selector.apply(owner)).test(labels);
        } catch (IllegalArgumentException e) {
            // A selector that cannot be read selects nothing.
            return false;
        }
    }

    private static Map<String, String> labels(HasMetadata object) {
        return OrEmpty.of(object.getMetadata().getLabels());
    }
}
