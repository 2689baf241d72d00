package io.keelson.apiserver.admission;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionRequest.Operation;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.kinds.BuiltInKinds;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.request.UserInfo;
import io.keelson.apiserver.resource.GroupVersionKind;
import io.keelson.apiserver.resource.Resource;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Writes to namespaces that were deleted a moment ago, while the cache still shows them as they were. */
class NamespaceLifecycleTest {
    private long now;
    private final NamespaceLifecycle plugin = new NamespaceLifecycle(new Lagging(), () -> now);

    /** The store has the namespaces end; the cache does not know yet. */
    private static final class Lagging implements ObjectLookup {
        private static ObjectNode namespace(String name, String phase) {
            return Json.parseObject(
                    ("{\"metadata\":{\"name\":\"" + name + "\"},\"status\":{\"phase\":\"" + phase + "\"}}")
                            .getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public ObjectNode recent(String group, String resource, String namespace, String name) {
            return namespace(name, "Active");
        }

        @Override
        public ObjectNode now(String group, String resource, String namespace, String name) {
            return namespace(name, "Terminating");
        }

        @Override
        public List<ObjectNode> all(String group, String resource, String namespace) {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<ObjectNode> allNow(String group, String resource, String namespace) {
            throw new UnsupportedOperationException();
        }
    }

    private void ask(Operation operation, String name, String namespace, String object) throws InterruptedException {
        Resource resource = BuiltInKinds.resources().stream()
                .filter(candidate -> candidate.name().toString().equals(name))
                .findFirst()
                .orElseThrow();
        plugin.mutate(new AdmissionRequest(
                operation,
                resource,
                "",
                new GroupVersionKind("", "v1", resource.kind().kind()),
                namespace,
                object,
                operation == Operation.DELETE ? null : Json.object(),
                operation == Operation.CREATE ? null : Json.object(),
                Json.object(),
                UserInfo.LOOPBACK,
                false,
                new ArrayList<>()));
    }

    private void delete(String namespace) throws InterruptedException {
        ask(Operation.DELETE, "namespaces", "", namespace);
    }

    private void create(String namespace) throws InterruptedException {
        ask(Operation.CREATE, "configmaps", namespace, "c");
    }

    @Test
    void whatWasDeletedAMomentAgoIsLookedAtAsItIsNow() throws Exception {
        create("team");
        delete("team");
        ApiException refused = assertThrows(ApiException.class, () -> create("team"));
        assertEquals(
                "configmaps \"c\" is forbidden: unable to create new content in namespace team because it is being"
                        + " terminated",
                refused.message());
        assertDoesNotThrow(() -> create("other"), "the cache is asked");
        assertDoesNotThrow(() -> ask(Operation.UPDATE, "configmaps", "team", "c"), "what is there may change");
    }

    @Test
    void aWhileLaterTheCacheKnows() throws Exception {
        delete("team");
        now += Duration.ofSeconds(31).toNanos();
        assertDoesNotThrow(() -> create("team"));
    }

    @Test
    void ofManyTheLastAreRemembered() throws Exception {
        delete("first");
        delete("second");
        delete("first");
        for (int i = 0; i < 999; i++) {
            delete("n" + i);
        }
        assertDoesNotThrow(() -> create("second"), "it is forgotten");
        assertThrows(ApiException.class, () -> create("first"));
    }
}
