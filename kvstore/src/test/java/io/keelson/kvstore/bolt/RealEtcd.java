package io.keelson.kvstore.bolt;

import io.keelson.raft.FreePorts;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A real etcd of version 3.5 or later, to test against: the programs that the environment variables {@code KEELSON_ETCD}
 * and {@code KEELSON_ETCDCTL} name, and {@code etcdutl} beside the former.
 */
public final class RealEtcd implements AutoCloseable {
    private static final long DEADLINE_SECONDS = 30;

    private final Programs programs;
    private final Process process;
    private final String endpoint;

    private RealEtcd(Programs programs, Process process, String endpoint) {
        this.programs = programs;
        this.process = process;
        this.endpoint = endpoint;
    }

    /** Where the programs are. */
    public record Programs(Path etcd, Path etcdctl, Path etcdutl) {
        /** What the environment names; empty if that is not all there. */
        public static Optional<Programs> find() {
            String etcd = System.getenv("KEELSON_ETCD");
            String etcdctl = System.getenv("KEELSON_ETCDCTL");
            if (etcd == null || etcdctl == null) {
                return Optional.empty();
            }
            var programs =
                    new Programs(Path.of(etcd), Path.of(etcdctl), Path.of(etcd).resolveSibling("etcdutl"));
            boolean all =
                    Stream.of(programs.etcd, programs.etcdctl, programs.etcdutl).allMatch(Files::isExecutable);
            return all ? Optional.of(programs) : Optional.empty();
        }

        /** Runs etcdctl against any endpoint; it has to succeed. Returns what it prints on both outputs. */
        public String ctl(String endpoint, String... arguments) throws Exception {
            List<String> command = new ArrayList<>(List.of(etcdctl.toString(), "--endpoints=" + endpoint));
            command.addAll(List.of(arguments));
            return checked(command);
        }

        /** Runs etcdutl, which has to succeed, and returns what it prints on both outputs. */
        public String utl(String... arguments) throws Exception {
            List<String> command = new ArrayList<>(List.of(etcdutl.toString()));
            command.addAll(List.of(arguments));
            return checked(command);
        }
    }

    /** Starts a member on a data folder, which may be a restored one of a member {@code m} with the peer URL given. */
    public static RealEtcd start(Programs programs, Path dataDir, @Nullable String peerUrl) throws Exception {
        String client = "http://127.0.0.1:" + FreePorts.one();
        String peer = peerUrl == null ? "http://127.0.0.1:" + FreePorts.one() : peerUrl;
        Path log = dataDir.resolveSibling(dataDir.getFileName() + ".log");
        Process process = new ProcessBuilder(
                        programs.etcd.toString(),
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
        var etcd = new RealEtcd(programs, process, client);
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

    /** Whether the member answers, if only to say that it wants a password. */
    private boolean healthy() throws Exception {
        Result result = execute(
                List.of(programs.etcdctl.toString(), "--endpoints=" + endpoint, "--command-timeout=1s", "get", "x"));
        return result.exitCode == 0 || result.output.contains("user name is empty");
    }

    /** Where clients reach it. */
    public String endpoint() {
        return endpoint;
    }

    /** Runs etcdctl against the member, and returns what it prints. */
    public String ctl(String... arguments) throws Exception {
        return programs.ctl(endpoint, arguments);
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
