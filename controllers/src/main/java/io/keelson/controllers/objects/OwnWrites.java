package io.keelson.controllers.objects;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Time;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Which of a loop's own writes its cache has not seen yet. A reconcile on a picture older than the loop's last write would
 * decide the same thing once more, and be refused by the API; it does better to wait, as the change is on its way and brings
 * the key again.
 *
 * <p>A version that cannot be compared ({@link ResourceVersions}) counts as seen. What does not come within a minute is given
 * up.
 *
 * <p>Safe for any thread, if no two work on the same key. Holds an entry for each key whose last write is not seen.
 */
public final class OwnWrites {
    /** After how long a reconcile that waits is to look again, whatever the watch brings. */
    public static final Duration GIVEN_UP = Duration.ofMinutes(1);

    private final Time time;
    private final Map<Key, Map<String, Written>> written = new ConcurrentHashMap<>();

    private record Written(String version, boolean created, long nanos) {}

    /** None. */
    public OwnWrites(Time time) {
        this.time = time;
    }

    /** Remembers a change, by what the API answered. */
    public void changed(Key key, HasMetadata answer) {
        remember(key, answer, false);
    }

    /** Remembers that something was created, by what the API answered: until it is in the cache, the cache is behind. */
    public void created(Key key, HasMetadata answer) {
        remember(key, answer, true);
    }

    private void remember(Key key, HasMetadata answer, boolean created) {
        String version = answer.getMetadata().getResourceVersion();
        String uid = answer.getMetadata().getUid();
        if (version != null && uid != null) {
            written.computeIfAbsent(key, ignored -> new HashMap<>())
                    .merge(
                            uid,
                            new Written(version, created, time.nanoTime()),
                            (before, now) -> new Written(now.version(), before.created() || created, now.nanos()));
        }
    }

    /**
     * Whether a picture shows all that was written for a key.
     *
     * @param cached all objects that were written for it, as the cache has them
     */
    public boolean seen(Key key, Collection<? extends HasMetadata> cached) {
        Map<String, Written> open = written.get(key);
        if (open == null) {
            return true;
        }
        long now = time.nanoTime();
        Map<String, HasMetadata> picture = new HashMap<>();
        cached.forEach(object -> picture.put(object.getMetadata().getUid(), object));
        open.entrySet()
                .removeIf(entry -> isSeen(entry.getValue(), picture.get(entry.getKey()))
                        || now - entry.getValue().nanos() >= GIVEN_UP.toNanos());
        if (open.isEmpty()) {
            written.remove(key);
            return true;
        }
        return false;
    }

    private static boolean isSeen(Written write, @Nullable HasMetadata cached) {
        if (cached == null) {
            // One that was there before is gone again; one that was just made is still to come.
            return !write.created();
        }
        return !ResourceVersions.isOlder(ResourceVersions.of(cached), write.version());
    }

    /** Remembers nothing of a key any more: its object is gone. */
    public void forget(Key key) {
        written.remove(key);
    }
}
