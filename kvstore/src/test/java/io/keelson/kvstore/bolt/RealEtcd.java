package io.keelson.kvstore.bolt;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A real etcd of version 3.5 or later, to test against: the programs {@code etcd}, {@code etcdctl} and {@code etcdutl}
 * in the folder that the environment variable {@code KEELSON_ETCD_BIN} names, or else on the path.
 */
final class RealEtcd implements AutoCloseable {
    private static final long DEADLINE_SECONDS = 30;

    private final Path bin;
    private final Process process;
    private final String endpoint;

    private RealEtcd(Path bin, Process process, String endpoint) {
        this.bin = bin;
        this.process = process;
        this.endpoint = endpoint;
    }

    /** The folder with the programs. */
    static Optional<Path> bin() {
        List<String> candidates = new ArrayList<>();
        String named = System.getenv("KEELSON_ETCD_BIN");
        if (named != null) {
            candidates.add(named);
        }
        candidates.addAll(Arrays.asList(String.valueOf(System.getenv("PATH")).split(File.pathSeparator, -1)));
        return candidates.stream()
                .map(Path::of)
                .filter(folder -> Files.isExecutable(folder.resolve("etcd"))
                        && Files.isExecutable(folder.resolve("etcdctl"))
                        && Files.isExecutable(folder.resolve("etcdutl")))
                .findFirst();
    }

    /** Starts a member on a data folder, which may be a restored one of a member {@code m} with the peer URL given. */
    static RealEtcd start(Path bin, Path dataDir, @Nullable String peerUrl) throws Exception {
        String client = "http://127.0.0.1:" + freePort();
        String peer = peerUrl == null ? "http://127.0.0.1:" + freePort() : peerUrl;
        Path log = dataDir.resolveSibling(dataDir.getFileName() + ".log");
        Process process = new ProcessBuilder(
                        bin.resolve("etcd").toString(),
                        "--name=m",
                        "--data-dir=" + dataDir,
                        "--listen-client-urls=" + client,
                        "--advertise-client-urls=" + client,
                        "--listen-peer-urls=" + peer,
                        "--initial-advertise-peer-urls=" + peer,
                        "--initial-cluster=m=" + peer,
                        "--log-level=warn")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        var etcd = new RealEtcd(bin, process, client);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
        while (!etcd.healthy()) {
            if (System.nanoTime() > deadline || !process.isAlive()) {
                etcd.close();
                throw new AssertionError("etcd did not start:\n" + Files.readString(log));
            }
            Thread.sleep(50);
        }
        return etcd;
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Whether the member answers, if only to say that it wants a password. */
    private boolean healthy() throws Exception {
        Result result = execute(List.of(
                bin.resolve("etcdctl").toString(), "--endpoints=" + endpoint, "--command-timeout=1s", "get", "x"));
        return result.exitCode == 0 || result.output.contains("user name is empty");
    }

    String endpoint() {
        return endpoint;
    }

    /** Runs etcdctl against the member, and returns what it prints. */
    String ctl(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(bin.resolve("etcdctl").toString(), "--endpoints=" + endpoint));
        command.addAll(List.of(arguments));
        return checked(command);
    }

    /** Runs one of the programs, which has to succeed, and returns what it prints on both outputs. */
    static String run(Path bin, String program, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(bin.resolve(program).toString()));
        command.addAll(List.of(arguments));
        return checked(command);
    }

    private static String checked(List<String> command) throws Exception {
        Result result = execute(command);
        if (result.exitCode != 0) {
            throw new AssertionError(command + " ended with " + result.exitCode + ":\n" + result.output);
        }
        return result.output;
    }

    private record Result(int exitCode, String output) {}

    private static Result execute(List<String> command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError(command + " does not end:\n" + output);
        }
        return new Result(process.exitValue(), output);
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit()
                .orTimeout(DEADLINE_SECONDS, TimeUnit.SECONDS)
                .whenComplete((ended, late) -> {
                    if (late != null) {
                        process.destroyForcibly();
                    }
                })
                .join();
    }
}
