package io.keelson.kvstore.clients;

import com.google.protobuf.ByteString;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.keelson.kvstore.api.CompactionRequest;
import io.keelson.kvstore.api.Compare;
import io.keelson.kvstore.api.DeleteRangeRequest;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.KeyValue;
import io.keelson.kvstore.api.LeaseGrantRequest;
import io.keelson.kvstore.api.LeaseGrpc;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.RangeResponse;
import io.keelson.kvstore.api.RequestOp;
import io.keelson.kvstore.api.TxnRequest;
import io.keelson.kvstore.api.TxnResponse;
import io.keelson.kvstore.api.WatchGrpc;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The calls that a kube-apiserver makes of its store, in the form in which it makes them, to one member. */
final class ApiServerCalls implements AutoCloseable {
    private static final ByteString COMPACT_KEY = ByteString.copyFromUtf8("compact_rev_key");

    private final ManagedChannel channel;
    private final KVGrpc.KVBlockingStub kv;
    private final LeaseGrpc.LeaseBlockingStub leases;

    ApiServerCalls(String endpoint) {
        channel = Grpc.newChannelBuilder(endpoint, InsecureChannelCredentials.create())
                .build();
        kv = KVGrpc.newBlockingStub(channel);
        leases = LeaseGrpc.newBlockingStub(channel);
    }

    WatchGrpc.WatchStub watches() {
        return WatchGrpc.newStub(channel);
    }

    /** All objects of a kind at one revision, read in pages. */
    record Listed(long revision, List<KeyValue> objects) {}

    /** Puts an object if it is as it was when read, or not there; the revision, or 0 if it has changed meanwhile. */
    long putIfUnchanged(ByteString key, long modRevision, ByteString value, long lease) {
        RequestOp put = RequestOp.newBuilder()
                .setRequestPut(
                        PutRequest.newBuilder().setKey(key).setValue(value).setLease(lease))
                .build();
        return ifUnchanged(key, modRevision, put);
    }

    /** Deletes an object if it is as it was when read; the revision, or 0 if it has changed meanwhile. */
    long deleteIfUnchanged(ByteString key, long modRevision) {
        RequestOp delete = RequestOp.newBuilder()
                .setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(key))
                .build();
        return ifUnchanged(key, modRevision, delete);
    }

    private long ifUnchanged(ByteString key, long modRevision, RequestOp change) {
        TxnResponse answer = kv.txn(TxnRequest.newBuilder()
                .addCompare(Compare.newBuilder()
                        .setTarget(Compare.CompareTarget.MOD)
                        .setResult(Compare.CompareResult.EQUAL)
                        .setKey(key)
                        .setModRevision(modRevision))
                .addSuccess(change)
                .addFailure(RequestOp.newBuilder()
                        .setRequestRange(RangeRequest.newBuilder().setKey(key)))
                .build());
        return answer.getSucceeded() ? answer.getHeader().getRevision() : 0;
    }

    @Nullable
    KeyValue get(ByteString key) {
        RangeResponse answer = kv.range(RangeRequest.newBuilder().setKey(key).build());
        return answer.getKvsCount() == 0 ? null : answer.getKvs(0);
    }

    /**
     * Lists a kind: the first page says the revision, the others are read at it.
     *
     * @throws io.grpc.StatusRuntimeException OUT_OF_RANGE if that revision is compacted meanwhile
     */
    Listed list(String prefix, int pageSize) {
        ByteString end = ByteString.copyFromUtf8(prefix.substring(0, prefix.length() - 1) + "0");
        ByteString from = ByteString.copyFromUtf8(prefix);
        List<KeyValue> objects = new ArrayList<>();
        long revision = 0;
        while (true) {
            RangeResponse page = kv.range(RangeRequest.newBuilder()
                    .setKey(from)
                    .setRangeEnd(end)
                    .setLimit(pageSize)
                    .setRevision(revision)
                    .build());
            if (revision == 0) {
                revision = page.getHeader().getRevision();
            }
            objects.addAll(page.getKvsList());
            if (page.getMore() != (page.getCount() > page.getKvsCount())) {
                throw new AssertionError(
                        "more is " + page.getMore() + " with " + page.getKvsCount() + " of " + page.getCount());
            }
            if (!page.getMore()) {
                return new Listed(revision, objects);
            }
            from = page.getKvs(page.getKvsCount() - 1).getKey().concat(ByteString.copyFrom(new byte[1]));
        }
    }

    long grantLease(long ttlSeconds) {
        return leases.leaseGrant(
                        LeaseGrantRequest.newBuilder().setTTL(ttlSeconds).build())
                .getID();
    }

    /**
     * Takes part in the agreement on who compacts: whoever knows how often it was won so far wins, and writes down the
     * revision that the next winner compacts to.
     *
     * @param time as of the last turn, 0 at first
     * @return the turn as it is now, and whether it was won
     */
    Turn takeTurn(long time, long revision) {
        TxnResponse answer = kv.txn(TxnRequest.newBuilder()
                .addCompare(Compare.newBuilder()
                        .setTarget(Compare.CompareTarget.VERSION)
                        .setResult(Compare.CompareResult.EQUAL)
                        .setKey(COMPACT_KEY)
                        .setVersion(time))
                .addSuccess(RequestOp.newBuilder()
                        .setRequestPut(PutRequest.newBuilder()
                                .setKey(COMPACT_KEY)
                                .setValue(ByteString.copyFromUtf8("" + revision))))
                .addFailure(RequestOp.newBuilder()
                        .setRequestRange(RangeRequest.newBuilder().setKey(COMPACT_KEY)))
                .build());
        if (answer.getSucceeded()) {
            return new Turn(true, time + 1, answer.getHeader().getRevision());
        }
        KeyValue now = answer.getResponses(0).getResponseRange().getKvs(0);
        return new Turn(false, now.getVersion(), answer.getHeader().getRevision());
    }

    record Turn(boolean won, long time, long revision) {}

    void compact(long revision) {
        var _ = kv.compact(CompactionRequest.newBuilder().setRevision(revision).build());
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
