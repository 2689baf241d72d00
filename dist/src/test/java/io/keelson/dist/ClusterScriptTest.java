package io.keelson.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code scripts/cluster}, from the first start to nothing being left. */
@Timeout(240)
final class ClusterScriptTest {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final int PORTS = 6;

    private final Path folder;
    private final Path script;
    private final Path data;
    private final int basePort;

    /** How a command ended, and what it said on both outputs. */
    private record Told(int exitCode, String text) {}

    ClusterScriptTest(@TempDir Path folder) throws IOException {
        this.folder = folder;
        data = folder.resolve("data");
        script = folder.resolve("project/scripts/cluster");
        basePort = freePorts();
    }

    /** A project that is built already. */
    @BeforeEach
    void makeProject() throws IOException {
        Files.createDirectories(script.getParent());
        Files.copy(ProjectFolder.top().resolve("scripts/cluster"), script);
        Path keelson = script.resolveSibling("keelson");
        Path program = TestDistribution.in(folder.resolve("keelson"));
        Files.writeString(keelson, "#!/bin/sh\nexec '" + program + "' \"$@\"\n");
        TestDistribution.makeExecutable(keelson);
    }

    @AfterEach
    void leaveNobodyRunning() throws Exception {
        var _ = cluster("down", "--wipe");
    }

    /** The first of six ports in a row that were free a moment ago, where no client's end of a connection is. */
    private static int freePorts() throws IOException {
        while (true) {
            int first = 20_000 + PORTS * ThreadLocalRandom.current().nextInt(2_000);
            List<ServerSocket> held = new ArrayList<>();
            try {
                for (int port = first; port < first + PORTS; port++) {
                    held.add(hold(port));
                }
                return first;
            } catch (IOException e) {
                // One is taken: others are tried.
            } finally {
                for (ServerSocket socket : held) {
                    socket.close();
                }
            }
        }
    }

    private static ServerSocket hold(int port) throws IOException {
        return new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
    }

