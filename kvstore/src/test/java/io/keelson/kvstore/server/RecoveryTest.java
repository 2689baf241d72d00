package io.keelson.kvstore.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.keelson.kvstore.api.AlarmMember;
import io.keelson.kvstore.api.AlarmRequest;
import io.keelson.kvstore.api.AlarmType;
import io.keelson.kvstore.api.ClusterGrpc;
import io.keelson.kvstore.api.LeaseGrantRequest;
import io.keelson.kvstore.api.LeaseGrpc;
import io.keelson.kvstore.api.LeaseTimeToLiveRequest;
import io.keelson.kvstore.api.MaintenanceGrpc;
import io.keelson.kvstore.api.MemberAddRequest;
import io.keelson.kvstore.api.MemberListRequest;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.SnapshotRequest;
import io.keelson.kvstore.migrate.Progress;
import io.keelson.kvstore.migrate.Restore;
import io.keelson.kvstore.migrate.RestoreConfig;
import io.keelson.kvstore.storage.Database;
import io.keelson.kvstore.storage.Maintenance;
import io.keelson.kvstore.storage.StorageConfig;
import io.keelson.kvstore.storage.Table;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What an operator does when members or data are lost. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RecoveryTest {
    @TempDir
    Path folder = Path.of("");

    private static ByteString bytes(String text) {
        return ByteString.copyFromUtf8(text);
    }

    private static void put(TestKvCluster cluster, String name, String key, String value) {
        var _ = cluster.kv(name)
                .put(PutRequest.newBuilder()
                        .setKey(bytes(key))
                        .setValue(bytes(value))
                        .build());
    }

    private static String read(TestKvCluster cluster, String name, String key) {
        var answer = cluster.kv(name)
                .range(RangeRequest.newBuilder().setKey(bytes(key)).build());
        return answer.getKvsCount() == 0 ? "" : answer.getKvs(0).getValue().toStringUtf8();
    }

    private static int members(TestKvCluster cluster, String name) {
        return ClusterGrpc.newBlockingStub(cluster.channel(name))
                .memberList(MemberListRequest.newBuilder().setLinearizable(true).build())
                .getMembersCount();
    }

    /** Adds a member and starts it. */
    private static void grow(TestKvCluster cluster, String at, String name, List<String> all) throws Exception {
        var _ = ClusterGrpc.newBlockingStub(cluster.channel(at))
                .memberAdd(MemberAddRequest.newBuilder()
                        .addPeerURLs(cluster.peerUrl(name))
                        .build());
        var _ = cluster.join(name, all);
        var _ = cluster.awaitLeader();
    }

    @Test
    void theLastMemberLeftGoesOnAloneWithItsDataAndGrowsAgain() throws Exception {
        try (TestKvCluster cluster = TestKvCluster.started(folder)) {
            for (int i = 0; i < 100; i++) {
                put(cluster, "m2", "key" + i, "kept");
            }
            assertEquals("kept", read(cluster, "m1", "key99"));
            List.of("m2", "m3", "m1").forEach(cluster::stop);

            var _ = cluster.restart("m1", "--force-new-cluster");
            assertEquals("m1", cluster.awaitLeader());
            TestServers.await("the others to be out of the cluster", () -> members(cluster, "m1") == 1);
            assertEquals("kept", read(cluster, "m1", "key99"));
            put(cluster, "m1", "key99", "changed");
            cluster.stop("m1");

            // From then on it is a cluster like any other.
            var _ = cluster.restart("m1");
            assertEquals("m1", cluster.awaitLeader());
            assertEquals(1, members(cluster, "m1"));
            grow(cluster, "m1", "m4", List.of("m1", "m4"));
            grow(cluster, "m4", "m5", List.of("m1", "m4", "m5"));
            assertEquals("changed", read(cluster, "m5", "key99"));
            cluster.stop("m1");
            String leader = cluster.awaitLeader();
            put(cluster, leader, "key99", "without the first");
            assertEquals("without the first", read(cluster, "m5", "key99"));
        }
    }

    private static void saveSnapshot(TestKvCluster cluster, String name, Path file) throws IOException {
        try (OutputStream out = Files.newOutputStream(file)) {
            var pieces = MaintenanceGrpc.newBlockingStub(cluster.channel(name))
                    .snapshot(SnapshotRequest.getDefaultInstance());
            while (pieces.hasNext()) {
                pieces.next().getBlob().writeTo(out);
            }
        }
    }

    @Test
    void membersJoinAClusterThatWasRestoredFromASnapshot() throws Exception {
        Path file = folder.resolve("saved.db");
        long lease;
        try (TestKvCluster before = new TestKvCluster(folder.resolve("before"), "http")) {
            before.startNew("m1");
            for (int i = 0; i < 100; i++) {
                put(before, "m1", "key" + i, "saved");
            }
            lease = LeaseGrpc.newBlockingStub(before.channel("m1"))
                    .leaseGrant(LeaseGrantRequest.newBuilder().setTTL(5_000).build())
                    .getID();
            saveSnapshot(before, "m1", file);
        }
        try (TestKvCluster cluster = new TestKvCluster(folder.resolve("after"), "http")) {
            var _ = Restore.run(
                    new RestoreConfig(
                            file,
                            cluster.dataDir("m1"),
                            "m1",
                            Map.of("m1", List.of(cluster.peerUrl("m1"))),
                            "etcd-cluster",
                            false,
                            0,
                            false),
                    Progress.NONE);
            cluster.startNew("m1");
            assertEquals("saved", read(cluster, "m1", "key99"));
            put(cluster, "m1", "key99", "changed");
            grow(cluster, "m1", "m2", List.of("m1", "m2"));
            grow(cluster, "m2", "m3", List.of("m1", "m2", "m3"));
            for (String name : cluster.names()) {
                assertEquals("saved", read(cluster, name, "key0"));
                assertEquals("changed", read(cluster, name, "key99"));
                assertEquals(
                        5_000,
                        LeaseGrpc.newBlockingStub(cluster.channel(name))
                                .leaseTimeToLive(LeaseTimeToLiveRequest.newBuilder()
                                        .setID(lease)
                                        .build())
                                .getGrantedTTL());
            }
            // The member that was restored is not needed any more, not for one that joins later either.
            cluster.stop("m1");
            String leader = cluster.awaitLeader();
            put(cluster, leader, "key0", "without the first");
            var _ = cluster.restart("m1");
            var _ = cluster.awaitLeader();
            grow(cluster, leader, "m4", List.of("m1", "m2", "m3", "m4"));
            assertEquals("saved", read(cluster, "m4", "key1"));
            assertEquals("without the first", read(cluster, "m4", "key0"));
        }
    }

    /** Changes the last byte of a value behind the back of a member that does not run. */
    private static void damage(Path dataDir, String key) throws IOException {
        try (Database database = Database.open(dataDir.resolve("db"), StorageConfig.defaults())) {
            try (Maintenance hand = database.maintenance()) {
                byte[] name = key.getBytes(StandardCharsets.UTF_8);
                byte[] record = Objects.requireNonNull(hand.get(Table.CURRENT, name));
                record[record.length - 1] ^= 1;
                hand.put(Table.CURRENT, name, record);
                hand.write();
            }
            database.flush();
        }
    }

    @Test
    void aMemberWhoseDataDiffersRaisesTheAlarmAndNothingIsWrittenAnyMore() throws Exception {
        try (TestKvCluster cluster = TestKvCluster.started(folder, "--experimental-corrupt-check-time=500ms")) {
            put(cluster, "m1", "a", "right");
            String damaged = cluster.followers().getFirst();
            cluster.stop(damaged);
            damage(cluster.dataDir(damaged), "a");
            var _ = cluster.restart(damaged);
            String leader = cluster.awaitLeader();
            var maintenance = MaintenanceGrpc.newBlockingStub(cluster.channel(leader));
            List<AlarmMember> expected = List.of(AlarmMember.newBuilder()
                    .setMemberID(cluster.server(damaged).memberId())
                    .setAlarm(AlarmType.CORRUPT)
                    .build());
            TestServers.await(
                    "the alarm",
                    () -> maintenance
                            .alarm(AlarmRequest.getDefaultInstance())
                            .getAlarmsList()
                            .equals(expected));
            Status status = assertThrows(StatusRuntimeException.class, () -> put(cluster, leader, "a", "b"))
                    .getStatus();
            assertEquals("etcdserver: corrupt cluster", status.getDescription());
            assertEquals(Status.Code.DATA_LOSS, status.getCode());
        }
    }

    @Test
    void aMemberWhoseDataDiffersIsNotStartedWhenItIsToldToCheck() throws Exception {
        try (TestKvCluster cluster = TestKvCluster.started(folder)) {
            put(cluster, "m1", "a", "right");
            String damaged = cluster.followers().getFirst();
            cluster.stop(damaged);
            var _ = cluster.restart(damaged, "--experimental-initial-corrupt-check=true");
            cluster.stop(damaged);
            damage(cluster.dataDir(damaged), "a");
            StartFailure refused = assertThrows(
                    StartFailure.class, () -> cluster.restart(damaged, "--feature-gates=InitialCorruptCheck=true"));
            assertTrue(refused.toString().contains("initial corruption check failed"), refused.toString());
        }
    }
}
