package io.keelson.kvstore.crashpoints;

import com.google.protobuf.ByteString;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import io.keelson.kvstore.api.CompactionRequest;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.MaintenanceGrpc;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.StatusRequest;
import io.keelson.kvstore.crashpoints.StepLedger.Kind;
import io.keelson.kvstore.crashpoints.StepLedger.Step;
import io.keelson.kvstore.crashpoints.Writers.Pace;
import io.keelson.kvstore.faults.ClusterProcesses;
import io.keelson.kvstore.faults.MemberProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Has the phases happen at one of three members while clients write, one after the other, from the command line. At each step
 * that was not met often enough an image is made of what a crash there would leave, and judged. After so many images the
 * member really crashes at a step, is started again, and must hold what the others hold, and everything that was
 * acknowledged. A run fails, too, if it has not met every step that it saw; how often each was met is printed at its end.
 */
public final class CrashRun {
    private static final int VICTIM = 2;
    /** So long a phase is provoked at a time. */
    private static final long SLICE_NANOS = TimeUnit.SECONDS.toNanos(5);
    /** With so many images a phase makes way for others before. */
    private static final int IMAGES_OF_SLICE_MAX = 40;

    /** So long a crash is waited for at the steps with the fewest crashes, and then at any of the phase. */
    private static final long CRASH_NANOS = TimeUnit.SECONDS.toNanos(6);
    /** So many images are opened at a time. */
    private static final int OPENING = 2;
    /** Of so many steps images are made while a member starts, in which it stays at each. */
    private static final int STEPS_OF_START_MAX = 40;
    /**
     * With fewer images in the time of one slice, and nothing left that is met too seldom, those steps are armed that were met
     * once more, too.
     */
    private static final int IMAGES_OF_SLICE_MIN = 5;
    /** How often the phase is provoked where no step is known to be met too seldom: as if so many were. */
    private static final double EXPLORATION = 1.0;

    private static final long START_NANOS = TimeUnit.SECONDS.toNanos(120);
    /** Seconds suffice for each; beside much else that runs, not. */
    private static final int HEALTHY_SECONDS = 300;

    private static final long TELL_NANOS = TimeUnit.SECONDS.toNanos(30);
    /** The members are compared after so many slices, if no crash was before. */
    private static final int SLICES_UNTIL_JUDGEMENT = 20;

    /** The past is dropped after so many slices: to compare members takes as long as they have history. */
    private static final int SLICES_UNTIL_COMPACTION = 2;

    private static final int VIOLATIONS_MAX = 5;

    /** What the victim does when it is at a step. */
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
    private final int imagesUntilCrash;
    /** So many images of a step are wanted before others are made of it only because there is nothing else to do. */
    private final int enough;

    private final Writers writers;
    private final StepLedger ledger;
    private final Openings openings;
    private final Chronicle chronicle;
    private final Victim victim;
    private final Map<Step, Set<Surroundings>> seenIn = new HashMap<>();
    /** Up to how many images of a step are made, if not {@link #enough}. */
    private final Map<Phase, Integer> levels = new ConcurrentHashMap<>();

    /** The steps of which images are wanted while a member starts; null at other times. */
    private volatile @Nullable Set<Step> chosen;

    private final Map<Phase, Integer> violations = new EnumMap<>(Phase.class);
    private volatile Phase provoked = Phase.START;
    private int slices;
    private int slicesSinceJudgement;
    private int imagesAtLastCrash;
    private int youngImages;
    private int youngClusters;

    private CrashRun(
            ClusterProcesses cluster,
            Path folder,
            ArmedDistribution distribution,
            long seed,
            int imagesUntilCrash,
            int enough,
            StepLedger ledger,
            Openings openings)
            throws IOException {
        this.cluster = cluster;
        this.folder = folder;
        this.distribution = distribution;
        this.seed = seed;
        this.imagesUntilCrash = imagesUntilCrash;
        this.enough = enough;
        this.ledger = ledger;
        this.openings = openings;
        random = new SplittableRandom(seed);
        writers = new Writers(cluster);
        chronicle = chronicle(cluster);
        victim = new Victim(cluster, folder, chronicle);
    }

    private static Chronicle chronicle(ClusterProcesses cluster) {
        return new Chronicle(cluster.members().stream()
                .map(MemberProcess::number)
                .filter(number -> number != VICTIM)
                .<Channel>map(cluster::channel)
                .toList());
    }

