package io.keelson.kvstore.faults;

import com.google.protobuf.ByteString;
import io.keelson.kvstore.api.Event;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.KeyValue;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.RangeResponse;
import io.keelson.kvstore.linearizability.CompactionChecker;
import io.keelson.kvstore.linearizability.CompactionChecker.Compaction;
import io.keelson.kvstore.linearizability.LinearizabilityChecker;
import io.keelson.kvstore.linearizability.Operation;
import io.keelson.kvstore.linearizability.RevisionChecker;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Rounds of faults under load. A round: clients read, write and take a lock, and the past is compacted; faults come, stand
 * and are undone; all is healthy again; the history is judged, the watchers' events are compared with each other and with the
 * history, who held the lock, and the members' hashes with each other.
 *
 * <p>Faults are worth little if members never come to the places where they hurt: from {@value #ROUNDS_THAT_SUFFICE} rounds
 * on the run fails if no member had to put another's snapshot in the place of its state, if nothing was compacted, or if
 * nobody ever held the lock.
 */
public final class FaultRun {
    private static final int CLIENTS = 8;
    private static final int KEYS = 5;
    private static final int WATCHERS = 3;
    private static final int FAULTS_PER_ROUND = 4;
    private static final int ROUNDS_THAT_SUFFICE = 10;

    private final ClusterProcesses cluster;
    private final List<Fault> faults;
    private final SplittableRandom random;
    private final long seed;
    private final Tally tally = new Tally();
    private long eventsCompared;

    /** Of all rounds: what one has compacted is gone in the next. */
    private final List<Compaction> compacted = new ArrayList<>();

    private long compactions;
    private long gaps;
    private long holds;
    private int faultsDone;

    FaultRun(ClusterProcesses cluster, List<Fault> faults, long seed) {
        this.cluster = cluster;
        this.faults = faults;
        this.seed = seed;
        this.random = new SplittableRandom(seed);
    }

    /** Runs rounds until the time is over; throws {@link AssertionError} at the first breach. */
    void run(long durationNanos) throws IOException, InterruptedException {
        long end = System.nanoTime() + durationNanos;
        int round = 0;
        for (; System.nanoTime() < end; round++) {
            List<String> done = round(round);
            System.out.printf(
                    "seed %d round %d %s: %s; %,d faults, %,d snapshots installed, %,d compactions, %,d watch events compared,"
                            + " %,d watches met by a compaction, %,d times a lock was held%n",
                    seed,
                    round,
                    done,
                    tally.line(),
                    faultsDone,
                    cluster.installs(),
                    compactions,
                    eventsCompared,
                    gaps,
                    holds);
        }
        System.out.print(tally.reasons());
        List<String> unmet = unmet(round, cluster.installs(), compactions, holds);
        if (!unmet.isEmpty()) {
            throw new AssertionError("seed " + seed + ": in " + round + " rounds " + String.join(", ", unmet));
        }
    }

    /** What so many rounds should have met and did not. */
    static List<String> unmet(int rounds, long installs, long compactions, long holds) {
        List<String> unmet = new ArrayList<>();
        if (rounds >= ROUNDS_THAT_SUFFICE) {
            if (installs == 0) {
                unmet.add("no snapshot was installed");
            }
            if (compactions == 0) {
                unmet.add("nothing was compacted");
            }
            if (holds == 0) {
                unmet.add("nobody held the lock");
            }
        }
        return unmet;
    }

    /** Returns what was done to whom. */
    private List<String> round(int round) throws IOException, InterruptedException {
        String prefix = "faults/" + seed + "/" + round + "/";
        LeaseProbe leases = new LeaseProbe(cluster, "leases/" + seed + "/" + round + "/");
        long start = revision();
        List<EventRecorder> watchers = new ArrayList<>();
        try (Clients clients = new Clients(cluster, prefix, CLIENTS, KEYS, random.split());
                Compactions past = new Compactions(cluster, random.split());
                LockClients locks = new LockClients(cluster, "lock/" + seed + "/" + round, random.split())) {
            for (int i = 0; i < WATCHERS; i++) {
                watchers.add(
                        new EventRecorder(cluster, prefix, i % cluster.members().size(), start + 1, past::newest));
            }
            clients.start();
            past.start();
            locks.start();
            List<String> done = new ArrayList<>();
            for (int i = 0; i < FAULTS_PER_ROUND; i++) {
                Thread.sleep(300 + random.nextInt(1_000));
                Fault fault = faults.get(random.nextInt(faults.size()));
                MemberProcess victim = victim();
                done.add(fault + " m" + victim.number());
                fault.hurt(cluster, victim, random);
                Thread.sleep(300 + random.nextInt(4_000));
                fault.heal(cluster, victim);
                faultsDone++;
            }
            cluster.awaitHealthy(60);
            Thread.sleep(200);
            List<Operation> history = clients.stop();
            List<Compaction> asked = past.stop();
            compacted.addAll(asked);
            List<LockJudge.Hold> held = locks.stop();
            fail(LockJudge.overlaps(held), done);
            fail(CompactionChecker.violations(history, compacted), done);
            judge(prefix, history, watchers, done);
            holds += held.size();
            compactions += asked.stream()
                    .filter(compaction -> compaction.returnedNanos() != Long.MAX_VALUE)
                    .count();
            leases.judge(context(done));
            return done;
        } finally {
            watchers.forEach(EventRecorder::close);
        }
    }

    private MemberProcess victim() {
        int leader = random.nextInt(2) == 0 ? cluster.leader() : -1;
        return cluster.members()
                .get(leader >= 0 ? leader : random.nextInt(cluster.members().size()));
    }

    private void judge(String prefix, List<Operation> history, List<EventRecorder> watchers, List<String> done)
            throws InterruptedException {
        long last = KVGrpc.newBlockingStub(cluster.channel(0))
                .withDeadlineAfter(10, TimeUnit.SECONDS)
                .put(PutRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8(prefix + "last"))
                        .build())
                .getHeader()
                .getRevision();
        Map<String, String> content = content(prefix);
        String context = context(done);
        fail(RevisionChecker.violations(history, content), done);
        @Nullable String violation = LinearizabilityChecker.violation(history);
        if (violation != null) {
            throw new AssertionError(violation + context);
        }
        List<WatchJudge.Seen> seen = new ArrayList<>();
        for (EventRecorder watcher : watchers) {
            List<Event> events = watcher.seenUpTo(last, 60);
            if (!watcher.breaches().isEmpty()) {
                throw new AssertionError("a watcher saw " + watcher.breaches() + context);
            }
            seen.add(new WatchJudge.Seen(events, watcher.gaps()));
            eventsCompared += events.size();
            gaps += watcher.gaps().size();
        }
        fail(WatchJudge.violations(seen, history), done);
        cluster.assertSameContent();
        tell(history);
    }

    private void fail(List<String> wrong, List<String> done) {
        if (!wrong.isEmpty()) {
            throw new AssertionError(wrong.size() + " violations" + context(done) + ": "
                    + String.join("\n", wrong.subList(0, Math.min(5, wrong.size()))));
        }
    }

    private void tell(List<Operation> history) {
        for (Operation operation : history) {
            switch (operation.outcome()) {
                case Operation.Outcome.Done _ -> tally.done(operation.returnedNanos());
                case Operation.Outcome.Refused(String why) -> tally.refused(why);
                case Operation.Outcome.Unknown(String why) -> tally.unknown(why);
            }
        }
        tally.endRound();
    }

    private String context(List<String> done) {
        return " (seed " + seed + ", faults " + done + ")";
    }

    private Map<String, String> content(String prefix) {
        RangeResponse response = KVGrpc.newBlockingStub(cluster.channel(random.nextInt(3)))
                .withDeadlineAfter(10, TimeUnit.SECONDS)
                .range(RangeRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8(prefix))
                        .setRangeEnd(ByteString.copyFromUtf8(prefix + "~"))
                        .build());
        Map<String, String> content = new HashMap<>();
        for (KeyValue kv : response.getKvsList()) {
            content.put(kv.getKey().toStringUtf8(), kv.getValue().toStringUtf8());
        }
        return content;
    }

    private long revision() {
        return KVGrpc.newBlockingStub(cluster.channel(0))
                .withDeadlineAfter(10, TimeUnit.SECONDS)
                .range(RangeRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8("none"))
                        .build())
                .getHeader()
                .getRevision();
    }

    /** {@code FOLDER SEED MINUTES FAULT[,FAULT…] COMMAND…}: COMMAND starts a server; its flags are added. */
    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length < 5) {
            System.err.println("usage: FOLDER SEED MINUTES FAULT[,FAULT...] COMMAND...");
            System.exit(2);
        }
        long seed = Long.parseLong(args[1]);
        List<Fault> faults = Arrays.stream(args[3].split(",")).map(Fault::named).toList();
        List<String> command = List.of(args).subList(4, args.length);
        try (ClusterProcesses cluster = new ClusterProcesses(
                Path.of(args[0]),
                command,
                new Apart(true, faults.stream().anyMatch(Fault::ofDisks), faults.contains(Fault.CLOCK)))) {
            for (MemberProcess member : cluster.members()) {
                cluster.start(member);
            }
            cluster.awaitHealthy(60);
            new FaultRun(cluster, faults, seed).run(TimeUnit.MINUTES.toNanos(Long.parseLong(args[2])));
            System.out.println("no violation");
        }
        System.exit(0);
    }
}
