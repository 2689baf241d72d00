package io.keelson.apiserver.store;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.Channel;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.store.StoreRequests.Operation;
import io.keelson.kvstore.api.Compare;
import io.keelson.kvstore.api.DeleteRangeRequest;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.KeyValue;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.RangeResponse;
import io.keelson.kvstore.api.RequestOp;
import io.keelson.kvstore.api.ResponseOp;
import io.keelson.kvstore.api.TxnRequest;
import io.keelson.kvstore.api.TxnResponse;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Objects in any store that speaks etcd v3, in the same transactions as a kube-apiserver's: writes compare the revision
 * of the key's last change (0 for a key that is not there), and read the key when it is another. Any thread.
 */
public final class EtcdStore implements ObjectStore {
    /** Of a list without limit: the first page's size, and how much later pages, by what was seen so far, should have. */
    private static final int PAGE_VALUES_FIRST = 500;

    private static final int PAGE_VALUES_MAX = 10_000;
    private static final long PAGE_BYTES = 8L << 20;

    private final EtcdCalls calls;
    private final Leases leases;
    private final Values values;
    private final WatchStreams watches;
    private final RevisionReader revisions = new RevisionReader(this::revisionsOf);

    /** @param channel to the store; stays open when this is closed */
    public EtcdStore(Channel channel, StoreOptions options) {
        this.calls = new EtcdCalls(channel, options);
        this.leases = new Leases(calls, options, System::nanoTime);
        this.values = new Values(options.transformer());
        this.watches = new WatchStreams(calls, values, options.watchBufferBytes());
    }

    /** Between what the store has and what it means. */
    record Values(Transformer transformer) {
        StoredValue of(KeyValue keyValue) {
            String key = keyValue.getKey().toStringUtf8();
            try {
                Transformer.Plain plain =
                        transformer.fromStored(key, keyValue.getValue().toByteArray());
                return new StoredValue(key, plain.value(), keyValue.getModRevision(), plain.stale());
            } catch (GeneralSecurityException e) {
                throw StoreErrors.unreadable(key, e);
            }
        }

        ByteString stored(String key, byte[] value) {
            try {
                return UnsafeByteOperations.unsafeWrap(transformer.toStored(key, value));
            } catch (GeneralSecurityException e) {
                throw StoreErrors.unreadable(key, e);
            }
        }
    }

    @Override
    public @Nullable StoredValue get(String key) throws InterruptedException {
        RangeResponse answer = read(
                Operation.GET, key, RangeRequest.newBuilder().setKey(bytes(key)).build());
        return answer.getKvsCount() == 0 ? null : values.of(answer.getKvs(0));
    }

    @Override
    public long revisionOf(String key) throws InterruptedException {
        return revisions.revision(key);
    }

    private List<Long> revisionsOf(List<String> keys) throws InterruptedException {
        TxnRequest.Builder transaction = TxnRequest.newBuilder();
        for (String key : keys) {
            transaction.addSuccess(RequestOp.newBuilder()
                    .setRequestRange(
                            RangeRequest.newBuilder().setKey(bytes(key)).setKeysOnly(true)));
        }
        try {
            TxnResponse answer = calls.read(Operation.GET, keys.getFirst(), KVGrpc.getTxnMethod(), transaction.build());
            return answer.getResponsesList().stream()
                    .map(ResponseOp::getResponseRange)
                    .map(range ->
                            range.getKvsCount() == 0 ? 0L : range.getKvs(0).getModRevision())
                    .toList();
        } catch (EtcdCalls.Failure e) {
            throw StoreErrors.ofRead(e.status());
        }
    }

    private RangeResponse read(Operation operation, String key, RangeRequest request) throws InterruptedException {
        try {
            return calls.read(operation, key, KVGrpc.getRangeMethod(), request);
        } catch (EtcdCalls.Failure e) {
            if (StoreErrors.isCompacted(e.status())) {
                throw StoreErrors.listExpired();
            }
            if (StoreErrors.isFuture(e.status())) {
                throw StoreErrors.tooLargeRevision(request.getRevision(), revision());
            }
            throw StoreErrors.ofRead(e.status());
        }
    }

