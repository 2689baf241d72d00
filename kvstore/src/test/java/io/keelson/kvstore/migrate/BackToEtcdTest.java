package io.keelson.kvstore.migrate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.kvstore.bolt.BoltFormatException;
import io.keelson.kvstore.bolt.EtcdBackend;
import io.keelson.kvstore.bolt.EtcdBucket;
import io.keelson.kvstore.bolt.EtcdStatus;
import io.keelson.kvstore.bolt.RealEtcd;
import io.keelson.raft.FreePorts;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole way: a real etcd, its data here, and back into a real etcd. Skipped where there is none. */
final class BackToEtcdTest {
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
    void fromEtcdHereAndBackToEtcd() throws Exception {
        Path etcdData = folder.resolve("etcd");
        Path snapshot = folder.resolve("snapshot.db");
        String lease;
        String newest;
        try (RealEtcd etcd = RealEtcd.start(programs, etcdData, null)) {
            for (int i = 0; i < 12; i++) {
                etcd.ctl("put", "key" + i % 4, "value " + i);
            }
            lease = etcd.ctl("lease", "grant", "5000").split(" ", -1)[1];
            etcd.ctl("put", "leased", "x", "--lease=" + lease);
            etcd.ctl("del", "key2");
            etcd.ctl("compact", "8");
            etcd.ctl("role", "add", "reader");
            etcd.ctl("role", "grant-permission", "reader", "read", "key", "key9");
            etcd.ctl("user", "add", "root:secret");
            etcd.ctl("user", "grant-role", "root", "root");
            etcd.ctl("user", "add", "alice:wonder");
            etcd.ctl("user", "grant-role", "alice", "reader");
            etcd.ctl("auth", "enable");
            etcd.ctl("--user=root:secret", "snapshot", "save", snapshot.toString());
            newest = etcd.ctl("--user=root:secret", "get", "", "--from-key", "-w", "simple");

            // The file under a running etcd is refused.
            var inUse = assertThrows(
                    BoltFormatException.class,
                    () -> Restore.run(
                            EtcdFiles.config(etcdData.resolve("member/snap/db"), folder.resolve("no")), Progress.NONE));
            assertTrue(String.valueOf(inUse.getMessage()).contains("is in use by process"), inUse.getMessage());
        }
        Path data = folder.resolve("data");
        RestoreReport report = EtcdFiles.restore(snapshot, data);
        assertEquals(15, report.revision());
        assertEquals(8, report.compactRevision());
        assertEquals(4, report.keys());

        Path back = folder.resolve("back.db");
        EtcdFiles.export(data, back, 1_000_000);
        assertEquals(EtcdFiles.entries(snapshot, EtcdBucket.KEY), EtcdFiles.entries(back, EtcdBucket.KEY));
        String status = programs.utl("snapshot", "status", back.toString());
        try (EtcdBackend backend = EtcdBackend.open(back)) {
            EtcdStatus ours = backend.status(pages -> {});
            assertTrue(
                    status.startsWith("%x, %d, %d, ".formatted(ours.hash(), ours.revision(), ours.totalKeys())),
                    status + ours);
        }
        String peer = "http://127.0.0.1:" + FreePorts.one();
        Path again = folder.resolve("again");
        programs.utl(
                "snapshot",
                "restore",
                back.toString(),
                "--data-dir=" + again,
                "--name=m",
                "--initial-cluster=m=" + peer,
                "--initial-advertise-peer-urls=" + peer);
        try (RealEtcd etcd = RealEtcd.start(programs, again, peer)) {
            assertEquals(newest, etcd.ctl("--user=root:secret", "get", "", "--from-key", "-w", "simple"));
            assertEquals("key1\nvalue 9\n", etcd.ctl("--user=alice:wonder", "get", "key1"));
            assertEquals("key1\nvalue 5\n", etcd.ctl("--user=alice:wonder", "get", "key1", "--rev=8"));
            String left = etcd.ctl("--user=root:secret", "lease", "timetolive", lease, "--keys");
            assertTrue(left.contains("granted with TTL(5000s)") && left.contains("attached keys([leased])"), left);
            assertTrue(etcd.ctl("--user=root:secret", "put", "after", "x", "-w", "fields")
                    .contains("\"Revision\" : 16"));
            etcd.ctl("--user=root:secret", "compact", "16", "--physical");
        }
        // The file of a stopped member comes over too, without a digest.
        Path stopped = etcdData.resolve("member/snap/db");
        var config = EtcdFiles.config(stopped, folder.resolve("data2"));
        var e = assertThrows(BoltFormatException.class, () -> Restore.run(config, Progress.NONE));
        assertEquals("snapshot missing hash but --skip-hash-check=false", e.getMessage());
        RestoreReport fromMember = Restore.run(
                new RestoreConfig(stopped, config.dataDir(), "m", config.peerUrlsByName(), "token", true, 0, false),
                Progress.NONE);
        assertEquals(15, fromMember.revision());
        assertTrue(Files.isDirectory(config.dataDir()));
    }
}