    /** The member of a cluster that is at its steps, with all that belongs to it alone. */
    private final class Victim implements AutoCloseable, Camera.Verdicts {
        private final ClusterProcesses of;
        private final MemberProcess process;
        private final Control control;
        private final Camera camera;
        private final Map<String, String> environment;
        private boolean wrong;

        Victim(ClusterProcesses of, Path folder, Chronicle chronicle) throws IOException {
            this.of = of;
            process = of.members().get(VICTIM);
            Path own = folder.resolve("m" + VICTIM);
            Path file = own.resolve("control");
            Path images = folder.resolve("images");
            Files.createDirectories(own);
            Files.createDirectories(images);
            control = Control.create(file, distribution.points());
            environment = Map.of(CrashPoint.VARIABLE, file.toString());
            ImageJudge judge = new ImageJudge(
                    chronicle,
                    of.members().stream().map(MemberProcess::peerUrl).collect(Collectors.toSet()),
                    this::term);
            camera = new Camera(
                    process, own.resolve("data"), images, control, CrashRun.this::wanted, judge, openings, this);
        }

        private long term() {
            long term = 0;
            for (MemberProcess member : of.members()) {
                try {
                    term = Math.max(
                            term,
                            MaintenanceGrpc.newBlockingStub(of.channel(member.number()))
                                    .withDeadlineAfter(2, TimeUnit.SECONDS)
                                    .status(StatusRequest.getDefaultInstance())
                                    .getRaftTerm());
                } catch (StatusRuntimeException e) {
                    // The others tell.
                }
            }
            return term;
        }

        @Override
        public void made(Step step, int point) throws IOException {
            ledger.met(step, Kind.IMAGE);
            Set<Step> ofStart = chosen;
            if (ofStart != null) {
                ofStart.remove(step);
            }
            if (wanted(point) == null) {
                control.disarm(point);
            }
        }

        @Override
        public void right(Step step) throws IOException {
            ledger.right(step, Kind.IMAGE);
        }

        @Override
        public void wrong(Step step, List<String> what, Path image) {
            wrong = true;
            synchronized (violations) {
                violations.merge(step.phase(), 1, Integer::sum);
            }
            System.out.printf("WRONG after %s (seed %d): %s; the image is %s%n", step, seed, what, image);
        }

        /**
         * Has images made at the steps that were met least often, of those that come there as far as is known, however fast a
         * start goes through them.
         */
        void armForStart(Surroundings surroundings) {
            List<Step> least = ledger.leastMet(
                    provoked,
                    STEPS_OF_START_MAX,
                    step -> seenIn.getOrDefault(step, Set.of(surroundings)).contains(surroundings),
                    random);
            if (!least.isEmpty()) {
                Set<Step> some = ConcurrentHashMap.newKeySet();
                some.addAll(least);
                chosen = some;
                camera.follow(true);
            }
            arm();
        }

        /** As is usual again. */
        void armAfterStart() {
            camera.follow(false);
            chosen = null;
            control.admit();
            arm();
        }

        /** Has images made at all points where one is wanted. */
        void arm() {
            control.disarm();
            for (int point = 0; point < distribution.points(); point++) {
                if (wanted(point) != null) {
                    control.armForImage(point);
                }
            }
        }

        void start() throws IOException, InterruptedException {
            of.start(process, environment);
        }

        /** Waits until it takes part after a start, or has ended. */
        void awaitStart() throws InterruptedException {
            long deadline = System.nanoTime() + START_NANOS;
            while (process.alive() && !serves() && System.nanoTime() < deadline) {
                Thread.sleep(50);
            }
        }

        /** Whether it takes part, as far as it says so within a moment. */
        private boolean serves() {
            try {
                var _ = KVGrpc.newBlockingStub(of.channel(VICTIM))
                        .withDeadlineAfter(200, TimeUnit.MILLISECONDS)
                        .range(RangeRequest.newBuilder()
                                .setKey(ByteString.copyFromUtf8("x"))
                                .build());
                return true;
            } catch (StatusRuntimeException e) {
                of.channel(VICTIM).resetConnectBackoff();
                return false;
            }
        }

