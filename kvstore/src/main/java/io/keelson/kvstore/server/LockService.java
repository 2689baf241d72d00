package io.keelson.kvstore.server;

import com.google.protobuf.ByteString;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.keelson.kvstore.api.DeleteRangeRequest;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.LockGrpc;
import io.keelson.kvstore.api.LockRequest;
import io.keelson.kvstore.api.LockResponse;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.RangeResponse;
import io.keelson.kvstore.api.UnlockRequest;
import io.keelson.kvstore.api.UnlockResponse;
import io.keelson.kvstore.server.QueueOfKeys.Place;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The gRPC service {@code v3lockpb.Lock}. A lock is held as long as its key exists, which is at most as long as its lease. */
final class LockService extends LockGrpc.LockImplBase {
    private static final Logger log = LoggerFactory.getLogger(LockService.class);

    private final BlockingCalls calls;

    LockService(BlockingCalls calls) {
        this.calls = calls;
    }

    @Override
    public void lock(LockRequest request, StreamObserver<LockResponse> client) {
        calls.run("lock", client, channel -> {
            QueueOfKeys queue = new QueueOfKeys(channel, request.getName());
            Place place = queue.enter(request.getLease(), ByteString.EMPTY);
            try {
                queue.awaitFront(place);
            } catch (RuntimeException e) {
                // Who does not wait any more must not be waited for.
                Context.ROOT.run(() -> release(queue.kv(), place.key()));
                throw e;
            }
            RangeResponse own = queue.kv()
                    .range(RangeRequest.newBuilder().setKey(place.key()).build());
            if (own.getKvsCount() == 0) {
                throw Status.UNKNOWN
                        .withDescription("mutex: session is expired")
                        .asRuntimeException();
            }
            client.onNext(LockResponse.newBuilder()
                    .setHeader(own.getHeader())
                    .setKey(place.key())
                    .build());
            client.onCompleted();
        });
    }

    private static void release(KVGrpc.KVBlockingStub kv, ByteString key) {
        try {
            var _ = kv.deleteRange(DeleteRangeRequest.newBuilder().setKey(key).build());
        } catch (RuntimeException e) {
            log.warn("a place in a queue for a lock was not given back; it goes with its lease", e);
        }
    }

    @Override
    public void unlock(UnlockRequest request, StreamObserver<UnlockResponse> client) {
        calls.run("unlock", client, channel -> {
            var response = KVGrpc.newBlockingStub(channel)
                    .deleteRange(DeleteRangeRequest.newBuilder()
                            .setKey(request.getKey())
                            .build());
            client.onNext(
                    UnlockResponse.newBuilder().setHeader(response.getHeader()).build());
            client.onCompleted();
        });
    }
}
