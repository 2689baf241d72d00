package io.keelson.raft;

import com.sun.management.OperatingSystemMXBean;
import io.keelson.raft.RaftNode.Priority;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Measures three members in one process over loopback, with fsync: commands per second, latency and processor time of
 * the whole process per command. Proposers are closed loops: each proposes its next command when the last has its
 * result. {@code ReplicationBench [seconds] [directory] [workload]}: without a workload, all.
 */
public final class ReplicationBench {
    private static final int MEMBERS = 3;
    private static final int COMMAND_BYTES = 256;

    private static String only = "";

    private ReplicationBench() {}

    private static final class CountingMachine implements StateMachine {
        private volatile long appliedIndex;
        private final AtomicLong commands = new AtomicLong();

        @Override
        public long appliedIndex() {
            return appliedIndex;
        }

        @Override
        public void apply(CommittedBatch batch) {
            for (int i = 0; i < batch.size(); i++) {
                if (batch.isLocal(i)) {
                    batch.complete(i, true);
                }
            }
            commands.addAndGet(batch.size());
            appliedIndex = batch.lastIndex();
        }

        @Override
        public void saveSnapshot(Path directory) throws IOException {
            Files.writeString(directory.resolve("index"), Long.toString(appliedIndex));
        }

        @Override
        public void restore(Path directory) throws IOException {
            appliedIndex = Long.parseLong(Files.readString(directory.resolve("index")));
        }
    }

    public static void main(String[] arguments) throws Exception {
        int seconds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 5;
        Path directory = arguments.length > 1 ? Path.of(arguments[1]) : Files.createTempDirectory("replication-bench");
        only = arguments.length > 2 ? arguments[2] : "";
        Map<Long, List<String>> urls = new HashMap<>();
        List<RaftMember> members = new ArrayList<>();
        for (long id = 1; id <= MEMBERS; id++) {
            urls.put(id, List.of("http://127.0.0.1:" + FreePorts.one()));
            members.add(new RaftMember(id, false));
        }
        List<RaftNode> nodes = new ArrayList<>();
        try {
            for (long id = 1; id <= MEMBERS; id++) {
                nodes.add(RaftNode.start(config(id, members, urls, directory), new CountingMachine()));
            }
            int leader = Math.toIntExact(Await.value("a leader", 15_000, () -> {
                        long id = nodes.getFirst().status().leaderId();
                        return id == 0 ? null : id;
                    })
                    - 1);
            int follower = (leader + 1) % MEMBERS;
            System.out.printf(
                    "%-34s %10s %9s %9s %9s %12s %9s%n",
                    "workload", "per second", "p50 ms", "p99 ms", "max ms", "CPU µs each", "per entry");
            for (int round = 0; round < 2; round++) {
                measure("100 proposers at the leader", nodes, List.of(leader), 100, seconds, false);
                measure("100 proposers over all members", nodes, List.of(0, 1, 2), 100, seconds, false);
                measure("1 proposer at the leader", nodes, List.of(leader), 1, seconds, false);
                measure("1 proposer at a follower", nodes, List.of(follower), 1, seconds, false);
                measure("100 readers over all members", nodes, List.of(0, 1, 2), 100, seconds, true);
                measure("1 reader at the leader", nodes, List.of(leader), 1, seconds, true);
                measure("1 reader at a follower", nodes, List.of(follower), 1, seconds, true);
            }
            System.out.println("threads: " + Thread.activeCount());
        } finally {
            nodes.forEach(RaftNode::close);
        }
    }

    private static RaftConfig config(long id, List<RaftMember> members, Map<Long, List<String>> urls, Path directory) {
        return new RaftConfig(
                TestCluster.CLUSTER_ID,
                id,
                directory.resolve("member-" + id),
                members,
                urls,
                urls.getOrDefault(id, List.of()),
                false,
                null,
                100,
                1_000,
                7_000,
                1 << 20,
                100_000,
                256 << 20,
                100_000,
                1_000,
                0,
                Boolean.getBoolean("noFsync"),
                false);
    }

    private static void measure(
            String what, List<RaftNode> nodes, List<Integer> at, int proposers, int seconds, boolean reads)
            throws InterruptedException, ExecutionException, TimeoutException {
        if (!what.contains(only)) {
            return;
        }
        AtomicBoolean stop = new AtomicBoolean();
        List<Loop> loops = new ArrayList<>();
        for (int i = 0; i < proposers; i++) {
            loops.add(new Loop(nodes.get(at.get(i % at.size())), stop, reads));
        }
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long indexBefore = nodes.get(at.getFirst()).status().appliedIndex();
        long cpuBefore = system.getProcessCpuTime();
        long begun = System.nanoTime();
        loops.forEach(Loop::next);
        TimeUnit.SECONDS.sleep(seconds);
        stop.set(true);
        for (Loop loop : loops) {
            loop.ended.get(10, TimeUnit.SECONDS);
        }
        double elapsed = (System.nanoTime() - begun) / 1e9;
        long cpu = system.getProcessCpuTime() - cpuBefore;
        long entries = nodes.get(at.getFirst()).status().appliedIndex() - indexBefore;
        long[] latencies = loops.stream()
                .flatMapToLong(loop -> Arrays.stream(loop.latencies, 0, loop.count))
                .sorted()
                .toArray();
        long count = latencies.length;
        System.out.printf(
                Locale.ROOT,
                "%-34s %10.0f %9.2f %9.2f %9.2f %12.1f %9.1f%n",
                what,
                count / elapsed,
                latencies[(int) (count / 2)] / 1e6,
                latencies[(int) (count * 99 / 100)] / 1e6,
                latencies[(int) (count - 1)] / 1e6,
                cpu / 1e3 / count,
                entries == 0 ? 0 : (double) count / entries);
    }

    private static final class Loop {
        private final RaftNode node;
        private final AtomicBoolean stop;
        private final boolean reads;
        private final byte[] command = new byte[COMMAND_BYTES];
        private final CompletableFuture<Void> ended = new CompletableFuture<>();
        private long[] latencies = new long[1 << 12];
        private int count;
        private long sentNanos;

        Loop(RaftNode node, AtomicBoolean stop, boolean reads) {
            this.node = node;
            this.stop = stop;
            this.reads = reads;
        }

        void next() {
            sentNanos = System.nanoTime();
            CompletableFuture<?> result = reads ? node.readPoint() : node.propose(command, Priority.NORMAL);
            CompletableFuture<?> _ = result.whenComplete((value, error) -> {
                if (error != null) {
                    ended.completeExceptionally(error);
                    return;
                }
                if (count == latencies.length) {
                    latencies = Arrays.copyOf(latencies, 2 * count);
                }
                latencies[count++] = System.nanoTime() - sentNanos;
                if (stop.get()) {
                    ended.complete(null);
                } else {
                    next();
                }
            });
        }
    }
}