        void awaitEnd() throws InterruptedException {
            long deadline = System.nanoTime() + START_NANOS;
            while (process.alive()) {
                if (System.nanoTime() > deadline) {
                    throw new AssertionError("the member does not end at its point; its log: " + process.log());
                }
                Thread.sleep(5);
            }
        }

        /** Notes what it came by since this was called the last time. */
        void look(Surroundings surroundings) throws IOException {
            List<Integer> points = new ArrayList<>();
            control.takeSeen(points::add);
            for (int point : points) {
                Step step = distribution.step(point, provoked);
                ledger.seen(step);
                boolean _ = seenIn.computeIfAbsent(step, _ -> EnumSet.noneOf(Surroundings.class))
                        .add(surroundings);
            }
        }

        @Override
        public void close() {
            camera.close();
        }
    }

    /** The step that an image at a point counts for; null if there are enough of it for now. Any thread. */
    private @Nullable Step wanted(int point) {
        Step step = distribution.step(point, provoked);
        Set<Step> ofStart = chosen;
        if (ofStart != null) {
            return ofStart.contains(step) ? step : null;
        }
        return ledger.times(step, Kind.IMAGE) < levels.getOrDefault(step.phase(), enough) ? step : null;
    }

    /**
     * Returns whether every step was met so often.
     *
     * @param times how often each must be met; 0 if that is not demanded
     */
    private boolean run(List<Phase> phases, int minutes, int times) throws IOException, InterruptedException {
        long durationNanos = TimeUnit.MINUTES.toNanos(minutes);
        phases.forEach(phase -> ledger.begin(phase, distribution.calls(phase)));
        try (Chronicle _ = chronicle;
                Victim member = victim;
                Writers working = writers) {
            working.start();
            provoked = phases.getFirst();
            member.camera.kill();
            member.arm();
            member.start();
            cluster.awaitHealthy(HEALTHY_SECONDS);
            long begin = System.nanoTime();
            long told = begin;
            while (System.nanoTime() - begin < durationNanos && violationCount() < VIOLATIONS_MAX) {
                // Each in turn at first: what a phase has is known once it was provoked.
                provoked = slices < phases.size() ? phases.get(slices) : ledger.next(random);
                slice();
                if (images() - imagesAtLastCrash >= imagesUntilCrash) {
                    imagesAtLastCrash = images();
                    crash();
                }
                if (System.nanoTime() - told > TELL_NANOS) {
                    told = System.nanoTime();
                    System.out.printf(
                            "seed %d: %,d images in %,d s, %s; %,d writes acknowledged; %s%n",
                            seed,
                            images(),
                            TimeUnit.NANOSECONDS.toSeconds(told - begin),
                            member.camera.times(),
                            working.acknowledged(),
                            ledger.brief());
                }
            }
            member.control.disarm();
            member.camera.drain();
            verify("the last slice");
            return tell(phases, times, System.nanoTime() - begin);
        }
    }

    private int images() {
        return victim.camera.images() + youngImages;
    }

    private int violationCount() {
        synchronized (violations) {
            return violations.values().stream().mapToInt(count -> count).sum();
        }
    }

    private boolean tell(List<Phase> phases, int times, long tookNanos) {
        ledger.table().forEach(System.out::println);
        ledger.summary().forEach(System.out::println);
        phases.forEach(phase -> {
            int wrong = violations.getOrDefault(phase, 0);
            if (wrong > 0) {
                System.out.printf("%s: %,d images were WRONG%n", phase.title(), wrong);
            }
        });
        System.out.printf("%,d images in %,d slices, %.1f a minute%n", images(), slices, images() / (tookNanos / 6e10));
        List<Step> missing = ledger.metLessThan(Math.max(1, times));
        if (!missing.isEmpty()) {
            System.out.printf(
                    "%,d of %,d steps were met less than %d times%n",
                    missing.size(), ledger.size(), Math.max(1, times));
        }
        if (times > 0) {
            missing.forEach(step -> System.out.printf("NOT MET ENOUGH: %s, seen while %s%n", step, seenIn.get(step)));
        }
        for (Phase phase : phases) {
            if (ledger.unseen(phase).size() == distribution.calls(phase).size()) {
                throw new IllegalStateException("no step of " + phase.title() + " was seen: its code has moved");
            }
        }
        return (missing.isEmpty() || times == 0) && violationCount() == 0;
    }

