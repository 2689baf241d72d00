package io.keelson.apiserver.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.cache.CacheOptions;
import io.keelson.apiserver.cache.ResourceCache;
import io.keelson.apiserver.cache.ResourceCaches;
import io.keelson.apiserver.cache.WatchRequest;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.request.MediaType;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.ResourceRegistry;
import io.keelson.apiserver.resource.ServedVersion;
import io.keelson.apiserver.schema.Schema;
import io.keelson.apiserver.store.EtcdStore;
import io.keelson.apiserver.store.FaultyChannel;
import io.keelson.apiserver.store.StoreOptions;
import io.keelson.apiserver.store.TestEtcd;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Which cache a request gets that holds a custom kind as it was before its definition changed. */
@Timeout(120)
final class OpenedCachesTest {
    private TestEtcd etcd;
    private FaultyChannel channel;
    private EtcdStore store;
    private ResourceCaches caches;
    private ResourceRegistry registry;
    private OpenedCaches opened;

    @BeforeEach
    void start(@TempDir Path folder) throws Exception {
        etcd = TestEtcd.embedded(folder);
        channel = new FaultyChannel(etcd.channel());
        store = new EtcdStore(channel, StoreOptions.DEFAULT);
        caches = new ResourceCaches(store, CacheOptions.DEFAULT);
        registry = new ResourceRegistry();
        opened = new OpenedCaches(caches, new StoreKeys("/registry"), new StoredObjects(MediaType.JSON), registry);
        registry.onChange(() -> opened.retain(registry.current()));
    }

    @AfterEach
    void stop() {
        opened.close();
        caches.close();
        store.close();
        etcd.close();
    }

    private static Resource things(String version, long generation) {
        return Resource.named("example.com", "things", "Thing")
                .version(new ServedVersion(version, Schema.ANYTHING, null, List.of()))
                .storagePath("example.com/things")
                .custom(generation)
                .build();
    }

    private void serve(Resource resource) {
        registry.put(List.of(resource));
    }

    private static void assertRefused(ApiException refusal) {
        assertEquals(
                "503 ServiceUnavailable apiserver cacher is stopped",
                refusal.code() + " " + refusal.reasonText() + " " + refusal.message());
        assertEquals("1", refusal.headers().get("Retry-After"), "clients try again by themselves");
    }

    @Test
    void whoHoldsTheOlderFormGetsTheCacheOfTheNewer() throws Exception {
        Resource older = things("v1", 1);
        Resource newer = things("v1", 2);
        serve(older);
        ResourceCache before = opened.of(older);
        serve(newer);
        assertTrue(before.isClosed());
        ResourceCache after = opened.of(older);
        assertNotSame(before, after);
        assertSame(after, opened.of(newer), "the newer form was opened for the older one's sake");
        assertSame(after, opened.of(older));
        assertFalse(after.isClosed());
    }

    /** Of a kind that is served in no version, the server itself asks for the form that is stored. */
    @Test
    void theNewerFormWinsWhetherItIsServedOrNot() throws Exception {
        Resource older = things("v1", 1);
        Resource newer = things("v1", 2);
        ResourceCache before = opened.of(older);
        ResourceCache after = opened.of(newer);
        assertTrue(before.isClosed());
        for (int i = 0; i < 3; i++) {
            assertSame(after, opened.of(older));
            assertSame(after, opened.of(newer));
        }
        serve(older);
        assertSame(after, opened.of(older), "what was served lately is not newer for that");
        assertFalse(after.isClosed());
    }

    @Test
    void aChangeWhileTheCacheIsLoadedIsWaitedFor() throws Exception {
        Resource older = things("v1", 1);
        Resource newer = things("v1", 2);
        serve(older);
        channel.away(true);
        ExecutorService request = Executors.newVirtualThreadPerTaskExecutor();
        try {
            Future<ResourceCache> waiting = request.submit(() -> opened.of(older));
            TestEtcd.await("the cache is being loaded", () -> opened.opened(older.name()) != null);
            ResourceCache begun = opened.opened(older.name());
            serve(newer);
            channel.away(false);
            ResourceCache loaded = waiting.get(60, TimeUnit.SECONDS);
            assertNotSame(begun, loaded);
            assertSame(loaded, opened.of(newer));
        } finally {
            request.shutdownNow();
        }
    }

    @Test
    void aVersionThatIsGoneIsNotCachedAgain() throws Exception {
        Resource older = things("v1", 1);
        serve(older);
        ResourceCache before = opened.of(older);
        serve(things("v2", 2));
        assertTrue(before.isClosed());
        assertRefused(assertThrows(ApiException.class, () -> opened.of(older)));
    }

    @Test
    void readsOfACacheThatIsClosedMeanwhileAreToBeTriedAgain() throws Exception {
        Resource older = things("v1", 1);
        serve(older);
        ResourceCache before = opened.of(older);
        serve(things("v1", 2));
        assertTrue(store.create("/registry/example.com/things/default/a", new byte[] {'{', '}'}, 0) > 0);
        assertRefused(assertThrows(ApiException.class, before::consistentSnapshot));
        assertRefused(assertThrows(ApiException.class, () -> {
            try (var watch = before.watch(WatchRequest.FROM_NOW)) {
                assertFalse(watch.hasMore());
            }
        }));
    }

    @Test
    void nothingIsOpenedOnceAllAreClosed() {
        Resource things = things("v1", 1);
        serve(things);
        opened.close();
        assertRefused(assertThrows(ApiException.class, () -> opened.of(things)));
        assertTrue(opened.figures().isEmpty());
    }
}
