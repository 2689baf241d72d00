package io.keelson.apiserver.server;

import io.keelson.apiserver.cache.CacheEntry;
import io.keelson.apiserver.cache.CacheWatch;
import io.keelson.apiserver.cache.WatchItem;
import io.keelson.apiserver.cache.WatchRequest;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.rest.RestApi;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what is made of the objects of some resources as their caches are: a virtual thread for each resource follows the
 * watch of its cache. When a watch ends, because the cache was loaded anew or this was too slow, it begins again with
 * everything there is.
 */
final class CacheFollower implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(CacheFollower.class);

    private static final Duration LOOK = Duration.ofSeconds(30);
    private static final long PAUSE_MS = 200;

    private final RestApi rest;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicInteger loading = new AtomicInteger();
    private volatile boolean closed;

    /** What is told of a resource, by one thread and in the order of events. */
    interface Follower {
        /** These are all objects there are; at the beginning, and whenever events may have been missed. */
        void replace(List<CacheEntry> all) throws InterruptedException;

        /** An object is new, or has changed. */
        void put(CacheEntry entry) throws InterruptedException;

        /** An object is gone; what is given is what it was last. */
        void remove(CacheEntry entry);
    }

    CacheFollower(RestApi rest) {
        this.rest = rest;
    }

    /** Begins to follow a resource. */
    void follow(Resource resource, Follower follower) {
        loading.incrementAndGet();
        threads.add(Thread.ofVirtual().name("follower of " + resource).start(() -> run(resource, follower)));
    }

    /** Whether everything that was there at the start has been told. */
    boolean isLoaded() {
        return loading.get() == 0;
    }

    private void run(Resource resource, Follower follower) {
        boolean first = true;
        try {
            while (!closed) {
                try (CacheWatch watch = rest.cache(resource).watch(WatchRequest.FROM_NOW.withInitial(true))) {
                    if (loaded(watch, follower)) {
                        if (first) {
                            first = false;
                            loading.decrementAndGet();
                        }
                        followChanges(watch, follower);
                    }
                } catch (ApiException e) {
                    log.info("{}: {}; again in a moment", resource, e.message());
                } catch (RuntimeException | Error e) {
                    // Nobody else does it, so it goes on even after an error: rights that were taken away must end.
                    log.error("{}: what is made of it is not up to date; again in a moment", resource, e);
                }
                Thread.sleep(PAUSE_MS);
            }
        } catch (InterruptedException e) {
            // Closed.
            Thread.currentThread().interrupt();
        }
    }

    /** Takes what there is; false if the watch ended meanwhile. */
    private static boolean loaded(CacheWatch watch, Follower follower) throws InterruptedException {
        List<CacheEntry> all = new ArrayList<>();
        while (true) {
            switch (watch.next(LOOK)) {
                case WatchItem.Change change -> all.add(change.entry());
                case WatchItem.Bookmark _ -> {
                    follower.replace(all);
                    return true;
                }
                case WatchItem.End _ -> {
                    return false;
                }
                case null -> {
                    // Nothing yet.
                }
            }
        }
    }

    private void followChanges(CacheWatch watch, Follower follower) throws InterruptedException {
        WatchItem item = watch.next(LOOK);
        while (!(item instanceof WatchItem.End) && !closed) {
            if (item instanceof WatchItem.Change change) {
                if (change.type() == WatchItem.Type.DELETED) {
                    follower.remove(change.entry());
                } else {
                    follower.put(change.entry());
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
