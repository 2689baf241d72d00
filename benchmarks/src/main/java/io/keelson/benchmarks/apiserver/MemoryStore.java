package io.keelson.benchmarks.apiserver;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.store.ObjectStore;
import io.keelson.apiserver.store.StoreEvent;
import io.keelson.apiserver.store.StorePage;
import io.keelson.apiserver.store.StoreWatch;
import io.keelson.apiserver.store.StoredKey;
import io.keelson.apiserver.store.StoredValue;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A store that costs next to nothing: values in memory, one lock. Watches are told by the thread that writes, before the write
 * returns. Nothing expires, and lists at an old revision are not answered. Any thread.
 */
final class MemoryStore implements ObjectStore {
    /** What a watch that begins a little in the past can still be told. */
    private static final int EVENTS_MAX = 1024;

    private final ReentrantLock lock = new ReentrantLock();
    private final NavigableMap<String, StoredValue> values = new TreeMap<>();
    private final Deque<StoreEvent> recent = new ArrayDeque<>();
    private final List<Watch> watches = new ArrayList<>();
    private long revision = 1;

    @Override
    public @Nullable StoredValue get(String key) {
        lock.lock();
        try {
            return values.get(key);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long revisionOf(String key) {
        StoredValue value = get(key);
        return value == null ? 0 : value.revision();
    }

    @Override
    public StorePage list(String prefix, String after, int limit, long atRevision) {
        lock.lock();
        try {
            if (atRevision > 0 && below(prefix).stream().anyMatch(value -> value.revision() > atRevision)) {
                throw ApiException.expired("revision " + atRevision + " is gone");
            }
            Collection<StoredValue> all = after.isEmpty()
                    ? below(prefix)
                    : values.subMap(after, false, end(prefix), false).values();
            int count = limit == 0 ? all.size() : Math.min(limit, all.size());
            List<StoredValue> page = all.stream().limit(count).toList();
            return new StorePage(
                    page, atRevision > 0 ? atRevision : revision, count < all.size(), (long) all.size() - count);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public List<StoredKey> keys(String prefix, String after, int limit, long atRevision) {
        return list(prefix, after, limit, atRevision).values().stream()
                .map(value -> new StoredKey(value.key(), value.revision()))
                .toList();
    }

    @Override
    public long count(String prefix) {
        lock.lock();
        try {
            return below(prefix).size();
        } finally {
            lock.unlock();
        }
    }

    private Collection<StoredValue> below(String prefix) {
        return values.subMap(prefix, true, end(prefix), false).values();
    }

    /** The first key behind: {@code 0} follows the slash. */
    private static String end(String prefix) {
        return prefix.substring(0, prefix.length() - 1) + "0";
    }

    @Override
    public long create(String key, byte[] value, long ttlSeconds) {
        lock.lock();
        try {
            return values.containsKey(key) ? 0 : put(key, value);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Outcome update(String key, byte[] value, long expectedRevision, long ttlSeconds) {
        lock.lock();
        try {
            StoredValue now = values.get(key);
            return now == null || now.revision() != expectedRevision
                    ? new Outcome.Changed(now)
                    : new Outcome.Done(put(key, value));
        } finally {
            lock.unlock();
        }
    }

    /** Writes a value, whatever is there. */
    long put(String key, byte[] bytes) {
        lock.lock();
        try {
            StoredValue value = new StoredValue(key, bytes, ++revision);
            boolean created = values.put(key, value) == null;
            tell(key, new StoreEvent.Put(value, created, true));
            return revision;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Outcome delete(String key, long expectedRevision) {
        lock.lock();
        try {
            StoredValue now = values.get(key);
            if (now == null || now.revision() != expectedRevision) {
                return new Outcome.Changed(now);
            }
            values.remove(key);
            tell(key, new StoreEvent.Deleted(key, ++revision, true));
            return new Outcome.Done(revision);
        } finally {
            lock.unlock();
        }
    }

    private void tell(String key, StoreEvent event) {
        if (recent.size() == EVENTS_MAX) {
            recent.remove();
        }
        recent.add(event);
        for (Watch watch : watches) {
            if (key.startsWith(watch.prefix)) {
                watch.events.accept(event);
            }
        }
    }

    @Override
    public long revision() {
        lock.lock();
        try {
            return revision;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public StoreWatch watch(
            String prefix, long fromRevision, Consumer<StoreEvent> events, Consumer<@Nullable Throwable> ended) {
        Watch watch = new Watch(prefix, events, ended);
        lock.lock();
        try {
            long firstKept = recent.isEmpty() ? revision + 1 : recent.getFirst().revision();
            if (fromRevision < firstKept && fromRevision <= revision) {
                ended.accept(ApiException.expired("revision " + fromRevision + " is gone"));
                return watch;
            }
            for (StoreEvent event : recent) {
                if (event.revision() >= fromRevision && key(event).startsWith(prefix)) {
                    events.accept(event);
                }
            }
            watches.add(watch);
            return watch;
        } finally {
            lock.unlock();
        }
    }

    private static String key(StoreEvent event) {
        return switch (event) {
            case StoreEvent.Put put -> put.value().key();
            case StoreEvent.Deleted deleted -> deleted.key();
            case StoreEvent.Progress _ -> throw new IllegalArgumentException("progress is of no key");
        };
    }

    @Override
    public void close() {
        // There is nothing but memory to give back.
    }

    private final class Watch implements StoreWatch {
        private final String prefix;
        private final Consumer<StoreEvent> events;
        private final Consumer<@Nullable Throwable> ended;

        Watch(String prefix, Consumer<StoreEvent> events, Consumer<@Nullable Throwable> ended) {
            this.prefix = prefix;
            this.events = events;
            this.ended = ended;
        }

        @Override
        public void requestProgress() {
            lock.lock();
            try {
                events.accept(new StoreEvent.Progress(revision));
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() {
            lock.lock();
            try {
                if (!watches.remove(this)) {
                    return;
                }
            } finally {
                lock.unlock();
            }
            ended.accept(null);
        }
    }
}
