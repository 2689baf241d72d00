package io.keelson.controllers.objects;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.keelson.controllers.runtime.Cache;
import java.util.ArrayList;
import java.util.List;

/**
 * What an owner may claim: what it controls, and what nobody controls in its namespace. {@link Claims} says which of these
 * are its own.
 *
 * @param <T> what is claimed
 */
public final class Claimable<T extends HasMetadata> {
    private static final String UNCONTROLLED = "uncontrolled";

    private final Cache<T> cache;

    /** Finds in a cache that has not started yet. */
    public Claimable(Cache<T> cache) {
        this.cache = cache;
        cache.index(
                UNCONTROLLED,
                object -> Owners.controllerOf(object) == null
                        ? List.of(OrEmpty.of(object.getMetadata().getNamespace()))
                        : List.of());
    }

    /** The candidates of an owner, in no certain order. */
    public List<T> by(HasMetadata owner) {
        List<T> candidates = new ArrayList<>();
        for (T object : cache.ownedBy(owner.getMetadata().getUid())) {
            if (Owners.isControlledBy(object, owner)) {
                candidates.add(object);
            }
        }
        candidates.addAll(
                cache.indexed(UNCONTROLLED, OrEmpty.of(owner.getMetadata().getNamespace())));
        return candidates;
    }
}
