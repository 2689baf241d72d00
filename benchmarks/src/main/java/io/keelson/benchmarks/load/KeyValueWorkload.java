package io.keelson.benchmarks.load;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.keelson.kvstore.api.Compare;
import io.keelson.kvstore.api.DeleteRangeRequest;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.RequestOp;
import io.keelson.kvstore.api.TxnRequest;
import io.keelson.kvstore.api.TxnResponse;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/** Requests to the KV service by clients that wait for each answer. */
final class KeyValueWorkload implements Workload {
    /** What each request is. */
    enum Kind {
        /** A put of a random key. */
        PUT,
        /** A linearizable get of a random key. */
        GET,
        /** A serializable get of a random key. */
        SERIALIZABLE_GET,
        /** An update as Kubernetes does it: put if the revision is the one last seen, else read the key. */
        COMPARE_AND_PUT,
        /** A linearizable range of {@link #RANGE_KEYS} keys from a random one on. */
        RANGE,
        /** Four gets to one put. */
        MIXED
    }

    static final int RANGE_KEYS = 500;

    private static final int KEYS_PER_TXN_CLIENT = 16;

    private final Kind kind;
    private final int clients;
    private final int valueBytes;
    private final KeySpace keys;
    private final EtcdConnections connections;
    private final ByteString value;
    /** For COMPARE_AND_PUT: the revision each client last saw of each of its keys. */
    private final long[][] revisions;

    KeyValueWorkload(Kind kind, EtcdConnections connections, int clients, int keyCount, int valueBytes) {
        this.kind = kind;
        this.connections = connections;
        this.clients = clients;
        this.valueBytes = valueBytes;
        this.keys = KeySpace.named("kv", Math.max(keyCount, 2 * RANGE_KEYS));
        this.value = KeySpace.randomValue(valueBytes);
        this.revisions = new long[clients][KEYS_PER_TXN_CLIENT];
    }

    @Override
    public void prepare(long warmUpOperations) throws InterruptedException {
        if (kind != Kind.PUT && kind != Kind.COMPARE_AND_PUT) {
            AtomicInteger next = new AtomicInteger();
            ClosedLoop.run(
                    (client, done) -> put(client, keys.key(next.getAndIncrement() % keys.size()), done),
                    64,
                    Long.MAX_VALUE / 4,
                    keys.size());
        }
        if (kind == Kind.COMPARE_AND_PUT) {
            KeySpace own = KeySpace.named("txn", 0);
            connections.callAndWait(
                    0,
                    EtcdConnections.DELETE_RANGE,
                    DeleteRangeRequest.newBuilder()
                            .setKey(own.start())
                            .setRangeEnd(own.end())
                            .build()
                            .toByteArray());
        }
        long warm = kind == Kind.RANGE ? Math.max(1, warmUpOperations / 100) : warmUpOperations;
        if (warm > 0) {
            // With as many clients as are measured: one that is alone takes other paths, which would still be compiled.
            ClosedLoop.run(this::start, clients, Long.MAX_VALUE / 4, warm);
        }
    }

    @Override
    public ClosedLoop.Outcome run(long durationNanos) throws InterruptedException {
        return ClosedLoop.run(this::start, clients, durationNanos, Long.MAX_VALUE);
    }

    @Override
    public void finish() {}

    private void start(int client, ClosedLoop.Done done) {
        switch (kind) {
            case PUT -> put(client, keys.randomKey(), done);
            case GET -> get(client, false, done);
            case SERIALIZABLE_GET -> get(client, true, done);
            case COMPARE_AND_PUT -> compareAndPut(client % clients, done);
            case RANGE -> range(client, done);
            case MIXED -> {
                if (ThreadLocalRandom.current().nextInt(5) == 0) {
                    put(client, keys.randomKey(), done);
                } else {
                    get(client, false, done);
                }
            }
        }
    }

    private void put(int client, ByteString key, ClosedLoop.Done done) {
        byte[] request =
                PutRequest.newBuilder().setKey(key).setValue(value).build().toByteArray();
        connections.call(client, EtcdConnections.PUT, request, ClosedLoop.observer(done, response -> 1));
    }

    private void get(int client, boolean serializable, ClosedLoop.Done done) {
        byte[] request = RangeRequest.newBuilder()
                .setKey(keys.randomKey())
                .setSerializable(serializable)
                .build()
                .toByteArray();
        connections.call(client, EtcdConnections.RANGE, request, ClosedLoop.observer(done, response -> {
            if (response.length < valueBytes) {
                throw new IllegalStateException("a key that was put is missing");
            }
            return 1;
        }));
    }

    private void range(int client, ClosedLoop.Done done) {
        int from = ThreadLocalRandom.current().nextInt(keys.size() - RANGE_KEYS);
        byte[] request = RangeRequest.newBuilder()
                .setKey(keys.key(from))
                .setRangeEnd(keys.end())
                .setLimit(RANGE_KEYS)
                .build()
                .toByteArray();
        connections.call(client, EtcdConnections.RANGE, request, ClosedLoop.observer(done, Fields::countKeyValues));
    }

    private void compareAndPut(int client, ClosedLoop.Done done) {
        int slot = ThreadLocalRandom.current().nextInt(KEYS_PER_TXN_CLIENT);
        ByteString key = KeySpace.named("txn", 0).key(client * KEYS_PER_TXN_CLIENT + slot);
        byte[] request = TxnRequest.newBuilder()
                .addCompare(Compare.newBuilder()
                        .setKey(key)
                        .setTarget(Compare.CompareTarget.MOD)
                        .setResult(Compare.CompareResult.EQUAL)
                        .setModRevision(revisions[client][slot]))
                .addSuccess(RequestOp.newBuilder()
                        .setRequestPut(PutRequest.newBuilder().setKey(key).setValue(value)))
                .addFailure(RequestOp.newBuilder()
                        .setRequestRange(RangeRequest.newBuilder().setKey(key)))
                .build()
                .toByteArray();
        connections.call(client, EtcdConnections.TXN, request, ClosedLoop.observer(done, response -> {
            revisions[client][slot] = revisionAfter(response);
            return 1;
        }));
    }

    private static long revisionAfter(byte[] txnResponse) {
        try {
            TxnResponse response = TxnResponse.parseFrom(txnResponse);
            if (response.getSucceeded()) {
                return response.getHeader().getRevision();
            }
            var range = response.getResponses(0).getResponseRange();
            return range.getKvsCount() == 0 ? 0 : range.getKvs(0).getModRevision();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("not a TxnResponse", e);
        }
    }
}
