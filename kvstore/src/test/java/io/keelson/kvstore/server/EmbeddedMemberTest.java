package io.keelson.kvstore.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.keelson.kvstore.api.ClusterGrpc;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.Member;
import io.keelson.kvstore.api.MemberListRequest;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.server.config.ConfigException;
import io.keelson.kvstore.server.config.ServerConfig;
import io.keelson.raft.FreePorts;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A member that only its own process can talk to. */
@Timeout(60)
class EmbeddedMemberTest {
    private static final ByteString KEY = ByteString.copyFromUtf8("k");

    private final Path folder;

    EmbeddedMemberTest(@TempDir Path folder) {
        this.folder = folder;
    }

    private KvServer embedded() throws StartFailure {
        return KvServer.start(ServerConfig.embedded("--data-dir=" + folder, "--unsafe-no-fsync"));
    }

    private static void put(KvServer server, String value) {
        var _ = KVGrpc.newBlockingStub(server.channel())
                .put(PutRequest.newBuilder()
                        .setKey(KEY)
                        .setValue(ByteString.copyFromUtf8(value))
                        .build());
    }

    private static String get(KvServer server) {
        return KVGrpc.newBlockingStub(server.channel())
                .range(RangeRequest.newBuilder().setKey(KEY).build())
                .getKvs(0)
                .getValue()
                .toStringUtf8();
    }

    private static Member member(KvServer server) {
        return ClusterGrpc.newBlockingStub(server.channel())
                .memberList(MemberListRequest.getDefaultInstance())
                .getMembers(0);
    }

    private static String loopback() throws Exception {
        return "http://127.0.0.1:" + FreePorts.one();
    }

    private List<String> flags(String peer, String cluster) {
        return List.of(
                "--data-dir=" + folder,
                "--listen-client-urls=http://127.0.0.1:0",
                "--advertise-client-urls=http://127.0.0.1:0",
                "--listen-peer-urls=" + peer,
                "--initial-advertise-peer-urls=" + peer,
                "--initial-cluster=" + cluster,
                "--unsafe-no-fsync");
    }

    @Test
    void servesItsProcessAndIsTheSameAfterARestart() throws Exception {
        long id;
        try (KvServer server = embedded()) {
            assertEquals(List.of(), server.clientUrls());
            assertEquals(List.of(), server.httpUrls());
            put(server, "kept");
            id = server.memberId();
            Member member = member(server);
            assertEquals(List.of("http://embedded.invalid:2380"), member.getPeerURLsList());
            assertEquals(List.of("http://embedded.invalid:2380"), member.getClientURLsList());
        }
        try (KvServer server = embedded()) {
            assertEquals(id, server.memberId());
            assertEquals("kept", get(server));
        }
    }

    @Test
    void goesOnWithTheDataOfALoneMemberThatListened() throws Exception {
        String peer = loopback();
        long id;
        long cluster;
        try (KvServer server =
                KvServer.start(ServerConfig.of(flags(peer, "default=" + peer).toArray(String[]::new)))) {
            put(server, "older");
            id = server.memberId();
            cluster = server.clusterId();
        }
        try (KvServer server = embedded()) {
            assertEquals(id, server.memberId());
            assertEquals(cluster, server.clusterId());
            assertEquals("older", get(server));
            put(server, "newer");
            assertEquals("newer", get(server));
            assertEquals(
                    List.of(peer),
                    member(server).getPeerURLsList(),
                    "its identity was made of this URL, and nobody dials it");
        }
    }

    @Test
    void aMemberThatListensGoesOnWithItsData() throws Exception {
        long id;
        try (KvServer server = embedded()) {
            put(server, "kept");
            id = server.memberId();
        }
        String peer = loopback();
        try (KvServer server =
                KvServer.start(ServerConfig.of(flags(peer, "default=" + peer).toArray(String[]::new)))) {
            assertEquals(id, server.memberId());
            assertEquals(1, server.clientUrls().size());
            assertEquals("kept", get(server));
        }
    }

    @Test
    void oneOfSeveralMembersIsRefused() throws Exception {
        String peer = loopback();
        List<String> flags = new ArrayList<>(flags(peer, "default=" + peer + ",other=" + loopback()));
        flags.add("--wait-cluster-ready-timeout=1ms");
        KvServer.start(ServerConfig.of(flags.toArray(String[]::new))).close();
        StartFailure refused = assertThrows(StartFailure.class, this::embedded);
        assertTrue(
                String.valueOf(refused.getMessage())
                        .endsWith("is that of one of 2 members, and this one would listen" + " to none of the others"),
                refused.getMessage());
    }

    @Test
    void flagsAboutUrlsAreRefused() {
        for (String flag : List.of(
                "--listen-client-urls=http://127.0.0.1:0",
                "-listen-metrics-urls=http://127.0.0.1:0",
                "--initial-cluster=a=http://127.0.0.1:1",
                "--advertise-client-urls=http://127.0.0.1:1")) {
            assertThrows(ConfigException.class, () -> ServerConfig.embedded(flag), flag);
        }
    }
}
