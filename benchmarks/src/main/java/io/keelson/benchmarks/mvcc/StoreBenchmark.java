package io.keelson.benchmarks.mvcc;

import com.google.protobuf.ByteString;
import io.keelson.kvstore.api.Compare;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.RequestOp;
import io.keelson.kvstore.api.TxnRequest;
import io.keelson.kvstore.apply.Command;
import io.keelson.kvstore.apply.CommandKind;
import io.keelson.kvstore.mvcc.AnswerRoom;
import io.keelson.kvstore.mvcc.KeyRange;
import io.keelson.kvstore.mvcc.RangeResult;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
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

/** The paths that a request takes most: one score is one operation, in microseconds. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 5)
@Measurement(iterations = 5, time = 5)
@Fork(
        value = 1,
        jvmArgsAppend = {"-Xmx1g", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"})
public class StoreBenchmark {
    private static final int BATCH = 50;
    private static final int RANGE = 500;
    private static final int PREPARED_BATCHES = 400;
    private static final int PREPARED_REQUESTS = 1 << 14;
    private static final int PAGED = 10_000;
    private static final int EVENTS = 1000;

    /** Keys in the store. */
    @Param({"100000"})
    public int keys;

    /** Bytes of each value. */
    @Param({"256"})
    public int valueBytes;

    private final byte[][][] puts = new byte[PREPARED_BATCHES][BATCH][];
    private final byte[][][] txns = new byte[PREPARED_BATCHES][BATCH][];
    private final RangeRequest[] gets = new RangeRequest[PREPARED_REQUESTS];
    private final RangeRequest[] ranges = new RangeRequest[PREPARED_REQUESTS];
    private final RangeRequest[] pages = new RangeRequest[PREPARED_REQUESTS];
    private @Nullable BenchmarkStore filled;
    private int next;

    @Setup(Level.Trial)
    public void fill() throws IOException {
        BenchmarkStore store = new BenchmarkStore(keys, valueBytes);
        filled = store;
        for (int i = 0; i < PREPARED_REQUESTS; i++) {
            gets[i] = RangeRequest.newBuilder()
                    .setKey(BenchmarkStore.key(store.randomKey()))
                    .build();
            ranges[i] = range(store.randomKey() / RANGE * RANGE, RANGE);
            pages[i] = range(store.randomKey() / PAGED * PAGED, PAGED).toBuilder()
                    .setLimit(RANGE)
                    .build();
        }
        for (int i = 0; i < PREPARED_BATCHES; i++) {
            for (int j = 0; j < BATCH; j++) {
                puts[i][j] = store.put(store.randomKey(), valueBytes);
                txns[i][j] = compareAndPut(store.randomKey());
            }
        }
    }

    private static RangeRequest range(int from, int size) {
        return RangeRequest.newBuilder()
                .setKey(BenchmarkStore.key(from))
                .setRangeEnd(BenchmarkStore.key(from + size))
                .build();
    }

    /** As Kubernetes updates: put if the key is as it was read, otherwise read it. Half of these find it changed. */
    private byte[] compareAndPut(int number) {
        ByteString key = BenchmarkStore.key(number);
        TxnRequest txn = TxnRequest.newBuilder()
                .addCompare(Compare.newBuilder()
                        .setKey(key)
                        .setTarget(Compare.CompareTarget.VERSION)
                        .setResult(number % 2 == 0 ? Compare.CompareResult.GREATER : Compare.CompareResult.EQUAL)
                        .setVersion(0))
                .addSuccess(RequestOp.newBuilder()
                        .setRequestPut(PutRequest.newBuilder()
                                .setKey(key)
                                .setValue(ByteString.copyFrom(new byte[valueBytes]))))
                .addFailure(RequestOp.newBuilder()
                        .setRequestRange(RangeRequest.newBuilder().setKey(key)))
                .build();
        return Command.of(CommandKind.TXN, txn.toByteArray()).encode();
    }

    @TearDown(Level.Trial)
    public void close() throws IOException {
        store().close();
    }

    private BenchmarkStore store() {
        return Objects.requireNonNull(filled);
    }

    private RangeResult read(RangeRequest request) {
        try (AnswerRoom.Share room = store().store().answers().share(false)) {
            return store().store().range(request, room);
        }
    }

    /** A put in a batch of 50, to a random key that exists. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void put() {
        store().apply(puts[next++ % PREPARED_BATCHES]);
    }

    /** A put alone in its batch. */
    @Benchmark
    public void putAlone() {
        store().apply(new byte[][] {puts[next++ % PREPARED_BATCHES][0]});
    }

    /** A transaction in a batch of 50. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void compareAndPut() {
        store().apply(txns[next++ % PREPARED_BATCHES]);
    }

    /** A read of the newest version of a random key, answer encoded. */
    @Benchmark
    public RangeResult get() {
        return read(gets[next++ & (PREPARED_REQUESTS - 1)]);
    }

    /** A range over 500 keys, answer encoded. */
    @Benchmark
    public RangeResult range() {
        return read(ranges[next++ & (PREPARED_REQUESTS - 1)]);
    }

    /** A page of 500 keys of a range of 10,000: the rest is counted. */
    @Benchmark
    public RangeResult page() {
        return read(pages[next++ & (PREPARED_REQUESTS - 1)]);
    }

    /** An event of a thousand read from history. */
    @Benchmark
    @OperationsPerInvocation(EVENTS)
    public long events() {
        long from = 2L + store().randomKey() % Math.max(1, keys - EVENTS);
        return store().store()
                .read(from, from + EVENTS - 1, KeyRange.of(new byte[1], new byte[1]), false, event -> true);
    }
}
