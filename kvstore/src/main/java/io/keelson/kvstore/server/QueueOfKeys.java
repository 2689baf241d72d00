package io.keelson.kvstore.server;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import io.grpc.stub.ClientCalls;
import io.keelson.kvstore.api.Compare;
import io.keelson.kvstore.api.Event;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.KeyValue;
import io.keelson.kvstore.api.LeaseGrantRequest;
import io.keelson.kvstore.api.LeaseGrpc;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.RangeResponse;
import io.keelson.kvstore.api.RequestOp;
import io.keelson.kvstore.api.ResponseHeader;
import io.keelson.kvstore.api.TxnRequest;
import io.keelson.kvstore.api.TxnResponse;
import io.keelson.kvstore.api.WatchCreateRequest;
import io.keelson.kvstore.api.WatchGrpc;
import io.keelson.kvstore.api.WatchRequest;
import io.keelson.kvstore.api.WatchResponse;
import io.keelson.kvstore.errors.EtcdError;
import org.jspecify.annotations.Nullable;

/**
 * The recipe behind locks and elections, as etcd's clients and servers have it: who waits puts a key under a common
 * prefix, with a lease; the key created first is in front; everybody else waits for the key created right before theirs to
 * go.
 */
final class QueueOfKeys {
    /** The lease of a caller that brings none, in seconds; nobody renews it. */
    private static final long OWN_LEASE_SECONDS = 60;

    private final Channel channel;
    private final KVGrpc.KVBlockingStub kv;
    private final ByteString prefix;

    /** @param channel leads to the server, in the caller's name */
    QueueOfKeys(Channel channel, ByteString name) {
        this.channel = channel;
        this.kv = KVGrpc.newBlockingStub(channel);
        this.prefix = name.concat(ByteString.copyFromUtf8("/"));
    }

    /**
     * A place in the queue.
     *
     * @param created revision at which the key was created
     * @param entered whether this call created it, rather than an earlier one with the same lease
     * @param value the value the key had when this call came
     * @param header of the transaction
     */
    record Place(ByteString key, long lease, long created, boolean entered, ByteString value, ResponseHeader header) {}

    Place enter(long givenLease, ByteString value) {
        long lease = givenLease;
        if (lease == 0) {
            lease = LeaseGrpc.newBlockingStub(channel)
                    .leaseGrant(LeaseGrantRequest.newBuilder()
                            .setTTL(OWN_LEASE_SECONDS)
                            .build())
                    .getID();
        }
        ByteString key = prefix.concat(ByteString.copyFromUtf8(Long.toHexString(lease)));
        TxnResponse response = kv.txn(TxnRequest.newBuilder()
                .addCompare(created(key, 0))
                .addSuccess(RequestOp.newBuilder()
                        .setRequestPut(PutRequest.newBuilder()
                                .setKey(key)
                                .setValue(value)
                                .setLease(lease)))
                .addFailure(RequestOp.newBuilder()
                        .setRequestRange(RangeRequest.newBuilder().setKey(key)))
                .build());
        if (response.getSucceeded()) {
            return new Place(key, lease, response.getHeader().getRevision(), true, value, response.getHeader());
        }
        KeyValue found = response.getResponses(0).getResponseRange().getKvs(0);
        return new Place(key, lease, found.getCreateRevision(), false, found.getValue(), response.getHeader());
    }

    static Compare.Builder created(ByteString key, long revision) {
        return Compare.newBuilder()
                .setKey(key)
                .setTarget(Compare.CompareTarget.CREATE)
                .setResult(Compare.CompareResult.EQUAL)
                .setCreateRevision(revision);
    }

    /** Waits until the place is in front; returns the header of the look that found it so. */
    ResponseHeader awaitFront(Place place) throws InterruptedException {
        while (true) {
            RangeResponse before = kv.range(range().setLimit(1)
                    .setSortTarget(RangeRequest.SortTarget.CREATE)
                    .setSortOrder(RangeRequest.SortOrder.DESCEND)
                    .setMaxCreateRevision(place.created() - 1)
                    .build());
            if (before.getKvsCount() == 0) {
                return before.getHeader();
            }
            awaitDeletion(before.getKvs(0).getKey(), before.getHeader().getRevision());
        }
    }

    /** The key in front, with the header of the look. */
    RangeResponse front() {
        return kv.range(range().setLimit(1)
                .setSortTarget(RangeRequest.SortTarget.CREATE)
                .setSortOrder(RangeRequest.SortOrder.ASCEND)
                .build());
    }

    /** All keys of the queue. */
    private RangeRequest.Builder range() {
        return RangeRequest.newBuilder().setKey(prefix).setRangeEnd(end());
    }

    /** The first key behind all that begin with the prefix, whose last byte is a slash. */
    ByteString end() {
        return prefix.substring(0, prefix.size() - 1).concat(ByteString.copyFromUtf8("0"));
    }

    ByteString prefix() {
        return prefix;
    }

    KVGrpc.KVBlockingStub kv() {
        return kv;
    }

    private void awaitDeletion(ByteString key, long afterRevision) throws InterruptedException {
        try (Events events = watch(key, ByteString.EMPTY, afterRevision + 1)) {
            while (true) {
                for (Event event : events.next().getEventsList()) {
                    if (event.getType() == Event.EventType.DELETE) {
                        return;
                    }
                }
            }
        }
    }

    /** Watches a key or a range from a revision on. */
    Events watch(ByteString key, ByteString rangeEnd, long fromRevision) throws InterruptedException {
        return new Events(channel, key, rangeEnd, fromRevision);
    }

    /** The events of one watch. */
    static final class Events implements AutoCloseable {
        private final BlockingClientCall<WatchRequest, WatchResponse> call;

        private Events(Channel channel, ByteString key, ByteString rangeEnd, long fromRevision)
                throws InterruptedException {
            call = ClientCalls.blockingBidiStreamingCall(channel, WatchGrpc.getWatchMethod(), CallOptions.DEFAULT);
            try {
                call.write(WatchRequest.newBuilder()
                        .setCreateRequest(WatchCreateRequest.newBuilder()
                                .setKey(key)
                                .setRangeEnd(rangeEnd)
                                .setStartRevision(fromRevision))
                        .build());
            } catch (StatusException e) {
                throw e.getStatus().asRuntimeException();
            }
        }

        /** The next response that brings events. */
        WatchResponse next() throws InterruptedException {
            while (true) {
                WatchResponse response = read();
                if (response == null) {
                    throw EtcdError.WATCH_CANCELED.exception();
                }
                if (response.getCompactRevision() != 0) {
                    throw EtcdError.COMPACTED.exception();
                }
                if (response.getCanceled()) {
                    throw Status.CANCELLED
                            .withDescription(response.getCancelReason())
                            .asRuntimeException();
                }
                if (response.getEventsCount() > 0) {
                    return response;
                }
            }
        }

        private @Nullable WatchResponse read() throws InterruptedException {
            try {
                return call.read();
            } catch (StatusException e) {
                throw e.getStatus().asRuntimeException();
            }
        }

        @Override
        public void close() {
            call.cancel("not needed any more", null);
        }
    }
}
