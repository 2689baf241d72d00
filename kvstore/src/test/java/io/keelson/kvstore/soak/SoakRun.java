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
 * Three members under a mixed load for long, from the command line: a line each minute, and at the end the {@link
 * SoakVerdict} on them. Every twelfth part of the run each member is told to collect all its garbage and looked at after it.
 */
public final class SoakRun {
    private static final int KEYS = 100_000;
    private static final int VALUE_BYTES = 256;
    private static final long KEPT_REVISIONS = 50_000;

    /** How often memory is looked at in a run, a minute being the least there is between two times. */
    private static final int COLLECTIONS = 12;

    private final ClusterProcesses cluster;
    private final DiskProbe disk;
    private final List<SoakVerdict.Minute> minutes = new ArrayList<>();

    private SoakRun(ClusterProcesses cluster, DiskProbe disk) {
        this.cluster = cluster;
        this.disk = disk;
    }

    private boolean run(int minutesMax, int callsPerSecond, long seed) throws IOException, InterruptedException {
        MixedLoad.Look look = new MixedLoad.Look(new Latencies(), List.of(), 0, "");
        try (MixedLoad load =
                new MixedLoad(cluster, cluster.members().size(), KEYS, VALUE_BYTES, callsPerSecond, seed)) {
            for (int minute = 1; minute <= minutesMax; minute++) {
                long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
                Thread.sleep(TimeUnit.SECONDS.toMillis(30));
                compact();
                TimeUnit.NANOSECONDS.sleep(end - System.nanoTime());
                look = load.look();
                note(minute, look, load.events(), minute % Math.max(1, minutesMax / COLLECTIONS) == 0);
            }
        }
        cluster.assertSameContent();
        return verdict(look);
    }

    private void note(int minute, MixedLoad.Look look, long events, boolean collect)
            throws IOException, InterruptedException {
        List<MemberUsage> usages = new ArrayList<>();
        for (MemberProcess member : cluster.members()) {
            if (!member.alive()) {
                throw new AssertionError("member " + member.number() + " has ended; its log: " + member.log());
            }
            usages.add(collect ? MemberUsage.collected(member) : MemberUsage.of(member));
        }
        Latencies all = look.all();
        DiskProbe.Look ofDisk = disk.look();
        minutes.add(new SoakVerdict.Minute(
                all.millisAt(0.99), ofDisk.syncs().millisAt(0.99), collect ? usages : List.of()));
        System.out.printf(
                "minute %d: %,d calls a second, p50 %.1f ms, p99 %.1f ms, slowest %.1f ms, %d failed, %,d events; %s; %s%n",
                minute,
                all.count() / 60,
                all.millisAt(0.5),
                all.millisAt(0.99),
                all.slowestMillis(),
                look.failed(),
                events,
                ofDisk,
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
        SoakVerdict verdict = SoakVerdict.of(minutes);
        verdict.lines().forEach(System.out::println);
        System.out.println(
                look.failed() == 0
                        ? "no call failed; members agree"
                        : look.failed() + " calls FAILED, the first with " + look.firstFailure());
        return verdict.flat() && look.failed() == 0;
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
        try (ClusterProcesses cluster = new ClusterProcesses(Path.of(args[0]), command);
                DiskProbe disk = new DiskProbe(Path.of(args[0]))) {
            for (MemberProcess member : cluster.members()) {
                cluster.start(member);
            }
            cluster.awaitHealthy(60);
            flat = new SoakRun(cluster, disk)
                    .run(Integer.parseInt(args[2]), Integer.parseInt(args[3]), Long.parseLong(args[1]));
        }
        System.exit(flat ? 0 : 1);
    }
}
