package io.keelson.controllers.replicaset;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.controllers.objects.ExpectedPods;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Owners;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.objects.SelectorIndex;
import io.keelson.controllers.objects.Selectors;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Expectations;
import io.keelson.controllers.runtime.Key;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which owners a change of a pod concerns: the one that controls it or did so before; if nobody does, those that may adopt
 * it. Says on the way to the expectations what it sees.
 *
 * <p>Expectations are kept by the owner's uid, not by its name: what an owner expected must not hold up another one that has
 * its name by now.
 */
final class PodWatch<T extends HasMetadata> {
    static final String BY_SELECTOR = "owners of pods by selector";

    private final ReplicatedKind<T> kind;
    private final Cache<T> owners;
    private final Expectations expectations;

    PodWatch(ReplicatedKind<T> kind, Cache<T> owners, Expectations expectations) {
        this.kind = kind;
        this.owners = owners;
        this.expectations = expectations;
        owners.index(
                BY_SELECTOR,
                owner -> SelectorIndex.ofSelector(owner.getMetadata().getNamespace(), kind.selector(owner)));
    }

    /** Under what an owner's expectations are kept. */
    static Key expecting(@Nullable String namespace, String uid) {
        return Key.of(namespace, uid);
    }

    Collection<Key> changed(Change<Pod> change) {
        Pod before = change.before();
        Pod now = change.now();
        Set<Key> keys = new LinkedHashSet<>();
        if (before != null) {
            add(keys, before, owner(before));
        }
        if (now != null) {
            add(keys, now, owner(now));
        }
        ExpectedPods.seen(expectations, change, this::expecting);
        if (now != null && Owners.controllerOf(now) == null && mayBeAdopted(before, now)) {
            addAdopters(keys, now);
        }
        return keys;
    }

    private @Nullable OwnerReference owner(Pod pod) {
        OwnerReference owner = Owners.controllerOf(pod);
        return owner != null && kind.name().equals(owner.getKind()) ? owner : null;
    }

    private static void add(Set<Key> keys, Pod pod, @Nullable OwnerReference owner) {
        if (owner != null) {
            keys.add(Key.of(pod.getMetadata().getNamespace(), owner.getName()));
        }
    }

    private @Nullable Key expecting(Pod pod) {
        OwnerReference owner = owner(pod);
        return owner == null ? null : expecting(pod.getMetadata().getNamespace(), owner.getUid());
    }

    private static boolean mayBeAdopted(@Nullable Pod before, Pod now) {
        return Pods.isActive(now)
                && (before == null
                        || Owners.controllerOf(before) != null
                        || !OrEmpty.of(before.getMetadata().getLabels())
                                .equals(OrEmpty.of(now.getMetadata().getLabels())));
    }

    private void addAdopters(Set<Key> keys, Pod pod) {
        Map<String, String> labels = OrEmpty.of(pod.getMetadata().getLabels());
        for (String value : SelectorIndex.ofLabels(pod.getMetadata().getNamespace(), labels)) {
            for (T owner : owners.indexed(BY_SELECTOR, value)) {
                if (selects(owner, labels)) {
                    keys.add(Key.of(owner));
                }
            }
        }
    }

    private boolean selects(T owner, Map<String, String> labels) {
        try {
            return Selectors.of(kind.selector(owner)).test(labels);
        } catch (IllegalArgumentException e) {
            // A selector that is none selects nothing; its owner's reconcile says so.
            return false;
        }
    }
}
