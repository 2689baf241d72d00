package io.keelson.apiserver.rest;

import io.keelson.apiserver.cache.CachedResource;
import io.keelson.apiserver.cache.ResourceCache;
import io.keelson.apiserver.cache.ResourceCaches;
import io.keelson.apiserver.resource.GroupResource;
import io.keelson.apiserver.resource.Resource;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The caches of resources, each opened when it is first asked for. A custom kind that was changed is another resource under
 * the same name, and gets another cache.
 */
final class OpenedCaches implements AutoCloseable {
    private static final Duration LOADING_MAX = Duration.ofSeconds(10);

    private final ResourceCaches caches;
    private final StoreKeys keys;
    private final ConcurrentHashMap<GroupResource, Open> open = new ConcurrentHashMap<>();

    private record Open(Resource resource, ResourceCache cache) {}

    OpenedCaches(ResourceCaches caches, StoreKeys keys) {
        this.caches = caches;
        this.keys = keys;
    }

    /** The cache of a resource, once it is loaded. */
    ResourceCache of(Resource resource) throws InterruptedException {
        Open now = open.get(resource.name());
        if (now == null || now.resource() != resource) {
            now = open.compute(resource.name(), (_, present) -> {
                if (present != null && present.resource() == resource) {
                    return present;
                }
                if (present != null) {
                    present.cache().close();
                }
                return new Open(resource, caches.open(cached(resource)));
            });
        }
        now.cache().awaitReady(LOADING_MAX);
        return now.cache();
    }

    private CachedResource cached(Resource resource) {
        return new CachedResource(
                keys.prefix(resource, ""),
                resource.namespaced(),
                value -> StoredObjects.decode(resource, value),
                object -> resource.strategy().selectableFields(object));
    }

    /** The resource is not served any more. */
    void closed(GroupResource name) {
        Open gone = open.remove(name);
        if (gone != null) {
            gone.cache().close();
        }
    }

    @Override
    public void close() {
        open.keySet().forEach(this::closed);
    }
}
