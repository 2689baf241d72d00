package io.keelson.apiserver.cache;

import io.keelson.apiserver.object.GoText;
import io.keelson.apiserver.store.ObjectStore;
import io.keelson.apiserver.store.StoredKey;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Holds a state of a cache against what the store had at the same revision: every key with the revision of its last change.
 * It reads no values, and leaves time for others between one page and the next.
 */
final class ConsistencyCheck {
    private static final int PAGE_KEYS = 1000;
    private static final Duration PAUSE = Duration.ofMillis(20);

    private ConsistencyCheck() {}

    /**
     * The first difference, in words; null if there is none.
     *
     * @param prefix ends with a slash; all that the cache holds is below it, and nothing else
     * @param cached in the order of their keys
     * @param revision that the cache has come to
     */
    static @Nullable String difference(ObjectStore store, String prefix, Iterator<CacheEntry> cached, long revision)
            throws InterruptedException {
        String after = "";
        while (true) {
            List<StoredKey> page = store.keys(prefix, after, PAGE_KEYS, revision);
            for (StoredKey stored : page) {
                String difference = difference(cached.hasNext() ? cached.next() : null, stored);
                if (difference != null) {
                    return difference;
                }
            }
            if (page.size() < PAGE_KEYS) {
                return cached.hasNext() ? surplus(cached.next()) : null;
            }
            after = page.getLast().key();
            Thread.sleep(PAUSE);
        }
    }

    private static @Nullable String difference(@Nullable CacheEntry entry, StoredKey stored) {
        if (entry == null || GoText.compare(entry.key(), stored.key()) > 0) {
            return "the store has " + stored.key() + "@" + stored.revision() + ", and the cache does not";
        }
        if (!entry.key().equals(stored.key())) {
            return surplus(entry);
        }
        return entry.revision() == stored.revision()
                ? null
                : "the cache has " + entry + ", and the store has it at " + stored.revision();
    }

    private static String surplus(CacheEntry entry) {
        return "the cache has " + entry + ", and the store does not";
    }
}
