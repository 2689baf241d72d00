package io.keelson.apiserver.rest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.cache.CacheEntry;
import io.keelson.apiserver.cache.CacheOptions;
import io.keelson.apiserver.cache.CachedResource;
import io.keelson.apiserver.cache.ResourceCache;
import io.keelson.apiserver.cache.ResourceCaches;
import io.keelson.apiserver.kinds.BuiltInKinds;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.protobuf.MessageEncoder;
import io.keelson.apiserver.request.MediaType;
import io.keelson.apiserver.resource.GroupVersionKind;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.ServedVersion;
import io.keelson.apiserver.store.EtcdStore;
import io.keelson.apiserver.store.StoreOptions;
import io.keelson.apiserver.store.TestEtcd;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Which bytes are shared by all who are sent an object, and which are made for one. */
@Timeout(120)
class SentFormTest {
    private static final GroupVersionKind PARTIAL = new GroupVersionKind("meta.k8s.io", "v1", "PartialObjectMetadata");
    private static final String KEY = "/registry/horizontalpodautoscalers/default/";

    private final Resource scalers = BuiltInKinds.resources().stream()
            .filter(resource -> resource.name().resource().equals("horizontalpodautoscalers"))
            .findFirst()
            .orElseThrow();

    private static byte[] scaler(String name) {
        return """
                {"kind":"HorizontalPodAutoscaler","apiVersion":"autoscaling/v2",
                 "metadata":{"name":"%s","namespace":"default","labels":{"a":"b"}},
                 "spec":{"scaleTargetRef":{"kind":"Deployment","name":"d"},"maxReplicas":3,
                   "metrics":[{"type":"Resource","resource":{"name":"cpu",
                     "target":{"type":"Utilization","averageUtilization":30}}}]},
                 "status":{"desiredReplicas":0}}""".formatted(name).getBytes(StandardCharsets.UTF_8);
    }

    private SentForm form(String version, MediaType type, @Nullable GroupVersionKind as) {
        ServedVersion served = Objects.requireNonNull(scalers.version(version));
        return new SentForm(scalers, served, type, as);
    }

    @Test
    void bytesAreSharedByAllWhoAreSentAnEventAndNotHeldForWhoIsSentMany(@TempDir Path folder) throws Exception {
        try (TestEtcd etcd = TestEtcd.embedded(folder);
                EtcdStore store = new EtcdStore(etcd.channel(), StoreOptions.DEFAULT);
                ResourceCaches caches = new ResourceCaches(store, CacheOptions.DEFAULT)) {
            for (String name : new String[] {"event", "many"}) {
                assertTrue(store.create(KEY + name, scaler(name), 0) > 0);
            }
            ResourceCache cache = caches.open(new CachedResource(
                    "/registry/horizontalpodautoscalers/",
                    true,
                    value -> new StoredObjects(MediaType.JSON).decode(scalers, value),
                    object -> Map.of()));
            cache.awaitReady(Duration.ofSeconds(30));
            CacheEntry event = Objects.requireNonNull(cache.consistentSnapshot().get(KEY + "event"));
            CacheEntry many = Objects.requireNonNull(cache.consistentSnapshot().get(KEY + "many"));
            for (String version : new String[] {"v1", "v2"}) {
                for (MediaType type : new MediaType[] {MediaType.JSON, MediaType.PROTOBUF}) {
                    for (GroupVersionKind as : Arrays.asList(null, PARTIAL)) {
                        look(version, type, as, event, many);
                    }
                }
            }
        }
    }

    private void look(
            String version, MediaType type, @Nullable GroupVersionKind as, CacheEntry event, CacheEntry many) {
        SentForm form = form(version, type, as);
        boolean stored = version.equals("v2") && type == MediaType.JSON && as == null;
        assertEquals(stored, form.isStored());
        byte[] shared = form.shared(event);
        assertSame(shared, form.shared(event));
        assertSame(shared, form(version, type, as).shared(event), "another watch has another form, which is equal");
        assertSame(shared, form.passing(event), "what is there is used");
        assertArrayEquals(whole(version, type, as, event), shared);
        if (stored) {
            assertSame(event.encoded(), shared);
            return;
        }
        assertNotNull(form.held(event));
        byte[] passing = form.passing(many);
        assertNotSame(passing, form.passing(many));
        assertNull(form.held(many));
        assertArrayEquals(whole(version, type, as, many), passing);
    }

    /** The object written from its own tree. */
    private byte[] whole(String version, MediaType type, @Nullable GroupVersionKind as, CacheEntry entry) {
        ObjectNode object = Versions.fromStorage(scalers, Json.parseObject(entry.encoded()), version);
        if (as != null) {
            object = Tables.partial(as, object);
        }
        if (type == MediaType.JSON) {
            return Json.encode(object);
        }
        GroupVersionKind kind =
                as == null ? new GroupVersionKind("autoscaling", version, "HorizontalPodAutoscaler") : as;
        return new MessageEncoder(kind, 10).encode(object);
    }
}
