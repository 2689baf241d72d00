package io.keelson.kvstore.bolt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.keelson.kvstore.api.KeyValue;
import io.keelson.kvstore.api.Permission;
import io.keelson.kvstore.api.Role;
import io.keelson.kvstore.api.User;
import io.keelson.raft.FreePorts;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files go both ways between a real etcd and this package. Skipped where there is no etcd, see {@link RealEtcd}. */
final class RealEtcdTest {
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
    void aSnapshotAndTheFileOfARunningEtcdAreRead() throws Exception {
        Path data = folder.resolve("data");
        Path snapshot = folder.resolve("snapshot.db");
        try (RealEtcd etcd = RealEtcd.start(programs, data, null)) {
            for (int i = 0; i < 20; i++) {
                etcd.ctl("put", "key" + i % 5, "value".repeat(i * 40));
            }
            etcd.ctl("del", "key1");
            etcd.ctl("compact", "10");
            etcd.ctl("snapshot", "save", snapshot.toString());
        }
        String expected = programs.utl("snapshot", "status", snapshot.toString());
        SnapshotDigest.verify(snapshot, bytes -> {});
        try (EtcdBackend backend = EtcdBackend.open(snapshot)) {
            EtcdStatus status = backend.status(pages -> {});
            assertTrue(
                    expected.startsWith("%x, %d, %d, ".formatted(status.hash(), status.revision(), status.totalKeys())),
                    expected + status);
        }
        // The member's own file, whose pages are mostly free, and not in any order.
        try (EtcdBackend backend = EtcdBackend.open(data.resolve("member/snap/db"))) {
            backend.file().verify(pages -> {});
            List<Long> revisions = new ArrayList<>();
            backend.versions((revision, keyValue) -> revisions.add(revision.main()));
            assertEquals(22L, revisions.getLast());
            assertEquals(10, backend.meta().compactRevision());
        }
    }

    @Test
    void aRealEtcdRestoresOurFileServesItCompactsItAndGoesOn() throws Exception {
        int keys = 20_000;
        var random = new Random(3);
        byte[] big = new byte[400_000];
        random.nextBytes(big);
        EtcdImage image = new EtcdImage(versions -> versions(versions, keys, big), sink -> {
            sink.lease(new EtcdLease(0x1111, 5000, 0));
            sink.lease(new EtcdLease(0x2222, 6000, 0));
        });
        image.meta(new EtcdMeta(123, 4, null, null, 0, 0));
        image.auth(new EtcdAuth(false, 3));
        image.user(User.newBuilder()
                .setName(ByteString.copyFromUtf8("alice"))
                .setPassword(ByteString.copyFromUtf8("$2a$10$8piwzQgPIeq3B1K6C5ZzWOqlUL45uBZ2jkPVFkP/Hpo2zdoVWKQi6"))
                .addRoles("reader")
                .build());
        image.role(Role.newBuilder()
                .setName(ByteString.copyFromUtf8("reader"))
                .addKeyPermission(Permission.newBuilder()
                        .setPermType(Permission.Type.READ)
                        .setKey(ByteString.copyFromUtf8("key/"))
                        .setRangeEnd(ByteString.copyFromUtf8("key0")))
                .build());
        image.member(new EtcdMember(5, "old", List.of("http://127.0.0.1:1"), List.of(), false));
        image.clusterVersion("3.5.0");
        Path snapshot = folder.resolve("ours.db");
        writeSnapshot(snapshot, image.sources());

        // Runs bbolt's own check of every page.
        String status = programs.utl("snapshot", "status", snapshot.toString());
        try (EtcdBackend backend = EtcdBackend.open(snapshot)) {
            EtcdStatus ours = backend.status(pages -> {});
            assertTrue(
                    status.startsWith("%x, %d, %d, ".formatted(ours.hash(), ours.revision(), ours.totalKeys())),
                    status + ours);
        }
        Path data = folder.resolve("restored");
        String peer = "http://127.0.0.1:" + FreePorts.one();
        programs.utl(
                "snapshot",
                "restore",
                snapshot.toString(),
                "--data-dir=" + data,
                "--name=m",
                "--initial-cluster=m=" + peer,
                "--initial-advertise-peer-urls=" + peer);
        try (RealEtcd etcd = RealEtcd.start(programs, data, peer)) {
            assertTrue(etcd.ctl("get", "key/", "--prefix", "--count-only", "-w", "fields")
                    .contains("\"Count\" : " + (keys - 1)));
            assertTrue(etcd.ctl("get", "key/7", "-w", "fields").contains("\"Value\" : \"second 7\""));
            assertTrue(etcd.ctl("get", "key/7", "--rev=" + (7 + 2)).contains("first 7"));
            assertTrue(etcd.ctl("get", "key/9").isEmpty());
            assertEquals(
                    big.length + "key/big\n\n".length(),
                    etcd.ctl("get", "key/big").length());
            assertTrue(etcd.ctl("lease", "timetolive", "1111", "--keys").contains("attached keys([key/5])"));
            assertTrue(etcd.ctl("user", "get", "alice").contains("reader"));
            assertTrue(etcd.ctl("role", "get", "reader").contains("[key/, key0) (prefix key/)"));
            // Removes most entries of the tree and merges its pages.
            etcd.ctl("compact", String.valueOf(2 * keys), "--physical");
            etcd.ctl("put", "key/7", "third 7");
            etcd.ctl("defrag");
            assertTrue(etcd.ctl("get", "key/7").contains("third 7"));
            assertTrue(
                    etcd.ctl("get", "key/big", "--count-only", "-w", "fields").contains("\"Count\" : 1"));
        }
        try (EtcdBackend backend = EtcdBackend.open(data.resolve("member/snap/db"))) {
            backend.file().verify(pages -> {});
            assertEquals(2L * keys, backend.meta().compactRevision());
        }
    }

    /** Each key put twice, one removed, one large. */
    private static void versions(EtcdBackend.Versions versions, int keys, byte[] big) throws IOException {
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < keys; i++) {
                long revision = 2 + (long) round * keys + i;
                boolean large = i == keys - 1;
                KeyValue.Builder keyValue =
                        KeyValue.newBuilder().setKey(ByteString.copyFromUtf8(large ? "key/big" : "key/" + i));
                if (round == 1 && i == 9) {
                    versions.version(
                            new RevisionKey(revision, 0, true), keyValue.build().toByteArray());
                    continue;
                }
                keyValue.setCreateRevision(2 + i)
                        .setModRevision(revision)
                        .setVersion(round + 1)
                        .setLease(i == 5 ? 0x1111 : 0)
                        .setValue(
                                large
                                        ? ByteString.copyFromUtf8("x".repeat(big.length))
                                        : ByteString.copyFromUtf8((round == 0 ? "first " : "second ") + i));
                versions.version(
                        new RevisionKey(revision, 0, false), keyValue.build().toByteArray());
            }
        }
    }

    private static void writeSnapshot(Path file, List<BoltSource> sources) throws IOException {
        MessageDigest digest = SnapshotDigest.start();
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
            BoltWriter.write(BoltLayout.of(sources), sources, new DigestOutputStream(out, digest));
            out.write(digest.digest());
        }
    }
}
