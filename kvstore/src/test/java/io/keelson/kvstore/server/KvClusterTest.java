package io.keelson.kvstore.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.keelson.kvstore.api.ClusterGrpc;
import io.keelson.kvstore.api.Event;
import io.keelson.kvstore.api.HashKVRequest;
import io.keelson.kvstore.api.HashKVResponse;
import io.keelson.kvstore.api.LeaseGrantRequest;
import io.keelson.kvstore.api.LeaseGrpc;
import io.keelson.kvstore.api.LeaseTimeToLiveRequest;
import io.keelson.kvstore.api.MaintenanceGrpc;
import io.keelson.kvstore.api.Member;
import io.keelson.kvstore.api.MemberAddRequest;
import io.keelson.kvstore.api.MemberListRequest;
import io.keelson.kvstore.api.MemberPromoteRequest;
import io.keelson.kvstore.api.MemberRemoveRequest;
import io.keelson.kvstore.api.MemberUpdateRequest;
import io.keelson.kvstore.api.MoveLeaderRequest;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.StatusRequest;
import io.keelson.kvstore.api.StatusResponse;
import io.keelson.kvstore.api.WatchCreateRequest;
import io.keelson.kvstore.api.WatchGrpc;
import io.keelson.kvstore.api.WatchRequest;
import io.keelson.kvstore.api.WatchResponse;
import io.keelson.raft.FreePorts;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Several members together, through nothing but their public API. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class KvClusterTest {
    @TempDir
    Path folder = Path.of("");

    private static ByteString bytes(String text) {
        return ByteString.copyFromUtf8(text);
    }

    private static PutRequest put(String key, String value) {
        return PutRequest.newBuilder().setKey(bytes(key)).setValue(bytes(value)).build();
    }

    private static String read(TestKvCluster cluster, String name, String key, boolean serializable) {
        var answer = cluster.kv(name)
                .range(RangeRequest.newBuilder()
                        .setKey(bytes(key))
                        .setSerializable(serializable)
                        .build());
        return answer.getKvsCount() == 0 ? "" : answer.getKvs(0).getValue().toStringUtf8();
    }

    private static StatusResponse status(TestKvCluster cluster, String name) {
        return MaintenanceGrpc.newBlockingStub(cluster.channel(name)).status(StatusRequest.getDefaultInstance());
    }

    private static List<Member> members(TestKvCluster cluster, String name) {
        return ClusterGrpc.newBlockingStub(cluster.channel(name))
                .memberList(MemberListRequest.newBuilder().setLinearizable(true).build())
                .getMembersList();
    }

    private static void assertSameData(TestKvCluster cluster) throws Exception {
        long revision = cluster.kv(cluster.names().getFirst())
                .range(RangeRequest.newBuilder().setKey(bytes("x")).build())
                .getHeader()
                .getRevision();
        Set<String> hashes = new HashSet<>();
        for (String name : cluster.names()) {
            TestServers.await(
                    name + " to have revision " + revision,
                    () -> status(cluster, name).getHeader().getRevision() >= revision);
            HashKVResponse hash = MaintenanceGrpc.newBlockingStub(cluster.channel(name))
                    .hashKV(HashKVRequest.newBuilder().setRevision(revision).build());
            assertEquals(revision, hash.getHashRevision());
            hashes.add(hash.getHash() + " at compaction " + hash.getCompactRevision());
        }
        assertEquals(1, hashes.size(), hashes::toString);
    }

    @Test
    void whatIsWrittenAtAnyMemberIsReadAtEveryMember() throws Exception {
        try (TestKvCluster cluster = TestKvCluster.started(folder)) {
            for (String writer : cluster.names()) {
                long revision = cluster.kv(writer)
                        .put(put("by-" + writer, writer))
                        .getHeader()
                        .getRevision();
                for (String reader : cluster.names()) {
                    assertEquals(writer, read(cluster, reader, "by-" + writer, false));
                    assertTrue(status(cluster, reader).getHeader().getRevision() >= revision);
                }
            }
            Set<Long> leaders = new HashSet<>();
            Set<Long> ids = new HashSet<>();
            for (String name : cluster.names()) {
                StatusResponse status = status(cluster, name);
                leaders.add(status.getLeader());
                ids.add(status.getHeader().getMemberId());
                assertEquals(cluster.server(name).memberId(), status.getHeader().getMemberId());
                assertEquals(
                        List.of("m1", "m2", "m3"),
                        members(cluster, name).stream()
                                .map(Member::getName)
                                .sorted()
                                .toList());
            }
            assertEquals(1, leaders.size());
            assertEquals(3, ids.size());
            assertSameData(cluster);
        }
    }

    @Test
    void theOthersGoOnWithoutTheLeaderAndItCatchesUpByTheLog() throws Exception {
        try (TestKvCluster cluster = TestKvCluster.started(folder)) {
            String first = cluster.awaitLeader();
            var _ = cluster.kv(first).put(put("a", "before"));
            cluster.stop(first);
            String second = cluster.awaitLeader();
            for (int i = 0; i < 100; i++) {
                var _ = cluster.kv(cluster.names().get(i % 2)).put(put("key" + i, "away"));
            }
            var _ = cluster.restart(first);
            assertEquals("away", read(cluster, first, "key99", false));
            assertFalse(first.equals(second));
            assertSameData(cluster);
            assertTrue(cluster.kv(first).put(put("a", "after")).getHeader().getRevision() > 100);
            assertEquals("after", read(cluster, second, "a", false));
        }
    }

    @Test
    void everyMemberTogetherComesBackWithItsData() throws Exception {
        try (TestKvCluster cluster = TestKvCluster.started(folder)) {
            for (int i = 0; i < 50; i++) {
                var _ = cluster.kv("m1").put(put("key" + i, "kept"));
            }
            long lease = LeaseGrpc.newBlockingStub(cluster.channel("m2"))
                    .leaseGrant(LeaseGrantRequest.newBuilder().setTTL(1000).build())
                    .getID();
            List<String> names = cluster.names();
            names.forEach(cluster::stop);
            try (var starts = java.util.concurrent.Executors.newVirtualThreadPerTaskExecutor()) {
                List<java.util.concurrent.Future<KvServer>> all = new ArrayList<>();
                for (String name : names) {
                    all.add(starts.submit(() -> cluster.restart(name)));
                }
                for (var one : all) {
                    var _ = one.get();
                }
            }
            var _ = cluster.awaitLeader();
            assertEquals("kept", read(cluster, "m3", "key49", false));
            assertTrue(LeaseGrpc.newBlockingStub(cluster.channel("m1"))
                            .leaseTimeToLive(LeaseTimeToLiveRequest.newBuilder()
                                    .setID(lease)
                                    .build())
                            .getTTL()
                    > 900);
            assertSameData(cluster);
        }
    }

    @Test
    void aMemberThatWasAwayForLongCatchesUpByASnapshot() throws Exception {
        try (TestKvCluster cluster =
                TestKvCluster.started(folder, "--snapshot-count=100", "--experimental-snapshot-catchup-entries=10")) {
            String away = cluster.followers().getFirst();
            var _ = cluster.kv(away).put(put("a", "before"));
            cluster.stop(away);
            String writer = cluster.awaitLeader();
            for (int i = 0; i < 1_000; i++) {
                var _ = cluster.kv(writer).put(put("key" + i % 100, "value " + i));
            }
            var _ = cluster.restart(away);
            assertEquals("value 999", read(cluster, away, "key99", false));
            assertEquals("before", read(cluster, away, "a", false));
            assertSameData(cluster);
            TestServers.await(
                    "the snapshot to be told of", () -> metric(cluster, away, "keelson_snapshots_installed_total") > 0);
            var _ = cluster.kv(away).put(put("a", "after"));
            assertEquals("after", read(cluster, writer, "a", false));
        }
    }

    @Test
    void aMemberJoinsAClusterWhoseLogIsCut() throws Exception {
        try (TestKvCluster cluster =
                TestKvCluster.started(folder, "--snapshot-count=100", "--experimental-snapshot-catchup-entries=10")) {
            String leader = cluster.awaitLeader();
            for (int i = 0; i < 1_000; i++) {
                var _ = cluster.kv(leader).put(put("key" + i % 100, "value " + i));
            }
            var _ = ClusterGrpc.newBlockingStub(cluster.channel(leader))
                    .memberAdd(MemberAddRequest.newBuilder()
                            .addPeerURLs(cluster.peerUrl("m4"))
                            .build());
            var _ = cluster.join("m4", List.of("m1", "m2", "m3", "m4"));
            assertEquals("value 999", read(cluster, "m4", "key99", false));
            assertTrue(metric(cluster, "m4", "keelson_snapshots_installed_total") > 0);
            assertSameData(cluster);
            cluster.stop("m4");
            var _ = cluster.restart("m4");
            assertEquals("value 999", read(cluster, "m4", "key99", false));
        }
    }

    private static double metric(TestKvCluster cluster, String name, String metric) throws Exception {
        try (var http = java.net.http.HttpClient.newHttpClient()) {
            String page = http.send(
                            java.net.http.HttpRequest.newBuilder(
                                            java.net.URI.create("http://" + cluster.endpoint(name) + "/metrics"))
                                    .build(),
                            java.net.http.HttpResponse.BodyHandlers.ofString())
                    .body();
            return page.lines()
                    .filter(line -> line.startsWith(metric + " "))
                    .mapToDouble(line -> Double.parseDouble(line.split(" ", 2)[1]))
                    .sum();
        }
    }

    @Test
    void theTimeALeaseHasLeftIsNotSetBackByANewLeader() throws Exception {
        try (TestKvCluster cluster = TestKvCluster.started(folder)) {
            String first = cluster.awaitLeader();
            long id = LeaseGrpc.newBlockingStub(cluster.channel(first))
                    .leaseGrant(LeaseGrantRequest.newBuilder().setTTL(100).build())
                    .getID();
            LeaseTimeToLiveRequest ask =
                    LeaseTimeToLiveRequest.newBuilder().setID(id).build();
            TestServers.await(
                    "some of the time to pass",
                    () -> LeaseGrpc.newBlockingStub(cluster.channel(first))
                                    .leaseTimeToLive(ask)
                                    .getTTL()
                            <= 95);
            cluster.stop(first);
            String second = cluster.awaitLeader();
            var left = LeaseGrpc.newBlockingStub(cluster.channel(second)).leaseTimeToLive(ask);
            assertEquals(100, left.getGrantedTTL());
            // Members hear of the time once a second.
            assertTrue(left.getTTL() <= 96 && left.getTTL() > 60, () -> "left: " + left.getTTL());
        }
    }

    /** One watch stream's events. */
    private static final class Events implements StreamObserver<WatchResponse> {
        final List<String> seen = new ArrayList<>();
        boolean ended;

        @Override
        public synchronized void onNext(WatchResponse response) {
            for (Event event : response.getEventsList()) {
                seen.add(event.getKv().getModRevision() + " "
                        + event.getKv().getValue().toStringUtf8());
            }
        }

        @Override
        public synchronized void onError(Throwable failure) {
            ended = true;
        }

        @Override
        public synchronized void onCompleted() {
            ended = true;
        }

        synchronized List<String> seen() {
            return List.copyOf(seen);
        }

        synchronized boolean ended() {
            return ended;
        }
    }

    private static Events watch(TestKvCluster cluster, String name, String key, long fromRevision) {
        Events events = new Events();
        WatchGrpc.newStub(cluster.channel(name))
                .watch(events)
                .onNext(WatchRequest.newBuilder()
                        .setCreateRequest(WatchCreateRequest.newBuilder()
                                .setKey(bytes(key))
                                .setStartRevision(fromRevision))
                        .build());
        return events;
    }

    @Test
    void watchesGoOnThroughAChangeOfLeader() throws Exception {
        try (TestKvCluster cluster = TestKvCluster.started(folder)) {
            String leader = cluster.awaitLeader();
            String follower = cluster.followers().getFirst();
            String other = cluster.followers().getLast();
            List<String> expected = new ArrayList<>();
            long from = 0;
            for (int i = 0; i < 20; i++) {
                long revision =
                        cluster.kv(follower).put(put("w", "v" + i)).getHeader().getRevision();
                from = from == 0 ? revision : from;
                expected.add(revision + " v" + i);
            }
            Events staying = watch(cluster, follower, "w", from);
            Events leaving = watch(cluster, leader, "w", from);
            TestServers.await(
                    "what was before",
                    () -> staying.seen().size() == 20 && leaving.seen().size() == 20);
            cluster.stop(leader);
            TestServers.await("the end of the stream of the member that went", leaving::ended);
            for (int i = 20; i < 40; i++) {
                expected.add(
                        cluster.kv(other).put(put("w", "v" + i)).getHeader().getRevision() + " v" + i);
            }
            long next = Long.parseLong(leaving.seen().getLast().split(" ", 2)[0]) + 1;
            Events resumed = watch(cluster, other, "w", next);
            TestServers.await(
                    "all events",
                    () -> staying.seen().size() == 40 && resumed.seen().size() == 20);
            assertEquals(expected, staying.seen());
            List<String> joined = new ArrayList<>(leaving.seen());
            joined.addAll(resumed.seen());
            assertEquals(expected, joined);
            assertFalse(staying.ended());
        }
    }

    @Test
    void aMemberIsAddedAsLearnerPromotedAndRemoved() throws Exception {
        try (TestKvCluster cluster = TestKvCluster.started(folder)) {
            String leader = cluster.awaitLeader();
            for (int i = 0; i < 200; i++) {
                var _ = cluster.kv(leader).put(put("key" + i, "value"));
            }
            var changes = ClusterGrpc.newBlockingStub(
                    cluster.channel(cluster.followers().getFirst()));
            Member added = changes.memberAdd(MemberAddRequest.newBuilder()
                            .addPeerURLs(cluster.peerUrl("m4"))
                            .setIsLearner(true)
                            .build())
                    .getMember();
            List<String> all = List.of("m1", "m2", "m3", "m4");
            var _ = cluster.join("m4", all);
            assertEquals(added.getID(), cluster.server("m4").memberId());
            assertTrue(status(cluster, "m4").getIsLearner());
            TestServers.await(
                    "the learner to have the data",
                    () -> read(cluster, "m4", "key199", true).equals("value"));
            StatusRuntimeException refused = assertThrows(
                    StatusRuntimeException.class, () -> cluster.kv("m4").put(put("a", "b")));
            assertEquals(
                    "etcdserver: rpc not supported for learner",
                    refused.getStatus().getDescription());

            TestServers.await("the learner to be promoted", () -> {
                try {
                    var _ = changes.memberPromote(MemberPromoteRequest.newBuilder()
                            .setID(added.getID())
                            .build());
                    return true;
                } catch (StatusRuntimeException e) {
                    assertEquals(
                            "etcdserver: can only promote a learner member which is in sync with leader",
                            e.getStatus().getDescription());
                    return false;
                }
            });
            TestServers.await(
                    "the member to know that it votes",
                    () -> !status(cluster, "m4").getIsLearner());
            var _ = cluster.kv("m4").put(put("a", "by m4"));
            assertEquals("by m4", read(cluster, leader, "a", false));
            assertSameData(cluster);

            // It counts: with two of four away nobody leads, with one of them back somebody does.
            String gone = cluster.followers().stream()
                    .filter(name -> !name.equals("m4"))
                    .findFirst()
                    .orElseThrow();
            cluster.stop(gone);
            var _ = cluster.kv("m4").put(put("a", "three of four"));
            var _ = cluster.restart(gone);
            var _ = cluster.awaitLeader();

            KvServer removed = cluster.server("m4");
            assertEquals(
                    3,
                    ClusterGrpc.newBlockingStub(cluster.channel(leader))
                            .memberRemove(MemberRemoveRequest.newBuilder()
                                    .setID(added.getID())
                                    .build())
                            .getMembersCount());
            removed.stopped().get(30, TimeUnit.SECONDS);
            cluster.stop("m4");
            var _ = cluster.kv(cluster.awaitLeader()).put(put("a", "without"));
            StartFailure again = assertThrows(StartFailure.class, () -> cluster.restart("m4"));
            assertTrue(again.toString().contains("permanently removed"), again.toString());
        }
    }

    /** Its own log ends before its removal, and nobody answers when it asks around at its start. */
    @Test
    void aMemberThatWasRemovedWhileItWasAwayStopsAsSoonAsTheOthersTellIt() throws Exception {
        try (TestKvCluster cluster = TestKvCluster.started(folder)) {
            String gone = cluster.followers().getFirst();
            long id = cluster.server(gone).memberId();
            cluster.stop(gone);
            remove(cluster, cluster.awaitLeader(), id);
            KvServer again = cluster.restart(gone, "--initial-cluster=" + gone + "=" + cluster.peerUrl(gone));
            again.stopped().get(30, TimeUnit.SECONDS);
            cluster.stop(gone);
            var _ = cluster.kv(cluster.awaitLeader()).put(put("a", "without"));
            assertSameData(cluster);
        }
    }

    @Test
    void aMemberThatWasCutOffWhenItWasRemovedStopsAsSoonAsTheOthersTellIt() throws Exception {
        try (TestKvCluster cluster = new TestKvCluster(folder, "http")) {
            cluster.startNew("m1", "m2");
            int behind = FreePorts.one();
            try (Relay relay = new Relay(URI.create(cluster.peerUrl("m3")).getPort(), behind)) {
                long id = ClusterGrpc.newBlockingStub(cluster.channel("m1"))
                        .memberAdd(MemberAddRequest.newBuilder()
                                .addPeerURLs(cluster.peerUrl("m3"))
                                .build())
                        .getMember()
                        .getID();
                KvServer third =
                        cluster.join("m3", List.of("m1", "m2", "m3"), "--listen-peer-urls=http://127.0.0.1:" + behind);
                var _ = cluster.kv("m3").put(put("a", "1"));
                TestServers.await("one of the first two to lead", () -> leadsOtherThan(cluster, "m3"));
                // The others can no longer reach it; it can reach them.
                relay.cut();
                remove(cluster, cluster.server("m1").leading() ? "m1" : "m2", id);
                third.stopped().get(30, TimeUnit.SECONDS);
                cluster.stop("m3");
            }
            var _ = cluster.kv(cluster.awaitLeader()).put(put("a", "2"));
            assertSameData(cluster);
        }
    }

    private static boolean leadsOtherThan(TestKvCluster cluster, String name) throws Exception {
        String leader = cluster.awaitLeader();
        if (!leader.equals(name)) {
            return true;
        }
        var _ = MaintenanceGrpc.newBlockingStub(cluster.channel(leader))
                .moveLeader(MoveLeaderRequest.newBuilder()
                        .setTargetID(cluster.server("m1").memberId())
                        .build());
        return false;
    }

    private static void remove(TestKvCluster cluster, String at, long id) {
        var _ = ClusterGrpc.newBlockingStub(cluster.channel(at))
                .memberRemove(MemberRemoveRequest.newBuilder().setID(id).build());
    }

    @Test
    void aMemberWithDataStartsUnderAnotherNameAndPeerUrlThanTheInitialClusterHas() throws Exception {
        try (TestKvCluster cluster = TestKvCluster.started(folder)) {
            String moved = cluster.followers().getFirst();
            long id = cluster.server(moved).memberId();
            String newUrl = "http://127.0.0.1:" + FreePorts.one();
            var _ = ClusterGrpc.newBlockingStub(cluster.channel(cluster.awaitLeader()))
                    .memberUpdate(MemberUpdateRequest.newBuilder()
                            .setID(id)
                            .addPeerURLs(newUrl)
                            .build());
            cluster.stop(moved);
            var _ = cluster.kv(cluster.awaitLeader()).put(put("a", "while it was away"));
            var _ = cluster.restart(
                    moved, "--name=renamed", "--listen-peer-urls=" + newUrl, "--initial-advertise-peer-urls=" + newUrl);
            assertEquals(id, cluster.server(moved).memberId());
            assertEquals("while it was away", read(cluster, moved, "a", false));
            TestServers.await(
                    "the new name",
                    () -> members(cluster, moved).stream()
                            .anyMatch(member -> member.getID() == id
                                    && member.getName().equals("renamed")
                                    && member.getPeerURLsList().equals(List.of(newUrl))));
            assertSameData(cluster);
            // Without data the same flags are not enough.
            StartFailure refused = assertThrows(
                    StartFailure.class,
                    () -> cluster.restart(moved, "--name=renamed", "--data-dir=" + folder.resolve("empty")));
            assertTrue(refused.toString().contains("couldn't find local name \"renamed\""), refused.toString());
        }
    }

    @Test
    void theLeaderCanRemoveItself() throws Exception {
        try (TestKvCluster cluster = TestKvCluster.started(folder)) {
            String leader = cluster.awaitLeader();
            var _ = cluster.kv(leader).put(put("a", "1"));
            KvServer server = cluster.server(leader);
            assertEquals(
                    2,
                    ClusterGrpc.newBlockingStub(cluster.channel(leader))
                            .memberRemove(MemberRemoveRequest.newBuilder()
                                    .setID(server.memberId())
                                    .build())
                            .getMembersCount());
            server.stopped().get(30, TimeUnit.SECONDS);
            cluster.stop(leader);
            String next = cluster.awaitLeader();
            var _ = cluster.kv(next).put(put("a", "2"));
            for (String name : cluster.names()) {
                assertEquals("2", read(cluster, name, "a", false));
                assertEquals(2, members(cluster, name).size());
            }
            assertSameData(cluster);
        }
    }

    @Test
    void theLeadershipIsMovedToWhomItIsGiven() throws Exception {
        try (TestKvCluster cluster = TestKvCluster.started(folder)) {
            for (int i = 0; i < 5; i++) {
                String leader = cluster.awaitLeader();
                String target = cluster.followers().get(i % 2);
                StatusRuntimeException refused = assertThrows(
                        StatusRuntimeException.class,
                        () -> MaintenanceGrpc.newBlockingStub(cluster.channel(target))
                                .moveLeader(MoveLeaderRequest.newBuilder()
                                        .setTargetID(cluster.server(target).memberId())
                                        .build()));
                assertEquals("etcdserver: not leader", refused.getStatus().getDescription());
                var _ = MaintenanceGrpc.newBlockingStub(cluster.channel(leader))
                        .moveLeader(MoveLeaderRequest.newBuilder()
                                .setTargetID(cluster.server(target).memberId())
                                .build());
                assertEquals(target, cluster.awaitLeader());
                var _ = cluster.kv(leader).put(put("moved", target));
                assertEquals(target, read(cluster, target, "moved", false));
            }
        }
    }
}