    @Override
    public StorePage list(String prefix, String after, int limit, long revision) throws InterruptedException {
        if (!after.isEmpty() && !after.startsWith(prefix)) {
            throw ApiException.badRequest("the key to continue from is not below " + prefix);
        }
        List<StoredValue> found = new ArrayList<>();
        ByteString from = after.isEmpty() ? bytes(prefix) : behind(bytes(after));
        ByteString end = endOf(bytes(prefix));
        long readAt = revision;
        long bytesSeen = 0;
        while (true) {
            int wanted = pageSize(limit, found.size(), bytesSeen);
            RangeResponse page = read(
                    Operation.LIST,
                    prefix,
                    RangeRequest.newBuilder()
                            .setKey(from)
                            .setRangeEnd(end)
                            .setLimit(wanted)
                            .setRevision(readAt)
                            .build());
            for (KeyValue keyValue : page.getKvsList()) {
                bytesSeen += keyValue.getValue().size();
                found.add(values.of(keyValue));
            }
            readAt = readAt == 0 ? page.getHeader().getRevision() : readAt;
            boolean enough = limit > 0 && found.size() >= limit;
            if (!page.getMore() || enough) {
                return new StorePage(found, readAt, page.getMore(), page.getCount() - page.getKvsCount());
            }
            from = behind(page.getKvs(page.getKvsCount() - 1).getKey());
        }
    }

    /** How many values to ask for: as many as make a page that neither side has to hold much memory for. */
    private static int pageSize(int limit, int found, long bytesSeen) {
        int fitting = PAGE_VALUES_FIRST;
        if (found > 0) {
            long average = Math.max(1, bytesSeen / found);
            fitting = Math.toIntExact(Math.clamp(PAGE_BYTES / average, 1, PAGE_VALUES_MAX));
        }
        return limit == 0 ? fitting : Math.min(limit - found, Math.max(fitting, PAGE_VALUES_FIRST));
    }

    @Override
    public List<StoredKey> keys(String prefix, String after, int limit, long revision) throws InterruptedException {
        ByteString below = bytes(prefix);
        RangeRequest request = RangeRequest.newBuilder()
                .setKey(after.isEmpty() ? below : behind(bytes(after)))
                .setRangeEnd(endOf(below))
                .setLimit(limit)
                .setRevision(revision)
                .setKeysOnly(true)
                .build();
        return read(Operation.LIST, prefix, request).getKvsList().stream()
                .map(keyValue -> new StoredKey(keyValue.getKey().toStringUtf8(), keyValue.getModRevision()))
                .toList();
    }

    @Override
    public long count(String prefix) throws InterruptedException {
        ByteString from = bytes(prefix);
        RangeRequest request = RangeRequest.newBuilder()
                .setKey(from)
                .setRangeEnd(endOf(from))
                .setCountOnly(true)
                .build();
        return read(Operation.COUNT, prefix, request).getCount();
    }

    @Override
    public long create(String key, byte[] value, long ttlSeconds) throws InterruptedException {
        TxnResponse answer = put(Operation.CREATE, key, value, 0, ttlSeconds);
        return answer.getSucceeded() ? answer.getHeader().getRevision() : 0;
    }

    @Override
    public Outcome update(String key, byte[] value, long expectedRevision, long ttlSeconds)
            throws InterruptedException {
        return outcome(put(Operation.UPDATE, key, value, expectedRevision, ttlSeconds));
    }

