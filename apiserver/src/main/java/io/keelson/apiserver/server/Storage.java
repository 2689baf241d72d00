package io.keelson.apiserver.server;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.keelson.apiserver.cache.CacheOptions;
import io.keelson.apiserver.cache.ConsistencyChecks;
import io.keelson.apiserver.cache.ResourceCaches;
import io.keelson.apiserver.egress.EgressSelector;
import io.keelson.apiserver.encryption.EncryptionAtRest;
import io.keelson.apiserver.encryption.EncryptionException;
import io.keelson.apiserver.encryption.EncryptionMetrics;
import io.keelson.apiserver.encryption.StoredResources;
import io.keelson.apiserver.features.FeatureGates;
import io.keelson.apiserver.health.HealthCheck;
import io.keelson.apiserver.metrics.CacheMetrics;
import io.keelson.apiserver.metrics.StoreMetrics;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.rest.RestApi;
import io.keelson.apiserver.store.Compactor;
import io.keelson.apiserver.store.EtcdConnection;
import io.keelson.apiserver.store.EtcdStore;
import io.keelson.apiserver.store.StoreOptions;
import io.keelson.apiserver.store.StoreSize;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where objects are: stores, encryption before them, caches of what is in them, and what keeps the stores from growing.
 *
 * @param checks what has to be well about it, without the stores themselves
 */
record Storage(
        Stores stores,
        CacheOptions cacheOptions,
        CacheMetrics cacheMetrics,
        ResourceCaches caches,
        String keyPrefix,
        List<HealthCheck> checks) {

    /** Connects to the store for all that is nowhere else, or starts it in this process. */
    static Channel channel(ServerContext context, EgressSelector egress) throws IOException {
        EtcdConnection etcd = context.config().etcd();
        if (etcd == null) {
            return context.part(EmbeddedStore.start(context.config().storeFolder()))
                    .channel();
        }
        ManagedChannel channel = etcd.open(egress.toStore());
        context.part(channel::shutdownNow);
        return channel;
    }

    /**
     * Opens it; does not wait for connections.
     *
     * @param store what {@link #channel} gave
     * @throws IOException if the file that says how objects are encrypted cannot be used
     */
    static Storage open(ServerContext context, Channel store, EgressSelector egress, List<Resource> kinds)
            throws IOException {
        StorageSettings settings = context.cluster().api().storage();
        String keyPrefix = context.keyPrefix();
        StoredResources storedResources = new StoredResources(keyPrefix, kinds);
        EncryptionAtRest encryption = encryption(context, storedResources);
        StoreOptions options = StoreOptions.DEFAULT
                .withRequests(new StoreMetrics(context.metrics(), storedResources))
                .withLeaseReuse(settings.leaseReuse());
        EtcdConnection etcd = context.config().etcd();
        Stores stores = context.part(Stores.open(
                store,
                etcd,
                egress.toStore(),
                settings.overrides(),
                keyPrefix,
                kinds,
                encryption == null ? options : options.withTransformer(encryption)));
        if (settings.looks().size().isPositive()) {
            StoreSize.addTo(
                    context.metrics(), stores.channels(), settings.looks().size(), System::nanoTime);
        }
        CacheOptions cacheOptions = CacheOptions.DEFAULT;
        CacheMetrics cacheMetrics = new CacheMetrics(context.metrics(), storedResources);
        ResourceCaches caches = context.part(new ResourceCaches(stores.objects(), cacheOptions, cacheMetrics));
        for (EtcdStore each : stores.each()) {
            context.part(
                    Compactor.start(each, settings.compactionInterval(), revision -> caches.compacted(each, revision)));
        }
        if (context.features().isOn(FeatureGates.CACHE_CHECKS)) {
            context.part(ConsistencyChecks.start(caches));
        }
        List<HealthCheck> checks = encryption == null || !encryption.isChecked()
                ? List.of()
                : List.of(new HealthCheck("kms-providers", encryption::problem));
        return new Storage(stores, cacheOptions, cacheMetrics, caches, keyPrefix, checks);
    }

    private static @Nullable EncryptionAtRest encryption(ServerContext context, StoredResources resources)
            throws IOException {
        Path file = context.cluster().encryptionConfig();
        if (file == null) {
            return null;
        }
        try {
            EncryptionMetrics metrics =
                    new EncryptionMetrics(context.metrics(), ServerContext.identity(), context.clock());
            return context.part(EncryptionAtRest.open(
                    file, context.cluster().encryptionReload(), resources::of, metrics, context.clock()));
        } catch (EncryptionException e) {
            throw new IOException("--encryption-provider-config: " + e.getMessage(), e);
        }
    }

    /** Whether the store for all that is nowhere else answers. */
    static HealthCheck answers(String name, RestApi rest, Duration patience) {
        return new HealthCheck(name, () -> {
                    var _ = rest.read(rest.resource("", "namespaces"), "", "default");
                    return null;
                })
                .within(patience);
    }

    /**
     * Whether the stores answer that single resources are in.
     *
     * @param name of each check, without the store's number, from 0 on
     * @param patience how long each has to answer
     */
    List<HealthCheck> overriding(String name, Duration patience) {
        List<HealthCheck> looks = new ArrayList<>();
        for (EtcdStore store : stores.overriding()) {
            looks.add(new HealthCheck(name + looks.size(), () -> {
                        var _ = store.revisionOf(keyPrefix + "/health");
                        return null;
                    })
                    .within(patience));
        }
        return looks;
    }
}