    /** Provokes the phase for a while. */
    private void slice() throws IOException, InterruptedException {
        slices++;
        int before = images();
        Surroundings surroundings = surroundings(provoked);
        if (surroundings == Surroundings.YOUNG) {
            young();
        } else {
            boolean starts = surroundings != Surroundings.RUNNING;
            if (starts) {
                victim.armForStart(surroundings);
            } else {
                victim.arm();
            }
            begin(surroundings);
            if (starts) {
                victim.armAfterStart();
                victim.look(surroundings);
            }
            if (!starts || goesOnAfterStart()) {
                provoke(before);
            }
        }
        long _ = rest();
        if (images() - before < IMAGES_OF_SLICE_MIN && lacking(provoked).isEmpty()) {
            levels.merge(provoked, enough + 1, (level, _) -> level + 1);
        }
        if (slices % SLICES_UNTIL_COMPACTION == 0) {
            dropHistory();
        }
        if (++slicesSinceJudgement >= SLICES_UNTIL_JUDGEMENT) {
            verify(slicesSinceJudgement + " slices");
        }
    }

    /** Whether what comes while the member runs is wanted, too, or may become known. */
    private boolean goesOnAfterStart() {
        return provoked != Phase.START
                && (random.nextInt(4) == 0
                        || lacking(provoked).stream()
                                .anyMatch(step ->
                                        seenIn.getOrDefault(step, Set.of()).contains(Surroundings.RUNNING)));
    }

    private void provoke(int imagesBefore) throws IOException, InterruptedException {
        Provocation provocation = provocation();
        provocation.begin();
        long deadline = System.nanoTime() + SLICE_NANOS;
        for (int round = 0; System.nanoTime() < deadline && images() - imagesBefore < IMAGES_OF_SLICE_MAX; round++) {
            provocation.round(provoked, round);
            requireAlive("provoked by " + provocation);
            if (!victim.camera.hasRoom()) {
                deadline += rest();
                provocation.begin();
            }
        }
        writers.write(Pace.CALM, 0);
        victim.look(Surroundings.RUNNING);
    }

    /** Lets images be judged before more are made, without much else that takes the processors. Returns the nanoseconds. */
    private long rest() throws InterruptedException {
        long begin = System.nanoTime();
        writers.write(Pace.CALM, 0);
        victim.camera.awaitRoom();
        return System.nanoTime() - begin;
    }

    private Provocation provocation() {
        return new Provocation(cluster, VICTIM, victim.camera, chronicle, writers, provoked, random);
    }

    /** Brings the victim where its steps are to be met. */
    private void begin(Surroundings surroundings) throws IOException, InterruptedException {
        // What it takes to become the leader is a part of it every second time.
        boolean leads = random.nextBoolean();
        if (surroundings != Surroundings.RUNNING) {
            victim.camera.kill();
            victim.look(Surroundings.RUNNING);
            if (surroundings == Surroundings.BEHIND) {
                writers.leaveBehind(VICTIM);
            }
            victim.start();
            victim.awaitStart();
            writers.avoidNone();
        }
        if (leads) {
            boolean _ = victim.process.alive() && cluster.moveLeader(VICTIM);
        }
    }

    private void requireAlive(String what) {
        if (!victim.process.alive()) {
            throw new AssertionError(
                    "the member ended by itself, " + what + " (seed " + seed + "); its log: " + victim.process.log());
        }
    }

    /**
     * Where the phase is to be provoked: most often where most of those steps come that were not met often enough, and now and
     * then anywhere, as others may come there, too.
     */
    private Surroundings surroundings(Phase phase) {
        Map<Surroundings, Double> weights = new EnumMap<>(Surroundings.class);
        phaseComesIn(phase).forEach(each -> weights.put(each, EXPLORATION));
        for (Step step : lacking(phase)) {
            Set<Surroundings> seen = seenIn.getOrDefault(step, Set.of());
            seen.forEach(each -> weights.computeIfPresent(each, (_, weight) -> weight + 1.0 / seen.size()));
        }
        // It takes the starts of four members.
        weights.computeIfPresent(Surroundings.YOUNG, (_, weight) -> weight / 4);
        double left = weights.values().stream().mapToDouble(weight -> weight).sum() * random.nextDouble();
        for (Map.Entry<Surroundings, Double> each : weights.entrySet()) {
            left -= each.getValue();
            if (left < 0) {
                return each.getKey();
            }
        }
        return phaseComesIn(phase).iterator().next();
    }

