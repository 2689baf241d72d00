package io.keelson.apiserver.authz;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Remembers values for a while, as many as fit: the one not asked for longest goes first. Any thread.
 */
public final class ExpiringCache<K, V> {
    private final int entriesMax;
    private final InstantSource clock;
    private final Map<K, Entry<V>> entries = new LinkedHashMap<>(16, 0.75f, true);

    private record Entry<V>(V value, Instant end) {}

    public ExpiringCache(int entriesMax, InstantSource clock) {
        this.entriesMax = entriesMax;
        this.clock = clock;
    }

    /** Null if it is not there, or not any more. */
    public synchronized @Nullable V get(K key) {
        Entry<V> entry = entries.get(key);
        if (entry == null) {
            return null;
        }
        if (!clock.instant().isBefore(entry.end())) {
            entries.remove(key);
            return null;
        }
        return entry.value();
    }

    /** Remembers a value; with no time to live nothing is remembered. */
    public synchronized void put(K key, V value, Duration life) {
        if (!life.isPositive()) {
            return;
        }
        entries.put(key, new Entry<>(value, clock.instant().plus(life)));
        if (entries.size() > entriesMax) {
            entries.remove(entries.keySet().iterator().next());
        }
    }

    public synchronized void clear() {
        entries.clear();
    }

    public synchronized int size() {
        return entries.size();
    }
}