    private TxnResponse put(Operation operation, String key, byte[] value, long expected, long ttlSeconds)
            throws InterruptedException {
        ByteString stored = values.stored(key, value);
        boolean leaseWasGone = false;
        while (true) {
            long lease = 0;
            try {
                lease = ttlSeconds == 0 ? 0 : leases.lease(key, ttlSeconds);
                PutRequest put = PutRequest.newBuilder()
                        .setKey(bytes(key))
                        .setValue(stored)
                        .setLease(lease)
                        .build();
                return calls.write(
                        operation,
                        key,
                        KVGrpc.getTxnMethod(),
                        ifUnchanged(
                                key,
                                expected,
                                RequestOp.newBuilder().setRequestPut(put).build(),
                                operation == Operation.UPDATE));
            } catch (EtcdCalls.Failure e) {
                // Somebody may revoke a lease that is shared here. The store has then written nothing.
                if (lease != 0 && !leaseWasGone && StoreErrors.isLeaseNotFound(e.status())) {
                    leases.forget(lease);
                    leaseWasGone = true;
                    continue;
                }
                throw StoreErrors.ofWrite(e.status(), e.sent());
            }
        }
    }

    @Override
    public Outcome delete(String key, long expectedRevision) throws InterruptedException {
        RequestOp delete = RequestOp.newBuilder()
                .setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(bytes(key)))
                .build();
        try {
            return outcome(calls.write(
                    Operation.DELETE, key, KVGrpc.getTxnMethod(), ifUnchanged(key, expectedRevision, delete, true)));
        } catch (EtcdCalls.Failure e) {
            throw StoreErrors.ofWrite(e.status(), e.sent());
        }
    }

    private static TxnRequest ifUnchanged(String key, long revision, RequestOp then, boolean readOtherwise) {
        TxnRequest.Builder transaction = TxnRequest.newBuilder()
                .addCompare(Compare.newBuilder()
                        .setTarget(Compare.CompareTarget.MOD)
                        .setResult(Compare.CompareResult.EQUAL)
                        .setKey(bytes(key))
                        .setModRevision(revision))
                .addSuccess(then);
        if (readOtherwise) {
            transaction.addFailure(RequestOp.newBuilder()
                    .setRequestRange(RangeRequest.newBuilder().setKey(bytes(key))));
        }
        return transaction.build();
    }

    private Outcome outcome(TxnResponse answer) {
        if (answer.getSucceeded()) {
            return new Outcome.Done(answer.getHeader().getRevision());
        }
        RangeResponse now = answer.getResponses(0).getResponseRange();
        return new Outcome.Changed(now.getKvsCount() == 0 ? null : values.of(now.getKvs(0)));
    }

    @Override
    public long revision() throws InterruptedException {
        // Any read tells it; this one touches a single key and carries no value.
        RangeRequest request = RangeRequest.newBuilder()
                .setKey(bytes(Compactor.KEY))
                .setCountOnly(true)
                .build();
        return read(Operation.REVISION, Compactor.KEY, request).getHeader().getRevision();
    }

    @Override
    public StoreWatch watch(
            String prefix, long fromRevision, Consumer<StoreEvent> events, Consumer<@Nullable Throwable> ended) {
        ByteString from = bytes(prefix);
        return watches.watch(from, endOf(from), fromRevision, events, ended);
    }

    /** Forgets old revisions of this store; see {@link Compactor}. */
    Compactor.Turn compactionTurn() {
        return new Compactor.Turn(calls);
    }

    private static ByteString bytes(String key) {
        return ByteString.copyFromUtf8(key);
    }

    /** The first key behind a key. */
    private static ByteString behind(ByteString key) {
        return key.concat(ByteString.copyFrom(new byte[1]));
    }

    /** The first key behind all that begin with a prefix; {@code \0}, the end of everything, if there is none. */
    static ByteString endOf(ByteString prefix) {
        byte[] end = prefix.toByteArray();
        for (int i = end.length - 1; i >= 0; i--) {
            if (end[i] != (byte) 0xff) {
                end[i]++;
                return ByteString.copyFrom(end, 0, i + 1);
            }
        }
        return ByteString.copyFrom(new byte[1]);
    }

    /** Ends all watches. */
    @Override
    public void close() {
        watches.close();
    }
}
