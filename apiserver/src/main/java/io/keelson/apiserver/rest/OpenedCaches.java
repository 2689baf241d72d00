package io.keelson.apiserver.rest;

import io.keelson.apiserver.cache.CacheEntry;
import io.keelson.apiserver.cache.CachedResource;
import io.keelson.apiserver.cache.ResourceCache;
import io.keelson.apiserver.cache.ResourceCaches;
import io.keelson.apiserver.errors.ApiException;
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
 *
 * <p>Requests hold on to the resource that they have found, so after a change some ask for the older one and some for the
 * newer. The newer one wins for good: its cache is never closed for the older one's sake, and answers those who ask for that
 * as well. What is in it is in the same version, and but for the rules of its definition the same.
 */
final class OpenedCaches implements AutoCloseable {
    private static final Duration LOADING_MAX = Duration.ofSeconds(10);

    private final ResourceCaches caches;
    private final StoreKeys keys;
    private final Backend.StoredForm form;
    private final ResourceRegistry registry;
    private final ConcurrentHashMap<Key, Open> open = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<GroupResource, ResourceCache> lastOpened = new ConcurrentHashMap<>();
    private volatile boolean closed;

    /** @param version in which objects are cached: that in which they are worked on */
    private record Key(GroupResource name, String version) {}

    private record Open(Resource resource, ResourceCache cache) {}

    /** @param registry knows what custom kinds are now; it does not tell of changes by itself ({@link #retain}) */
    OpenedCaches(ResourceCaches caches, StoreKeys keys, Backend.StoredForm form, ResourceRegistry registry) {
        this.caches = caches;
        this.keys = keys;
        this.form = form;
        this.registry = registry;
    }

    /**
     * The cache of a resource, once it is loaded; of a custom kind that has changed meanwhile, the cache of what it is now.
     *
     * @throws ApiException ServiceUnavailable if a custom kind is not there any more in the version of this resource, or the
     *     caches are closed; TooManyRequests, or what is wrong with an object, if it cannot be loaded in time
     */
    ResourceCache of(Resource resource) throws InterruptedException {
        long deadline = System.nanoTime() + LOADING_MAX.toNanos();
        while (true) {
            ResourceCache cache = newest(resource);
            long left = Math.max(0, deadline - System.nanoTime());
            try {
                cache.awaitReady(Duration.ofNanos(left));
            } catch (ApiException e) {
                if (left == 0 || !cache.isClosed()) {
                    throw e;
                }
            }
            if (!cache.isClosed()) {
                return cache;
            }
            // Its kind has just changed: what it has become has a cache, too.
            if (left == 0) {
                throw ResourceCache.stopped();
            }
        }
    }

    private ResourceCache newest(Resource asked) {
        Key key = new Key(asked.name(), asked.workedOnIn());
        while (true) {
            Resource wanted = wanted(asked);
            Open now = open.get(key);
            if (now == null || now.resource().generation() < wanted.generation()) {
                now = open.compute(key, (_, present) -> {
                    if (present != null && present.resource().generation() >= wanted.generation()) {
                        return present;
                    }
                    ResourceCache cache = caches.open(cached(wanted));
                    if (present != null) {
                        present.cache().close();
                    }
                    lastOpened.put(key.name(), cache);
                    return new Open(wanted, cache);
                });
            }
            if (closed) {
                // Whoever closed all may have missed this one.
                close(key, now);
                throw ResourceCache.stopped();
            }
            // A change between the two looks may have been told before the cache was there to be closed.
            if (wanted(asked).generation() <= now.resource().generation()) {
                return now.cache();
            }
        }
    }

    /** What is to be cached for whoever asks for a resource: that, or what its kind has become since. */
    private Resource wanted(Resource asked) {
        Resource served = asked.custom() ? registry.current().find(asked.name()) : null;
        if (served == null || served.generation() <= asked.generation()) {
            return asked;
        }
        Resource now = served.through(asked.workedOnIn());
        if (!now.workedOnIn().equals(asked.workedOnIn())) {
            throw ResourceCache.stopped();
        }
        return now;
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

    /**
     * What is known of an object, if that is known to a cache of the very same resource. Never waits, and opens none.
     *
     * @return null if nothing is
     */
    @Nullable
    CacheEntry find(Resource resource, String namespace, String name) {
        Open now = open.get(new Key(resource.name(), resource.workedOnIn()));
        if (now == null
                || now.resource().generation() != resource.generation()
                || now.cache().revision() == 0
                || now.cache().isClosed()) {
            return null;
        }
        return now.cache().snapshot().get(namespace, name);
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
            Resource cached = opened.resource();
            if (cached.custom() && (now == null || now.generation() > cached.generation())) {
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
        closed = true;
        open.forEach(this::close);
    }
}
