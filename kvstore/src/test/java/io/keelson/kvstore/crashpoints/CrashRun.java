package io.keelson.kvstore.crashpoints;

import com.google.protobuf.ByteString;
import io.grpc.StatusRuntimeException;
import io.keelson.kvstore.api.CompactionRequest;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.crashpoints.StepLedger.Step;
import io.keelson.kvstore.crashpoints.Writers.Pace;
import io.keelson.kvstore.faults.ClusterProcesses;
import io.keelson.kvstore.faults.MemberProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Crashes one of three members at one step after the other while clients write, from the command line. After the crash the
 * member is started again and must hold what the others hold, and everything that was acknowledged. A run fails, too, if it
 * has not met every step that it saw; how often each was met is printed at its end.
 */
public final class CrashRun {
    private static final int VICTIM = 2;
    private static final long LEARN_NANOS = TimeUnit.SECONDS.toNanos(4);

    /** So long only the steps met least often are waited for; then those met a little more often, too, and so on. */
    private static final long LEVEL_NANOS = TimeUnit.MILLISECONDS.toNanos(2_500);
    /** After so many levels all steps are armed. */
    private static final int LEVELS = 3;

    private static final long TRIAL_NANOS = TimeUnit.SECONDS.toNanos(15);
    private static final long START_NANOS = TimeUnit.SECONDS.toNanos(120);
    /** Seconds suffice for each; beside much else that runs, not. */
    private static final int HEALTHY_SECONDS = 300;

    private static final long TELL_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final int[] OCCURRENCES = {1, 1, 1, 2, 3, 10, 50};
    /** A step awaited in vain so often is taken at its first occurrence whatever the occurrence drawn. */
    private static final int SELDOM = 2;
    /** How often the member may be crashed before it is judged. */
    private static final int CRASHES_MAX = 3;

    /** The past is dropped after so many judgements: to compare members takes as long as they have history. */
    private static final int COMPACT_EVERY = 10;

    /** What the victim does when it crashes. */
    private enum Surroundings {
        RUNNING,
        STARTING,
        /** It starts and needs a snapshot. */
        BEHIND,
        /** Its cluster has just been made, and the log begins with who its members are and which version they agreed upon. */
        YOUNG
    }

    private final ClusterProcesses cluster;
    private final Path folder;
    private final ArmedDistribution distribution;
    private final SplittableRandom random;
    private final long seed;
    private final Writers writers;
    private final StepLedger ledger;
    private final Control control;
    private final Map<String, String> environment;
    private final Map<Step, Set<Surroundings>> seenIn = new HashMap<>();
    /** The crashes since the member was found right the last time. */
    private final List<Step> unverified = new ArrayList<>();
    /** What went on since then. */
    private final List<Provocation> provocations = new ArrayList<>();

    private final Map<String, Long> nanosByWork = new TreeMap<>();
    private int trials;
    private int judgements;
    private int youngClusters;

    private CrashRun(
            ClusterProcesses cluster, Path folder, ArmedDistribution distribution, long seed, StepLedger ledger)
            throws IOException {
        this.cluster = cluster;
        this.folder = folder;
        this.distribution = distribution;
        this.seed = seed;
        this.ledger = ledger;
        random = new SplittableRandom(seed);
        writers = new Writers(cluster);
        Path file = folder.resolve("m" + VICTIM).resolve("control");
        control = Control.create(file, distribution.points());
        environment = Map.of(CrashPoint.VARIABLE, file.toString());
    }

    private MemberProcess victim() {
        return cluster.members().get(VICTIM);
    }

