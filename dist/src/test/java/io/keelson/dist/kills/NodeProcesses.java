package io.keelson.dist.kills;

import io.keelson.kvstore.faults.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** A cluster of one node: in one process, or with the node's parts in processes of their own, on the same folders. */
final class NodeProcesses implements AutoCloseable {
    static final String NODE = "node";
    static final String ADDRESS = "198.18.0.1";
    private static final Duration START_MAX = Duration.ofMinutes(10);
    private static final long LOOK_MS = 50;

    private final Path folder;
    private final Path cluster;
    private final List<String> command;
    private final Map<Victim, ServerProcess> processes = new EnumMap<>(Victim.class);
    private boolean isApart;

    /**
     * Nothing of it is started yet.
     *
     * @param command of {@code keelson}
     */
    NodeProcesses(Path folder, List<String> command) throws IOException {
        this.folder = folder;
        this.cluster = folder.resolve("cluster");
        this.command = List.copyOf(command);
        Files.createDirectories(folder.resolve("log"));
        Files.createDirectories(temporary());
        for (Victim part : Victim.parts(true)) {
            processes.put(part, new ServerProcess(folder.resolve("log").resolve(part.title())));
        }
    }

    /** The folder of the cluster's data. */
    Path cluster() {
        return cluster;
    }

    /** Where its processes have their temporary files. */
    Path temporary() {
        return folder.resolve("tmp");
    }

    boolean isApart() {
        return isApart;
    }

    /** Which parts there are now. */
    List<Victim> parts() {
        return Victim.parts(isApart);
    }

    /** Which part has the agent in it. */
    Victim agent() {
        return isApart ? Victim.AGENT : Victim.UP;
    }

    /** Starts what does not run, and returns when the API says that it is ready. */
    void start(boolean apart) throws IOException, InterruptedException {
        isApart = apart;
        for (Victim part : parts()) {
            begin(part);
            if (part == Victim.UP) {
                awaitUp();
            }
        }
    }

    /** Starts a part if it does not run. */
    void begin(Victim part) throws IOException {
        if (isAlive(part)) {
            return;
        }
        if (part == Victim.UP) {
            Files.deleteIfExists(cluster.resolve("steps"));
        }
        List<String> line = new ArrayList<>(command);
        line.addAll(flags(part));
        process(part)
                .start(
                        line,
                        folder,
                        Map.of(
                                "KEELSON_JAVA_OPTS",
                                // What starts over and over needs no more than the quick compiler.
                                "-Xmx512m -XX:TieredStopAtLevel=1 -Djava.io.tmpdir=" + temporary(),
                                "HOME",
                                folder.toString()));
    }

    private List<String> flags(Victim part) throws IOException {
        Path node = cluster.resolve("node");
        String socket = "unix://" + folder.resolve("cri.sock");
        return switch (part) {
            case UP -> {
                List<String> up = new ArrayList<>(List.of(
                        "up",
                        "--foreground",
                        "--data=" + cluster,
                        "--node-name=" + NODE,
                        "--node-ip=" + ADDRESS,
                        "--container-runtime-endpoint=embedded"));
                if (isApart) {
                    up.add("--disable=agent,proxy,dns");
                }
                yield up;
            }
            case RUNTIME ->
                List.of(
                        "cri",
                        "--listen=" + socket,
                        "--root=" + node.resolve("runtime"),
                        "--run-dir=" + NodeFiles.of(cluster).run(),
                        "--image-store=" + node.resolve("images"));
            case AGENT ->
                List.of(
                        "agent",
                        "--config=" + node.resolve("kubelet.yaml"),
                        "--config-dir=" + node.resolve("kubelet.conf.d"),
                        "--kubeconfig=" + cluster.resolve("agent.kubeconfig"),
                        "--hostname-override=" + NODE,
                        "--node-ip=" + ADDRESS,
                        "--root-dir=" + node.resolve("kubelet"),
                        "--cert-dir=" + node.resolve("pki"),
                        "--container-log-links=" + node.resolve("log").resolve("containers"),
                        "--container-runtime-endpoint=" + socket);
            case PROXY ->
                List.of(
                        "proxy",
                        "--kubeconfig=" + cluster.resolve("proxy.kubeconfig"),
                        "--hostname-override=" + NODE,
                        "--cluster-cidr=10.244.0.0/16");
            case DNS ->
                List.of(
                        "dns",
                        "--kubeconfig=" + cluster.resolve("dns.kubeconfig"),
                        "--listen=10.96.0.10",
                        "--node-local",
                        "--cluster-domain=cluster.local");
            case SHIM, CONTAINER -> throw new IllegalArgumentException(part + " is started by others");
        };
    }

    /** Whether the process that has the API has said that it is ready. */
    boolean isUp() throws IOException {
        Path steps = cluster.resolve("steps");
        return isAlive(Victim.UP)
                && Files.exists(steps)
                && Files.readString(steps).lines().anyMatch(line -> line.startsWith("ready"));
    }

    /** Waits for that. One that has ended, as the machine is too slow for its patience, is started again. */
    void awaitUp() throws IOException, InterruptedException {
        long end = System.nanoTime() + START_MAX.toNanos();
        while (!isUp()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("the cluster does not start within " + START_MAX.toSeconds() + " s: see "
                        + process(Victim.UP).log());
            }
            begin(Victim.UP);
            Thread.sleep(LOOK_MS);
        }
    }

    boolean isAlive(Victim part) {
        return process(part).alive();
    }

    void kill(Victim part) {
        process(part).kill();
    }

    /** Ends all of it; pods go on. */
    void end() {
        Victim.parts(true).reversed().forEach(this::kill);
    }

    private ServerProcess process(Victim part) {
        ServerProcess process = processes.get(part);
        if (process == null) {
            throw new IllegalArgumentException(part + " is no process of the cluster");
        }
        return process;
    }

    @Override
    public void close() {
        end();
    }
}
