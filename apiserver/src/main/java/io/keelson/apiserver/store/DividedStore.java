package io.keelson.apiserver.store;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Stores that have something below certain prefixes each, and one for the rest, as if they were one. A write is about a
 * single key, so that none is about two stores; but each counts revisions of its own. Any thread.
 */
public final class DividedStore implements ObjectStore {
    private final ObjectStore rest;
    private final Map<String, ObjectStore> byPrefix;

    /**
     * @param rest stays open, as do the others, when this is closed
     * @param byPrefix ends with a slash each; none begins with another
     */
    public DividedStore(ObjectStore rest, Map<String, ObjectStore> byPrefix) {
        this.rest = rest;
        this.byPrefix = Map.copyOf(byPrefix);
    }

    @Override
    public ObjectStore holding(String key) {
        for (Map.Entry<String, ObjectStore> part : byPrefix.entrySet()) {
            if (key.startsWith(part.getKey())) {
                return part.getValue();
            }
        }
        return rest;
    }

    @Override
    public @Nullable StoredValue get(String key) throws InterruptedException {
        return holding(key).get(key);
    }

    @Override
    public long revisionOf(String key) throws InterruptedException {
        return holding(key).revisionOf(key);
    }

    @Override
    public StorePage list(String prefix, String after, int limit, long revision) throws InterruptedException {
        return holding(prefix).list(prefix, after, limit, revision);
    }

    @Override
    public List<StoredKey> keys(String prefix, String after, int limit, long revision) throws InterruptedException {
        return holding(prefix).keys(prefix, after, limit, revision);
    }

    @Override
    public long count(String prefix) throws InterruptedException {
        return holding(prefix).count(prefix);
    }

    @Override
    public long create(String key, byte[] value, long ttlSeconds) throws InterruptedException {
        return holding(key).create(key, value, ttlSeconds);
    }

    @Override
    public Outcome update(String key, byte[] value, long expectedRevision, long ttlSeconds)
            throws InterruptedException {
        return holding(key).update(key, value, expectedRevision, ttlSeconds);
    }

    @Override
    public Outcome delete(String key, long expectedRevision) throws InterruptedException {
        return holding(key).delete(key, expectedRevision);
    }

    /** That of the store for the rest; for others, ask what is {@link #holding} them. */
    @Override
    public long revision() throws InterruptedException {
        return rest.revision();
    }

    @Override
    public StoreWatch watch(
            String prefix, long fromRevision, Consumer<StoreEvent> events, Consumer<@Nullable Throwable> ended) {
        return holding(prefix).watch(prefix, fromRevision, events, ended);
    }

    @Override
    public void close() {
        // Whoever opened the stores closes them.
    }
}
