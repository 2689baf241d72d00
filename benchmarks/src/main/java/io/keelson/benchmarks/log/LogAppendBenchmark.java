package io.keelson.benchmarks.log;

import io.keelson.raft.CommittedBatch;
import io.keelson.raft.Leadership;
import io.keelson.raft.RaftConfig;
import io.keelson.raft.RaftMember;
import io.keelson.raft.RaftNode;
import io.keelson.raft.RaftNode.Priority;
import io.keelson.raft.StateMachine;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
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

/** A command of 300 bytes into the log of a member that is alone: appended, synced, handed to the state machine. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 5, time = 3)
@Fork(
        value = 1,
        jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"})
public class LogAppendBenchmark {
    private static final int TOGETHER = 64;
    private static final int COMMAND_BYTES = 300;

    /** Whether an append waits for the disk. */
    @Param({"true", "false"})
    public boolean fsync;

    private final byte[] command = new byte[COMMAND_BYTES];
    private @Nullable Path folder;
    private @Nullable RaftNode started;

    /** Counts. */
    private static final class Counting implements StateMachine {
        private long applied;

        @Override
        public long appliedIndex() {
            return applied;
        }

        @Override
        public void apply(CommittedBatch batch) {
            for (int i = 0; i < batch.size(); i++) {
                batch.complete(i, true);
            }
            applied = batch.lastIndex();
        }

        @Override
        public void saveSnapshot(Path directory) throws IOException {
            Files.writeString(directory.resolve("applied"), Long.toString(applied));
        }

        @Override
        public void restore(Path directory) throws IOException {
            applied = Long.parseLong(Files.readString(directory.resolve("applied")));
        }

        @Override
        public void leadershipChanged(Leadership leadership) {
            // There is nobody else.
        }
    }

    @Setup(Level.Trial)
    public void start() throws Exception {
        Path made = Files.createTempDirectory("keelson-log-benchmark");
        folder = made;
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        String url = "http://127.0.0.1:" + port;
        RaftNode node = RaftNode.start(
                new RaftConfig(
                        1,
                        1,
                        made.resolve("raft"),
                        List.of(new RaftMember(1, false)),
                        Map.of(1L, List.of(url)),
                        List.of(url),
                        false,
                        null,
                        100,
                        1_000,
                        10_000,
                        1 << 20,
                        10_000,
                        64L << 20,
                        100_000,
                        1_000,
                        0,
                        !fsync,
                        false),
                new Counting());
        started = node;
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!node.status().leading()) {
            if (System.nanoTime() > deadlineNs) {
                throw new IllegalStateException("nobody leads");
            }
            Thread.sleep(10);
        }
    }

    private RaftNode node() {
        return Objects.requireNonNull(started);
    }

    @TearDown(Level.Trial)
    public void stop() throws IOException {
        node().close();
        try (Stream<Path> all = Files.walk(Objects.requireNonNull(folder))) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    /** One command, and the next when it has been applied. */
    @Benchmark
    public Object alone() {
        return node().propose(command, Priority.NORMAL).join();
    }

    /** One of 64 that are proposed together. */
    @Benchmark
    @OperationsPerInvocation(TOGETHER)
    public void together() {
        CompletableFuture<?>[] all = new CompletableFuture<?>[TOGETHER];
        for (int i = 0; i < TOGETHER; i++) {
            all[i] = node().propose(command, Priority.NORMAL);
        }
        CompletableFuture.allOf(all).join();
    }
}
