package io.keelson.benchmarks.watch;

import com.google.protobuf.ByteString;
import io.keelson.kvstore.api.KeyValue;
import io.keelson.kvstore.api.WatchCreateRequest;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.mvcc.EventHistory;
import io.keelson.kvstore.mvcc.KeyRange;
import io.keelson.kvstore.mvcc.KvEvent;
import io.keelson.kvstore.mvcc.RevisionEvents;
import io.keelson.kvstore.watch.ResponseOrigin;
import io.keelson.kvstore.watch.WatchAuthorizer;
import io.keelson.kvstore.watch.WatchConfig;
import io.keelson.kvstore.watch.WatchHub;
import io.keelson.kvstore.watch.WatchMessage;
import io.keelson.kvstore.watch.WatchReceiver;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Time from the commit of a batch until every watch of its prefix has been handed every event, per revision, with the
 * receivers copying the bytes as a transport would. Divide by {@code watchers} for the time per delivered event.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class WatchDispatchBenchmark {
    private static final int BATCH_REVISIONS = 16;

    /** Watches on the prefix that is written, each on its own stream. */
    @Param({"1", "100"})
    public int watchers = 100;

    /** Watches on single keys that are never written. */
    @Param({"0", "10000"})
    public int idleWatchers;

    /** Size of the values. */
    @Param("256")
    public int valueBytes = 256;

    private final LongAdder delivered = new LongAdder();
    private final Copy copy = new Copy();
    private WatchHub hub = newHub();
    private long revision;
    private long expected;

    private static WatchHub newHub() {
        return WatchHub.start(
                new NoHistory(),
                WatchConfig.defaults().withCoalesceMicrosMax(0),
                new ResponseOrigin(0xCAFEL, 0xBEEFL, () -> 3));
    }

    /** Creates the watches, and waits until they exist. */
    @Setup(Level.Trial)
    public void start() {
        hub.close();
        hub = newHub();
        revision = 1;
        expected = 0;
        delivered.reset();
        for (int i = 0; i < watchers; i++) {
            open("/pods/", "/pods0");
        }
        for (int i = 0; i < idleWatchers; i++) {
            open("/idle/" + i, "");
        }
        while (hub.watchers() < watchers + idleWatchers) {
            Thread.onSpinWait();
        }
    }

    @TearDown(Level.Trial)
    public void stop() {
        hub.close();
    }

    private void open(String key, String end) {
        hub.open(new Receiver(), WatchAuthorizer.OPEN, false)
                .create(WatchCreateRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8(key))
                        .setRangeEnd(ByteString.copyFromUtf8(end))
                        .build());
    }

    /** Commits a batch and waits for the last delivery. */
    @Benchmark
    @OperationsPerInvocation(BATCH_REVISIONS)
    public long dispatch() {
        List<RevisionEvents> batch = new ArrayList<>(BATCH_REVISIONS);
        for (int i = 0; i < BATCH_REVISIONS; i++) {
            revision++;
            byte[] record = KeyValue.newBuilder()
                    .setCreateRevision(revision)
                    .setModRevision(revision)
                    .setVersion(1)
                    .setValue(ByteString.copyFrom(new byte[valueBytes]))
                    .build()
                    .toByteArray();
            byte[] key = ("/pods/" + i).getBytes(StandardCharsets.UTF_8);
            batch.add(new RevisionEvents(revision, List.of(new KvEvent(key, revision, 0, record, null))));
        }
        hub.committed(batch);
        expected += (long) BATCH_REVISIONS * watchers;
        while (delivered.sum() < expected) {
            Thread.onSpinWait();
        }
        return expected;
    }

    private final class Receiver implements WatchReceiver {
        @Override
        public boolean ready() {
            return true;
        }

        @Override
        public void send(WatchMessage message) {
            try {
                message.writeTo(copy);
            } catch (IOException e) {
                throw new UncheckedIOException("a copy in memory failed", e);
            }
            delivered.add(message.eventCount());
        }

        @Override
        public void next() {}

        @Override
        public void closed(EtcdError reason) {}
    }

    /** Takes bytes as a transport's buffer does. Used by the dispatcher's thread only. */
    private static final class Copy extends OutputStream {
        private final byte[] buffer = new byte[1 << 20];
        private int at;

        @Override
        public void write(int b) {
            buffer[0] = (byte) b;
        }

        @Override
        public void write(byte[] source, int offset, int length) {
            if (at + length > buffer.length) {
                at = 0;
            }
            System.arraycopy(source, offset, buffer, at, length);
            at += length;
        }
    }

    /** A store that no watch has to read: none falls behind here. */
    private static final class NoHistory implements EventHistory {
        @Override
        public long currentRevision() {
            return 1;
        }

        @Override
        public long compactRevision() {
            return -1;
        }

        @Override
        public long read(long fromRevision, long toRevision, KeyRange range, boolean withPrevious, Visitor visitor) {
            throw new IllegalStateException("a watch fell behind the window");
        }
    }
}
