package io.keelson.benchmarks.load;

import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import io.keelson.kvstore.api.WatchCreateRequest;
import io.keelson.kvstore.api.WatchRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Puts while many watches stand on keys that nobody touches. Counts puts. */
final class IdleWatchesWorkload implements Workload {
    private static final int WATCHES_PER_STREAM = 100;

    private final EtcdConnections connections;
    private final int watches;
    private final KeyValueWorkload puts;
    private final List<StreamObserver<byte[]>> streams = new ArrayList<>();
    private final AtomicLong lost = new AtomicLong();
    private volatile String firstLoss = "";

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
                    if (Fields.createsWatch(response)) {
                        created.countDown();
                    } else {
                        lost("the server answered a watch that nothing happened to: it is canceled");
                    }
                }

                @Override
                public void onError(Throwable error) {
                    lost(String.valueOf(error.getMessage()));
                }

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
            throw new IllegalStateException(
                    created.getCount() + " of " + watches + " watches were not created; " + firstLoss);
        }
        puts.prepare(warmUpOperations / 10);
    }

    @Override
    public ClosedLoop.Outcome run(long durationNanos) throws InterruptedException {
        ClosedLoop.Outcome outcome = puts.run(durationNanos);
        // Puts beside watches that are gone are not what is measured.
        long failures = outcome.failures() + lost.get();
        return new ClosedLoop.Outcome(
                outcome.units(),
                outcome.nanos(),
                outcome.latency(),
                failures,
                outcome.failures() > 0 ? outcome.firstFailure() : firstLoss);
    }

    private void lost(String why) {
        if (lost.incrementAndGet() == 1) {
            firstLoss = why;
        }
    }

    @Override
    public void finish() {
        streams.forEach(StreamObserver::onCompleted);
        streams.clear();
    }
}