    private static Set<Surroundings> phaseComesIn(Phase phase) {
        return switch (phase) {
            case APPLY -> EnumSet.allOf(Surroundings.class);
            case MEMBERSHIP -> EnumSet.complementOf(EnumSet.of(Surroundings.BEHIND));
            case SNAPSHOT_INSTALL -> EnumSet.of(Surroundings.RUNNING, Surroundings.BEHIND);
            case START -> EnumSet.complementOf(EnumSet.of(Surroundings.RUNNING));
            case SNAPSHOT_SAVE, COMPACTION -> EnumSet.of(Surroundings.RUNNING, Surroundings.STARTING);
        };
    }

    /** The steps of a phase that were not met often enough, and of which it is known where they come. */
    private List<Step> lacking(Phase phase) {
        return ledger.metLessThan(enough).stream()
                .filter(step -> step.phase() == phase && seenIn.containsKey(step))
                .toList();
    }

    /**
     * Really crashes the victim, at one of the steps of the phase with the fewest crashes if one of them comes soon, and else
     * at any; judges what that has left.
     */
    private void crash() throws IOException, InterruptedException {
        Control control = victim.control;
        control.disarm();
        victim.look(Surroundings.RUNNING);
        Provocation provocation = provocation();
        boolean starts = provoked == Phase.START || random.nextInt(4) == 0;
        if (starts) {
            victim.camera.kill();
            if (random.nextInt(3) == 0) {
                writers.leaveBehind(VICTIM);
            }
        }
        // Not before the old process has gone: it might come to a step, and the end would be taken for one of the new.
        ledger.least(provoked, Kind.CRASH).forEach(step -> control.armForCrash(distribution.number(step.name())));
        if (starts) {
            victim.start();
            victim.awaitStart();
        } else if (random.nextBoolean()) {
            boolean _ = cluster.moveLeader(VICTIM);
        }
        provocation.begin();
        long begin = System.nanoTime();
        boolean any = false;
        for (int round = 0; victim.process.alive() && System.nanoTime() - begin < 2 * CRASH_NANOS; round++) {
            provocation.round(provoked, round);
            if (!any && System.nanoTime() - begin > CRASH_NANOS) {
                any = true;
                distribution.calls(provoked).forEach(name -> control.armForCrash(distribution.number(name)));
            }
        }
        writers.write(Pace.CALM, 0);
        control.disarm();
        Thread.sleep(50); // One event may be between being armed and its end.
        if (!control.ended()) {
            requireAlive("while a crash was waited for, provoked by " + provocation);
            return;
        }
        victim.awaitEnd();
        Step step = distribution.step(control.takeEnd(), provoked);
        ledger.met(step, Kind.CRASH);
        victim.look(starts ? Surroundings.STARTING : Surroundings.RUNNING);
        victim.camera.kill();
        victim.start();
        verify("a crash at " + step + ", provoked by " + provocation);
        ledger.right(step, Kind.CRASH);
    }

    /**
     * In a cluster that has just been made: while the victim starts for the first time, and for the second. Every third time it
     * crashes meanwhile.
     */
    private void young() throws IOException, InterruptedException {
        Path own = folder.resolve("young-" + youngClusters++);
        victim.control.disarm();
        boolean wrong;
        Step crashedAt = null;
        try (ClusterProcesses young = new ClusterProcesses(own, distribution.command());
                Chronicle youngChronicle = chronicle(young);
                Victim youngVictim = new Victim(young, own, youngChronicle)) {
            if (random.nextInt(3) == 0) {
                ledger.least(provoked, Kind.CRASH)
                        .forEach(step -> youngVictim.control.armForCrash(distribution.number(step.name())));
            } else {
                youngVictim.armForStart(Surroundings.YOUNG);
            }
            startAll(young, youngVictim);
            for (int start = 0; start < 2; start++) {
                if (youngVictim.control.ended()) {
                    youngVictim.awaitEnd();
                }
                youngVictim.camera.kill();
                if (youngVictim.control.ended()) {
                    crashedAt = distribution.step(youngVictim.control.takeEnd(), provoked);
                    ledger.met(crashedAt, Kind.CRASH);
                }
                startAll(young, youngVictim);
            }
            youngVictim.control.disarm();
            youngVictim.camera.follow(false);
            chosen = null;
            young.awaitHealthy(HEALTHY_SECONDS);
            young.assertSameContent();
            youngVictim.camera.drain();
            youngVictim.look(Surroundings.YOUNG);
            youngImages += youngVictim.camera.images();
            wrong = youngVictim.wrong;
            if (crashedAt != null) {
                ledger.right(crashedAt, Kind.CRASH);
            }
        } catch (AssertionError e) {
            throw new AssertionError(
                    "in a young cluster, after a crash at " + crashedAt + " (seed " + seed + "): " + e.getMessage(), e);
        }
        if (!wrong) {
            FolderImage.delete(own);
        }
    }

