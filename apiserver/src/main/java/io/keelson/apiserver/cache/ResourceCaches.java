package io.keelson.apiserver.cache;

import io.keelson.apiserver.store.ObjectStore;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The caches of all resources, with what they share. Any thread. */
public final class ResourceCaches implements AutoCloseable {
    private final ObjectStore store;
    private final CacheOptions options;
    private final FreshWaits waits;
    /** Of each of the stores that the store may be divided into. */
    private final Map<ObjectStore, StoreRevision> revisions = new ConcurrentHashMap<>();

    private final RecentlyMade<CacheEntry> trees;
    private final Set<ResourceCache> open = ConcurrentHashMap.newKeySet();

    public ResourceCaches(ObjectStore store, CacheOptions options) {
        this(store, options, FreshWaits.UNOBSERVED);
    }

    /** @param waits is told how long readers wait */
    public ResourceCaches(ObjectStore store, CacheOptions options, FreshWaits waits) {
        this.store = store;
        this.options = options;
        this.waits = waits;
        this.trees = EntryMemory.trees(options.treeBytes());
    }

    /** Begins to load a resource; {@link ResourceCache#awaitReady} waits for it. It is closed by whoever opened it. */
    public ResourceCache open(CachedResource resource) {
        ObjectStore holding = store.holding(resource.prefix());
        StoreRevision revision = revisions.computeIfAbsent(holding, StoreRevision::new);
        ResourceCache cache = new ResourceCache(holding, resource, options, revision, trees, waits, open::remove);
        open.add(cache);
        cache.start();
        return cache;
    }

    /** A store has forgotten what was before a revision: nobody may read at an older one, here or elsewhere. */
    public void compacted(ObjectStore forgetful, long compactRevision) {
        open.forEach(cache -> {
            if (store.holding(cache.resource().prefix()).equals(forgetful)) {
                cache.compacted(compactRevision);
            }
        });
    }

    /** Holds one after the other against its store. */
    void checkConsistency() throws InterruptedException {
        for (ResourceCache cache : open) {
            cache.checkConsistency();
        }
    }

    @Override
    public void close() {
        open.forEach(ResourceCache::close);
    }
}
