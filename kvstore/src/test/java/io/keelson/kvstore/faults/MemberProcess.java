package io.keelson.kvstore.faults;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One member as a process of its own. */
public final class MemberProcess {
    private static final int FIRST_UID = 52_000;

    /** What Keelson and etcd write to their logs when a snapshot was put in the place of the state. */
    private static final String INSTALLED = "applied snapshot";
    /** What they end with when they cannot join. */
    private static final List<String> UNTOLD =
            List.of("cannot fetch cluster info from peer urls", "member count is unequal");

    private final int number;
    private final int clientPort;
    private final int peerPort;
    private final Path folder;
    private final List<String> command;
    private final @Nullable MemberDisk disk;
    private final boolean ownUser;
    private final boolean ownClock;
    private final ServerProcess process;
    private boolean joins;

    /**
     * A member that is not started yet.
     *
     * @param number from 0
     * @param folder of its data and log
     * @param command the server's flags are added to it
     * @param disk where its data goes; null for the folder
     */
    MemberProcess(
            int number,
            int clientPort,
            int peerPort,
            Path folder,
            List<String> command,
            @Nullable MemberDisk disk,
            Apart apart) {
        this.number = number;
        this.clientPort = clientPort;
        this.peerPort = peerPort;
        this.folder = folder;
        this.command = command;
        this.disk = disk;
        this.ownUser = apart.users() && Processes.root();
        this.ownClock = apart.clocks();
        this.process = new ServerProcess(folder.resolve("log"));
    }

    public int number() {
        return number;
    }

    int uid() {
        return FIRST_UID + number;
    }

    int peerPort() {
        return peerPort;
    }

    public String clientEndpoint() {
        return "127.0.0.1:" + clientPort;
    }

    public String peerUrl() {
        return "http://127.0.0.1:" + peerPort;
    }

    Path data() {
        return disk == null ? folder.resolve("data") : disk.path().resolve("data");
    }

    /** The disk it has to itself. */
    MemberDisk disk() {
        if (disk == null) {
            throw new IllegalStateException("member " + number + " has no disk of its own");
        }
        return disk;
    }

    /** The file that says by how much its wall clock is off, read while it runs. */
    private Path clockFile() {
        return folder.resolve("clock");
    }

    /** Sets its wall clock forward or back from the right time, as libfaketime writes it: {@code +1h}, {@code +0}. */
    void setClock(String offset) throws IOException {
        Files.writeString(clockFile(), offset + "\n");
    }

    /** What runs the server with that clock; only it, for its user must own what the library shares. */
    private List<String> withClock() throws IOException {
        if (!Files.exists(clockFile())) {
            setClock("+0");
        }
        return List.of(
                "env",
                "LD_PRELOAD=" + FakeTime.library(),
                "FAKETIME_TIMESTAMP_FILE=" + clockFile(),
                "FAKETIME_CACHE_DURATION=1",
                "FAKETIME_DONT_FAKE_MONOTONIC=1",
                // Without this every timed wait of a JVM is over at once, which its compiler takes for idleness.
                "FAKETIME_FORCE_MONOTONIC_FIX=0");
    }

    public Path log() {
        return process.log();
    }

    boolean paused() {
        return process.paused();
    }

    public boolean alive() {
        return process.alive();
    }

    /** Its process id; 0 if it was never started. */
    public long pid() {
        return process.pid();
    }

    /** Starts it, as member of the given cluster. */
    void start(String initialCluster, Map<String, String> environment) throws IOException, InterruptedException {
        if (alive()) {
            return;
        }
        Files.createDirectories(folder);
        List<String> line = new ArrayList<>();
        if (ownUser) {
            Processes.run("chown", "-R", uid() + ":" + uid(), folder.toString());
            line.addAll(List.of("setpriv", "--reuid=" + uid(), "--regid=" + uid(), "--clear-groups"));
        }
        if (ownClock) {
            line.addAll(withClock());
        }
        line.addAll(command);
        line.addAll(List.of(
                "--name=m" + number,
                "--data-dir=" + data(),
                "--listen-client-urls=http://" + clientEndpoint(),
                "--advertise-client-urls=http://" + clientEndpoint(),
                "--listen-peer-urls=" + peerUrl(),
                "--initial-advertise-peer-urls=" + peerUrl(),
                "--initial-cluster=" + initialCluster));
        if (command.stream().noneMatch(argument -> argument.startsWith("--snapshot-count"))) {
            line.add("--snapshot-count=2000");
        }
        if (joins) {
            line.add("--initial-cluster-state=existing");
        }
        process.start(line, folder, environment);
    }

    /** Asks its JVM something by the JDK's {@code jcmd}, and returns what it says. */
    public String jcmd(String command) throws IOException, InterruptedException {
        return process.jcmd(command);
    }

    /** kill -9. */
    public void kill() {
        process.kill();
        if (ownClock && process.pid() != 0) {
            FakeTime.removeLeftovers(process.pid());
        }
    }

    /** SIGSTOP. */
    public void pause() throws IOException, InterruptedException {
        process.pause();
    }

    /** SIGCONT. */
    public void resume() throws IOException, InterruptedException {
        process.resume();
    }

    /** From now on it joins a cluster that is there, for it was added to one. */
    void joins() {
        joins = true;
    }

    /** How often a snapshot of another member was put in the place of its state, as its log tells. */
    long installs() throws IOException {
        if (!Files.exists(log())) {
            return 0;
        }
        try (Stream<String> lines = Files.lines(log(), StandardCharsets.ISO_8859_1)) {
            return lines.filter(line -> line.contains(INSTALLED)).count();
        }
    }

    /**
     * Whether it was to join, and ended because nobody told it of the cluster: all were down, or the one asked had not come
     * as far in its own log after a start. It is to be started again, as an etcd is.
     */
    boolean endedUntold() throws IOException {
        if (!joins || alive() || !Files.exists(log())) {
            return false;
        }
        try (Stream<String> lines = Files.lines(log(), StandardCharsets.ISO_8859_1)) {
            String last = lines.reduce("", (before, line) -> line);
            return UNTOLD.stream().anyMatch(last::contains);
        }
    }

    /** Removes its data, as if its disk had been replaced. It must not run. */
    public void wipe() throws IOException, InterruptedException {
        if (alive()) {
            throw new IllegalStateException("member " + number + " runs");
        }
        Processes.run("rm", "-rf", data().toString());
        // A new disk does not hold the old data again after a power cut.
        Processes.run("sync", "--file-system", (disk == null ? folder : disk.path()).toString());
    }
}
