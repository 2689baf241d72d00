package io.keelson.kvstore.crashpoints;

import io.keelson.kvstore.crashpoints.Instrumentation.Point;
import io.keelson.kvstore.crashpoints.StepLedger.Step;
import io.keelson.kvstore.faults.MemberProcess;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.rocksdb.util.Environment;

/** A distribution whose members can be crashed, and which points it has for that. */
final class ArmedDistribution {
    private static final long STOP_SECONDS = 300;
    private static final String CACHE = "keelson-server.aot";

    /** Small, so that snapshots come often and a member that was away for a moment needs one. */
    private static final List<String> FLAGS =
            List.of("--log-level=warn", "--snapshot-count=300", "--snapshot-catchup-entries=20");

    /** The variable for another option than the cache. */
    private static final String CACHE_OPTION = "KEELSON_CRASH_CACHE_OPTION";

    /** The quick compiler alone: what starts over and over needs no more. */
    private static final List<String> OPTIONS = List.of(
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-XX:-UsePerfData",
            "-Xmx256m",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xlog:disable",
            "-Xlog:all=warning:stderr",
            "-Xlog:aot*=off");

    private final Path folder;
    private final List<Point> points;
    private final Map<String, Integer> numbers = new HashMap<>();

    private ArmedDistribution(Path folder, List<Point> points) {
        this.folder = folder;
        this.points = points;
        for (int i = 0; i < points.size(); i++) {
            numbers.put(points.get(i).name(), i);
        }
    }

    /** Changes a distribution in its folder. */
    static ArmedDistribution make(Path folder, Collection<Phase> phases) throws IOException {
        ArmedDistribution made =
                new ArmedDistribution(folder, Instrumentation.instrument(folder.resolve("lib"), phases));
        Files.deleteIfExists(made.cache()); // Of other classes now.
        made.unpackLibrary();
        return made;
    }

    /** Lays RocksDB's library where the JVM finds it, or each start would write it out anew, and leave it when it crashes. */
    private void unpackLibrary() throws IOException {
        Path file = libraries().resolve(System.mapLibraryName("rocksdbjni"));
        Files.createDirectories(libraries());
        try (InputStream in =
                ArmedDistribution.class.getResourceAsStream("/" + Environment.getJniLibraryFileName("rocksdb"))) {
            if (in == null) {
                throw new IOException("RocksDB has no library for this machine");
            }
            Files.copy(in, file);
        }
    }

    private Path libraries() {
        return folder.resolve("lib").resolve("native");
    }

    /**
     * Starts a member, with the options and the cache that the distribution's own script would take for what ends soon.
     * The shell puts in one option: the cache, or another one in its place.
     */
    List<String> command() {
        List<String> command = new ArrayList<>(List.of(
                "env",
                "LD_LIBRARY_PATH=" + libraries(),
                "sh",
                "-c",
                "exec \"$0\" \"${" + CACHE_OPTION + ":--XX:AOTCache=" + cache() + "}\" \"$@\"",
                Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(OPTIONS);
        command.addAll(
                List.of("-cp", folder.resolve("lib").resolve("keelson.jar").toString()));
        command.addAll(List.of("io.keelson.dist.Keelson", "kvstore"));
        command.addAll(FLAGS);
        return command;
    }

    private Path cache() {
        return folder.resolve("lib").resolve(CACHE);
    }

    /** Variables with which a member, when it ends, leaves the JVM's cache of the classes, which halves the time of a start. */
    static Map<String, String> training() {
        return Map.of(CACHE_OPTION, "-XX:AOTCacheOutput=" + CACHE);
    }

    /**
     * Ends a member that was started like that, and has all starts from now on take what it leaves. If it takes too long to
     * make it, starts go without.
     */
    void takeCache(MemberProcess member, Path memberFolder) throws IOException, InterruptedException {
        ProcessHandle process = ProcessHandle.of(member.pid()).orElseThrow();
        boolean _ = process.destroy();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(STOP_SECONDS);
        while (member.alive() && System.nanoTime() < deadline) {
            Thread.sleep(50);
        }
        Path left = memberFolder.resolve(CACHE);
        if (!member.alive() && Files.exists(left)) {
            Files.move(left, cache());
        } else {
            member.kill();
            System.out.println(
                    "starts go without a cache of the classes; the log of who was to make it: " + member.log());
        }
    }

    int points() {
        return points.size();
    }

    /** The names of the points of a phase. */
    Set<String> calls(Phase phase) {
        return Set.copyOf(points.stream()
                .filter(point -> point.phases().contains(phase))
                .map(Point::name)
                .toList());
    }

    int number(String name) {
        Integer number = numbers.get(name);
        if (number == null) {
            throw new IllegalArgumentException("there is no point " + name);
        }
        return number;
    }

    /** A point as a step: of the phase that is provoked, if that may make its call, or else of the first one that may. */
    Step step(int point, Phase provoked) {
        Point called = points.get(point);
        Phase phase = called.phases().contains(provoked)
                ? provoked
                : called.phases().stream().min(Comparator.naturalOrder()).orElseThrow();
        return new Step(phase, called.name());
    }
}
