package io.keelson.apiserver.services;

import io.keelson.apiserver.cache.CacheWatch;
import io.keelson.apiserver.cache.WatchItem;
import io.keelson.apiserver.cache.WatchRequest;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.rest.RestApi;
import java.time.Duration;

/**
 * Looks at the addresses of a Service as soon as it, or one of its IPAddress objects, has changed. What happens while nobody
 * watches is found by the next round over everything.
 */
final class AddressFeed {
    private static final Duration LOOK = Duration.ofSeconds(30);

    private final RestApi rest;
    private final AddressRepair repair;

    AddressFeed(RestApi rest, AddressRepair repair) {
        this.rest = rest;
        this.repair = repair;
    }

    /** Follows Services until the watch ends. */
    void services() throws InterruptedException {
        follow(rest.resource("", "services"), change -> {
            if (change.type() != WatchItem.Type.DELETED) {
                repair.lookAt(change.entry().tree());
            }
        });
    }

    /** Follows IPAddress objects until the watch ends. */
    void addresses() throws InterruptedException {
        follow(rest.resource("networking.k8s.io", "ipaddresses"), change -> {
            if (change.type() != WatchItem.Type.ADDED) {
                repair.lookAtParent(change.entry().tree());
            }
        });
    }

    /** What is done about a change. */
    @FunctionalInterface
    private interface Reaction {
        void to(WatchItem.Change change) throws InterruptedException;
    }

    private void follow(Resource resource, Reaction reaction) throws InterruptedException {
        try (CacheWatch watch = rest.cache(resource).watch(WatchRequest.FROM_NOW)) {
            WatchItem item = watch.next(LOOK);
            while (!(item instanceof WatchItem.End)) {
                if (item instanceof WatchItem.Change change) {
                    reaction.to(change);
                }
                item = watch.next(LOOK);
            }
        }
    }
}
