package io.keelson.apiserver.debug;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.grpc.ManagedChannel;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.TestRequests;
import io.keelson.apiserver.store.EtcdConnection;
import io.keelson.apiserver.store.EtcdStore;
import io.keelson.apiserver.store.StoreOptions;
import io.keelson.apiserver.store.TestEtcd;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is told of a store's members. */
final class StoreMembersTest {
    private static TestEtcd etcd;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        etcd = TestEtcd.embedded(folder);
        // The first call takes longer than the others: it has classes loaded.
        try (EtcdStore store = new EtcdStore(etcd.channel(), StoreOptions.DEFAULT)) {
            assertTrue(store.revision() > 0);
        }
    }

    @AfterAll
    static void stop() throws Exception {
        etcd.close();
    }

    private static StoreMembers members(String... servers) {
        return new StoreMembers("etcd-0", etcd.channel(), EtcdConnection.to(List.of(servers)), null);
    }

    private static String silentServer() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return "http://127.0.0.1:" + socket.getLocalPort();
        }
    }

    @Test
    void eachMemberTellsHowItIs() throws Exception {
        try (StoreMembers members = members(etcd.urls().getFirst())) {
            ObjectNode store = members.look();
            JsonNode member = store.path("members").path(0);
            assertEquals("etcd-0", store.path("name").asText());
            assertEquals(1, store.path("members").size(), store.toString());
            assertTrue(member.path("leader").asBoolean(), store.toString());
            assertTrue(member.path("status").path("term").asLong() > 0, store.toString());
            assertEquals("[]", store.path("silent").toString());
        }
    }

    @Test
    void whoDoesNotAnswerIsNamedAndDoesNotHideTheOthers() throws Exception {
        String silent = silentServer();
        try (StoreMembers members = members(etcd.urls().getFirst(), silent)) {
            ObjectNode store = members.look();
            assertEquals(silent, store.at("/silent/0/server").asText(), store.toString());
            assertTrue(store.at("/silent/0/error").asText().startsWith("UNAVAILABLE"), store.toString());
            assertTrue(store.at("/members/0/leader").asBoolean(), store.toString());
        }
    }

    @Test
    void onlyServersOfTheFlagsAreAsked() throws Exception {
        try (StoreMembers members = members(silentServer())) {
            ObjectNode store = members.look();
            assertEquals(1, store.path("members").size(), "any of them tells who there is");
            assertTrue(store.at("/members/0/status").isMissingNode(), store.toString());
        }
    }

    @Test
    void aStoreThatIsGoneIsToldOfAsGone() throws Exception {
        ManagedChannel gone = EtcdConnection.to(List.of(silentServer())).open();
        try (StoreMembers members = new StoreMembers("etcd-0", gone, null, null)) {
            ObjectNode store = members.look();
            assertNotEquals("", store.path("error").asText(), store.toString());
            assertEquals("in this process", store.at("/silent/0/server").asText(), store.toString());
        } finally {
            gone.shutdownNow();
        }
    }

    @Test
    void manyWhoLookWithinASecondAskOnce() throws Exception {
        AtomicLong now = new AtomicLong();
        try (StoreMembers members = members(etcd.urls().getFirst());
                EtcdStore store = new EtcdStore(etcd.channel(), StoreOptions.DEFAULT)) {
            StoreHandler handler = new StoreHandler(List.of(members), now::get);
            String first = told(handler);
            var _ = store.create("/registry/x", new byte[] {1}, 0);
            assertEquals(first, told(handler));
            now.addAndGet(1_000_000_000);
            assertNotEquals(first, told(handler));
        }
    }

    private static String told(StoreHandler handler) throws InterruptedException {
        ApiResponse.Whole answer = (ApiResponse.Whole) handler.handle(TestRequests.get(StoreHandler.PATH));
        ByteBuffer body = answer.parts().getFirst().duplicate();
        return StandardCharsets.UTF_8.decode(body).toString();
    }
}