    /** Returns whether every step was met at least once, where that is demanded. */
    private boolean run(List<Phase> phases, int minutes, boolean every) throws IOException, InterruptedException {
        long durationNanos = TimeUnit.MINUTES.toNanos(minutes);
        try (Writers working = writers) {
            working.start();
            for (Phase phase : phases) {
                ledger.begin(phase, distribution.calls(phase));
                learn(phase);
            }
            long begin = System.nanoTime();
            long told = begin;
            while (System.nanoTime() - begin < durationNanos) {
                trial(ledger.next(random));
                trials++;
                if (System.nanoTime() - told > TELL_NANOS) {
                    told = System.nanoTime();
                    System.out.printf(
                            "seed %d: %,d trials in %,d s, %,d writes acknowledged, %s%n",
                            seed,
                            trials,
                            TimeUnit.NANOSECONDS.toSeconds(told - begin),
                            working.acknowledged(),
                            String.join("; ", ledger.summary()));
                    nanosByWork.forEach((work, nanos) ->
                            System.out.printf("  %s: %,d ms each%n", work, nanos / 1_000_000 / trials));
                }
            }
            judge(phases.getFirst());
            return tell(minutes, every, System.nanoTime() - begin);
        }
    }

    private boolean tell(int minutes, boolean every, long tookNanos) {
        ledger.table().forEach(System.out::println);
        ledger.summary().forEach(System.out::println);
        List<Step> missing = ledger.neverMet();
        System.out.printf(
                "%,d trials in %d minutes, %,d ms each%n",
                trials, minutes, TimeUnit.NANOSECONDS.toMillis(tookNanos) / Math.max(1, trials));
        if (every) {
            missing.forEach(step -> System.out.printf("NEVER MET in %d trials: %s%n", ledger.timesAwaited(step), step));
        }
        if (!missing.isEmpty()) {
            System.out.printf("%,d of %,d steps were never met%n", missing.size(), ledger.size());
        }
        return missing.isEmpty() || !every;
    }

    /** Notes what the victim came by since this was called the last time. */
    private void look(Control watched, Phase phase, Surroundings surroundings) throws IOException {
        List<Integer> points = new ArrayList<>();
        watched.takeSeen(points::add);
        for (int point : points) {
            if (distribution.covers(phase, point)) {
                Step step = distribution.step(phase, point);
                ledger.seen(step);
                boolean _ = seenIn.computeIfAbsent(step, _ -> EnumSet.noneOf(Surroundings.class))
                        .add(surroundings);
            }
        }
    }

    /** Finds out which calls a phase makes, at least. */
    private void learn(Phase phase) throws IOException, InterruptedException {
        victim().kill();
        if (phase == Phase.SNAPSHOT_INSTALL || phase == Phase.APPLY) {
            // A log that ends before the snapshot begins is begun anew, which belongs to applying what comes then.
            writers.leaveBehind(VICTIM);
        }
        start();
        cluster.awaitHealthy(HEALTHY_SECONDS);
        look(control, phase, phase == Phase.SNAPSHOT_INSTALL ? Surroundings.BEHIND : Surroundings.STARTING);
        boolean _ = cluster.moveLeader(VICTIM);
        Provocation provocation = new Provocation(cluster, VICTIM, writers, phase, random);
        provocation.begin();
        long deadline = System.nanoTime() + LEARN_NANOS;
        for (int round = 0; System.nanoTime() < deadline; round++) {
            provocation.round(phase, round);
        }
        calm();
        look(control, phase, Surroundings.RUNNING);
        if (ledger.levels(phase).isEmpty()) {
            throw new IllegalStateException("no step of " + phase.title() + " was seen: its code has moved");
        }
        verify();
    }

    /**
     * Crashes the victim, at one of the steps of the phase that were met least often if one of them comes soon. One of
     * those, and where it was seen, decides in which surroundings.
     */
    private void trial(Phase phase) throws IOException, InterruptedException {
        List<Step> least = ledger.levels(phase).getFirst();
        Step wanted = least.get(random.nextInt(least.size()));
        Surroundings surroundings = surroundings(phase, wanted);
        control.takeSeen(_ -> {});
        if (surroundings == Surroundings.YOUNG) {
            long begin = System.nanoTime();
            youngTrial(phase);
            took("young cluster", begin);
            return;
        }
        // To crash while it starts, and so once more before it is judged, takes no start more than to judge it.
        if (surroundings == Surroundings.RUNNING || provocations.size() >= CRASHES_MAX) {
            judge(phase);
        }
        if (!crash(phase, surroundings, false) && phase == Phase.START) {
            boolean _ = crash(phase, surroundings, true);
        }
    }

