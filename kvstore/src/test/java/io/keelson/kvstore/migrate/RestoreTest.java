package io.keelson.kvstore.migrate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.keelson.kvstore.api.AlarmMember;
import io.keelson.kvstore.api.AlarmType;
import io.keelson.kvstore.api.KeyValue;
import io.keelson.kvstore.bolt.BoltFormatException;
import io.keelson.kvstore.bolt.EtcdBackend;
import io.keelson.kvstore.bolt.EtcdBucket;
import io.keelson.kvstore.bolt.EtcdImage;
import io.keelson.kvstore.bolt.EtcdLease;
import io.keelson.kvstore.bolt.EtcdMember;
import io.keelson.kvstore.bolt.EtcdMeta;
import io.keelson.kvstore.bolt.RevisionKey;
import io.keelson.kvstore.lease.LeaseRecord;
import io.keelson.kvstore.membership.Identity;
import io.keelson.kvstore.membership.Membership;
import io.keelson.kvstore.membership.MembershipStore;
import io.keelson.kvstore.storage.Database;
import io.keelson.kvstore.storage.Table;
import io.keelson.kvstore.storage.View;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RestoreTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @Test
    void aRealSnapshotComesOverAndGoesBackWithTheSameBytes() throws IOException {
        Path source = EtcdFiles.realSnapshot(folder);
        Path dataDir = folder.resolve("data");
        RestoreReport report = EtcdFiles.restore(source, dataDir);
        assertEquals(34, report.revision());
        assertEquals(20, report.compactRevision());
        assertEquals(2, report.leases());
        assertEquals(2, report.users());
        assertEquals(1, report.roles());
        assertTrue(report.authEnabled());
        // key/0 to key/9 without key/3, leased, big.
        assertEquals(11, report.keys());
        assertEquals(1, report.deletions());

        Path back = folder.resolve("back.db");
        EtcdFiles.export(dataDir, back, 0);
        for (EtcdBucket bucket : List.of(
                EtcdBucket.KEY,
                EtcdBucket.LEASE,
                EtcdBucket.AUTH,
                EtcdBucket.AUTH_USERS,
                EtcdBucket.AUTH_ROLES,
                EtcdBucket.ALARM)) {
            assertEquals(EtcdFiles.entries(source, bucket), EtcdFiles.entries(back, bucket), bucket.text());
        }
        try (EtcdBackend backend = EtcdBackend.open(back)) {
            assertEquals(34, backend.status(pages -> {}).revision());
            assertEquals(20, backend.meta().compactRevision());
        }
    }

    @Test
    void theNewClusterHasItsOwnIdentity() throws IOException {
        Path dataDir = folder.resolve("data");
        RestoreReport report = EtcdFiles.restore(EtcdFiles.realSnapshot(folder), dataDir);
        Identity identity = Identity.read(dataDir);
        assertNotNull(identity);
        assertTrue(identity.seeded());
        assertEquals(report.clusterId(), identity.clusterId());
        assertEquals(report.memberId(), identity.memberId());
        assertEquals(
                List.of("m"),
                identity.initialMembers().stream()
                        .map(member -> member.getName())
                        .toList());
    }

    @Test
    void leasesKeepTheTimeTheyHadLeftAndTheirKeys() throws IOException {
        Path source = folder.resolve("leases.db");
        var image = new EtcdImage(
                versions -> {
                    versions.version(new RevisionKey(2, 0, false), put("a", 2, 2, 1, 7));
                    versions.version(new RevisionKey(3, 0, false), put("b", 3, 3, 1, 8));
                    // b moves from lease 8 to 7, a to one that does not exist.
                    versions.version(new RevisionKey(4, 0, false), put("b", 3, 4, 2, 7));
                    versions.version(new RevisionKey(5, 0, false), put("a", 2, 5, 2, 99));
                },
                leases -> {
                    leases.lease(new EtcdLease(7, 60, 0));
                    leases.lease(new EtcdLease(8, 60, 12));
                });
        image.meta(new EtcdMeta(9, 1, null, null, 0, 0));
        EtcdFiles.write(source, image.sources());
        Path dataDir = folder.resolve("data");
        EtcdFiles.restore(source, dataDir);
        try (Database database = EtcdFiles.open(dataDir);
                View view = database.view()) {
            assertEquals(new LeaseRecord(60, 60_000), lease(view, 7));
            assertEquals(new LeaseRecord(60, 12_000), lease(view, 8));
            assertNotNull(view.get(Table.LEASE_KEY, LeaseRecord.attachmentKey(7, new byte[] {'b'})));
            for (long id : new long[] {7, 8, 99}) {
                assertEquals(null, view.get(Table.LEASE_KEY, LeaseRecord.attachmentKey(id, new byte[] {'a'})));
            }
            assertEquals(-1, view.state().compactRevision());
        }
        Path back = folder.resolve("back.db");
        EtcdFiles.export(dataDir, back, 10_500);
        List<EtcdLease> leases = new ArrayList<>();
        try (EtcdBackend backend = EtcdBackend.open(back)) {
            backend.leases(leases::add);
        }
        assertEquals(List.of(new EtcdLease(7, 60, 50), new EtcdLease(8, 60, 2)), leases);
    }

    /** etcd 3.6 adds a storage version to the file, and keeps members, cluster version and a downgrade under way in it. */
    @Test
    void aFileOfEtcd36ComesOverAsOneOf35Does() throws IOException {
        Path source = folder.resolve("36.db");
        var image = new EtcdImage(
                versions -> {
                    versions.version(new RevisionKey(2, 0, false), put("a", 2, 2, 1, 0));
                    versions.version(new RevisionKey(3, 0, false), put("a", 2, 3, 2, 0));
                },
                leases -> {});
        image.meta(new EtcdMeta(9, 2, "{\"voters\":[1],\"auto_leave\":false}", "3.6.0", 2, 2));
        image.clusterVersion("3.6.0");
        image.downgrade("{\"target-version\":\"3.5.0\",\"enabled\":true}");
        image.member(new EtcdMember(1, "old", List.of("http://127.0.0.1:1"), List.of(), false));
        EtcdFiles.write(source, image.sources());
        Path dataDir = folder.resolve("data");
        RestoreReport report = EtcdFiles.restore(source, dataDir);
        assertEquals(3, report.revision());
        assertEquals(2, report.compactRevision());
        assertEquals(1, report.keys());
        assertEquals(2, report.versions());
        try (Database database = EtcdFiles.open(dataDir);
                View view = database.view()) {
            Membership members = MembershipStore.read(view);
            // A new cluster decides on its version itself, and its members are not those of the old one.
            assertEquals(null, members.clusterVersion());
            assertFalse(members.downgrade().getEnabled());
            assertTrue(members.members().isEmpty());
        }
    }

    private static LeaseRecord lease(View view, long id) {
        byte[] record = view.get(Table.LEASE, LeaseRecord.key(id));
        assertNotNull(record);
        return LeaseRecord.decode(record);
    }

    private static byte[] put(String key, long create, long mod, long version, long lease) {
        return KeyValue.newBuilder()
                .setKey(ByteString.copyFromUtf8(key))
                .setCreateRevision(create)
                .setModRevision(mod)
                .setVersion(version)
                .setLease(lease)
                .setValue(ByteString.copyFromUtf8("value"))
                .build()
                .toByteArray();
    }

    private static byte[] deletion(String key) {
        return KeyValue.newBuilder()
                .setKey(ByteString.copyFromUtf8(key))
                .build()
                .toByteArray();
    }

    private Path file(EtcdMeta meta, EtcdImage.VersionSource versions) throws IOException {
        Path source = folder.resolve("source.db");
        var image = new EtcdImage(versions, leases -> {});
        image.meta(meta);
        EtcdFiles.write(source, image.sources());
        return source;
    }

    @Test
    void aBumpedRevisionCountsAsCompactedAndIsNeverGivenAgain() throws IOException {
        Path source = file(
                new EtcdMeta(9, 1, null, null, 0, 0),
                versions -> versions.version(new RevisionKey(2, 0, false), put("a", 2, 2, 1, 0)));
        Path dataDir = folder.resolve("data");
        RestoreReport report = Restore.run(EtcdFiles.config(source, dataDir, 1_000_000), Progress.NONE);
        assertEquals(1_000_002, report.revision());
        assertEquals(1_000_002, report.compactRevision());
        assertEquals(1, report.keys());
        try (Database database = EtcdFiles.open(dataDir)) {
            assertEquals(1_000_002, database.published().revision());
            assertEquals(1_000_002, database.published().compactRevision());
        }
    }

    @Test
    void anEntryThatOnlyRaisesTheRevisionDoesSoHere() throws IOException {
        Path source = file(new EtcdMeta(9, 1, null, null, 0, 0), versions -> {
            versions.version(new RevisionKey(2, 0, false), put("a", 2, 2, 1, 0));
            versions.version(new RevisionKey(500, 0, false), new byte[0]);
        });
        RestoreReport report = EtcdFiles.restore(source, folder.resolve("data"));
        assertEquals(500, report.revision());
        assertEquals(1, report.versions());
    }

    @Test
    void aStoreThatACompactionEmptiedKeepsItsRevision() throws IOException {
        Path source = file(new EtcdMeta(9, 1, null, null, 40, 40), versions -> {});
        RestoreReport report = EtcdFiles.restore(source, folder.resolve("data"));
        assertEquals(40, report.revision());
        assertEquals(40, report.compactRevision());
        assertEquals(0, report.keys());
    }

    /** Of etcd's crash between asking for a compaction and carrying it out. */
    @Test
    void whatAScheduledCompactionMadeUnreadableComesOverButIsNotGivenBack() throws IOException {
        Path source = file(new EtcdMeta(9, 1, null, null, 5, 0), versions -> {
            versions.version(new RevisionKey(2, 0, false), put("a", 2, 2, 1, 0));
            versions.version(new RevisionKey(3, 0, false), put("b", 3, 3, 1, 0));
            versions.version(new RevisionKey(4, 0, false), put("a", 2, 4, 2, 0));
            versions.version(new RevisionKey(4, 1, true), deletion("b"));
            versions.version(new RevisionKey(5, 0, true), deletion("a"));
            versions.version(new RevisionKey(6, 0, false), put("c", 6, 6, 1, 0));
        });
        Path dataDir = folder.resolve("data");
        RestoreReport report = EtcdFiles.restore(source, dataDir);
        assertEquals(5, report.compactRevision());
        Path back = folder.resolve("back.db");
        EtcdFiles.export(dataDir, back, 0);
        List<RevisionKey> kept = new ArrayList<>();
        try (EtcdBackend backend = EtcdBackend.open(back)) {
            backend.versions((revision, keyValue) -> kept.add(revision));
        }
        assertEquals(List.of(new RevisionKey(5, 0, true), new RevisionKey(6, 0, false)), kept);
    }

    @Test
    void alarmsStayRaisedAndTheReportSaysSo() throws IOException {
        Path source = folder.resolve("alarm.db");
        var image = new EtcdImage(versions -> {}, leases -> {});
        image.meta(new EtcdMeta(9, 1, null, null, 0, 0));
        image.alarm(AlarmMember.newBuilder()
                .setMemberID(0xabc)
                .setAlarm(AlarmType.NOSPACE)
                .build());
        EtcdFiles.write(source, image.sources());
        Path dataDir = folder.resolve("data");
        RestoreReport report = EtcdFiles.restore(source, dataDir);
        assertEquals(1, report.alarms());
        assertEquals(
                List.of("alarm NOSPACE of member abc is still raised; disarm it with alarm disarm"), report.notices());
        Path back = folder.resolve("back.db");
        EtcdFiles.export(dataDir, back, 0);
        assertEquals(EtcdFiles.entries(source, EtcdBucket.ALARM), EtcdFiles.entries(back, EtcdBucket.ALARM));
    }

    @Test
    void membersThatRestoreTheSameFileHoldTheSame() throws IOException {
        Path source = EtcdFiles.realSnapshot(folder);
        EtcdFiles.restore(source, folder.resolve("one"));
        EtcdFiles.restore(source, folder.resolve("two"));
        EtcdFiles.export(folder.resolve("one"), folder.resolve("one.db"), 0);
        EtcdFiles.export(folder.resolve("two"), folder.resolve("two.db"), 0);
        assertEquals(-1, Files.mismatch(folder.resolve("one.db"), folder.resolve("two.db")));
    }

    @Test
    void aDamagedFileLeavesNothingBehind() throws IOException {
        Path source = EtcdFiles.realSnapshot(folder);
        byte[] bytes = Files.readAllBytes(source);
        bytes[20_000] ^= 1;
        Files.write(source, bytes);
        Path dataDir = folder.resolve("sub/data");
        var e = assertThrows(BoltFormatException.class, () -> EtcdFiles.restore(source, dataDir));
        String message = String.valueOf(e.getMessage());
        assertTrue(message.startsWith("expected sha256 ["), message);
        assertNothingIn(folder.resolve("sub"));
    }

    @Test
    void whereADamagedFileIsNoLongerAFileOfPagesThePageIsNamedToo() throws IOException {
        Path source = EtcdFiles.realSnapshot(folder);
        byte[] bytes = Files.readAllBytes(source);
        int pageBytes = 4096;
        for (int page = 2; (page + 1) * pageBytes < bytes.length; page++) {
            bytes[page * pageBytes] ^= 0x55;
        }
        Files.write(source, bytes);
        var e = assertThrows(BoltFormatException.class, () -> EtcdFiles.restore(source, folder.resolve("sub/data")));
        String message = String.valueOf(e.getMessage());
        assertTrue(message.matches("(?s)expected sha256 \\[.*\\]; .*page \\d+.*"), message);
        assertNothingIn(folder.resolve("sub"));
    }

    @Test
    void aVersionThatMakesNoSenseIsNamedWithItsPage() throws IOException {
        Path source = file(
                new EtcdMeta(9, 1, null, null, 0, 0),
                versions -> versions.version(new RevisionKey(2, 0, false), put("a", 2, 77, 1, 0)));
        var e = assertThrows(BoltFormatException.class, () -> EtcdFiles.restore(source, folder.resolve("sub/data")));
        String message = String.valueOf(e.getMessage());
        assertTrue(message.matches("page \\d+ \\(offset \\d+\\): .*revision 2\\.0: its mod_revision is 77"), message);
        assertNothingIn(folder.resolve("sub"));
    }

    private static void assertNothingIn(Path folder) throws IOException {
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(List.of(), left.toList());
        }
    }

    @Test
    void aFolderThatIsInUseIsNotTouched() throws IOException {
        Path source = EtcdFiles.realSnapshot(folder);
        Path dataDir = folder.resolve("data");
        Files.createDirectory(dataDir);
        Files.writeString(dataDir.resolve("file"), "mine");
        var e = assertThrows(IOException.class, () -> EtcdFiles.restore(source, dataDir));
        assertEquals("data-dir \"" + dataDir + "\" not empty or could not be read", e.getMessage());
        assertEquals("mine", Files.readString(dataDir.resolve("file")));
    }

    @Test
    void whatACrashLeftIsReplacedAndAnEmptyFolderFilled() throws IOException {
        Path source = EtcdFiles.realSnapshot(folder);
        Path dataDir = folder.resolve("data");
        Files.createDirectory(dataDir);
        Files.createDirectories(folder.resolve("data.part/db/db-1"));
        Files.writeString(folder.resolve("data.part/db/ACTIVE"), "db-1\n");
        assertEquals(11, EtcdFiles.restore(source, dataDir).keys());
        assertFalse(Files.exists(folder.resolve("data.part")));
        assertFalse(Files.exists(folder.resolve("data.part.lock")));
    }

    @Test
    void twoRestoresIntoOneFolderExcludeEachOther() throws IOException {
        Path dataDir = folder.resolve("data");
        try (PendingFolder first = PendingFolder.begin(dataDir)) {
            assertTrue(Files.isDirectory(first.path()));
            var e = assertThrows(IOException.class, () -> PendingFolder.begin(dataDir));
            assertTrue(String.valueOf(e.getMessage()).contains("is under way"), e.getMessage());
        }
        PendingFolder.begin(dataDir).close();
    }

    @Test
    void bumpAndMarkGoTogether() {
        var e = assertThrows(
                IllegalArgumentException.class,
                () -> new RestoreConfig(
                        folder, folder, "m", java.util.Map.of("m", List.of("http://a:1")), "t", false, 5, false));
        assertEquals("--mark-compacted required if --revision-bump > 0", e.getMessage());
    }
}
