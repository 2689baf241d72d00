package io.keelson.apiserver.server;

import io.keelson.apiserver.authz.RuleIndex;
import io.keelson.apiserver.cache.CacheEntry;
import io.keelson.apiserver.cache.CacheWatch;
import io.keelson.apiserver.cache.ResourceCache;
import io.keelson.apiserver.cache.WatchItem;
import io.keelson.apiserver.cache.WatchRequest;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.rest.RestApi;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the index of roles and bindings as the caches of those kinds are: a virtual thread for each follows its watch. */
final class RuleFeed implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(RuleFeed.class);

    private static final Duration LOOK = Duration.ofSeconds(30);
    private static final long PAUSE_MS = 200;

    private static final Map<RuleIndex.Kind, String> RESOURCES = Map.of(
            RuleIndex.Kind.ROLE, "roles",
            RuleIndex.Kind.CLUSTER_ROLE, "clusterroles",
            RuleIndex.Kind.ROLE_BINDING, "rolebindings",
            RuleIndex.Kind.CLUSTER_ROLE_BINDING, "clusterrolebindings");

    private final RestApi rest;
    private final RuleIndex index;
    private final List<Thread> threads = new ArrayList<>();
    private final CountDownLatch loaded = new CountDownLatch(RESOURCES.size());
    private volatile boolean closed;

    RuleFeed(RestApi rest, RuleIndex index) {
        this.rest = rest;
        this.index = index;
    }

    void start() {
        RESOURCES.forEach((kind, name) -> {
            Resource resource = rest.resource("rbac.authorization.k8s.io", name);
            threads.add(Thread.ofVirtual().name("rules " + name).start(() -> follow(kind, resource)));
        });
    }

    /** Whether the index has everything that was there at the start. */
    boolean isLoaded() {
        return loaded.getCount() == 0;
    }

    private void follow(RuleIndex.Kind kind, Resource resource) {
        boolean first = true;
        try {
            while (!closed) {
                try {
                    ResourceCache cache = rest.cache(resource);
                    try (CacheWatch watch = cache.watch(WatchRequest.FROM_NOW.withInitial(true))) {
                        List<CacheEntry> initial = new ArrayList<>();
                        WatchItem item = watch.next(LOOK);
                        while (item instanceof WatchItem.Change change) {
                            initial.add(change.entry());
                            item = watch.next(LOOK);
                        }
                        index.replace(
                                kind, initial.stream().map(CacheEntry::tree).toList());
                        if (first) {
                            first = false;
                            loaded.countDown();
                        }
                        followChanges(kind, watch, item);
                    }
                } catch (ApiException e) {
                    log.info("{}: {}; again in a moment", resource, e.message());
                }
                Thread.sleep(PAUSE_MS);
            }
        } catch (InterruptedException e) {
            // Closed.
            Thread.currentThread().interrupt();
        }
    }

    private void followChanges(RuleIndex.Kind kind, CacheWatch watch, @Nullable WatchItem first)
            throws InterruptedException {
        WatchItem item = first;
        while (!(item instanceof WatchItem.End) && !closed) {
            if (item instanceof WatchItem.Change change) {
                CacheEntry entry = change.entry();
                if (change.type() == WatchItem.Type.DELETED) {
                    index.remove(kind, entry.namespace(), entry.name());
                } else {
                    index.put(kind, entry.tree());
                }
            }
            item = watch.next(LOOK);
        }
    }

    @Override
    public void close() {
        closed = true;
        threads.forEach(Thread::interrupt);
    }
}
