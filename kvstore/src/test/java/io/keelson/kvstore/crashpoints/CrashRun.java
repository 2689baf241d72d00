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
import io.keelson.kvstore.faults.ClusterProcesses;
import io.keelson.kvstore.faults.MemberProcess;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
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
 * the member is started again and must hold what the others hold, and everything that was acknowledged.
 */
public final class CrashRun {
    private static final int VICTIM = 2;
    private static final long LEARN_NANOS = TimeUnit.SECONDS.toNanos(6);
    private static final long PROVOKE_NANOS = TimeUnit.SECONDS.toNanos(8);
    private static final int[] OCCURRENCES = {1, 1, 1, 2, 3, 10, 50};

    /** Small, so that snapshots come often and a member that was away for a moment needs one. */
    private static final List<String> FLAGS = List.of("--snapshot-count=300", "--snapshot-catchup-entries=20");

    private final ClusterProcesses cluster;
    private final Path folder;
    private final SplittableRandom random;
    private final long seed;
    private final Path jar;
    private final Writers writers;
    private final Map<Phase, List<String>> steps = new EnumMap<>(Phase.class);
    private final Map<Phase, Set<String>> crashedAt = new EnumMap<>(Phase.class);
    private final Map<Phase, Integer> crashes = new EnumMap<>(Phase.class);
    private int agents;
    private int notReached;

    private CrashRun(ClusterProcesses cluster, Path folder, long seed) throws IOException {
        this.cluster = cluster;
        this.folder = folder;
        this.seed = seed;
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
        private final Path told;
        private final Map<String, String> environment;

        Armed(Phase phase, @Nullable String step, int occurrence) throws IOException {
            Path own = folder.resolve("m" + VICTIM).resolve("agent-" + agents++);
            Files.createDirectories(own);
            activation = own.resolve("active");
            told = own.resolve("told");
            Path file = own.resolve("settings");
            Properties settings = new Properties();
            settings.putAll(CrashAgent.settings(phase, step, occurrence, activation, told));
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
    }

    private void run(List<Phase> phases, long durationNanos) throws IOException, InterruptedException {
        try (Writers working = writers) {
            working.start();
            for (Phase phase : phases) {
                learn(phase);
            }
            long end = System.nanoTime() + durationNanos;
            int trials = 0;
            while (System.nanoTime() < end) {
                for (Phase phase : phases) {
                    trial(phase);
                    trials++;
                }
                System.out.printf(
                        "seed %d: %,d trials, %,d writes acknowledged, %s%n",
                        seed, trials, working.acknowledged(), summary(phases));
            }
            victim().kill();
            cluster.start(victim());
            verify("the last trial");
        }
    }

    private String summary(List<Phase> phases) {
        List<String> told = new ArrayList<>();
        for (Phase phase : phases) {
            told.add(phase.title() + " " + crashes.getOrDefault(phase, 0) + " crashes at "
                    + crashedAt.getOrDefault(phase, Set.of()).size() + " of "
                    + steps.getOrDefault(phase, List.of()).size() + " steps");
        }
        return String.join("; ", told) + "; " + notReached + " steps not reached";
    }

    /** Finds out which calls a phase makes. */
    private void learn(Phase phase) throws IOException, InterruptedException {
        victim().kill();
        if (phase == Phase.SNAPSHOT_INSTALL) {
            fallBehind();
        }
        Armed armed = new Armed(phase, null, 1);
        armed.activate();
        armed.start();
        cluster.awaitHealthy(60);
        lead();
        provoke(phase, System.nanoTime() + LEARN_NANOS);
        List<String> found = new ArrayList<>(armed.told());
        if (found.isEmpty()) {
            throw new IllegalStateException("no step of " + phase.title() + " was seen: its code has moved");
        }
        found.sort(null);
        steps.put(phase, found);
        System.out.printf("%s takes %d steps%n", phase.title(), found.size());
    }

    private void trial(Phase phase) throws IOException, InterruptedException {
        List<String> known = steps.getOrDefault(phase, List.of());
        String step = known.get(random.nextInt(known.size()));
        boolean starting = phase == Phase.START || phase == Phase.SNAPSHOT_INSTALL;
        int occurrence = starting ? 1 + random.nextInt(2) : OCCURRENCES[random.nextInt(OCCURRENCES.length)];
        String context = "a crash at time " + occurrence + " of " + step + " (seed " + seed + ")";
        victim().kill();
        if (phase == Phase.SNAPSHOT_INSTALL) {
            fallBehind();
        }
        Armed armed = new Armed(phase, step, occurrence);
        if (starting) {
            armed.activate();
            armed.start();
            long deadline = System.nanoTime() + PROVOKE_NANOS;
            while (victim().alive() && System.nanoTime() < deadline) {
                Thread.sleep(20);
            }
        } else {
            armed.start();
            cluster.awaitHealthy(60);
            if (random.nextBoolean()) {
                lead();
            }
            armed.activate();
            provoke(phase, System.nanoTime() + PROVOKE_NANOS);
        }
        if (victim().alive()) {
            notReached++;
        } else if (armed.told().equals(List.of(step))) {
            crashes.merge(phase, 1, Integer::sum);
            crashedAt.computeIfAbsent(phase, _ -> new HashSet<>()).add(step);
        } else {
            throw new AssertionError(
                    "the member ended by itself instead of " + context + "; its log: " + victim().log());
        }
        victim().kill();
        cluster.start(victim());
        verify(context);
    }

    /** Has the others write so much that the victim, which is down, needs a snapshot. */
    private void fallBehind() throws InterruptedException {
        long before = writers.acknowledged();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (writers.acknowledged() < before + 700 && System.nanoTime() < deadline) {
            Thread.sleep(20);
        }
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

    private void verify(String context) throws InterruptedException {
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

    /** {@code FOLDER SEED MINUTES PHASE[,PHASE…]|all COMMAND…}: COMMAND starts a server; its flags are added. */
    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length < 5) {
            System.err.println("usage: FOLDER SEED MINUTES PHASE[,PHASE...]|all COMMAND...");
            System.exit(2);
        }
        Path folder = Path.of(args[0]);
        Files.createDirectories(folder);
        long seed = Long.parseLong(args[1]);
        List<Phase> phases = args[3].equals("all")
                ? List.of(Phase.values())
                : Arrays.stream(args[3].split(","))
                        .map(name -> Phase.valueOf(
                                name.trim().toUpperCase(Locale.ROOT).replace('-', '_')))
                        .toList();
        List<String> command = new ArrayList<>(List.of(args).subList(4, args.length));
        command.addAll(FLAGS);
        try (ClusterProcesses cluster = new ClusterProcesses(folder, command)) {
            for (MemberProcess member : cluster.members()) {
                cluster.start(member);
            }
            cluster.awaitHealthy(60);
            new CrashRun(cluster, folder, seed).run(phases, TimeUnit.MINUTES.toNanos(Long.parseLong(args[2])));
            System.out.println("every crash left what was acknowledged, and members that agree");
        }
        System.exit(0);
    }
}
