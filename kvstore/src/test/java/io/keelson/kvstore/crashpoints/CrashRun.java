package io.keelson.kvstore.crashpoints;

import com.google.protobuf.ByteString;
import io.grpc.StatusRuntimeException;
import io.keelson.kvstore.api.ClusterGrpc;
import io.keelson.kvstore.api.CompactionRequest;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.MaintenanceGrpc;
import io.keelson.kvstore.api.Member;
import io.keelson.kvstore.api.MemberAddRequest;
import io.keelson.kvstore.api.MemberListRequest;
import io.keelson.kvstore.api.MemberRemoveRequest;
import io.keelson.kvstore.api.MemberUpdateRequest;
import io.keelson.kvstore.api.MoveLeaderRequest;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.StatusRequest;
import io.keelson.kvstore.crashpoints.StepLedger.Step;
import io.keelson.kvstore.faults.ClusterProcesses;
import io.keelson.kvstore.faults.MemberProcess;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.jspecify.annotations.Nullable;

/**
 * Crashes one of three members at one step after the other while clients write, from the command line. After each crash
 * the member is started again and must hold what the others hold, and everything that was acknowledged. A run fails, too,
 * if it has not met every step that it learned; what each was met is printed at its end.
 */
public final class CrashRun {
    private static final int VICTIM = 2;
    private static final long LEARN_NANOS = TimeUnit.SECONDS.toNanos(6);
    private static final long PROVOKE_NANOS = TimeUnit.SECONDS.toNanos(8);
    /** A start takes two seconds; beside others, many. */
    private static final long START_NANOS = TimeUnit.SECONDS.toNanos(25);

    private static final long TELL_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final int[] OCCURRENCES = {1, 1, 1, 2, 3, 10, 50};

    /** Small, so that snapshots come often and a member that was away for a moment needs one. */
    private static final List<String> FLAGS = List.of("--snapshot-count=300", "--snapshot-catchup-entries=20");

    private final ClusterProcesses cluster;
    private final Path folder;
    private final List<String> command;
    private final SplittableRandom random;
    private final long seed;
    private final Path jar;
    private final Writers writers;
    private final StepLedger ledger;
    private final Set<Step> onlyWhileStarting = new HashSet<>();
    private int agents;
    private int trials;
    private String unverified = "learning";
    private @Nullable Step crashedAt;

    private CrashRun(ClusterProcesses cluster, Path folder, List<String> command, long seed, StepLedger ledger)
            throws IOException {
        this.cluster = cluster;
        this.folder = folder;
        this.command = command;
        this.seed = seed;
        this.ledger = ledger;
        random = new SplittableRandom(seed);
        jar = agentJar(folder.resolve("crash-agent.jar"));
        writers = new Writers(cluster);
    }

    private MemberProcess victim() {
        return cluster.members().get(VICTIM);
    }

