package io.keelson.apiserver.crd;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.cache.CacheEntry;
import io.keelson.apiserver.cache.CacheWatch;
import io.keelson.apiserver.cache.ResourceCache;
import io.keelson.apiserver.cache.WatchRequest;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.kinds.extensions.CustomResourceDefinitionStrategy;
import io.keelson.apiserver.kinds.extensions.DefinitionConditions;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.object.Timestamps;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.rest.RestApi;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends a custom kind whose definition is being deleted: deletes all its objects, waits until those with finalizers are
 * gone, too, and then lets the definition go. Repeating it does no harm; every server on the store does it.
 */
final class InstanceRemoval implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(InstanceRemoval.class);

    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final long PAUSE_MS = 5_000;

    private final RestApi rest;
    private final Resource definitions;
    private final String name;
    private final Supplier<Resource> instances;
    private final boolean established;
    private final InstantSource clock;

    /**
     * @param name of the definition
     * @param instances the kind, as it is defined now
     * @param established whether there can be any objects
     */
    InstanceRemoval(
            RestApi rest,
            Resource definitions,
            String name,
            Supplier<Resource> instances,
            boolean established,
            InstantSource clock) {
        this.rest = rest;
        this.definitions = definitions;
        this.name = name;
        this.instances = instances;
        this.established = established;
        this.clock = clock;
    }

    @Override
    public void run() {
        try {
            while (!attempt()) {
                Thread.sleep(PAUSE_MS);
            }
        } catch (InterruptedException e) {
            // The server is stopping, or the definition is gone already.
            Thread.currentThread().interrupt();
        }
    }

    private boolean attempt() throws InterruptedException {
        try {
            tell(true, "InstanceDeletionInProgress", "CustomResource deletion is in progress");
            if (established) {
                removeAll();
            }
            letGo();
            return true;
        } catch (ApiException e) {
            log.info("{}: its objects cannot be deleted: {}; again in a moment", name, e.message());
            try {
                tell(true, "InstanceDeletionFailed", "could not list instances: " + e.message());
            } catch (ApiException unreachable) {
                log.debug("{}: that could not be told either: {}", name, unreachable.message());
            }
            return false;
        } catch (RuntimeException | Error e) {
            // Its name stands among those that are being removed, so nobody else would take it up.
            log.error("{}: its objects cannot be deleted; again in a moment", name, e);
            return false;
        }
    }

    private void tell(boolean terminating, String reason, String message) throws InterruptedException {
        var _ = rest.adjust(definitions, "", name, definition -> {
            if (ObjectMeta.isBeingDeleted(definition)) {
                set(definition, terminating, reason, message);
            }
            return definition;
        });
    }

    private void set(ObjectNode definition, boolean terminating, String reason, String message) {
        DefinitionConditions.set(
                definition,
                DefinitionConditions.TERMINATING,
                terminating,
                reason,
                message,
                Timestamps.seconds(clock.instant()));
    }

    private void removeAll() throws InterruptedException {
        while (true) {
            Resource kind = instances.get();
            ResourceCache cache = rest.cache(kind);
            try (CacheWatch watch = cache.watch(WatchRequest.FROM_NOW)) {
                int left = 0;
                for (Iterator<CacheEntry> all = cache.consistentSnapshot().iterator("", ""); all.hasNext(); ) {
                    CacheEntry entry = all.next();
                    left++;
                    if (!ObjectMeta.isBeingDeleted(entry.tree())) {
                        rest.delete(kind, entry.namespace(), entry.name());
                    }
                }
                if (left == 0) {
                    return;
                }
                // Whatever comes, or nothing: then it is looked again.
                var _ = watch.next(LOOK);
            }
        }
    }

    private void letGo() throws InterruptedException {
        var _ = rest.adjust(definitions, "", name, definition -> {
            if (!ObjectMeta.isBeingDeleted(definition)) {
                return definition;
            }
            if (established) {
                set(definition, false, "InstanceDeletionCompleted", "removed all instances");
            } else {
                set(definition, false, "NeverEstablished", "resource was never established");
            }
            List<String> finalizers = new ArrayList<>(ObjectMeta.finalizers(definition));
            finalizers.remove(CustomResourceDefinitionStrategy.CLEANUP_FINALIZER);
            ObjectMeta.setFinalizers(definition, finalizers);
            return definition;
        });
    }
}