    private Told run(String... command) throws Exception {
        Path output = folder.resolve("output");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        TestDistribution.prepare(builder.environment());
        Process process = builder.start();
        try {
            assertTrue(
                    process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS),
                    () -> String.join(" ", command) + " does not end");
        } finally {
            process.destroyForcibly().waitFor();
        }
        return new Told(process.exitValue(), Files.readString(output));
    }

    private Told cluster(String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of("bash", script.toString()));
        command.addAll(List.of(words));
        command.add("--data=" + data);
        return run(command.toArray(String[]::new));
    }

    private void assertSays(String text, String... words) throws Exception {
        Told told = cluster(words);
        assertEquals(0, told.exitCode(), told.text());
        assertTrue(told.text().contains(text), told.text());
    }

    private void assertRefused(int exitCode, String text, String... words) throws Exception {
        Told told = cluster(words);
        assertEquals(exitCode, told.exitCode(), told.text());
        assertTrue(told.text().contains(text), told.text());
    }

    private void awaitStatus(Predicate<String> wanted) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        String status = cluster("status").text();
        while (!wanted.test(status)) {
            assertTrue(System.nanoTime() - end < 0, status);
            status = cluster("status").text();
        }
    }

    private static boolean allServe(String status) {
        return status.lines().filter(line -> line.contains(": healthy")).count() == 3
                && status.lines()
                                .filter(line -> line.contains(": healthy, leads"))
                                .count()
                        == 1;
    }

    @Test
    void membersAreStartedHurtAndEndedAndNothingIsLeft() throws Exception {
        assertSays("127.0.0.1:" + basePort + "\n", "up", "--base-port=" + basePort);
        // From here on the cluster knows its ports.
        awaitStatus(ClusterScriptTest::allServe);
        String pids = cluster("status", "--pids").text();
        assertEquals(3, pids.strip().split(",", -1).length, pids);
        assertEquals(
                "127.0.0.1:" + basePort + ",127.0.0.1:" + (basePort + 2) + ",127.0.0.1:" + (basePort + 4) + "\n",
                cluster("status", "--endpoints").text());
        assertRefused(1, "was made with other ports", "status", "--base-port=" + (basePort + 1));

        assertSays("Three members are healthy", "up");
        assertEquals(pids, cluster("status", "--pids").text(), "members were started although they ran");

        assertSays("member 1 is killed", "kill", "1");
        awaitStatus(status -> status.contains("member 1: not running"));
        assertRefused(1, "member 1 does not run", "kill", "1");
        assertSays("member 1 is back", "restart", "1");

        assertSays("member 2 stands still", "pause", "2");
        awaitStatus(status -> status.contains("member 2: paused"));
        assertSays("member 2 goes on", "resume", "2");
        awaitStatus(ClusterScriptTest::allServe);
        assertSays("ready to serve client requests", "logs", "2");

        List<ProcessHandle> members = new ArrayList<>();
        for (String pid : cluster("status", "--pids").text().strip().split(",", -1)) {
            members.add(ProcessHandle.of(Long.parseLong(pid)).orElseThrow());
        }
        assertSays("and their data is gone", "down", "--wipe");
        for (ProcessHandle member : members) {
            assertFalse(member.isAlive(), "process " + member.pid() + " is left");
        }
        assertFalse(Files.exists(data), "data is left");
        // Twice does no harm.
        assertSays("all members are down", "down", "--wipe");
    }

    private Told client(String... words) throws Exception {
        List<String> command =
                new ArrayList<>(List.of(script.resolveSibling("keelson").toString(), "kv", "--command-timeout=10s"));
        command.addAll(List.of(words));
        return run(command.toArray(String[]::new));
    }

    @Test
    @Tag("long")
    void withTlsWhoHasNoCertificateThatWasMadeOnTheSpotIsNotServed() throws Exception {
        assumeTrue(run("bash", "-c", "command -v openssl").exitCode() == 0, "needs openssl");
        Path tls = data.resolve("tls");
        String endpoint = "--endpoints=https://127.0.0.1:" + basePort;
        String authority = "--cacert=" + tls.resolve("ca.crt");
        String certificate = "--cert=" + tls.resolve("client.crt");
        String key = "--key=" + tls.resolve("client.key");
        assertSays("127.0.0.1:" + basePort + "\n", "up", "--tls", "--base-port=" + basePort);
        assertEquals(new Told(0, "OK\n"), client(endpoint, authority, certificate, key, "put", "a", "1"));
        assertNotEquals(0, client(endpoint, authority, "get", "a").exitCode());
        assertNotEquals(
                0, client("--endpoints=127.0.0.1:" + basePort, "get", "a").exitCode());

        assertSays("member 1 is killed", "kill", "1");
        assertSays("member 1 is back", "restart", "1");
        assertEquals(new Told(0, "a\n1\n"), client(endpoint, authority, certificate, key, "get", "a"));
        // What it was made with it stays with.
        assertSays(authority.replace('=', ' '), "up");
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(tls.resolve("ca.key"))));
        assertSays("and their data is gone", "down", "--wipe");
        assertFalse(Files.exists(data), "data is left");
    }

    @Test
    void whoHoldsAPortIsSaidAndNobodyIsStarted() throws Exception {
        try (ServerSocket taken = hold(basePort + 3)) {
            boolean namesHolders = run("bash", "-c", "command -v ss").exitCode() == 0;
            String by =
                    namesHolders ? "\"java\",pid=" + ProcessHandle.current().pid() : "a program that cannot be named";
            assertRefused(1, "port " + taken.getLocalPort() + " is taken by " + by, "up", "--base-port=" + basePort);
        }
        assertRefused(1, "member 1: not running", "status");
        // Another may be chosen.
        assertFalse(Files.exists(data.resolve("base-port")));
    }

    @Test
    void aPortThatIsNoneIsRefusedInWords() throws Exception {
        for (String port : List.of("08", "0", "65531", "x", "123456")) {
            assertRefused(2, "--base-port is a number from 1 to 65530", "up", "--base-port=" + port);
        }
    }
}
