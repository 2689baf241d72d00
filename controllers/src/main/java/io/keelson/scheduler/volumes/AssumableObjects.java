package io.keelson.scheduler.volumes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.keelson.controllers.objects.ResourceVersions;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Key;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The objects of a kind as the API told of them last, except for those that were assumed to become something else since.
 * What is told late or twice changes nothing. Owned by the thread that owns the scheduler's state.
 *
 * <p>An example: a volume was told in version 7 and is free. A decision chooses it for a claim: the volume is assumed to name
 * that claim. The decision's write makes it version 8. When the API tells of 8, or of any other version after 7, what was
 * assumed is forgotten: what is told has it, or contradicts it.
 *
 * @param <T> the kind
 */
final class AssumableObjects<T extends HasMetadata> {
    private final Map<Key, T> told = new HashMap<>();
    private final Map<Key, Assumed<T>> assumed = new HashMap<>();
    private final BiConsumer<@Nullable T, @Nullable T> changed;

    /** @param holders who assumes it */
    private record Assumed<T>(T object, Set<Object> holders) {}

    /** @param changed is told what an object was and what it is, be it told or assumed */
    AssumableObjects(BiConsumer<@Nullable T, @Nullable T> changed) {
        this.changed = changed;
    }

    /** The API tells of a change. Whether that is news. */
    boolean tell(Change<T> change) {
        T now = change.now();
        Key key = Key.of(change.object());
        T known = told.get(key);
        if (now == null) {
            if (known == null || !uid(known).equals(uid(change.object()))) {
                return false;
            }
            T before = get(key);
            assumed.remove(key);
            told.remove(key);
            changed.accept(before, null);
            return true;
        }
        if (known != null && (ResourceVersions.isSame(now, known) || ResourceVersions.isOlder(now, known))) {
            return false;
        }
        T before = get(key);
        assumed.remove(key);
        told.put(key, now);
        changed.accept(before, now);
        return true;
    }

    private static String uid(HasMetadata object) {
        return String.valueOf(object.getMetadata().getUid());
    }

    /** An object as it is, or will be; null if it is not there. */
    @Nullable
    T get(Key key) {
        Assumed<T> expected = assumed.get(key);
        return expected == null ? told.get(key) : expected.object();
    }

    /** An object as the API told of it last; null if it is not there. */
    @Nullable
    T told(Key key) {
        return told.get(key);
    }

    /**
     * An object that is there is assumed to become another, for as long as one of those that assume it does; nothing is
     * assumed if it is that already.
     */
    void assume(T object, Object holder) {
        Key key = Key.of(object);
        Assumed<T> expected = assumed.get(key);
        if (expected != null) {
            expected.holders().add(holder);
            return;
        }
        T before = told.get(key);
        if (before == null) {
            throw new IllegalStateException(key + " is not there");
        }
        if (before.equals(object)) {
            return;
        }
        Set<Object> holders = new HashSet<>();
        holders.add(holder);
        assumed.put(key, new Assumed<>(object, holders));
        changed.accept(before, object);
    }

    /** It is not to become another any more, if nobody else assumes it. Whether it has changed by that. */
    boolean leave(Key key, Object holder) {
        Assumed<T> expected = assumed.get(key);
        if (expected == null
                || !expected.holders().remove(holder)
                || !expected.holders().isEmpty()) {
            return false;
        }
        assumed.remove(key);
        changed.accept(expected.object(), told.get(key));
        return true;
    }
}
