package io.keelson.apiserver.cache;

import io.keelson.apiserver.store.ObjectStore;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The caches of all resources of one store, with what they share. Any thread. */
public final class ResourceCaches implements AutoCloseable {
    private final ObjectStore store;
    private final CacheOptions options;
    private final FreshWaits waits;
    private final StoreRevision revision;
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
        this.revision = new StoreRevision(store);
        this.trees = EntryMemory.trees(options.treeBytes());
    }

    /** Begins to load a resource; {@link ResourceCache#awaitReady} waits for it. It is closed by whoever opened it. */
    public ResourceCache open(CachedResource resource) {
        ResourceCache cache = new ResourceCache(store, resource, options, revision, trees, waits, open::remove);
        open.add(cache);
        cache.start();
        return cache;
    }

    /** The store has forgotten what was before a revision: nobody may read at an older one, here or elsewhere. */
    public void compacted(long compactRevision) {
        open.forEach(cache -> cache.compacted(compactRevision));
    }

    @Override
    public void close() {
        open.forEach(ResourceCache::close);
    }
}
