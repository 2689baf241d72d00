package io.keelson.kvstore.soak;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.MoreExecutors;
import com.google.protobuf.ByteString;
import io.grpc.StatusRuntimeException;
import io.keelson.kvstore.api.CompactionRequest;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.RequestOp;
import io.keelson.kvstore.api.TxnRequest;
import io.keelson.kvstore.api.TxnResponse;
import io.keelson.kvstore.faults.ClusterProcesses;
import io.keelson.kvstore.faults.MemberProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Three members with many keys, from the command line: how fast they are filled; what latencies are at rest, while the
 * history is compacted, and while a member that lost everything catches up by a snapshot; how long a start takes.
 *
 * <p>Beside the load a {@link DiskProbe} measures what the disk does. The run fails if in a phase, the one of warming up left
 * out, a call took more than {@value PhaseDelay#BEYOND_DISK_MS_MAX} ms longer than the disk's slowest operation in that
 * phase; {@link PhaseDelay} says why this is compared.
 */
public final class LargeDataRun {
    private static final int VALUE_BYTES = 1_024;
    private static final int PUTS_PER_TXN = 100;
    private static final int TXNS_UNDER_WAY = 32;
    private static final int CALLS_PER_SECOND = 500;
    private static final int PHASE_SECONDS = 30;
    private static final int WARM_UP_SECONDS = 60;

    private final ClusterProcesses cluster;
    private final DiskProbe disk;
    private final long keys;
    private final SplittableRandom random;
    private final List<PhaseDelay> delays = new ArrayList<>();

    private LargeDataRun(ClusterProcesses cluster, DiskProbe disk, long keys, long seed) {
        this.cluster = cluster;
        this.disk = disk;
        this.keys = keys;
        random = new SplittableRandom(seed);
    }

    /** Returns whether no request waited too long. */
    private boolean run() throws IOException, InterruptedException {
        fill(0, keys, "fill");
        // Nothing of the members' code for this load is compiled yet, on processors that all of them share.
        phase("warming up", () -> Thread.sleep(TimeUnit.SECONDS.toMillis(WARM_UP_SECONDS)));
        delays.clear();
        phase("at rest", () -> Thread.sleep(TimeUnit.SECONDS.toMillis(PHASE_SECONDS)));
        fill(0, keys / 5, "overwrite a fifth");
        phase("while compacting", this::compactAndWait);
        MemberProcess away = cluster.members().getLast();
        long begin = System.nanoTime();
        away.kill();
        cluster.start(away);
        cluster.awaitHealthy(600);
        System.out.printf("a member that was killed takes a write %,d ms after its start%n", millisSince(begin));
        away.kill();
        cluster.remove(away);
        away.wipe();
        cluster.addAgain(away);
        phase("while a member catches up by a snapshot", () -> {
            long from = System.nanoTime();
            cluster.start(away);
            cluster.awaitHealthy(3_600);
            System.out.printf("a member without data has caught up after %,d ms%n", millisSince(from));
        });
        cluster.assertSameContent();
        System.out.println("members agree");
        return verdict();
    }

    private boolean verdict() {
        System.out.println("what no request may be delayed by compaction, flush or snapshot, call by call:");
        delays.forEach(phase -> System.out.println("  " + phase.line()));
        List<PhaseDelay> tooLong = PhaseDelay.tooLong(delays);
        tooLong.forEach(phase ->
                System.out.printf("%s: delayed by %.1f ms beyond the disk%n", phase.name(), phase.beyondDiskMillis()));
        return tooLong.isEmpty();
    }

    private static long millisSince(long beginNanos) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beginNanos);
    }

    /** Puts keys of a range of numbers, many in a transaction, many transactions at a time. */
    private void fill(long from, long to, String what) throws IOException, InterruptedException {
        Semaphore room = new Semaphore(TXNS_UNDER_WAY);
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        long begin = System.nanoTime();
        long told = begin;
        for (long at = from; at < to && failure.get() == null; at += PUTS_PER_TXN) {
            TxnRequest.Builder txn = TxnRequest.newBuilder();
            for (long number = at; number < Math.min(to, at + PUTS_PER_TXN); number++) {
                txn.addSuccess(RequestOp.newBuilder()
                        .setRequestPut(PutRequest.newBuilder()
                                .setKey(MixedLoad.key(number))
                                .setValue(MixedLoad.value(random, VALUE_BYTES))));
            }
            room.acquire();
            int member = (int) (at / PUTS_PER_TXN % cluster.members().size());
            Futures.addCallback(
                    KVGrpc.newFutureStub(cluster.channel(member)).txn(txn.build()),
                    new FutureCallback<TxnResponse>() {
                        @Override
                        public void onSuccess(@Nullable TxnResponse response) {
                            room.release();
                        }

                        @Override
                        public void onFailure(Throwable error) {
                            failure.set(error);
                            room.release();
                        }
                    },
                    MoreExecutors.directExecutor());
            if (millisSince(told) > 60_000) {
                told = System.nanoTime();
                System.out.printf("%s: %,d of %,d keys; %s%n", what, at - from, to - from, usage());
            }
        }
        room.acquire(TXNS_UNDER_WAY);
        Throwable why = failure.get();
        if (why != null) {
            throw new AssertionError(what + " failed: " + why.getMessage(), why);
        }
        long millis = Math.max(1, millisSince(begin));
        System.out.printf(
                "%s: %,d keys of %,d bytes in %,d s, %,d a second; %s%n",
                what, to - from, VALUE_BYTES, millis / 1_000, (to - from) * 1_000 / millis, usage());
    }

    private String usage() throws IOException {
        List<MemberUsage> usages = new ArrayList<>();
        for (MemberProcess member : cluster.members()) {
            if (member.alive()) {
                usages.add(MemberUsage.of(member));
            }
        }
        return usages.stream().map(MemberUsage::toString).collect(Collectors.joining(", "));
    }

    /** What is measured meanwhile. */
    private interface Meanwhile {
        void happen() throws IOException, InterruptedException;
    }

    private void phase(String name, Meanwhile meanwhile) throws IOException, InterruptedException {
        // The last member is asked nothing: it is the one that goes away.
        try (MixedLoad load = new MixedLoad(
                cluster, cluster.members().size() - 1, keys, VALUE_BYTES, CALLS_PER_SECOND, random.nextLong())) {
            Thread.sleep(2_000);
            load.look();
            disk.look();
            meanwhile.happen();
            MixedLoad.Look look = load.look();
            DiskProbe.Look ofDisk = disk.look();
            delays.add(new PhaseDelay(name, look.all().slowestMillis(), ofDisk.slowestMillis()));
            System.out.printf(
                    "%s: %,d calls, p50 %.1f ms, p99 %.1f ms, p99.9 %.1f ms, slowest %.1f ms, %d failed; %s; %s%n",
                    name,
                    look.all().count(),
                    look.all().millisAt(0.5),
                    look.all().millisAt(0.99),
                    look.all().millisAt(0.999),
                    look.all().slowestMillis(),
                    look.failed(),
                    ofDisk,
                    usage());
            look.slowest().forEach(call -> System.out.println("  " + call));
            if (look.failed() > 0) {
                throw new AssertionError(name + ": calls failed, the first with " + look.firstFailure());
            }
        }
    }

    /** Compacts, waits until it is done on the member that is asked, and a while longer for the others. */
    private void compactAndWait() throws InterruptedException {
        KVGrpc.KVBlockingStub kv = KVGrpc.newBlockingStub(cluster.channel(0)).withDeadlineAfter(1, TimeUnit.HOURS);
        long revision = kv.range(RangeRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8("x"))
                        .build())
                .getHeader()
                .getRevision();
        long begin = System.nanoTime();
        try {
            kv.compact(CompactionRequest.newBuilder()
                    .setRevision(revision)
                    .setPhysical(true)
                    .build());
        } catch (StatusRuntimeException e) {
            throw new AssertionError("the compaction failed: " + e.getStatus(), e);
        }
        System.out.printf("the compaction took %,d ms%n", millisSince(begin));
        Thread.sleep(TimeUnit.SECONDS.toMillis(PHASE_SECONDS / 2));
    }

    /** {@code FOLDER SEED KEYS COMMAND…}: COMMAND starts a server; its flags are added. */
    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length < 4) {
            System.err.println("usage: FOLDER SEED KEYS COMMAND...");
            System.exit(2);
        }
        List<String> command = new ArrayList<>(List.of(args).subList(3, args.length));
        // A snapshot some times in each phase.
        command.addAll(List.of(
                "--snapshot-count=3000", "--snapshot-catchup-entries=1000", "--quota-backend-bytes=" + (200L << 30)));
        boolean inTime;
        try (ClusterProcesses cluster = new ClusterProcesses(Path.of(args[0]), command);
                DiskProbe disk = new DiskProbe(Path.of(args[0]))) {
            for (MemberProcess member : cluster.members()) {
                cluster.start(member);
            }
            cluster.awaitHealthy(60);
            inTime = new LargeDataRun(cluster, disk, Long.parseLong(args[2]), Long.parseLong(args[1])).run();
        }
        System.exit(inTime ? 0 : 1);
    }
}