    private static void startAll(ClusterProcesses young, Victim member) throws IOException, InterruptedException {
        for (MemberProcess each : young.members()) {
            if (each == member.process) {
                member.start();
            } else {
                young.start(each);
            }
        }
        member.awaitStart();
    }

    /** Has the members compact what is past, as those do that live longer. */
    private void dropHistory() {
        try {
            long revision = chronicle.revision();
            chronicle.compacts(revision);
            var _ = KVGrpc.newBlockingStub(cluster.channel(0))
                    .withDeadlineAfter(5, TimeUnit.SECONDS)
                    .compact(
                            CompactionRequest.newBuilder().setRevision(revision).build());
        } catch (StatusRuntimeException e) {
            // The next time will do.
            System.out.println("the past stays: " + e.getStatus());
        }
    }

    /** Holds the members against each other, and the victim against what was acknowledged. */
    private void verify(String after) throws IOException, InterruptedException {
        slicesSinceJudgement = 0;
        try {
            cluster.awaitHealthy(HEALTHY_SECONDS);
            writers.avoidNone();
            writers.pauseAndJudge(VICTIM);
            cluster.assertSameContent();
        } catch (AssertionError e) {
            throw new AssertionError("after " + after + " (seed " + seed + "): " + e.getMessage(), e);
        } finally {
            writers.goOn();
        }
    }

    /**
     * {@code FOLDER SEED MINUTES TIMES CRASH_EVERY PHASE[,PHASE…]|all LEDGER|- DISTRIBUTION}: TIMES is how often every step must
     * be met, 0 if none must; CRASH_EVERY is how many images are made between two crashes; LEDGER is the file of a {@link
     * StepLedger}; DISTRIBUTION is the folder of one, which is changed.
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length != 8) {
            System.err.println(
                    "usage: FOLDER SEED MINUTES TIMES CRASH_EVERY PHASE[,PHASE...]|all LEDGER|- DISTRIBUTION");
            System.exit(2);
        }
        Path folder = Path.of(args[0]);
        Files.createDirectories(folder.resolve("m" + VICTIM));
        long seed = Long.parseLong(args[1]);
        List<Phase> phases = args[5].equals("all")
                ? List.of(Phase.values())
                : Arrays.stream(args[5].split(","))
                        .map(name -> Phase.valueOf(
                                name.trim().toUpperCase(Locale.ROOT).replace('-', '_')))
                        .toList();
        StepLedger ledger = new StepLedger(args[6].equals("-") ? null : Path.of(args[6]));
        ArmedDistribution distribution = ArmedDistribution.make(Path.of(args[7]), phases);
        boolean met;
        try (ClusterProcesses cluster = new ClusterProcesses(folder, distribution.command());
                Openings openings = new Openings(OPENING, folder.resolve("opening.log"))) {
            MemberProcess victim = cluster.members().get(VICTIM);
            for (MemberProcess member : cluster.members()) {
                cluster.start(member, member == victim ? ArmedDistribution.training() : Map.of());
            }
            cluster.awaitHealthy(HEALTHY_SECONDS);
            distribution.takeCache(victim, folder.resolve("m" + VICTIM));
            cluster.start(victim);
            cluster.awaitHealthy(HEALTHY_SECONDS);
            met = new CrashRun(
                            cluster,
                            folder,
                            distribution,
                            seed,
                            Integer.parseInt(args[4]),
                            Math.max(1, Integer.parseInt(args[3])),
                            ledger,
                            openings)
                    .run(phases, Integer.parseInt(args[2]), Integer.parseInt(args[3]));
        }
        System.out.println(
                met
                        ? "every crash left what was acknowledged, and members that agree"
                        : "a crash left something wrong, or a step was not met");
        System.exit(met ? 0 : 1);
    }
}
