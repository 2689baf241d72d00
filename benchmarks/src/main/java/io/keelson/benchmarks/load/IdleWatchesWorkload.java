package io.keelson.benchmarks.load;

import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import io.keelson.kvstore.api.WatchCreateRequest;
import io.keelson.kvstore.api.WatchRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Puts while many watches stand on keys that nobody touches. Counts puts. */
final class IdleWatchesWorkload implements Workload {
    private static final int WATCHES_PER_STREAM = 100;

    private final EtcdConnections connections;
    private final int watches;
    private final KeyValueWorkload puts;
    private final List<StreamObserver<byte[]>> streams = new ArrayList<>();

    IdleWatchesWorkload(EtcdConnections connections, int watches, KeyValueWorkload puts) {
        this.connections = connections;
        this.watches = watches;
        this.puts = puts;
    }

    @Override
    public void prepare(long warmUpOperations) throws InterruptedException {
        CountDownLatch created = new CountDownLatch(watches);
        for (int stream = 0; stream * WATCHES_PER_STREAM < watches; stream++) {
            StreamObserver<byte[]> requests = connections.stream(stream, EtcdConnections.WATCH, new StreamObserver<>() {
                @Override
                public void onNext(byte[] response) {
                    created.countDown();
                }

                @Override
                public void onError(Throwable error) {}

                @Override
                public void onCompleted() {}
            });
            for (int i = 0; i < Math.min(WATCHES_PER_STREAM, watches - stream * WATCHES_PER_STREAM); i++) {
                requests.onNext(WatchRequest.newBuilder()
                        .setCreateRequest(WatchCreateRequest.newBuilder()
                                .setKey(ByteString.copyFromUtf8("/registry/idle/" + stream + "/" + i)))
                        .build()
                        .toByteArray());
            }
            streams.add(requests);
        }
        if (!created.await(60, TimeUnit.SECONDS)) {
            throw new IllegalStateException(created.getCount() + " of " + watches + " watches were not created");
        }
        puts.prepare(warmUpOperations / 10);
    }

    @Override
    public ClosedLoop.Outcome run(long durationNanos) throws InterruptedException {
        return puts.run(durationNanos);
    }

    @Override
    public void finish() {
        streams.forEach(StreamObserver::onCompleted);
        streams.clear();
    }
}