    private static Path agentJar(Path file) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().putValue("Premain-Class", CrashAgent.class.getName());
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(file), manifest)) {
            for (Class<?> type : List.of(CrashAgent.class, Phase.class)) {
                String name = type.getName().replace('.', '/') + ".class";
                out.putNextEntry(new JarEntry(name));
                try (InputStream in = type.getResourceAsStream("/" + name)) {
                    if (in == null) {
                        throw new IOException(name + " is not on the class path");
                    }
                    in.transferTo(out);
                }
                out.closeEntry();
            }
        }
        return file;
    }

    /** One start of the victim with the agent in it. */
    private final class Armed {
        private final Path activation;
        private final Path anew;
        private final Path told;
        private final Map<String, String> environment;

        Armed(Phase phase, @Nullable String step, int occurrence) throws IOException {
            this(folder, phase, step, occurrence);
        }

        /** @param members where the members' folders are */
        Armed(Path members, Phase phase, @Nullable String step, int occurrence) throws IOException {
            Path own = members.resolve("m" + VICTIM).resolve("agent-" + agents++);
            Files.createDirectories(own);
            activation = own.resolve("active");
            anew = own.resolve("anew");
            told = own.resolve("told");
            Path file = own.resolve("settings");
            Properties settings = new Properties();
            settings.putAll(CrashAgent.settings(phase, step, occurrence, activation, anew, told));
            try (OutputStream out = Files.newOutputStream(file)) {
                settings.store(out, null);
            }
            environment = Map.of("JAVA_TOOL_OPTIONS", "-javaagent:" + jar + "=" + file);
        }

        void start() throws IOException, InterruptedException {
            cluster.start(victim(), environment);
        }

        void activate() throws IOException {
            Files.createFile(activation);
        }

        List<String> told() throws IOException {
            return Files.exists(told) ? Files.readAllLines(told) : List.of();
        }

        /** What was seen until now; from now on it is written down anew. */
        List<String> toldBeforeAnew() throws IOException, InterruptedException {
            List<String> before = told();
            Files.createFile(anew);
            while (Files.exists(anew)) {
                Thread.sleep(10);
            }
            return before;
        }
    }

    /** Returns whether every step was met at least once, where that is demanded. */
    private boolean run(List<Phase> phases, int minutes, boolean every) throws IOException, InterruptedException {
        long durationNanos = TimeUnit.MINUTES.toNanos(minutes);
        try (Writers working = writers) {
            working.start();
            for (Phase phase : phases) {
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
                            "seed %d: %,d trials, %,d writes acknowledged, %s%n",
                            seed, trials, working.acknowledged(), String.join("; ", ledger.summary()));
                }
            }
            startAndVerify(Map.of());
            return tell(minutes, every, System.nanoTime() - begin);
        }
    }

    private boolean tell(int minutes, boolean every, long tookNanos) {
        ledger.table().forEach(System.out::println);
        ledger.summary().forEach(System.out::println);
        List<Step> missing = ledger.neverMet();
        long secondsEach = TimeUnit.NANOSECONDS.toSeconds(tookNanos) / Math.max(1, trials);
        if (every) {
            missing.forEach(step -> System.out.printf("NEVER MET in %d tries: %s%n", ledger.timesMissed(step), step));
        }
        if (!missing.isEmpty()) {
            System.out.printf(
                    "%,d of %,d steps were never met in %d minutes; a trial takes %d s, so all of them take some %d minutes%n",
                    missing.size(), ledger.size(), minutes, secondsEach, 1 + ledger.size() * secondsEach / 60);
        }
        return missing.isEmpty() || !every;
    }

    /** Finds out which calls a phase makes. */
    private void learn(Phase phase) throws IOException, InterruptedException {
        victim().kill();
        if (phase == Phase.SNAPSHOT_INSTALL || phase == Phase.APPLY) {
            // A log that ends before the snapshot begins is begun anew, which belongs to applying what comes then.
            fallBehind();
        }
        Armed armed = new Armed(phase, null, 1);
        armed.activate();
        armed.start();
        cluster.awaitHealthy(60);
        Set<String> found = new LinkedHashSet<>(armed.toldBeforeAnew());
        lead();
        provoke(phase, System.nanoTime() + LEARN_NANOS);
        List<String> later = armed.told();
        for (String name : found) {
            if (!later.contains(name)) {
                onlyWhileStarting.add(new Step(phase, name));
            }
        }
        found.addAll(later);
        if (found.isEmpty()) {
            throw new IllegalStateException("no step of " + phase.title() + " was seen: its code has moved");
        }
        ledger.learned(phase, found);
        System.out.printf("%s takes %d steps%n", phase.title(), found.size());
    }

    /**
     * Crashes at a step, if it is reached. The first time it is looked for as it was learned: at its first occurrence, at
     * the member that leads, or while that starts if it was seen at no other time. When that did not reach it, all ways by
     * turns, a cluster that is young being one, and a member that comes back and needs a snapshot another.
     */
    private void trial(Step tried) throws IOException, InterruptedException {
        Phase phase = tried.phase();
        String step = tried.name();
        boolean neverMet = ledger.timesMet(tried) == 0;
        boolean behind = phase == Phase.SNAPSHOT_INSTALL
                || (phase == Phase.APPLY
                        && neverMet
                        && ledger.timesMissed(tried) % 5 == (onlyWhileStarting.contains(tried) ? 0 : 1));
        boolean starting = phase == Phase.START
                || behind
                || (onlyWhileStarting.contains(tried) != (neverMet && ledger.timesMissed(tried) % 3 == 2));
        boolean leading = neverMet ? ledger.timesMissed(tried) % 2 == 0 : random.nextBoolean();
        int occurrence =
                neverMet ? 1 : starting ? 1 + random.nextInt(2) : OCCURRENCES[random.nextInt(OCCURRENCES.length)];
        String context = "a crash at time " + occurrence + " of " + step + " (seed " + seed + ")";
        if (neverMet && ledger.timesMissed(tried) % 5 > 1 && (phase == Phase.APPLY || phase == Phase.MEMBERSHIP)) {
            youngTrial(tried, context);
            return;
        }
        Armed armed = new Armed(phase, step, occurrence);
        if (starting) {
            startAndVerify(Map.of());
            victim().kill();
            if (behind) {
                fallBehind();
            }
            armed.activate();
            armed.start();
            long deadline = System.nanoTime() + START_NANOS;
            while (victim().alive() && System.nanoTime() < deadline) {
                Thread.sleep(20);
            }
        } else {
            startAndVerify(armed.environment);
            // What it takes to become the leader is a part of it every second time.
            boolean elected = leading && random.nextBoolean();
            if (leading && !elected) {
                lead();
            }
            armed.activate();
            if (elected) {
                lead();
            }
            provoke(phase, System.nanoTime() + PROVOKE_NANOS);
        }
        if (victim().alive()) {
            ledger.missed(tried);
        } else if (armed.told().equals(List.of(step))) {
            ledger.met(tried);
            crashedAt = tried;
        } else {
            throw new AssertionError(
                    "the member ended by itself instead of " + context + "; its log: " + victim().log());
        }
        unverified = context;
    }

    /**
     * Crashes at a step in a cluster that has just been made, whose log still begins with who its members are and which
     * version they agreed upon.
     */
    private void youngTrial(Step tried, String context) throws IOException, InterruptedException {
        Path own = folder.resolve("young-" + agents);
        Armed armed = new Armed(own, tried.phase(), tried.name(), 1);
        try (ClusterProcesses young = new ClusterProcesses(own, command)) {
            for (MemberProcess member : young.members()) {
                young.start(member);
            }
            young.awaitHealthy(60);
            MemberProcess member = young.members().get(VICTIM);
            member.kill();
            armed.activate();
            young.start(member, armed.environment);
            long deadline = System.nanoTime() + START_NANOS;
            while (member.alive() && System.nanoTime() < deadline) {
                Thread.sleep(20);
            }
            if (member.alive()) {
                ledger.missed(tried);
                return;
            }
            if (!armed.told().equals(List.of(tried.name()))) {
                throw new AssertionError(
                        "the member ended by itself instead of " + context + "; its log: " + member.log());
            }
            ledger.met(tried);
            young.start(member);
            young.awaitHealthy(60);
            young.assertSameContent();
            ledger.verified(tried);
        } catch (AssertionError e) {
            throw new AssertionError("in a young cluster, after " + context + ": " + e.getMessage(), e);
        }
    }

    /**
     * Starts the member after the last crash, and judges what is left. What is armed for the next crash may be in it
     * already, for it does nothing before it is activated.
     */
    private void startAndVerify(Map<String, String> environment) throws IOException, InterruptedException {
        victim().kill();
        cluster.start(victim(), environment);
        verify(unverified);
        if (crashedAt != null) {
            ledger.verified(crashedAt);
            crashedAt = null;
        }
    }

    /** Has the others write so much that the victim, which is down, needs a snapshot. */
    private void fallBehind() throws InterruptedException {
        long before = writers.acknowledged();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        writers.hurry(true);
        while (writers.acknowledged() < before + 700 && System.nanoTime() < deadline) {
            Thread.sleep(20);
        }
        writers.hurry(false);
    }

    /** Makes the victim the leader, if the members agree to it. */
    private void lead() {
        try {
            for (MemberProcess member : cluster.members()) {
                var maintenance = MaintenanceGrpc.newBlockingStub(cluster.channel(member.number()))
                        .withDeadlineAfter(5, TimeUnit.SECONDS);
                var status = maintenance.status(StatusRequest.getDefaultInstance());
                if (status.getLeader() == status.getHeader().getMemberId() && member.number() != VICTIM) {
                    long target = MaintenanceGrpc.newBlockingStub(cluster.channel(VICTIM))
                            .withDeadlineAfter(5, TimeUnit.SECONDS)
                            .status(StatusRequest.getDefaultInstance())
                            .getHeader()
                            .getMemberId();
                    maintenance.moveLeader(
                            MoveLeaderRequest.newBuilder().setTargetID(target).build());
                    return;
                }
            }
        } catch (StatusRuntimeException e) {
            // Then it crashes as a follower.
            System.out.println("the leadership stays: " + e.getStatus());
        }
    }

    /** Has a phase happen at the victim, again and again, until it is down or the time is over. */
    private void provoke(Phase phase, long deadlineNanos) throws InterruptedException {
        writers.hurry(phase == Phase.APPLY || phase == Phase.SNAPSHOT_SAVE);
        for (int i = 0; victim().alive() && System.nanoTime() < deadlineNanos; i++) {
            try {
                switch (phase) {
                    case COMPACTION -> compact();
                    case MEMBERSHIP -> changeMembers(i);
                    case APPLY, SNAPSHOT_SAVE, SNAPSHOT_INSTALL, START -> Thread.sleep(20);
                }
            } catch (StatusRuntimeException e) {
                // Whatever was asked, the next round asks again.
                Thread.sleep(50);
            }
        }
        writers.hurry(false);
    }

    private void compact() throws InterruptedException {
        Thread.sleep(200);
        KVGrpc.KVBlockingStub kv = KVGrpc.newBlockingStub(cluster.channel(0)).withDeadlineAfter(5, TimeUnit.SECONDS);
        long revision = kv.range(RangeRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8("x"))
                        .build())
                .getHeader()
                .getRevision();
        kv.compact(CompactionRequest.newBuilder()
                .setRevision(revision - 5)
                .setPhysical(true)
                .build());
    }

    /** Adds a learner that is never started, changes where it is said to be, and removes it. */
    private void changeMembers(int round) throws InterruptedException {
        ClusterGrpc.ClusterBlockingStub members =
                ClusterGrpc.newBlockingStub(cluster.channel(round % 2)).withDeadlineAfter(5, TimeUnit.SECONDS);
        for (Member member : members.memberList(
                        MemberListRequest.newBuilder().setLinearizable(true).build())
                .getMembersList()) {
            if (member.getIsLearner()) {
                members.memberRemove(
                        MemberRemoveRequest.newBuilder().setID(member.getID()).build());
            }
        }
        long id = members.memberAdd(MemberAddRequest.newBuilder()
                        .addPeerURLs("http://127.0.0.1:" + (1 + round % 100))
                        .setIsLearner(true)
                        .build())
                .getMember()
                .getID();
        members.memberUpdate(MemberUpdateRequest.newBuilder()
                .setID(id)
                .addPeerURLs("http://127.0.0.1:" + (101 + round % 100))
                .build());
        members.memberRemove(MemberRemoveRequest.newBuilder().setID(id).build());
    }

    private void verify(String context) throws IOException, InterruptedException {
        try {
            cluster.awaitHealthy(60);
            writers.pauseAndJudge(VICTIM);
            cluster.assertSameContent();
        } catch (AssertionError e) {
            throw new AssertionError("after " + context + ": " + e.getMessage(), e);
        } finally {
            writers.goOn();
        }
    }

    /**
     * {@code FOLDER SEED MINUTES every|some PHASE[,PHASE…]|all LEDGER|- COMMAND…}: whether every step must be met, or some
     * are enough; LEDGER is the file of a {@link StepLedger}; COMMAND starts a server; its flags are added.
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length < 7) {
            System.err.println("usage: FOLDER SEED MINUTES every|some PHASE[,PHASE...]|all LEDGER|- COMMAND...");
            System.exit(2);
        }
        Path folder = Path.of(args[0]);
        Files.createDirectories(folder);
        long seed = Long.parseLong(args[1]);
        List<Phase> phases = args[4].equals("all")
                ? List.of(Phase.values())
                : Arrays.stream(args[4].split(","))
                        .map(name -> Phase.valueOf(
                                name.trim().toUpperCase(Locale.ROOT).replace('-', '_')))
                        .toList();
        List<String> command = new ArrayList<>(List.of(args).subList(6, args.length));
        command.addAll(FLAGS);
        StepLedger ledger = new StepLedger(args[5].equals("-") ? null : Path.of(args[5]));
        boolean met;
        try (ClusterProcesses cluster = new ClusterProcesses(folder, command)) {
            for (MemberProcess member : cluster.members()) {
                cluster.start(member);
            }
            cluster.awaitHealthy(60);
            met = new CrashRun(cluster, folder, command, seed, ledger)
                    .run(phases, Integer.parseInt(args[2]), !args[3].equals("some"));
            System.out.println("every crash left what was acknowledged, and members that agree");
        }
        System.exit(met ? 0 : 1);
    }
}
