package io.keelson.kvstore.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.keelson.kvstore.api.CompactionRequest;
import io.keelson.kvstore.api.DeleteRangeRequest;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.LeaseGrantRequest;
import io.keelson.kvstore.api.LeaseGrpc;
import io.keelson.kvstore.api.LeaseRevokeRequest;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.RequestOp;
import io.keelson.kvstore.api.ResponseHeader;
import io.keelson.kvstore.api.TxnRequest;
import io.keelson.kvstore.apply.ModelStore;
import io.keelson.kvstore.apply.RandomRequests;
import io.keelson.kvstore.apply.RequestValidation;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.mvcc.MvccWriter;
import io.keelson.raft.Await;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Requests that mix every operation and flag, many of them impossible, go to all members of a cluster. Each is answered as
 * the model answers it, or with the model's error; no member leaves service; all hold the same. The seed of a run is in
 * the messages of failures; {@code -Dhostile.seed=N} and {@code -Dhostile.requests=N} repeat or lengthen one.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ImpossibleRequestsTest {
    /** As a server is set up by default. */
    private static final int TXN_OPS_MAX = 128;

    private static final int LEASES = 5;

    private final Path directory;
    private @Nullable LocalCluster started;

    ImpossibleRequestsTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @BeforeAll
    void start() throws Exception {
        started = LocalCluster.start(directory);
    }

    @AfterAll
    void stop() {
        cluster().close();
    }

    private LocalCluster cluster() {
        if (started == null) {
            throw new IllegalStateException("the cluster did not start");
        }
        return started;
    }

    private KVGrpc.KVBlockingStub kv(int member) {
        return KVGrpc.newBlockingStub(cluster().channel(member)).withDeadlineAfter(30, TimeUnit.SECONDS);
    }

    /** The request that takes etcd 3.5, 3.6 and 3.8-alpha down on every member, and again at each restart. */
    @Test
    void aPutThatKeepsTheValueOfAKeyDeletedBeforeItIsAnsweredWithItsErrorByEveryMember() throws Exception {
        ByteString key = ByteString.copyFromUtf8("once");
        ByteString openEnd = ByteString.copyFrom(new byte[] {0});
        for (int member = 0; member < cluster().size(); member++) {
            kv(member).put(PutRequest.newBuilder().setKey(key).setValue(key).build());
            TxnRequest impossible = TxnRequest.newBuilder()
                    .addSuccess(RequestOp.newBuilder()
                            .setRequestDeleteRange(
                                    DeleteRangeRequest.newBuilder().setKey(key).setRangeEnd(openEnd)))
                    .addSuccess(RequestOp.newBuilder()
                            .setRequestPut(PutRequest.newBuilder().setKey(key).setIgnoreValue(true)))
                    .build();
            int asked = member;
            assertEquals(
                    EtcdError.KEY_NOT_FOUND.status().getDescription(),
                    answer(() -> kv(asked).txn(impossible)),
                    "from member " + member);
            assertEquals(
                    1,
                    kv(member)
                            .range(RangeRequest.newBuilder().setKey(key).build())
                            .getCount(),
                    "what was refused must change nothing");
            kv(member).deleteRange(DeleteRangeRequest.newBuilder().setKey(key).build());
        }
        cluster().assertServingTheSame();
    }

    private LeaseGrpc.LeaseBlockingStub leases(int member) {
        return LeaseGrpc.newBlockingStub(cluster().channel(member)).withDeadlineAfter(60, TimeUnit.SECONDS);
    }

    private void grant(long id, long ttlSeconds) {
        leases(0)
                .leaseGrant(LeaseGrantRequest.newBuilder()
                        .setID(id)
                        .setTTL(ttlSeconds)
                        .build());
    }

    /** Puts keys of some bytes under a lease, as many at a time as a transaction may. */
    private void putMany(String prefix, int keys, long lease) {
        TxnRequest.Builder txn = TxnRequest.newBuilder();
        for (int i = 0; i < keys; i++) {
            txn.addSuccess(RequestOp.newBuilder()
                    .setRequestPut(PutRequest.newBuilder()
                            .setKey(ByteString.copyFromUtf8(prefix + i))
                            .setLease(lease)));
            if (txn.getSuccessCount() == TXN_OPS_MAX || i == keys - 1) {
                kv(0).txn(txn.build());
                txn.clear();
            }
        }
    }

    private long count(int member, String prefix) {
        return kv(member)
                .range(RangeRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8(prefix))
                        .setRangeEnd(ByteString.copyFromUtf8(prefix + "~"))
                        .setCountOnly(true)
                        .build())
                .getCount();
    }

    @Test
    void moreThanACommandMayChangeIsRefusedByEveryMemberAndGoesWithItsLeaseInParts() throws Exception {
        int keys = (int) (MvccWriter.COMMAND_BYTES_MAX / 768);
        grant(101, 1_000_000);
        putMany("many", keys, 101);
        for (int member = 0; member < cluster().size(); member++) {
            int asked = member;
            assertEquals(
                    EtcdError.REQUEST_TOO_LARGE.status().getDescription(),
                    answer(() -> kv(asked)
                            .deleteRange(DeleteRangeRequest.newBuilder()
                                    .setKey(ByteString.copyFromUtf8("many"))
                                    .setRangeEnd(ByteString.copyFromUtf8("many~"))
                                    .build())));
            assertEquals(keys, count(member, "many"));
        }
        cluster().assertServingTheSame();

        leases(1).leaseRevoke(LeaseRevokeRequest.newBuilder().setID(101).build());
        for (int member = 0; member < cluster().size(); member++) {
            assertEquals(0, count(member, "many"), "on member " + member);
        }
        cluster().assertServingTheSame();
    }

    @Test
    void aLeaseWithManyKeysExpiresInPartsAndHoldsUpNoOther() throws Exception {
        grant(102, 10);
        putMany("first", 12_000, 102);
        grant(103, 15);
        putMany("second", 10, 103);
        long revision = kv(0).range(RangeRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8("x"))
                        .build())
                .getHeader()
                .getRevision();
        for (String prefix : new String[] {"first", "second"}) {
            Await.until("the lease of " + prefix + " has expired", 60_000, () -> count(0, prefix) == 0);
        }
        assertTrue(
                revision + 3
                        <= kv(0).range(RangeRequest.newBuilder()
                                        .setKey(ByteString.copyFromUtf8("x"))
                                        .build())
                                .getHeader()
                                .getRevision(),
                "the first in two parts");
        cluster().assertServingTheSame();
    }

    @Test
    void requestsThatMixEverythingAreAnsweredAsTheModelAnswersThem() throws Exception {
        compare(Long.getLong("hostile.seed", new Random().nextLong()), Integer.getInteger("hostile.requests", 1_500));
    }

    @Test
    @Tag("long")
    void requestsThatMixEverythingAreAnsweredAsTheModelAnswersThemForLong() throws Exception {
        compare(Long.getLong("hostile.seed", new Random().nextLong()), Integer.getInteger("hostile.requests", 100_000));
    }

    /** The model begins where the cluster is: with nothing but a revision, before which nothing can be read. */
    private void compare(long seed, int requests) throws Exception {
        Random random = new Random(seed);
        RandomRequests source = RandomRequests.odd(random);
        kv(0).put(PutRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8("so that the revision is a new one"))
                .build());
        long revision = kv(0).deleteRange(DeleteRangeRequest.newBuilder()
                        .setKey(ByteString.copyFrom(new byte[] {0}))
                        .setRangeEnd(ByteString.copyFrom(new byte[] {0}))
                        .build())
                .getHeader()
                .getRevision();
        grantLeases();
        ModelStore model = ModelStore.emptyAt(revision);
        CompactionRequest past =
                CompactionRequest.newBuilder().setRevision(revision).build();
        assertEquals(expected(model, past), answer(() -> send(0, past)));
        for (int i = 0; i < requests; i++) {
            int member = random.nextInt(cluster().size());
            Message request =
                    random.nextInt(8) == 0 ? source.range(model.revision()) : source.command(model.revision());
            String expected = expected(model, request);
            String actual = answer(() -> send(member, request));
            int number = i;
            assertEquals(
                    expected,
                    actual,
                    () -> "seed " + seed + ", request " + number + " to member " + member + ": " + request);
            if (i % 500 == 0) {
                cluster().assertServingTheSame();
            }
        }
        cluster().assertServingTheSame();
    }

    private void grantLeases() {
        for (int id = 1; id <= LEASES; id++) {
            try {
                LeaseGrpc.newBlockingStub(cluster().channel(0))
                        .withDeadlineAfter(30, TimeUnit.SECONDS)
                        .leaseGrant(LeaseGrantRequest.newBuilder()
                                .setID(id)
                                .setTTL(1_000_000)
                                .build());
            } catch (StatusRuntimeException e) {
                assertEquals(
                        EtcdError.LEASE_EXIST.status().getDescription(),
                        e.getStatus().getDescription());
            }
        }
    }

    private Message send(int member, Message request) {
        return switch (request) {
            case PutRequest put -> kv(member).put(put);
            case DeleteRangeRequest delete -> kv(member).deleteRange(delete);
            case TxnRequest txn -> kv(member).txn(txn);
            case RangeRequest range -> kv(member).range(range);
            case CompactionRequest compaction -> kv(member).compact(compaction);
            default -> throw new IllegalArgumentException("unexpected " + request);
        };
    }

    private static String expected(ModelStore model, Message request) {
        EtcdError refused = switch (request) {
            case PutRequest put -> RequestValidation.check(put);
            case DeleteRangeRequest delete -> RequestValidation.check(delete);
            case TxnRequest txn -> RequestValidation.check(txn, TXN_OPS_MAX);
            case RangeRequest range -> RequestValidation.check(range);
            default -> null;
        };
        if (refused != null) {
            return String.valueOf(refused.status().getDescription());
        }
        String[] answer = new String[1];
        EtcdError error = ModelStore.errorOf(() -> answer[0] = request instanceof RangeRequest range
                ? model.read(range).toString()
                : model.apply(request).toString());
        return error == null ? answer[0] : String.valueOf(error.status().getDescription());
    }

    /** An answer without what only a server has, or the text of the error. */
    private static String answer(java.util.function.Supplier<Message> call) {
        try {
            Message response = call.get();
            var header = response.getDescriptorForType().findFieldByName("header");
            ResponseHeader told = (ResponseHeader) response.getField(header);
            return response.toBuilder()
                    .setField(
                            header,
                            ResponseHeader.newBuilder()
                                    .setRevision(told.getRevision())
                                    .build())
                    .build()
                    .toString();
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() == Status.Code.UNKNOWN
                    || e.getStatus().getCode() == Status.Code.DEADLINE_EXCEEDED) {
                throw new AssertionError("not an answer: " + e.getStatus(), e);
            }
            return String.valueOf(e.getStatus().getDescription());
        }
    }
}