    /** Starts the victim if it has ended, and judges what its crashes have left. */
    private void judge(Phase phase) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        start();
        verify();
        look(control, phase, Surroundings.STARTING);
        for (Step step : unverified) {
            ledger.verified(step);
        }
        unverified.clear();
        provocations.clear();
        if (judgements++ % COMPACT_EVERY == 0) {
            dropHistory();
        }
        took("start and judgement", begin);
    }

    private void took(String work, long beginNanos) {
        nanosByWork.merge(work, System.nanoTime() - beginNanos, Long::sum);
    }

    private Surroundings surroundings(Phase phase, Step wanted) {
        List<Surroundings> seen = new ArrayList<>(seenIn.getOrDefault(wanted, Set.of()));
        if (seen.size() > 1) {
            // It takes the starts of four members, so it is for what comes nowhere else.
            seen.remove(Surroundings.YOUNG);
        }
        if (!seen.isEmpty() && random.nextInt(3) > 0) {
            return seen.get(random.nextInt(seen.size()));
        }
        if (phase == Phase.SNAPSHOT_INSTALL) {
            return Surroundings.BEHIND;
        }
        if (phase == Phase.START) {
            return random.nextInt(10) == 0 ? Surroundings.BEHIND : Surroundings.STARTING;
        }
        int drawn = random.nextInt(20);
        boolean young = phase == Phase.APPLY || phase == Phase.MEMBERSHIP;
        return drawn == 0 && young
                ? Surroundings.YOUNG
                : drawn < 3 && phase == Phase.APPLY
                        ? Surroundings.BEHIND
                        : drawn < 7 ? Surroundings.STARTING : Surroundings.RUNNING;
    }

    /** What is armed in one trial, more from level to level. */
    private final class Arming {
        private final Control armed;
        private final Phase phase;
        private final List<List<Step>> levels;
        private long begin = System.nanoTime();
        private int level;

        /**
         * @param starting whether the member is still to be started, which makes few calls often
         * @param all whether all steps are armed from the beginning
         */
        Arming(Control armed, Phase phase, boolean starting, boolean all) {
            this.armed = armed;
            this.phase = phase;
            levels = ledger.levels(phase);
            armed.occurrence(starting ? 1 + random.nextInt(2) : OCCURRENCES[random.nextInt(OCCURRENCES.length)]);
            // A step that nobody has seen is rarer than all others.
            ledger.unseen(phase).forEach(name -> armed.armAtOnce(distribution.number(name)));
            if (all) {
                levels.forEach(this::arm);
            } else {
                arm(levels.getFirst());
            }
        }

        /** Waits until a member that starts takes part, or has ended. From then on more is armed from time to time. */
        void awaitStart(MemberProcess member) throws InterruptedException {
            long deadline = System.nanoTime() + START_NANOS;
            while (member.alive() && !serves() && System.nanoTime() < deadline) {
                Thread.sleep(50);
            }
            begin = System.nanoTime();
        }

        private void arm(List<Step> steps) {
            for (Step step : steps) {
                int number = distribution.number(step.name());
                if (ledger.timesAwaited(step) >= SELDOM) {
                    armed.armAtOnce(number);
                } else {
                    armed.arm(number);
                }
            }
        }

        /** Arms what is due; returns whether there is still time. */
        boolean goOn() {
            long took = System.nanoTime() - begin;
            if (level < LEVELS && took > (1 + level) * LEVEL_NANOS) {
                level++;
                armed.occurrence(1);
                levels.subList(
                                Math.min(level, levels.size()),
                                level < LEVELS ? Math.min(level + 1, levels.size()) : levels.size())
                        .forEach(this::arm);
            }
            return took < TRIAL_NANOS;
        }

        /** Takes what came of it into account, once the member has ended or the time is over. */
        boolean result(MemberProcess member, Surroundings surroundings) throws IOException, InterruptedException {
            armed.disarm();
            if (member.alive() && !armed.ended()) {
                Thread.sleep(50); // One event may be between being armed and its end.
            }
            if (armed.ended()) {
                awaitEnd(member);
            } else if (!member.alive()) {
                throw new AssertionError(
                        "the member ended by itself, after " + crashes() + "; its log: " + member.log());
            }
            int point = armed.takeEnd();
            look(armed, phase, surroundings);
            Step at = point < 0 ? null : distribution.step(phase, point);
            if (at == null || !levels.getFirst().contains(at)) {
                levels.getFirst().forEach(ledger::awaited);
            }
            if (at != null) {
                ledger.met(at);
                unverified.add(at);
            }
            return at != null;
        }
    }

    private static void awaitEnd(MemberProcess member) throws InterruptedException {
        long deadline = System.nanoTime() + START_NANOS;
        while (member.alive()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("the member does not end at its point; its log: " + member.log());
            }
            Thread.sleep(5);
        }
    }

    /**
     * Returns whether the victim crashed at a step.
     *
     * @param all whether all steps are armed from the beginning
     */
    private boolean crash(Phase phase, Surroundings surroundings, boolean all)
            throws IOException, InterruptedException {
        long begin = System.nanoTime();
        boolean starting = surroundings != Surroundings.RUNNING;
        if (starting) {
            victim().kill();
            look(control, phase, Surroundings.RUNNING);
            if (surroundings == Surroundings.BEHIND) {
                writers.leaveBehind(VICTIM);
                took("falling behind", begin);
                begin = System.nanoTime();
            }
        }
        // What it takes to become the leader is a part of it every second time.
        boolean leads = random.nextBoolean();
        boolean elected = leads && random.nextBoolean();
        if (leads && !elected && !starting) {
            boolean _ = cluster.moveLeader(VICTIM);
        }
        Arming arming = new Arming(control, phase, starting, all);
        if (starting) {
            start();
            arming.awaitStart(victim());
            writers.avoidNone();
        }
        if (elected || (leads && starting)) {
            boolean _ = victim().alive() && cluster.moveLeader(VICTIM);
        }
        Provocation provocation = new Provocation(cluster, VICTIM, writers, phase, random);
        provocations.add(provocation);
        provocation.begin();
        // A start does not come again; its other steps are armed for the next one.
        for (int round = 0; phase != Phase.START && victim().alive() && arming.goOn(); round++) {
            provocation.round(phase, round);
        }
        calm();
        writers.avoid(VICTIM);
        boolean crashed = arming.result(victim(), surroundings);
        took(starting ? "crash while starting" : "crash while running", begin);
        return crashed;
    }

    private void calm() {
        writers.write(Pace.CALM, 0);
    }

    /** Whether the victim takes part, as far as it says so within a moment. */
    private boolean serves() {
        try {
            var _ = KVGrpc.newBlockingStub(cluster.channel(VICTIM))
                    .withDeadlineAfter(200, TimeUnit.MILLISECONDS)
                    .range(RangeRequest.newBuilder()
                            .setKey(ByteString.copyFromUtf8("x"))
                            .build());
            return true;
        } catch (StatusRuntimeException e) {
            cluster.channel(VICTIM).resetConnectBackoff();
            return false;
        }
    }

    /**
     * Crashes at a step in a cluster that has just been made: while the victim starts for the first time, or for the second.
     */
    private void youngTrial(Phase phase) throws IOException, InterruptedException {
        Path own = folder.resolve("young-" + youngClusters++);
        Path file = own.resolve("m" + VICTIM).resolve("control");
        Files.createDirectories(file.getParent());
        Control youngControl = Control.create(file, distribution.points());
        Map<String, String> youngEnvironment = Map.of(CrashPoint.VARIABLE, file.toString());
        boolean founding = random.nextBoolean();
        Step crashedAt = null;
        try (ClusterProcesses young = new ClusterProcesses(own, distribution.command())) {
            MemberProcess member = young.members().get(VICTIM);
            if (!founding) {
                for (MemberProcess each : young.members()) {
                    young.start(each);
                }
                young.awaitHealthy(HEALTHY_SECONDS);
                member.kill();
            }
            Arming arming = new Arming(youngControl, phase, true, false);
            for (MemberProcess each : young.members()) {
                young.start(each, each == member ? youngEnvironment : Map.of());
            }
            while (member.alive() && arming.goOn()) {
                Thread.sleep(20);
            }
            if (arming.result(member, Surroundings.YOUNG)) {
                crashedAt = unverified.removeLast();
                young.start(member, youngEnvironment);
            }
            young.awaitHealthy(HEALTHY_SECONDS);
            young.assertSameContent();
            look(youngControl, phase, Surroundings.YOUNG);
            if (crashedAt != null) {
                ledger.verified(crashedAt);
            }
        } catch (AssertionError e) {
            throw new AssertionError(
                    "in a young cluster, after a crash at " + crashedAt + " (seed " + seed + "): " + e.getMessage(), e);
        }
        try (Stream<Path> files = Files.walk(own)) {
            for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }

    private void start() throws IOException, InterruptedException {
        cluster.start(victim(), environment);
    }

    /** Has the members compact what is past, as those do that live longer. */
    private void dropHistory() {
        try {
            KVGrpc.KVBlockingStub kv =
                    KVGrpc.newBlockingStub(cluster.channel(0)).withDeadlineAfter(5, TimeUnit.SECONDS);
            long revision = kv.range(RangeRequest.newBuilder()
                            .setKey(ByteString.copyFromUtf8("x"))
                            .build())
                    .getHeader()
                    .getRevision();
            var _ = kv.compact(
                    CompactionRequest.newBuilder().setRevision(revision).build());
        } catch (StatusRuntimeException e) {
            // The next time will do.
            System.out.println("the past stays: " + e.getStatus());
        }
    }

    private String crashes() {
        return (unverified.isEmpty() ? "no crash" : "crashes at " + unverified) + ", provoked by " + provocations
                + " (seed " + seed + ")";
    }

    private void verify() throws IOException, InterruptedException {
        try {
            cluster.awaitHealthy(HEALTHY_SECONDS);
            writers.avoidNone();
            writers.pauseAndJudge(VICTIM);
            cluster.assertSameContent();
        } catch (AssertionError e) {
            throw new AssertionError("after " + crashes() + ": " + e.getMessage(), e);
        } finally {
            writers.goOn();
        }
    }

    /**
     * {@code FOLDER SEED MINUTES every|some PHASE[,PHASE…]|all LEDGER|- DISTRIBUTION}: whether every step must be met, or some
     * are enough; LEDGER is the file of a {@link StepLedger}; DISTRIBUTION is the folder of one, which is changed.
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length != 7) {
            System.err.println("usage: FOLDER SEED MINUTES every|some PHASE[,PHASE...]|all LEDGER|- DISTRIBUTION");
            System.exit(2);
        }
        Path folder = Path.of(args[0]);
        Files.createDirectories(folder.resolve("m" + VICTIM));
        long seed = Long.parseLong(args[1]);
        List<Phase> phases = args[4].equals("all")
                ? List.of(Phase.values())
                : Arrays.stream(args[4].split(","))
                        .map(name -> Phase.valueOf(
                                name.trim().toUpperCase(Locale.ROOT).replace('-', '_')))
                        .toList();
        StepLedger ledger = new StepLedger(args[5].equals("-") ? null : Path.of(args[5]));
        ArmedDistribution distribution = ArmedDistribution.make(Path.of(args[6]), phases);
        boolean met;
        try (ClusterProcesses cluster = new ClusterProcesses(folder, distribution.command())) {
            MemberProcess victim = cluster.members().get(VICTIM);
            for (MemberProcess member : cluster.members()) {
                cluster.start(member, member == victim ? ArmedDistribution.training() : Map.of());
            }
            cluster.awaitHealthy(HEALTHY_SECONDS);
            distribution.takeCache(victim, folder.resolve("m" + VICTIM));
            cluster.start(victim);
            cluster.awaitHealthy(HEALTHY_SECONDS);
            met = new CrashRun(cluster, folder, distribution, seed, ledger)
                    .run(phases, Integer.parseInt(args[2]), !args[3].equals("some"));
            System.out.println("every crash left what was acknowledged, and members that agree");
        }
        System.exit(met ? 0 : 1);
    }
}
