package io.keelson.kvstore.bolt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.keelson.kvstore.api.AlarmMember;
import io.keelson.kvstore.api.AlarmType;
import io.keelson.kvstore.api.KeyValue;
import io.keelson.kvstore.api.Permission;
import io.keelson.kvstore.api.Role;
import io.keelson.kvstore.api.User;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EtcdBackendTest {
    private static final long MEMBER = Long.parseUnsignedLong("10221683743416816908");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private Path file;

    @BeforeEach
    void snapshot() throws IOException {
        file = folder.resolve("snapshot.db");
        Files.write(file, BoltFiles.etcdSnapshot());
    }

    @Test
    void theDigestOfARealSnapshotIsRight() throws IOException {
        SnapshotDigest.verify(file, bytes -> {});
    }

    @Test
    void aSnapshotThatDoesNotMatchItsDigestIsRefused() throws IOException {
        byte[] bytes = BoltFiles.etcdSnapshot();
        bytes[20_000] ^= 1;
        Files.write(file, bytes);
        var e = assertThrows(BoltFormatException.class, () -> SnapshotDigest.verify(file, seen -> {}));
        assertTrue(String.valueOf(e.getMessage()).matches("expected sha256 \\[[0-9 ]+], got \\[[0-9 ]+]"));
    }

    @Test
    void aFileWithoutDigestIsRefused() throws IOException {
        byte[] bytes = BoltFiles.etcdSnapshot();
        Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length - SnapshotDigest.BYTES));
        var e = assertThrows(BoltFormatException.class, () -> SnapshotDigest.verify(file, seen -> {}));
        assertEquals("snapshot missing hash but --skip-hash-check=false", e.getMessage());
    }

    /** The expected numbers are those that etcdutl 3.5.30 prints for the file. */
    @Test
    void theStatusOfARealSnapshotIsThatOfEtcdutl() throws IOException {
        try (EtcdBackend backend = EtcdBackend.open(file)) {
            assertEquals(new EtcdStatus(0xe66931a5, 34, 38, 61440, null), backend.status(pages -> {}));
        }
    }

    @Test
    void aRealSnapshotIsRead() throws IOException {
        try (EtcdBackend backend = EtcdBackend.open(file)) {
            List<RevisionKey> revisions = new ArrayList<>();
            List<KeyValue> versions = new ArrayList<>();
            backend.versions((revision, keyValue) -> {
                revisions.add(revision);
                versions.add(KeyValue.parseFrom(keyValue));
            });
            // Compacted at 20: the oldest version kept of each of the ten keys is one of 11 to 20.
            assertEquals(new RevisionKey(11, 0, false), revisions.getFirst());
            assertEquals("key/0", versions.getFirst().getKey().toStringUtf8());
            assertEquals("value-10", versions.getFirst().getValue().toStringUtf8());
            assertEquals(1, versions.getFirst().getVersion());
            RevisionKey tombstone = new RevisionKey(32, 0, true);
            assertEquals(
                    KeyValue.newBuilder()
                            .setKey(ByteString.copyFromUtf8("key/3"))
                            .build(),
                    versions.get(revisions.indexOf(tombstone)));
            KeyValue leased = versions.get(revisions.indexOf(new RevisionKey(33, 0, false)));
            assertEquals(0x150ca207475ca924L, leased.getLease());
            assertEquals(34, versions.getLast().getModRevision());
            assertEquals("big", versions.getLast().getKey().toStringUtf8());
            assertTrue(versions.getLast().getValue().size() > 20_000);

            List<EtcdLease> leases = new ArrayList<>();
            backend.leases(leases::add);
            assertEquals(
                    List.of(new EtcdLease(0x150ca207475ca922L, 3600, 0), new EtcdLease(0x150ca207475ca924L, 7200, 0)),
                    leases);

            EtcdMeta meta = backend.meta();
            assertEquals(20, meta.compactRevision());
            assertEquals(20, meta.finishedCompactRevision());
            assertEquals(2, meta.term());
            assertTrue(meta.consistentIndex() > 40);
            assertEquals("{\"voters\":[10221683743416816908],\"auto_leave\":false}", meta.confState());

            assertTrue(backend.auth().enabled());
            assertTrue(backend.auth().revision() > 1);
            assertEquals(
                    List.of("alice", "root"),
                    backend.users().stream()
                            .map(user -> user.getName().toStringUtf8())
                            .toList());
            assertEquals(List.of("reader"), backend.users().getFirst().getRolesList());
            assertTrue(backend.users().getFirst().getPassword().toStringUtf8().startsWith("$2a$10$"));
            Role reader = backend.roles().getFirst();
            assertEquals("reader", reader.getName().toStringUtf8());
            assertEquals(Permission.Type.READ, reader.getKeyPermission(0).getPermType());
            assertEquals(
                    List.of(new EtcdMember(
                            MEMBER,
                            "fixture",
                            List.of("http://127.0.0.1:31380"),
                            List.of("http://127.0.0.1:31379"),
                            false)),
                    backend.members());
            assertEquals(List.of(), backend.removedMembers());
            assertEquals("3.5.0", backend.clusterVersion());
            assertEquals(List.of(), backend.alarms());
        }
    }

    /** Damage anywhere in a real file, once the digest is not looked at: an error, or something read, but no crash. */
    @Test
    void aFlippedByteInARealSnapshotNeverCrashesTheReader() throws IOException {
        byte[] bytes = BoltFiles.etcdSnapshot();
        var random = new Random(7);
        int found = 0;
        for (int i = 0; i < 3000; i++) {
            int at = random.nextInt(bytes.length);
            byte before = bytes[at];
            bytes[at] ^= (byte) (1 + random.nextInt(255));
            Files.write(file, bytes);
            try (EtcdBackend backend = EtcdBackend.open(file)) {
                backend.status(pages -> {});
                backend.versions((revision, keyValue) -> assertTrue(revision.main() >= 0));
                backend.leases(lease -> {});
                backend.meta();
                backend.auth();
                backend.users();
                backend.roles();
                backend.members();
            } catch (BoltFormatException e) {
                assertFalse(String.valueOf(e.getMessage()).isEmpty());
                found++;
            }
            bytes[at] = before;
        }
        assertTrue(found > 0);
    }

    @Test
    void everythingWrittenIsRead() throws IOException {
        List<EtcdLease> leases = List.of(new EtcdLease(7, 60, 0), new EtcdLease(0x150ca207475ca922L, 3600, 1234));
        KeyValue put = KeyValue.newBuilder()
                .setKey(ByteString.copyFromUtf8("k"))
                .setModRevision(5)
                .setCreateRevision(5)
                .setVersion(1)
                .setValue(ByteString.copyFromUtf8("v"))
                .build();
        KeyValue deleted =
                KeyValue.newBuilder().setKey(ByteString.copyFromUtf8("k")).build();
        var image = new EtcdImage(
                versions -> {
                    versions.version(new RevisionKey(5, 0, false), put.toByteArray());
                    versions.version(new RevisionKey(5, 1, true), deleted.toByteArray());
                },
                sink -> {
                    for (EtcdLease lease : leases) {
                        sink.lease(lease);
                    }
                });
        EtcdMeta meta = new EtcdMeta(99, 3, "{\"voters\":[1]}", "3.6.0", 4, 3);
        User user = User.newBuilder()
                .setName(ByteString.copyFromUtf8("root"))
                .addRoles("root")
                .build();
        Role role = Role.newBuilder().setName(ByteString.copyFromUtf8("root")).build();
        AlarmMember alarm = AlarmMember.newBuilder()
                .setMemberID(MEMBER)
                .setAlarm(AlarmType.NOSPACE)
                .build();
        EtcdMember member = new EtcdMember(MEMBER, "", List.of("http://a:1", "http://b:1"), List.of(), true);
        image.meta(meta);
        image.auth(new EtcdAuth(true, 12));
        image.user(user);
        image.role(role);
        image.alarm(alarm);
        image.member(member);
        image.removedMember(-2);
        image.clusterVersion("3.6.0");
        image.downgrade("{\"enabled\":false}");
        BoltFiles.write(file, image.sources());
        try (EtcdBackend backend = EtcdBackend.open(file)) {
            assertEquals("3.6.0", backend.status(pages -> {}).version());
            List<Object> read = new ArrayList<>();
            backend.versions((revision, keyValue) -> {
                read.add(revision);
                read.add(KeyValue.parseFrom(keyValue));
            });
            assertEquals(List.of(new RevisionKey(5, 0, false), put, new RevisionKey(5, 1, true), deleted), read);
            List<EtcdLease> readLeases = new ArrayList<>();
            backend.leases(readLeases::add);
            assertEquals(leases, readLeases);
            assertEquals(meta, backend.meta());
            assertEquals(new EtcdAuth(true, 12), backend.auth());
            assertEquals(List.of(user), backend.users());
            assertEquals(List.of(role), backend.roles());
            assertEquals(List.of(alarm), backend.alarms());
            assertEquals(List.of(member), backend.members());
            assertEquals(List.of(-2L), backend.removedMembers());
            assertEquals("3.6.0", backend.clusterVersion());
            assertEquals("{\"enabled\":false}", backend.downgrade());
        }
    }

    @Test
    void revisionsAreEncodedAsEtcdDoes() {
        assertArrayEquals(
                new byte[] {0, 0, 0, 0, 0, 0, 1, 2, '_', 0, 0, 0, 0, 0, 0, 0, 3, 't'},
                new RevisionKey(258, 3, true).encode());
        assertEquals(new RevisionKey(258, 3, true), RevisionKey.decode(new RevisionKey(258, 3, true).encode()));
        assertThrows(IllegalArgumentException.class, () -> RevisionKey.decode(new byte[17]));
    }
}
