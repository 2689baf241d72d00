package io.keelson.apiserver.rest;

import io.keelson.apiserver.cache.CachedResource;
import io.keelson.apiserver.cache.ResourceCache;
import io.keelson.apiserver.cache.ResourceCaches;
import io.keelson.apiserver.metrics.CacheFigures;
import io.keelson.apiserver.resource.GroupResource;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.ResourceRegistry;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The caches of resources, each opened when it is first asked for. A custom kind that was changed is another resource under
 * the same name, and gets another cache.
 */
final class OpenedCaches implements AutoCloseable {
    private static final Duration LOADING_MAX = Duration.ofSeconds(10);

    private final ResourceCaches caches;
    private final StoreKeys keys;
    private final Backend.StoredForm form;
    private final ConcurrentHashMap<Key, Open> open = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<GroupResource, ResourceCache> lastOpened = new ConcurrentHashMap<>();

    /** @param version in which objects are cached: that in which they are worked on */
    private record Key(GroupResource name, String version) {}

    private record Open(Resource resource, ResourceCache cache) {}

    OpenedCaches(ResourceCaches caches, StoreKeys keys, Backend.StoredForm form) {
        this.caches = caches;
        this.keys = keys;
        this.form = form;
    }

    /** The cache of a resource, once it is loaded. */
    ResourceCache of(Resource resource) throws InterruptedException {
        Key key = new Key(resource.name(), resource.workedOnIn());
        Open now = open.get(key);
        if (now == null || now.resource() != resource) {
            now = open.compute(key, (_, present) -> {
                if (present != null && present.resource() == resource) {
                    return present;
                }
                if (present != null) {
                    present.cache().close();
                }
                ResourceCache cache = caches.open(cached(resource));
                lastOpened.put(resource.name(), cache);
                return new Open(resource, cache);
            });
        }
        now.cache().awaitReady(LOADING_MAX);
        return now.cache();
    }

    /** What the caches that are loaded hold. */
    List<CacheFigures> figures() {
        Map<GroupResource, CacheFigures> figures = new HashMap<>();
        open.forEach((key, opened) -> {
            if (opened.cache().revision() > 0) {
                figures.merge(key.name(), CacheFigures.of(key.name(), opened.cache()), CacheFigures::plus);
            }
        });
        return List.copyOf(figures.values());
    }

    /** The cache of a resource, if it is open, loaded or not; of a custom kind, in any version. */
    @Nullable
    ResourceCache opened(GroupResource resource) {
        return lastOpened.get(resource);
    }

    private CachedResource cached(Resource resource) {
        return new CachedResource(
                keys.prefix(resource, ""),
                resource.namespaced(),
                value -> form.decode(resource, value),
                object -> resource.strategy().selectableFields(object));
    }

    /** Closes the caches of custom kinds that are not served any more, or not as they were. */
    void retain(ResourceRegistry.Snapshot served) {
        open.forEach((key, opened) -> {
            Resource now = served.find(key.name());
            if (opened.resource().custom() && (now == null || now.through(key.version()) != opened.resource())) {
                close(key, opened);
            }
        });
    }

    private void close(Key key, Open opened) {
        if (open.remove(key, opened)) {
            lastOpened.remove(key.name(), opened.cache());
            opened.cache().close();
        }
    }

    @Override
    public void close() {
        open.forEach(this::close);
    }
}
