package io.keelson.kvstore.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.keelson.kvstore.api.AlarmRequest;
import io.keelson.kvstore.api.AlarmType;
import io.keelson.kvstore.api.AuthGrpc;
import io.keelson.kvstore.api.CampaignRequest;
import io.keelson.kvstore.api.CampaignResponse;
import io.keelson.kvstore.api.ClusterGrpc;
import io.keelson.kvstore.api.CompactionRequest;
import io.keelson.kvstore.api.Compare;
import io.keelson.kvstore.api.DeleteRangeRequest;
import io.keelson.kvstore.api.DowngradeRequest;
import io.keelson.kvstore.api.ElectionGrpc;
import io.keelson.kvstore.api.HashKVRequest;
import io.keelson.kvstore.api.HashRequest;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.LeaderRequest;
import io.keelson.kvstore.api.LeaseGrantRequest;
import io.keelson.kvstore.api.LeaseGrpc;
import io.keelson.kvstore.api.LeaseTimeToLiveRequest;
import io.keelson.kvstore.api.LockGrpc;
import io.keelson.kvstore.api.LockRequest;
import io.keelson.kvstore.api.LockResponse;
import io.keelson.kvstore.api.MaintenanceGrpc;
import io.keelson.kvstore.api.Member;
import io.keelson.kvstore.api.MemberAddRequest;
import io.keelson.kvstore.api.MemberListRequest;
import io.keelson.kvstore.api.MemberRemoveRequest;
import io.keelson.kvstore.api.MoveLeaderRequest;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.RangeResponse;
import io.keelson.kvstore.api.RequestOp;
import io.keelson.kvstore.api.ResignRequest;
import io.keelson.kvstore.api.SnapshotRequest;
import io.keelson.kvstore.api.SnapshotResponse;
import io.keelson.kvstore.api.StatusRequest;
import io.keelson.kvstore.api.StatusResponse;
import io.keelson.kvstore.api.TxnRequest;
import io.keelson.kvstore.api.TxnResponse;
import io.keelson.kvstore.api.UnlockRequest;
import io.keelson.kvstore.api.WatchGrpc;
import io.keelson.kvstore.membership.ClusterIds;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A lone member, asked over the network as clients do. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KvServerTest {
    private final KvServer server;
    private final ManagedChannel channel;
    private final String base;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    KvServerTest(@TempDir Path directory) throws Exception {
        server = TestServers.start(TestServers.loneMember(directory.resolve("a")));
        int port = server.clientUrls().getFirst().port();
        base = "http://127.0.0.1:" + port;
        channel = Grpc.newChannelBuilder("127.0.0.1:" + port, InsecureChannelCredentials.create())
                .build();
    }

    @BeforeAll
    void awaitLeader() throws Exception {
        TestServers.await("a leader", server::leading);
    }

    @AfterAll
    void close() {
        channel.shutdownNow();
        server.close();
        assertTrue(server.stopped().isDone());
    }

    private static ByteString bytes(String text) {
        return ByteString.copyFromUtf8(text);
    }

    private static PutRequest put(String key, String value) {
        return PutRequest.newBuilder().setKey(bytes(key)).setValue(bytes(value)).build();
    }

    private static void assertRefused(Status.Code code, String text, Runnable call) {
        Status status = assertThrows(StatusRuntimeException.class, call::run).getStatus();
        assertEquals(text, status.getDescription());
        assertEquals(code, status.getCode());
    }

    @Test
    void whatIsPutIsReadEitherWay() {
        KVGrpc.KVBlockingStub kv = KVGrpc.newBlockingStub(channel);
        long revision = kv.put(put("either", "1")).getHeader().getRevision();
        for (boolean serializable : new boolean[] {true, false}) {
            RangeResponse read = kv.range(RangeRequest.newBuilder()
                    .setKey(bytes("either"))
                    .setSerializable(serializable)
                    .build());
            assertEquals("1", read.getKvs(0).getValue().toStringUtf8());
            assertEquals(revision, read.getKvs(0).getModRevision());
            assertEquals(server.clusterId(), read.getHeader().getClusterId());
            assertEquals(server.memberId(), read.getHeader().getMemberId());
        }
    }

    @Test
    void aStreamedRangeIsThePlainOneInPieces() {
        KVGrpc.KVBlockingStub kv = KVGrpc.newBlockingStub(channel);
        String value = "x".repeat(100_000);
        for (int i = 0; i < 30; i++) {
            var _ = kv.put(put("stream/" + (10 + i), value));
        }
        RangeRequest request = RangeRequest.newBuilder()
                .setKey(bytes("stream/"))
                .setRangeEnd(bytes("stream0"))
                .build();
        RangeResponse.Builder merged = RangeResponse.newBuilder();
        int[] pieces = {0};
        Set<Long> revisions = new HashSet<>();
        kv.rangeStream(request).forEachRemaining(piece -> {
            if (pieces[0]++ == 0) {
                // Written while the stream is under way: no piece may claim to know of it.
                var _ = kv.put(put("streamed", "meanwhile"));
            }
            revisions.add(piece.getRangeResponse().getHeader().getRevision());
            merged.mergeFrom(piece.getRangeResponse());
        });
        assertTrue(pieces[0] > 1);
        assertEquals(1, revisions.size(), "all pieces are of one revision: " + revisions);
        RangeResponse plain = KVGrpc.newBlockingStub(channel)
                .withMaxInboundMessageSize(1 << 24)
                .range(request);
        assertEquals(plain.getKvsList(), merged.getKvsList());
        assertEquals(30, merged.getCount());
    }

    @Test
    void requestsThatCannotBeAreRefusedInEtcdsWords() {
        KVGrpc.KVBlockingStub kv = KVGrpc.newBlockingStub(channel);
        assertRefused(Status.Code.INVALID_ARGUMENT, "etcdserver: key is not provided", () -> kv.put(put("", "1")));
        assertRefused(
                Status.Code.INVALID_ARGUMENT,
                "etcdserver: request is too large",
                () -> kv.put(put("large", "x".repeat(1_600_000))));
        assertRefused(
                Status.Code.OUT_OF_RANGE,
                "etcdserver: mvcc: required revision is a future revision",
                () -> kv.range(RangeRequest.newBuilder()
                        .setKey(bytes("a"))
                        .setRevision(1L << 40)
                        .build()));
        assertRefused(
                Status.Code.NOT_FOUND,
                "etcdserver: requested lease not found",
                () -> kv.put(put("a", "1").toBuilder().setLease(4711).build()));
        RequestOp op = RequestOp.newBuilder().setRequestPut(put("twice", "1")).build();
        assertRefused(
                Status.Code.INVALID_ARGUMENT,
                "etcdserver: duplicate key given in txn request",
                () -> kv.txn(
                        TxnRequest.newBuilder().addSuccess(op).addSuccess(op).build()));
    }

    @Test
    void transactionsCompareAndChangeOrRead() {
        KVGrpc.KVBlockingStub kv = KVGrpc.newBlockingStub(channel);
        TxnRequest create = TxnRequest.newBuilder()
                .addCompare(Compare.newBuilder()
                        .setKey(bytes("txn"))
                        .setTarget(Compare.CompareTarget.CREATE)
                        .setCreateRevision(0))
                .addSuccess(RequestOp.newBuilder().setRequestPut(put("txn", "1")))
                .addFailure(RequestOp.newBuilder()
                        .setRequestRange(RangeRequest.newBuilder().setKey(bytes("txn"))))
                .build();
        assertTrue(kv.txn(create).getSucceeded());
        TxnResponse second = kv.txn(create);
        assertFalse(second.getSucceeded());
        assertEquals(1, second.getResponses(0).getResponseRange().getCount());
        TxnResponse read = kv.txn(create.toBuilder()
                .clearSuccess()
                .addSuccess(create.getFailure(0))
                .build());
        assertEquals(second.getHeader().getRevision(), read.getHeader().getRevision());
        assertEquals(
                1,
                kv.deleteRange(DeleteRangeRequest.newBuilder()
                                .setKey(bytes("txn"))
                                .build())
                        .getDeleted());
    }

    @Test
    void aPhysicalCompactionIsAnsweredWhenHistoryIsGone() {
        KVGrpc.KVBlockingStub kv = KVGrpc.newBlockingStub(channel);
        long revision = kv.put(put("compacted", "1")).getHeader().getRevision();
        var _ = kv.put(put("compacted", "2"));
        var _ = kv.compact(CompactionRequest.newBuilder()
                .setRevision(revision + 1)
                .setPhysical(true)
                .build());
        assertRefused(
                Status.Code.OUT_OF_RANGE,
                "etcdserver: mvcc: required revision has been compacted",
                () -> kv.range(RangeRequest.newBuilder()
                        .setKey(bytes("compacted"))
                        .setRevision(revision)
                        .build()));
    }

    @Test
    void theMemberTellsWhoItIs() {
        List<Member> members = ClusterGrpc.newBlockingStub(channel)
                .memberList(MemberListRequest.newBuilder().setLinearizable(true).build())
                .getMembersList();
        assertEquals(1, members.size());
        assertEquals(server.memberId(), members.getFirst().getID());
        assertEquals("default", members.getFirst().getName());
        StatusResponse status = MaintenanceGrpc.newBlockingStub(channel).status(StatusRequest.getDefaultInstance());
        assertEquals(server.memberId(), status.getLeader());
        assertTrue(status.getVersion().startsWith("3.6."));
        assertTrue(status.getRaftAppliedIndex() > 0);
        assertEquals(List.of(), status.getErrorsList());
    }

    @Test
    void changesOfMembersAreCheckedAsInEtcd() {
        ClusterGrpc.ClusterBlockingStub cluster = ClusterGrpc.newBlockingStub(channel);
        assertRefused(
                Status.Code.INVALID_ARGUMENT,
                "etcdserver: given member URLs are invalid",
                () -> cluster.memberAdd(
                        MemberAddRequest.newBuilder().addPeerURLs("nonsense").build()));
        assertRefused(
                Status.Code.NOT_FOUND,
                "etcdserver: member not found",
                () -> cluster.memberRemove(
                        MemberRemoveRequest.newBuilder().setID(4711).build()));
        assertRefused(
                Status.Code.FAILED_PRECONDITION,
                "etcdserver: re-configuration failed due to not enough started members",
                () -> cluster.memberRemove(MemberRemoveRequest.newBuilder()
                        .setID(server.memberId())
                        .build()));
        Member learner = cluster.memberAdd(MemberAddRequest.newBuilder()
                        .addPeerURLs("http://127.0.0.1:1")
                        .setIsLearner(true)
                        .build())
                .getMember();
        assertRefused(
                Status.Code.FAILED_PRECONDITION,
                "etcdserver: too many learner members in cluster",
                () -> cluster.memberAdd(MemberAddRequest.newBuilder()
                        .addPeerURLs("http://127.0.0.1:2")
                        .setIsLearner(true)
                        .build()));
        assertRefused(
                Status.Code.FAILED_PRECONDITION,
                "etcdserver: can only promote a learner member which is in sync with leader",
                () -> cluster.memberPromote(io.keelson.kvstore.api.MemberPromoteRequest.newBuilder()
                        .setID(learner.getID())
                        .build()));
        assertRefused(
                Status.Code.FAILED_PRECONDITION,
                "etcdserver: Peer URLs already exists",
                () -> cluster.memberAdd(MemberAddRequest.newBuilder()
                        .addPeerURLs("http://127.0.0.1:1")
                        .addPeerURLs("http://127.0.0.1:3")
                        .setIsLearner(true)
                        .build()));
        assertEquals(
                1,
                cluster.memberRemove(MemberRemoveRequest.newBuilder()
                                .setID(learner.getID())
                                .build())
                        .getMembersCount());
        assertRefused(
                Status.Code.FAILED_PRECONDITION,
                "etcdserver: bad leader transferee",
                () -> MaintenanceGrpc.newBlockingStub(channel)
                        .moveLeader(
                                MoveLeaderRequest.newBuilder().setTargetID(4711).build()));
    }

    @Test
    void alarmsOfUnknownTypesAreRefusedBeforeTheyAreInTheLog() {
        MaintenanceGrpc.MaintenanceBlockingStub maintenance = MaintenanceGrpc.newBlockingStub(channel);
        for (AlarmRequest unknown : List.of(
                AlarmRequest.newBuilder()
                        .setAction(AlarmRequest.AlarmAction.ACTIVATE)
                        .setMemberID(1)
                        .setAlarmValue(7)
                        .build(),
                AlarmRequest.newBuilder().setAlarmValue(7).build(),
                AlarmRequest.newBuilder().setActionValue(9).build())) {
            assertRefused(
                    Status.Code.INVALID_ARGUMENT,
                    "etcdserver: unknown alarm type or action",
                    () -> maintenance.alarm(unknown));
        }
        assertEquals(0, maintenance.alarm(AlarmRequest.getDefaultInstance()).getAlarmsCount());
    }

    @Test
    void anAlarmForLackOfSpaceRefusesPutsUntilItIsDisarmed() {
        MaintenanceGrpc.MaintenanceBlockingStub maintenance = MaintenanceGrpc.newBlockingStub(channel);
        KVGrpc.KVBlockingStub kv = KVGrpc.newBlockingStub(channel);
        AlarmRequest alarm = AlarmRequest.newBuilder()
                .setAction(AlarmRequest.AlarmAction.ACTIVATE)
                .setMemberID(server.memberId())
                .setAlarm(AlarmType.NOSPACE)
                .build();
        assertEquals(1, maintenance.alarm(alarm).getAlarmsCount());
        assertRefused(
                Status.Code.RESOURCE_EXHAUSTED,
                "etcdserver: mvcc: database space exceeded",
                () -> kv.put(put("full", "1")));
        assertEquals(1, maintenance.alarm(AlarmRequest.getDefaultInstance()).getAlarmsCount());
        assertEquals(
                List.of("memberID:" + Long.toUnsignedString(server.memberId()) + " alarm:NOSPACE "),
                maintenance.status(StatusRequest.getDefaultInstance()).getErrorsList());
        assertEquals(
                1,
                maintenance
                        .alarm(alarm.toBuilder()
                                .setAction(AlarmRequest.AlarmAction.DEACTIVATE)
                                .build())
                        .getAlarmsCount());
        var _ = kv.put(put("full", "1"));
    }

    @Test
    void aDowngradeIsValidatedEnabledAndCancelled() throws Exception {
        MaintenanceGrpc.MaintenanceBlockingStub maintenance = MaintenanceGrpc.newBlockingStub(channel);
        DowngradeRequest validate =
                DowngradeRequest.newBuilder().setVersion("3.5").build();
        assertEquals("3.6", maintenance.downgrade(validate).getVersion());
        assertRefused(
                Status.Code.INVALID_ARGUMENT,
                "etcdserver: wrong downgrade target version format",
                () -> maintenance.downgrade(
                        validate.toBuilder().setVersion("nonsense").build()));
        assertRefused(
                Status.Code.INVALID_ARGUMENT,
                "etcdserver: invalid downgrade target version",
                () -> maintenance.downgrade(
                        validate.toBuilder().setVersion("3.3").build()));
        DowngradeRequest cancel = DowngradeRequest.newBuilder()
                .setAction(DowngradeRequest.DowngradeAction.CANCEL)
                .build();
        assertRefused(
                Status.Code.FAILED_PRECONDITION,
                "etcdserver: no inflight downgrade job",
                () -> maintenance.downgrade(cancel));
        var _ = maintenance.downgrade(validate.toBuilder()
                .setAction(DowngradeRequest.DowngradeAction.ENABLE)
                .build());
        TestServers.await("the target as version", () -> get("/version").body().contains("\"etcdcluster\":\"3.5.0\""));
        assertTrue(
                get("/version").body().contains("\"storage\":\"3.5.0\""),
                get("/version").body());
        assertEquals(
                "3.5.0", maintenance.status(StatusRequest.getDefaultInstance()).getStorageVersion());
        // From the version that the cluster has by now; what the target is wrong for is said first.
        assertRefused(
                Status.Code.FAILED_PRECONDITION,
                "etcdserver: cluster has a downgrade job in progress",
                () -> maintenance.downgrade(
                        validate.toBuilder().setVersion("3.4").build()));
        for (String wrong : List.of("3.5", "3.3")) {
            assertRefused(
                    Status.Code.INVALID_ARGUMENT,
                    "etcdserver: invalid downgrade target version",
                    () -> maintenance.downgrade(
                            validate.toBuilder().setVersion(wrong).build()));
        }
        var _ = maintenance.downgrade(cancel);
        TestServers.await("the old version", () -> get("/version").body().contains("\"etcdcluster\":\"3.6.0\""));
        assertEquals(
                "3.6.0", maintenance.status(StatusRequest.getDefaultInstance()).getStorageVersion());
        assertRefused(
                Status.Code.UNKNOWN,
                "etcdserver: unknown method",
                () -> maintenance.downgrade(
                        validate.toBuilder().setActionValue(7).build()));
    }

    @Test
    void aLockIsGivenToOneAfterTheOther() throws Exception {
        LockGrpc.LockBlockingStub locks = LockGrpc.newBlockingStub(channel);
        LeaseGrpc.LeaseBlockingStub leases = LeaseGrpc.newBlockingStub(channel);
        long first = leases.leaseGrant(LeaseGrantRequest.newBuilder().setTTL(60).build())
                .getID();
        long second = leases.leaseGrant(
                        LeaseGrantRequest.newBuilder().setTTL(60).build())
                .getID();
        LockResponse held = locks.lock(
                LockRequest.newBuilder().setName(bytes("lock")).setLease(first).build());
        assertEquals("lock/" + Long.toHexString(first), held.getKey().toStringUtf8());
        CompletableFuture<LockResponse> waiting = CompletableFuture.supplyAsync(() -> locks.lock(
                LockRequest.newBuilder().setName(bytes("lock")).setLease(second).build()));
        KVGrpc.KVBlockingStub kv = KVGrpc.newBlockingStub(channel);
        TestServers.await(
                "a second place in the queue",
                () -> kv.range(RangeRequest.newBuilder()
                                        .setKey(bytes("lock/"))
                                        .setRangeEnd(bytes("lock0"))
                                        .setCountOnly(true)
                                        .build())
                                .getCount()
                        == 2);
        assertFalse(waiting.isDone());
        var _ = locks.unlock(UnlockRequest.newBuilder().setKey(held.getKey()).build());
        assertEquals(
                "lock/" + Long.toHexString(second),
                waiting.get(10, TimeUnit.SECONDS).getKey().toStringUtf8());
    }

    @Test
    void anElectionHasALeaderUntilItResigns() {
        ElectionGrpc.ElectionBlockingStub elections = ElectionGrpc.newBlockingStub(channel);
        assertRefused(
                Status.Code.UNKNOWN,
                "election: no leader",
                () -> elections.leader(
                        LeaderRequest.newBuilder().setName(bytes("election")).build()));
        long lease = LeaseGrpc.newBlockingStub(channel)
                .leaseGrant(LeaseGrantRequest.newBuilder().setTTL(60).build())
                .getID();
        CampaignResponse won = elections.campaign(CampaignRequest.newBuilder()
                .setName(bytes("election"))
                .setLease(lease)
                .setValue(bytes("me"))
                .build());
        assertEquals(
                "me",
                elections
                        .observe(LeaderRequest.newBuilder()
                                .setName(bytes("election"))
                                .build())
                        .next()
                        .getKv()
                        .getValue()
                        .toStringUtf8());
        var _ = elections.resign(
                ResignRequest.newBuilder().setLeader(won.getLeader()).build());
        assertRefused(
                Status.Code.UNKNOWN,
                "election: no leader",
                () -> elections.leader(
                        LeaderRequest.newBuilder().setName(bytes("election")).build()));
    }

    private HttpResponse<String> post(HttpClient client, String path, String json)
            throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(URI.create(base + path))
                        .POST(HttpRequest.BodyPublishers.ofString(json))
                        .build(),
                BodyHandlers.ofString());
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(URI.create(base + path)).build(), BodyHandlers.ofString());
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void theSamePortSpeaksJson() throws Exception {
        HttpResponse<String> put =
                post(http, "/v3/kv/put", "{\"key\":\"" + base64("json") + "\",\"value\":\"" + base64("1") + "\"}");
        assertEquals(200, put.statusCode(), put.body());
        assertTrue(put.body().contains("\"cluster_id\":\"" + Long.toUnsignedString(server.clusterId()) + "\""));
        HttpResponse<String> read = post(http, "/v3/kv/range", "{\"key\":\"" + base64("json") + "\"}");
        assertTrue(read.body().contains("\"value\":\"" + base64("1") + "\""), read.body());
        assertTrue(read.body().contains("\"count\":\"1\""), read.body());
        assertEquals(
                "*", read.headers().firstValue("access-control-allow-origin").orElse(""));
        HttpResponse<String> before = post(http, "/v3beta/kv/range", "{\"key\":\"" + base64("json") + "\"}");
        assertTrue(before.body().contains("\"value\":\"" + base64("1") + "\""), before.body());
    }

    private HttpResponse<String> rangeWith(String header, String value) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(URI.create(base + "/v3/kv/range"))
                        .header(header, value)
                        .POST(HttpRequest.BodyPublishers.ofString("{\"key\":\"" + base64("json") + "\"}"))
                        .build(),
                BodyHandlers.ofString());
    }

    @Test
    void aCallInJsonHasTheHeadersAndTheTimeThatItsClientGivesIt() throws Exception {
        assertEquals(200, rangeWith("Grpc-Metadata-hasleader", "true").statusCode());
        assertEquals(200, rangeWith("Grpc-Timeout", "20S").statusCode());
        HttpResponse<String> late = rangeWith("Grpc-Timeout", "1n");
        assertEquals(504, late.statusCode(), late.body());
        assertTrue(late.body().contains("\"context deadline exceeded\",\"code\":4"), late.body());
        for (String wrong : List.of("soon", "1", "123456789S", "-1S", "1x")) {
            HttpResponse<String> refused = rangeWith("Grpc-Timeout", wrong);
            assertEquals(400, refused.statusCode(), refused.body());
            assertTrue(refused.body().contains("invalid grpc-timeout: " + wrong), refused.body());
        }
    }

    @Test
    void errorsInJsonHaveEtcdsStatusAndBothNames() throws Exception {
        HttpResponse<String> noKey = post(http, "/v3/kv/put", "{}");
        assertEquals(400, noKey.statusCode());
        assertEquals(
                "{\"error\":\"etcdserver: key is not provided\",\"code\":3,\"message\":\"etcdserver: key is not provided\"}",
                noKey.body());
        String secret = "s3cret".repeat(1_000);
        for (String body :
                List.of("{nonsense", "{\"lease\":\"" + secret + "\"}", "[\"" + secret + "\"]", "{".repeat(500))) {
            HttpResponse<String> unreadable = post(http, "/v3/kv/put", body);
            assertEquals(400, unreadable.statusCode());
            assertTrue(
                    unreadable
                            .body()
                            .startsWith("{\"error\":\"cannot read the body as JSON of etcdserverpb.PutRequest: "),
                    unreadable.body());
            assertFalse(unreadable.body().contains("Exception"), unreadable.body());
            assertTrue(unreadable.body().length() < 600, "too much of the body comes back: " + unreadable.body());
        }
        assertEquals(404, post(http, "/v3/nonsense", "{}").statusCode());
        assertEquals(501, get("/v3/kv/put").statusCode());
        assertEquals(404, get("/nonsense").statusCode());
    }

    @Test
    void aStreamInJsonTakesOneMessageAfterTheOther() throws Exception {
        LeaseGrpc.LeaseBlockingStub leases = LeaseGrpc.newBlockingStub(channel);
        StringBuilder body = new StringBuilder();
        for (int id = 901; id <= 903; id++) {
            var _ = leases.leaseGrant(
                    LeaseGrantRequest.newBuilder().setID(id).setTTL(100).build());
            body.append("{\"ID\":\"").append(id).append("\"}").append(id == 901 ? "" : "\n");
        }
        List<String> renewed = post(http, "/v3/lease/keepalive", body.toString())
                .body()
                .lines()
                .toList();
        assertEquals(3, renewed.size(), renewed.toString());
        for (int i = 0; i < 3; i++) {
            assertTrue(renewed.get(i).contains("\"ID\":\"" + (901 + i) + "\",\"TTL\":\"100\""), renewed.get(i));
        }
        HttpResponse<String> half = post(http, "/v3/lease/keepalive", "{\"ID\":\"901\"}{\"ID\":");
        assertEquals(400, half.statusCode());
        assertTrue(half.body().contains("cannot read message 2 of the body"), half.body());
    }

    private Status malformed(MethodDescriptor<?, ?> method, boolean halfClose) throws Exception {
        MethodDescriptor.Marshaller<byte[]> raw = new MethodDescriptor.Marshaller<>() {
            @Override
            public InputStream stream(byte[] value) {
                return new ByteArrayInputStream(value);
            }

            @Override
            public byte[] parse(InputStream stream) {
                return new byte[0];
            }
        };
        ClientCall<byte[], byte[]> call = channel.newCall(
                MethodDescriptor.<byte[], byte[]>newBuilder(raw, raw)
                        .setType(method.getType())
                        .setFullMethodName(method.getFullMethodName())
                        .build(),
                CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS));
        CompletableFuture<Status> closed = new CompletableFuture<>();
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        closed.complete(status);
                    }
                },
                new Metadata());
        call.request(1);
        call.sendMessage(new byte[] {(byte) 0x0a, (byte) 0xff, (byte) 0xff, 3, 1});
        if (halfClose) {
            call.halfClose();
        }
        return closed.get(20, TimeUnit.SECONDS);
    }

    @Test
    void aRequestThatIsNoMessageEndsItsCallWithGosText() throws Exception {
        for (MethodDescriptor<?, ?> method : List.of(
                KVGrpc.getPutMethod(),
                KVGrpc.getTxnMethod(),
                KVGrpc.getRangeStreamMethod(),
                LeaseGrpc.getLeaseGrantMethod(),
                AuthGrpc.getUserAddMethod(),
                MaintenanceGrpc.getSnapshotMethod(),
                WatchGrpc.getWatchMethod(),
                LeaseGrpc.getLeaseKeepAliveMethod())) {
            Status status = malformed(method, method.getType().clientSendsOneMessage());
            assertEquals(Status.Code.INTERNAL, status.getCode(), method.getFullMethodName() + ": " + status);
            assertTrue(
                    String.valueOf(status.getDescription()).startsWith("grpc: error unmarshalling request: "),
                    method.getFullMethodName() + ": " + status);
        }
        // The connection is still good.
        assertTrue(KVGrpc.newBlockingStub(channel).put(put("after", "1")).hasHeader());
    }

    @Test
    void aStreamedRangeThatIsSwitchedOffIsNoMethod(@TempDir Path directory) throws Exception {
        List<String> flags = TestServers.loneMember(directory);
        flags.add("--feature-gates=RangeStream=false");
        try (KvServer without = TestServers.start(flags)) {
            ManagedChannel other = Grpc.newChannelBuilder(
                            "127.0.0.1:" + without.clientUrls().getFirst().port(), InsecureChannelCredentials.create())
                    .build();
            RangeRequest request = RangeRequest.newBuilder().setKey(bytes("a")).build();
            try {
                for (Channel each : List.of(other, without.channel())) {
                    assertRefused(
                            Status.Code.UNIMPLEMENTED, "unknown method RangeStream for service etcdserverpb.KV", () -> {
                                boolean _ = KVGrpc.newBlockingStub(each)
                                        .rangeStream(request)
                                        .hasNext();
                            });
                    assertEquals(0, KVGrpc.newBlockingStub(each).range(request).getCount());
                }
            } finally {
                other.shutdownNow();
            }
        }
    }

    private static boolean platformThread(String name) {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals(name));
    }

    @Test
    void hashesHaveAThreadOfTheirOwn() {
        MaintenanceGrpc.MaintenanceBlockingStub maintenance = MaintenanceGrpc.newBlockingStub(channel);
        int hash = maintenance.hash(HashRequest.getDefaultInstance()).getHash();
        assertEquals(
                hash, maintenance.hashKV(HashKVRequest.getDefaultInstance()).getHash());
        assertTrue(platformThread("hasher-0"));
        assertFalse(platformThread("hasher-1"));
    }

    @Test
    void aSnapshotIsMadeByAThreadThatIsNobodysCarrier(@TempDir Path directory) throws Exception {
        try (KvServer large = TestServers.start(TestServers.loneMember(directory))) {
            for (int i = 0; i < 8; i++) {
                var _ = KVGrpc.newBlockingStub(large.channel()).put(put("large" + i, "x".repeat(1_000_000)));
            }
            ManagedChannel other = Grpc.newChannelBuilder(
                            "127.0.0.1:" + large.clientUrls().getFirst().port(), InsecureChannelCredentials.create())
                    .build();
            try {
                ClientCall<SnapshotRequest, SnapshotResponse> call =
                        other.newCall(MaintenanceGrpc.getSnapshotMethod(), CallOptions.DEFAULT);
                call.start(new ClientCall.Listener<>() {}, new Metadata());
                call.sendMessage(SnapshotRequest.getDefaultInstance());
                call.halfClose();
                // It is held up, because nothing is taken of it.
                TestServers.await("the thread", () -> platformThread("snapshot"));
                call.cancel("seen", null);
                TestServers.await("its end", () -> !platformThread("snapshot"));
            } finally {
                other.shutdownNow();
            }
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aLeaseThatIsOverStaysWhileDataDiffersAndGoesAfterwards(@TempDir Path directory) throws Exception {
        List<String> flags = TestServers.loneMember(directory);
        flags.addAll(List.of("--heartbeat-interval=50", "--election-timeout=500"));
        try (KvServer corrupt = TestServers.start(flags)) {
            KVGrpc.KVBlockingStub kv = KVGrpc.newBlockingStub(corrupt.channel());
            LeaseGrpc.LeaseBlockingStub leases = LeaseGrpc.newBlockingStub(corrupt.channel());
            long lease = leases.leaseGrant(
                            LeaseGrantRequest.newBuilder().setTTL(3).build())
                    .getID();
            AlarmRequest alarm = AlarmRequest.newBuilder()
                    .setAction(AlarmRequest.AlarmAction.ACTIVATE)
                    .setMemberID(corrupt.memberId())
                    .setAlarm(AlarmType.CORRUPT)
                    .build();
            var _ = kv.put(put("held", "1").toBuilder().setLease(lease).build());
            MaintenanceGrpc.MaintenanceBlockingStub maintenance = MaintenanceGrpc.newBlockingStub(corrupt.channel());
            var _ = maintenance.alarm(alarm);
            LeaseTimeToLiveRequest left =
                    LeaseTimeToLiveRequest.newBuilder().setID(lease).build();
            TestServers.await(
                    "the time to be over", () -> leases.leaseTimeToLive(left).getTTL() <= 0);
            // Leases that are over are looked for five times a second.
            RangeRequest held = RangeRequest.newBuilder().setKey(bytes("held")).build();
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(2);
            while (System.nanoTime() - end < 0) {
                assertEquals(1, kv.range(held).getCount());
                Thread.sleep(50);
            }
            assertEquals(0, leases.leaseTimeToLive(left).getTTL());
            var _ = maintenance.alarm(alarm.toBuilder()
                    .setAction(AlarmRequest.AlarmAction.DEACTIVATE)
                    .build());
            TestServers.await("the end of the lease", () -> kv.range(held).getCount() == 0);
        }
    }

    @Test
    void aHostThatIsNotOnTheWhitelistIsToldSo(@TempDir Path directory) throws Exception {
        List<String> flags = TestServers.loneMember(directory);
        flags.add("--host-whitelist=store.example");
        try (KvServer picky = TestServers.start(flags)) {
            int port = picky.clientUrls().getFirst().port();
            assertTrue(statusLine(port, "store.example:" + port).startsWith("HTTP/1.1 200 "));
            assertTrue(statusLine(port, "evil.example").startsWith("HTTP/1.1 421 "));
        }
    }

    private static String statusLine(int port, String host) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream()
                    .write(("GET /version HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    private long rangesSeen() throws Exception {
        return get("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith("etcd_mvcc_range_total "))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.indexOf(' ') + 1)))
                .sum();
    }

    @Test
    void aReadThatIsTakenBackBeforeItsTurnIsNotDone() throws Exception {
        KVGrpc.KVBlockingStub kv = KVGrpc.newBlockingStub(channel);
        for (int txn = 0; txn < 300; txn++) {
            TxnRequest.Builder puts = TxnRequest.newBuilder();
            for (int i = 0; i < 100; i++) {
                puts.addSuccess(RequestOp.newBuilder().setRequestPut(put("heavy/" + txn + "/" + i, "v".repeat(100))));
            }
            var _ = kv.txn(puts.build());
        }
        RangeRequest all = RangeRequest.newBuilder()
                .setKey(bytes("heavy/"))
                .setRangeEnd(bytes("heavy0"))
                .setSerializable(true)
                .build();
        long before = rangesSeen();
        ManagedChannel leaving = Grpc.newChannelBuilder(
                        "127.0.0.1:" + server.clientUrls().getFirst().port(), InsecureChannelCredentials.create())
                .build();
        KVGrpc.KVFutureStub asking = KVGrpc.newFutureStub(leaving);
        for (int i = 0; i < 400; i++) {
            var _ = asking.range(all);
        }
        // The first answer would say too late that they are being read: answers share the connection.
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (rangesSeen() == before) {
            assertTrue(System.nanoTime() < deadline, "nothing was read");
        }
        leaving.shutdownNow();
        assertTrue(leaving.awaitTermination(10, TimeUnit.SECONDS));
        // Waits behind whatever is still done of them.
        var _ = kv.range(all);
        long done = rangesSeen() - before;
        assertTrue(done < 200, done + " ranges were read for nobody");
        var _ = kv.deleteRange(DeleteRangeRequest.newBuilder()
                .setKey(bytes("heavy/"))
                .setRangeEnd(bytes("heavy0"))
                .build());
    }

    @Test
    void aWatchInJsonIsOneLinePerResponse() throws Exception {
        HttpResponse<Stream<String>> watch = http.send(
                HttpRequest.newBuilder(URI.create(base + "/v3/watch"))
                        .POST(HttpRequest.BodyPublishers.ofString(
                                "{\"create_request\":{\"key\":\"" + base64("watched") + "\"}}"))
                        .build(),
                BodyHandlers.ofLines());
        try (Stream<String> lines = watch.body()) {
            var line = lines.iterator();
            assertTrue(line.next().contains("\"created\":true"));
            var _ = KVGrpc.newBlockingStub(channel).put(put("watched", "1"));
            String event = line.next();
            assertTrue(event.startsWith("{\"result\":{"), event);
            assertTrue(event.contains("\"key\":\"" + base64("watched") + "\""), event);
        }
    }

    @Test
    void healthVersionAndMetricsAreWhereEtcdHasThem() throws Exception {
        assertEquals("{\"health\":\"true\",\"reason\":\"\"}", get("/health").body());
        assertEquals(200, get("/health?serializable=true").statusCode());
        assertEquals("ok\n", get("/livez").body());
        assertEquals(
                "[+]data_corruption ok\n[+]serializable_read ok\n[+]linearizable_read ok\n[+]non_learner ok\nok\n",
                get("/readyz?verbose").body());
        assertEquals("ok\n", get("/readyz/linearizable_read").body());
        assertTrue(get("/version").body().contains("\"etcdserver\":\"3.6."));
        String metrics = get("/metrics").body();
        assertTrue(metrics.contains("etcd_server_healthcheck{name=\"linearizable_read\",type=\"readyz\"} 1"), metrics);
        assertTrue(
                metrics.contains(
                        "etcd_server_healthchecks_total{name=\"serializable_read\",type=\"livez\",status=\"success\"} 1"),
                metrics);
        for (String name : List.of(
                "etcd_server_has_leader 1",
                "etcd_server_is_leader 1",
                "etcd_server_leader_changes_seen_total 1",
                "etcd_mvcc_db_total_size_in_bytes ",
                "etcd_server_quota_backend_bytes 2147483648",
                "grpc_server_handled_total{grpc_code=\"OK\",grpc_method=\"Put\",grpc_service=\"etcdserverpb.KV\",grpc_type=\"unary\"}",
                "process_resident_memory_bytes ",
                "etcd_server_feature_enabled{name=\"CompactHashCheck\",stage=\"ALPHA\"} 0",
                "etcd_cluster_version{cluster_version=\"3.")) {
            assertTrue(metrics.contains("\n" + name), name);
        }
    }

    @Test
    void idsAreComputedFromThePeerUrls() {
        List<Member> members = ClusterGrpc.newBlockingStub(channel)
                .memberList(MemberListRequest.getDefaultInstance())
                .getMembersList();
        assertEquals(server.memberId(), ClusterIds.memberId(members.getFirst().getPeerURLsList(), "etcd-cluster"));
    }
}
