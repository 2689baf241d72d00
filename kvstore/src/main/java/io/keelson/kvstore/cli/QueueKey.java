package io.keelson.kvstore.cli;

import com.google.protobuf.ByteString;
import io.grpc.Deadline;
import io.keelson.kvstore.api.Compare;
import io.keelson.kvstore.api.DeleteRangeRequest;
import io.keelson.kvstore.api.Event;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.RangeResponse;
import io.keelson.kvstore.api.RequestOp;
import io.keelson.kvstore.api.TxnRequest;
import io.keelson.kvstore.api.TxnResponse;
import io.keelson.kvstore.api.WatchCreateRequest;
import io.keelson.kvstore.api.WatchResponse;
import io.keelson.kvstore.client.KvClient;
import io.keelson.kvstore.client.Watcher;
import java.util.concurrent.TimeUnit;

/**
 * A key of one's own under a name, waiting until it is the oldest there: the recipe that etcd's locks and elections
 * share, so that all clients of a name agree. The key is {@code name/lease}; the oldest create revision is in front.
 */
final class QueueKey {
    private final KvClient client;
    private final ByteString prefix;
    private final ByteString key;
    private final long lease;

    QueueKey(KvClient client, String name, long lease) {
        this.client = client;
        this.prefix = ByteText.bytes(name + "/");
        this.key = ByteText.bytes(name + "/" + GoNumbers.hex(lease));
        this.lease = lease;
    }

    ByteString key() {
        return key;
    }

    ByteString prefix() {
        return prefix;
    }

    /**
     * Creates the key and waits until it is in front.
     *
     * @return revision of the last answer seen before it was in front
     */
    long enter(String value) throws InterruptedException {
        Compare absent = Compare.newBuilder()
                .setTarget(Compare.CompareTarget.CREATE)
                .setResult(Compare.CompareResult.EQUAL)
                .setKey(key)
                .setCreateRevision(0)
                .build();
        PutRequest put = PutRequest.newBuilder()
                .setKey(key)
                .setValue(ByteText.bytes(value))
                .setLease(lease)
                .build();
        TxnResponse created = client.write(
                KVGrpc.getTxnMethod(),
                TxnRequest.newBuilder()
                        .addCompare(absent)
                        .addSuccess(RequestOp.newBuilder().setRequestPut(put))
                        .addFailure(RequestOp.newBuilder()
                                .setRequestRange(RangeRequest.newBuilder().setKey(key)))
                        .build(),
                null);
        long revision = created.getHeader().getRevision();
        if (!created.getSucceeded()) {
            revision = created.getResponses(0).getResponseRange().getKvs(0).getCreateRevision();
        }
        return awaitFront(revision, created.getHeader().getRevision());
    }

    private long awaitFront(long ownRevision, long seen) throws InterruptedException {
        long revision = seen;
        while (true) {
            RangeResponse before = client.read(
                    KVGrpc.getRangeMethod(),
                    RangeRequest.newBuilder()
                            .setKey(prefix)
                            .setRangeEnd(end(prefix))
                            .setMaxCreateRevision(ownRevision - 1)
                            .setSortTarget(RangeRequest.SortTarget.CREATE)
                            .setSortOrder(RangeRequest.SortOrder.DESCEND)
                            .setLimit(1)
                            .build(),
                    null);
            revision = Math.max(revision, before.getHeader().getRevision());
            if (before.getKvsCount() == 0) {
                return revision;
            }
            awaitDeletion(before.getKvs(0).getKey(), before.getHeader().getRevision());
        }
    }

    private void awaitDeletion(ByteString other, long revision) throws InterruptedException {
        WatchCreateRequest request = WatchCreateRequest.newBuilder()
                .setKey(other)
                .setStartRevision(revision)
                .build();
        try (Watcher watcher = Watcher.open(client, request)) {
            while (true) {
                WatchResponse response = watcher.next();
                for (Event event : response.getEventsList()) {
                    if (event.getType() == Event.EventType.DELETE) {
                        return;
                    }
                }
                if (response.getCanceled()) {
                    // Compacted away: looking again tells.
                    return;
                }
            }
        }
    }

    RangeResponse read() {
        return client.read(
                KVGrpc.getRangeMethod(), RangeRequest.newBuilder().setKey(key).build(), null);
    }

    /** Gives the place up. */
    void leave() {
        var _ = client.write(
                KVGrpc.getDeleteRangeMethod(),
                DeleteRangeRequest.newBuilder().setKey(key).build(),
                Deadline.after(5, TimeUnit.SECONDS));
    }

    static ByteString end(ByteString prefix) {
        return ByteText.bytes(KeyRanges.prefixEnd(ByteText.of(prefix)));
    }
}
