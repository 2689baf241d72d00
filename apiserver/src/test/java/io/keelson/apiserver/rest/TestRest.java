package io.keelson.apiserver.rest;

import io.keelson.apiserver.admission.AdmissionChain;
import io.keelson.apiserver.cache.CacheOptions;
import io.keelson.apiserver.cache.ResourceCaches;
import io.keelson.apiserver.kinds.BuiltInKinds;
import io.keelson.apiserver.metrics.WatchMetrics;
import io.keelson.apiserver.request.MediaType;
import io.keelson.apiserver.resource.ResourceRegistry;
import io.keelson.apiserver.store.EtcdStore;
import io.keelson.apiserver.store.StoreOptions;
import io.keelson.apiserver.store.TestEtcd;
import io.keelson.kvstore.metrics.Metrics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Function;

/** A server's resources on a store, without a network in front. Closing it leaves the store's server as it is. */
public record TestRest(EtcdStore store, ResourceCaches caches, RestApi rest) implements AutoCloseable {
    public static final String PREFIX = "/registry";
    /** Everybody may write anything. */
    public static final Function<RestApi, AdmissionChain> ALL = _ -> new AdmissionChain(List.of());

    public static TestRest on(TestEtcd etcd, Function<RestApi, AdmissionChain> admission, InstantSource clock) {
        EtcdStore store = new EtcdStore(etcd.channel(), StoreOptions.DEFAULT);
        ResourceRegistry registry = new ResourceRegistry();
        registry.put(BuiltInKinds.resources());
        ResourceCaches caches = new ResourceCaches(store, CacheOptions.DEFAULT);
        RestApi rest = new RestApi(
                registry,
                store,
                caches,
                admission,
                new RestApi.Settings(
                        PREFIX,
                        CacheOptions.DEFAULT,
                        Duration.ofHours(1),
                        Duration.ofMinutes(30),
                        MediaType.JSON,
                        new WatchMetrics(new Metrics())),
                clock);
        return new TestRest(store, caches, rest);
    }

    @Override
    public void close() {
        rest.close();
        caches.close();
        store.close();
    }
}
