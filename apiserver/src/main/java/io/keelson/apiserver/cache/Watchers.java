package io.keelson.apiserver.cache;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The watches of a cache, found by what they can be interested in: an event looks up its object, its namespace and the
 * fields that somebody selects by, and meets nobody else. Guarded by the cache's lock.
 */
final class Watchers {
    private final Map<WatchScope, List<CacheWatch>> byScope = new HashMap<>();
    /** How many scopes there are for each field: the fields that have to be looked at. */
    private final Map<String, Integer> fields = new HashMap<>();

    /** Written under the lock, read by anybody. */
    private final AtomicInteger count = new AtomicInteger();

    int count() {
        return count.get();
    }

    /** How many are told of any change of an object, whatever its fields. */
    int concerned(String namespace, String key) {
        return count(WatchScope.ALL)
                + (namespace.isEmpty() ? 0 : count(new WatchScope.InNamespace(namespace)))
                + (key.isEmpty() ? 0 : count(new WatchScope.OneObject(key)));
    }

    private int count(WatchScope scope) {
        List<CacheWatch> watches = byScope.get(scope);
        return watches == null ? 0 : watches.size();
    }

    void add(CacheWatch watch) {
        List<CacheWatch> others = byScope.get(watch.scope());
        if (others == null) {
            others = new ArrayList<>();
            byScope.put(watch.scope(), others);
            if (watch.scope() instanceof WatchScope.WithField scope) {
                fields.merge(scope.field(), 1, Integer::sum);
            }
        }
        others.add(watch);
        count.incrementAndGet();
    }

    void remove(CacheWatch watch) {
        List<CacheWatch> others = byScope.get(watch.scope());
        if (others == null || !others.remove(watch)) {
            return;
        }
        count.decrementAndGet();
        if (others.isEmpty()) {
            byScope.remove(watch.scope());
            if (watch.scope() instanceof WatchScope.WithField scope) {
                fields.compute(scope.field(), (field, scopes) -> scopes == null || scopes == 1 ? null : scopes - 1);
            }
        }
    }

    /** Hands an event to every watch whose scope it is in, or was before. */
    void dispatch(CacheEvent event) {
        if (count.get() == 0) {
            return;
        }
        CacheEntry any = event.any();
        offer(WatchScope.ALL, event);
        offer(new WatchScope.OneObject(any.key()), event);
        if (!any.namespace().isEmpty()) {
            offer(new WatchScope.InNamespace(any.namespace()), event);
        }
        for (String field : fields.keySet()) {
            String now = value(event.entry(), field);
            String before = value(event.previous(), field);
            if (!now.isEmpty()) {
                offer(new WatchScope.WithField(field, now), event);
            }
            if (!before.isEmpty() && !before.equals(now)) {
                offer(new WatchScope.WithField(field, before), event);
            }
        }
    }

    private static String value(@Nullable CacheEntry entry, String field) {
        return entry == null ? "" : entry.field(field);
    }

    private void offer(WatchScope scope, CacheEvent event) {
        List<CacheWatch> watches = byScope.get(scope);
        if (watches != null) {
            for (CacheWatch watch : watches) {
                watch.offer(event);
            }
        }
    }

    void forEach(Consumer<CacheWatch> action) {
        byScope.values().forEach(watches -> watches.forEach(action));
    }

    void clear() {
        byScope.clear();
        fields.clear();
        count.set(0);
    }
}
