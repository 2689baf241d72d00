package io.keelson.kvstore.soak;

import com.google.protobuf.ByteString;
import io.keelson.kvstore.api.CompactionRequest;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.faults.ClusterProcesses;
import io.keelson.kvstore.faults.MemberProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Three members under a mixed load for long, from the command line: a line each minute, and at the end a verdict whether
 * p99 of the last third is that of the first third, the minutes of warming up left out, and memory that of the second: a
 * collector lets the heap grow towards its limit before it works harder, and the block cache fills with what is read, so
 * that memory rises for as long as that takes, whatever the server does.
 */
public final class SoakRun {
    private static final int KEYS = 100_000;
    private static final int VALUE_BYTES = 256;
    private static final long KEPT_REVISIONS = 50_000;

    /** What a JIT, a heap and caches need to come to rest. */
    private static final int WARM_MINUTES = 5;

    private static final double MEMORY_GROWTH_MAX = 1.10;
    private static final long MEMORY_SLACK_MIB = 32;
    private static final double P99_GROWTH_MAX = 1.5;
    private static final double P99_SLACK_MS = 5;

    /** @param residentMib of the largest member */
    private record Minute(double p99Millis, long residentMib) {}

    private final ClusterProcesses cluster;
    private final List<Minute> minutes = new ArrayList<>();

    private SoakRun(ClusterProcesses cluster) {
        this.cluster = cluster;
    }

    private boolean run(int minutesMax, int callsPerSecond, long seed) throws IOException, InterruptedException {
        MixedLoad.Look look = new MixedLoad.Look(new Latencies(), 0, "");
        try (MixedLoad load =
                new MixedLoad(cluster, cluster.members().size(), KEYS, VALUE_BYTES, callsPerSecond, seed)) {
            for (int minute = 1; minute <= minutesMax; minute++) {
                long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
                Thread.sleep(TimeUnit.SECONDS.toMillis(30));
                compact();
                TimeUnit.NANOSECONDS.sleep(end - System.nanoTime());
                look = load.look();
                note(minute, look, load.events());
            }
        }
        cluster.assertSameContent();
        return verdict(look);
    }

    private void note(int minute, MixedLoad.Look look, long events) throws IOException {
        List<MemberUsage> usages = new ArrayList<>();
        for (MemberProcess member : cluster.members()) {
            if (!member.alive()) {
                throw new AssertionError("member " + member.number() + " has ended; its log: " + member.log());
            }
            usages.add(MemberUsage.of(member));
        }
        Latencies all = look.all();
        minutes.add(new Minute(
                all.millisAt(0.99),
                usages.stream().mapToLong(MemberUsage::residentMib).max().orElse(0)));
        System.out.printf(
                "minute %d: %,d calls a second, p50 %.1f ms, p99 %.1f ms, slowest %.1f ms, %d failed, %,d events; %s%n",
                minute,
                all.count() / 60,
                all.millisAt(0.5),
                all.millisAt(0.99),
                all.slowestMillis(),
                look.failed(),
                events,
                usages.stream().map(MemberUsage::toString).collect(Collectors.joining(", ")));
    }

    private void compact() {
        KVGrpc.KVBlockingStub kv = KVGrpc.newBlockingStub(cluster.channel(0)).withDeadlineAfter(30, TimeUnit.SECONDS);
        long revision = kv.range(RangeRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8("x"))
                        .build())
                .getHeader()
                .getRevision();
        if (revision > KEPT_REVISIONS) {
            kv.compact(CompactionRequest.newBuilder()
                    .setRevision(revision - KEPT_REVISIONS)
                    .build());
        }
    }

    private boolean verdict(MixedLoad.Look look) {
        List<Minute> warm = minutes.subList(Math.min(WARM_MINUTES, minutes.size() / 3), minutes.size());
        int third = Math.max(1, warm.size() / 3);
        List<Minute> first = warm.subList(0, third);
        List<Minute> last = warm.subList(warm.size() - third, warm.size());
        double p99First = median(first.stream().map(Minute::p99Millis).toList());
        double p99Last = median(last.stream().map(Minute::p99Millis).toList());
        double memoryBefore =
                median(warm.subList(Math.max(0, warm.size() - 2 * third), Math.max(1, warm.size() - third)).stream()
                        .map(m -> (double) m.residentMib())
                        .toList());
        double memoryLast =
                median(last.stream().map(m -> (double) m.residentMib()).toList());
        boolean flatMemory = memoryLast <= memoryBefore * MEMORY_GROWTH_MAX + MEMORY_SLACK_MIB;
        boolean flatP99 = p99Last <= p99First * P99_GROWTH_MAX + P99_SLACK_MS;
        System.out.printf(
                "p99 %.1f ms in the first third, %.1f ms in the last: %s%n",
                p99First, p99Last, flatP99 ? "flat" : "NOT FLAT");
        System.out.printf(
                "memory %.0f MiB in the second third, %.0f MiB in the last: %s%n",
                memoryBefore, memoryLast, flatMemory ? "flat" : "NOT FLAT");
        System.out.println(
                look.failed() == 0
                        ? "no call failed; members agree"
                        : look.failed() + " calls FAILED, the first with " + look.firstFailure());
        return flatMemory && flatP99 && look.failed() == 0;
    }

    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        return sorted.get(sorted.size() / 2);
    }

    /** {@code FOLDER SEED MINUTES CALLS_PER_SECOND COMMAND…}: COMMAND starts a server; its flags are added. */
    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length < 5) {
            System.err.println("usage: FOLDER SEED MINUTES CALLS_PER_SECOND COMMAND...");
            System.exit(2);
        }
        List<String> command = new ArrayList<>(List.of(args).subList(4, args.length));
        command.add("--snapshot-count=10000");
        boolean flat;
        try (ClusterProcesses cluster = new ClusterProcesses(Path.of(args[0]), command)) {
            for (MemberProcess member : cluster.members()) {
                cluster.start(member);
            }
            cluster.awaitHealthy(60);
            flat = new SoakRun(cluster)
                    .run(Integer.parseInt(args[2]), Integer.parseInt(args[3]), Long.parseLong(args[1]));
        }
        System.exit(flat ? 0 : 1);
    }
}
