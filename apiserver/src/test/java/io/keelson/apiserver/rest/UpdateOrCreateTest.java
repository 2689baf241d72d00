package io.keelson.apiserver.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.store.TestEtcd;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An object of the server's own, which others make and remove as well. */
final class UpdateOrCreateTest {
    private TestEtcd etcd;
    private TestRest server;
    private RestApi rest;
    private Resource maps;

    @BeforeEach
    void start(@TempDir Path folder) throws Exception {
        etcd = TestEtcd.embedded(folder);
        server = TestRest.on(etcd, TestRest.ALL, InstantSource.system());
        rest = server.rest();
        maps = rest.resource("", "configmaps");
    }

    @AfterEach
    void stop() {
        server.close();
        etcd.close();
    }

    private static ObjectNode with(ObjectNode map, String key) {
        map.withObject("/data").put(key, "x");
        return map;
    }

    private List<String> data() throws InterruptedException {
        ObjectNode map = rest.read(maps, "default", "m");
        assertNotNull(map);
        assertEquals(
                "v1 ConfigMap",
                map.path("apiVersion").asText() + " " + map.path("kind").asText());
        return map.path("data").properties().stream()
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }

    /** What another server does. */
    private void otherCreates() {
        ObjectNode map = Json.object().put("apiVersion", "v1").put("kind", "ConfigMap");
        ObjectMeta.setNamespace(map, "default");
        ObjectMeta.setName(map, "m");
        try {
            var _ = rest.create(maps, with(map, "theirs"));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void otherDeletes() {
        try {
            rest.delete(maps, "default", "m");
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void isCreatedOnceAndThenChanged() throws Exception {
        assertTrue(rest.updateOrCreate(maps, "default", "m", () -> true, map -> with(map, "one")));
        assertFalse(rest.updateOrCreate(maps, "default", "m", () -> true, map -> with(map, "two")));
        assertEquals(List.of("one", "two"), data());
    }

    @Test
    void isNotCreatedWhereThatIsNotWanted() throws Exception {
        assertFalse(rest.updateOrCreate(maps, "default", "m", () -> false, map -> with(map, "one")));
        assertNull(rest.read(maps, "default", "m"));
    }

    @Test
    void whatSomebodyElseHasJustMadeIsChanged() throws Exception {
        AtomicInteger changes = new AtomicInteger();
        assertFalse(rest.updateOrCreate(maps, "default", "m", () -> true, map -> {
            if (changes.getAndIncrement() == 0) {
                otherCreates();
            }
            return with(map, "ours");
        }));
        assertEquals(List.of("ours", "theirs"), data());
    }

    @Test
    void whoIsTooLateEachTimeGivesUp() {
        AtomicInteger creations = new AtomicInteger();
        ApiException late = assertThrows(
                ApiException.class,
                () -> rest.updateOrCreate(maps, "default", "m", () -> true, map -> {
                    if (ObjectMeta.uid(map).isEmpty()) {
                        creations.incrementAndGet();
                        otherCreates();
                    } else {
                        otherDeletes();
                    }
                    return with(map, "ours");
                }));
        assertEquals(Reason.ALREADY_EXISTS, late.reason());
        assertEquals(5, creations.get());
    }
}
