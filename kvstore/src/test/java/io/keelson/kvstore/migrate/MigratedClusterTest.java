package io.keelson.kvstore.migrate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.kvstore.bolt.EtcdBucket;
import io.keelson.kvstore.bolt.RealEtcd;
import io.keelson.kvstore.server.KvServer;
import io.keelson.kvstore.server.config.ServerConfig;
import io.keelson.raft.FreePorts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An operator's way over and back: etcd's snapshot restored into three members of ours, a snapshot saved from one of them
 * by the real etcdctl, and that restored into a real etcd. Skipped where there is none.
 */
final class MigratedClusterTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private RealEtcd.Programs programs;

    @BeforeEach
    void findEtcd() {
        var found = RealEtcd.Programs.find();
        Assumptions.assumeTrue(found.isPresent(), "KEELSON_ETCD and KEELSON_ETCDCTL name no real etcd");
        programs = found.orElseThrow();
    }

    @Test
    void threeMembersServeWhatCameFromEtcdAndGiveItBack() throws Exception {
        Path source = folder.resolve("etcd.db");
        String lease;
        try (RealEtcd etcd = RealEtcd.start(programs, folder.resolve("etcd"), null)) {
            for (int i = 0; i < 12; i++) {
                etcd.ctl("put", "key" + i % 4, "value " + i);
            }
            lease = etcd.ctl("lease", "grant", "5000").split(" ", -1)[1];
            etcd.ctl("put", "leased", "x", "--lease=" + lease);
            etcd.ctl("del", "key2");
            etcd.ctl("compact", "8");
            etcd.ctl("snapshot", "save", source.toString());
        }
        Path saved = folder.resolve("saved.db");
        Map<String, List<String>> peers = Map.of(
                "a", List.of("http://127.0.0.1:" + FreePorts.one()),
                "b", List.of("http://127.0.0.1:" + FreePorts.one()),
                "c", List.of("http://127.0.0.1:" + FreePorts.one()));
        List<KvServer> servers = new ArrayList<>();
        try {
            List<Thread> starts = new ArrayList<>();
            List<Throwable> failures = new ArrayList<>();
            for (String name : List.of("a", "b", "c")) {
                Path dataDir = folder.resolve(name);
                Restore.run(new RestoreConfig(source, dataDir, name, peers, "t", false, 0, false), Progress.NONE);
                starts.add(Thread.ofPlatform().start(() -> {
                    try {
                        KvServer server = KvServer.start(config(name, dataDir, peers));
                        synchronized (servers) {
                            servers.add(server);
                        }
                    } catch (Exception e) {
                        synchronized (failures) {
                            failures.add(e);
                        }
                    }
                }));
            }
            for (Thread start : starts) {
                start.join();
            }
            assertEquals(List.of(), failures);
            assertEquals(3, servers.size());
            for (KvServer server : servers) {
                String endpoint = server.clientUrls().getFirst().toString();
                assertEquals("key1\nvalue 9\n", programs.ctl(endpoint, "get", "key1"));
                assertEquals("key1\nvalue 5\n", programs.ctl(endpoint, "get", "key1", "--rev=8"));
                assertEquals("", programs.ctl(endpoint, "get", "key2"));
                assertTrue(programs.ctl(endpoint, "lease", "timetolive", lease, "--keys")
                        .contains("attached keys([leased])"));
            }
            String endpoint = servers.getFirst().clientUrls().getFirst().toString();
            // etcd's newest revision was 15.
            assertTrue(
                    programs.ctl(endpoint, "put", "after", "x", "-w", "fields").contains("\"Revision\" : 16"));
            programs.ctl(endpoint, "del", "leased");
            programs.ctl(endpoint, "snapshot", "save", saved.toString());
        } finally {
            servers.forEach(KvServer::close);
        }

        // Nothing that etcd held is different in what comes back, apart from what was done since.
        List<String> before = EtcdFiles.entries(source, EtcdBucket.KEY);
        List<String> after = EtcdFiles.entries(saved, EtcdBucket.KEY);
        assertEquals(before, after.subList(0, before.size()));
        assertEquals(before.size() + 2, after.size());

        String peer = "http://127.0.0.1:" + FreePorts.one();
        Path again = folder.resolve("again");
        programs.utl(
                "snapshot",
                "restore",
                saved.toString(),
                "--data-dir=" + again,
                "--name=m",
                "--initial-cluster=m=" + peer,
                "--initial-advertise-peer-urls=" + peer);
        try (RealEtcd etcd = RealEtcd.start(programs, again, peer)) {
            assertEquals("key1\nvalue 9\n", etcd.ctl("get", "key1"));
            assertEquals("after\nx\n", etcd.ctl("get", "after"));
            assertEquals("", etcd.ctl("get", "leased"));
            assertEquals("leased\nx\n", etcd.ctl("get", "leased", "--rev=15"));
            assertTrue(etcd.ctl("put", "again", "x", "-w", "fields").contains("\"Revision\" : 18"));
        }
    }

    private static ServerConfig config(String name, Path dataDir, Map<String, List<String>> peers) throws IOException {
        String client = "http://127.0.0.1:" + FreePorts.one();
        String peer = peers.getOrDefault(name, List.of()).getFirst();
        List<String> cluster = new ArrayList<>();
        peers.forEach((member, urls) -> cluster.add(member + "=" + urls.getFirst()));
        return ServerConfig.of(
                "--name=" + name,
                "--data-dir=" + dataDir,
                "--listen-client-urls=" + client,
                "--advertise-client-urls=" + client,
                "--listen-peer-urls=" + peer,
                "--initial-advertise-peer-urls=" + peer,
                "--initial-cluster=" + String.join(",", cluster),
                "--initial-cluster-token=t");
    }
}
