package io.keelson.benchmarks.load;

import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.WatchCreateRequest;
import io.keelson.kvstore.api.WatchRequest;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/**
 * Many watchers of one prefix, each on a stream of its own, while keys under it are put: at a fixed rate, or as fast as
 * some writers can. Counts events delivered; the latency is the lag from the moment a put was due to the arrival of its
 * event.
 */
final class WatchFanOutWorkload implements Workload {
    private static final int WRITERS_AT_FULL_SPEED = 16;
    private static final long LAG_NANOS_MAX = TimeUnit.MINUTES.toNanos(1);
    private static final int PUTS_UNDER_WAY_MAX = 1_000;

    private final EtcdConnections connections;
    private final int watchers;
    private final int putsPerSecond;
    private final int valueBytes;
    private final KeySpace keys;
    private final List<StreamObserver<byte[]>> streams = new ArrayList<>();
    private final LongAdder events = new LongAdder();
    private final AtomicLong failures = new AtomicLong();
    private volatile String firstFailure = "";
    private volatile Recorder lag = new Recorder(LAG_NANOS_MAX, 3);

    /** With {@code putsPerSecond} 0 the puts come as fast as they are answered. */
    WatchFanOutWorkload(EtcdConnections connections, int watchers, int putsPerSecond, int valueBytes) {
        this.connections = connections;
        this.watchers = watchers;
        this.putsPerSecond = putsPerSecond;
        this.valueBytes = valueBytes;
        this.keys = KeySpace.named("watched", 1_000);
    }

    @Override
    public void prepare(long warmUpOperations) throws InterruptedException {
        CountDownLatch created = new CountDownLatch(watchers);
        for (int watcher = 0; watcher < watchers; watcher++) {
            StreamObserver<byte[]> requests = connections.stream(watcher, EtcdConnections.WATCH, new Receiver(created));
            requests.onNext(WatchRequest.newBuilder()
                    .setCreateRequest(
                            WatchCreateRequest.newBuilder().setKey(keys.start()).setRangeEnd(keys.end()))
                    .build()
                    .toByteArray());
            streams.add(requests);
        }
        if (!created.await(30, TimeUnit.SECONDS)) {
            throw new IllegalStateException(created.getCount() + " of " + watchers + " watches were not created");
        }
        run(TimeUnit.SECONDS.toNanos(warmUpOperations > 0 ? 5 : 0));
    }

    @Override
    public ClosedLoop.Outcome run(long durationNanos) throws InterruptedException {
        lag = new Recorder(LAG_NANOS_MAX, 3);
        long before = events.sum();
        long begin = System.nanoTime();
        long puts = putsPerSecond == 0 ? putAtFullSpeed(durationNanos) : putAtRate(durationNanos);
        // Lagging events belong to the measurement: the rate is that of the whole, until the last one is there.
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (events.sum() - before < puts * watchers && System.nanoTime() < deadline) {
            LockSupport.parkNanos(1_000_000);
        }
        long delivered = events.sum() - before;
        if (delivered < puts * watchers) {
            fail(new IllegalStateException(delivered + " of " + puts * watchers + " events arrived within a minute"));
        }
        Histogram histogram = lag.getIntervalHistogram();
        return new ClosedLoop.Outcome(
                delivered, System.nanoTime() - begin, histogram, failures.getAndSet(0), firstFailure);
    }

    @Override
    public void finish() {
        streams.forEach(StreamObserver::onCompleted);
        streams.clear();
    }

    private long putAtFullSpeed(long durationNanos) throws InterruptedException {
        AtomicLong puts = new AtomicLong();
        ClosedLoop.Outcome outcome = ClosedLoop.run(
                (client, done) -> connections.call(
                        client, EtcdConnections.PUT, put(System.nanoTime()), ClosedLoop.observer(done, response -> {
                            puts.incrementAndGet();
                            return 1;
                        })),
                WRITERS_AT_FULL_SPEED,
                durationNanos,
                Long.MAX_VALUE);
        if (outcome.failures() > 0) {
            fail(new IllegalStateException(outcome.firstFailure()));
        }
        return puts.get();
    }

    private long putAtRate(long durationNanos) throws InterruptedException {
        long interval = TimeUnit.SECONDS.toNanos(1) / putsPerSecond;
        long begin = System.nanoTime();
        long puts = durationNanos / interval;
        Semaphore underWay = new Semaphore(PUTS_UNDER_WAY_MAX);
        AtomicLong succeeded = new AtomicLong();
        for (long i = 0; i < puts; i++) {
            long due = begin + i * interval;
            while (System.nanoTime() < due) {
                LockSupport.parkNanos(due - System.nanoTime());
            }
            underWay.acquire();
            connections.call((int) i, EtcdConnections.PUT, put(due), new StreamObserver<>() {
                @Override
                public void onNext(byte[] value) {
                    succeeded.incrementAndGet();
                }

                @Override
                public void onError(Throwable error) {
                    underWay.release();
                    fail(error);
                }

                @Override
                public void onCompleted() {
                    underWay.release();
                }
            });
        }
        underWay.acquire(PUTS_UNDER_WAY_MAX);
        return succeeded.get();
    }

    private byte[] put(long stampNanos) {
        byte[] value = new byte[Math.max(valueBytes, Long.BYTES)];
        ByteBuffer.wrap(value).putLong(stampNanos);
        return PutRequest.newBuilder()
                .setKey(keys.randomKey())
                .setValue(ByteString.copyFrom(value))
                .build()
                .toByteArray();
    }

    private void fail(Throwable error) {
        if (failures.incrementAndGet() == 1) {
            firstFailure = String.valueOf(error.getMessage());
        }
    }

    private final class Receiver implements StreamObserver<byte[]> {
        private final CountDownLatch created;
        private boolean first = true;

        Receiver(CountDownLatch created) {
            this.created = created;
        }

        @Override
        public void onNext(byte[] response) {
            if (first) {
                first = false;
                if (Fields.createsWatch(response)) {
                    created.countDown();
                }
            }
            long now = System.nanoTime();
            Recorder recorder = lag;
            events.add(Fields.watchEvents(
                    response, stamp -> recorder.recordValue(Math.clamp(now - stamp, 0, LAG_NANOS_MAX))));
        }

        @Override
        public void onError(Throwable error) {
            fail(error);
        }

        @Override
        public void onCompleted() {}
    }
}
