package io.keelson.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code scripts/up}: a single member in the foreground. */
@Timeout(120)
final class UpScriptTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path folder;
    private final Path script;
    private final int basePort;

    UpScriptTest(@TempDir Path folder) throws IOException {
        this.folder = folder;
        script = folder.resolve("project/scripts/up");
        basePort = freePorts();
    }

    /** A project that is built already. */
    @BeforeEach
    void makeProject() throws IOException {
        Files.createDirectories(script.getParent());
        Files.copy(ProjectFolder.top().resolve("scripts/up"), script);
        Path keelson = script.resolveSibling("keelson");
        Path program = TestDistribution.in(folder.resolve("keelson"));
        Files.writeString(keelson, "#!/bin/sh\nexec '" + program + "' \"$@\"\n");
        TestDistribution.makeExecutable(keelson);
    }

    /** The first of two ports in a row that were free a moment ago. */
    private static int freePorts() throws IOException {
        while (true) {
            try (ServerSocket first = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                    ServerSocket _ = new ServerSocket(first.getLocalPort() + 1, 1, InetAddress.getLoopbackAddress())) {
                return first.getLocalPort();
            } catch (IOException e) {
                // The second is taken: others are tried.
            } catch (IllegalArgumentException e) {
                // There is no port behind the last one: others are tried.
            }
        }
    }

    private Process start(Path output, String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of("bash", script.toString()));
        command.addAll(List.of(words));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        TestDistribution.prepare(builder.environment());
        return builder.start();
    }

    private void assertRefused(int exitCode, String text, String... words) throws Exception {
        Path output = folder.resolve("refused");
        Process process = start(output, words);
        try {
            assertTrue(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS), "scripts/up does not end");
        } finally {
            process.destroyForcibly().waitFor();
        }
        String told = Files.readString(output);
        assertEquals(exitCode, process.exitValue(), told);
        assertTrue(told.contains(text), told);
    }

    private void awaitHealth(Process process, Path output) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest health = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + basePort + "/health"))
                    .timeout(Duration.ofSeconds(5))
                    .build();
            while (true) {
                try {
                    if (client.send(health, BodyHandlers.ofString()).statusCode() == 200) {
                        return;
                    }
                } catch (IOException e) {
                    // Not yet.
                }
                assertTrue(process.isAlive() && System.nanoTime() - end < 0, Files.readString(output));
                Thread.sleep(50);
            }
        }
    }

    @Test
    void aMemberServesInTheForegroundWhereItSaysUntilItIsEnded() throws Exception {
        Path output = folder.resolve("output");
        Path data = folder.resolve("data");
        Process process = start(output, "--data=" + data, "--base-port=" + basePort, "--", "--log-level=warn");
        try {
            awaitHealth(process, output);
            String told = Files.readString(output);
            assertTrue(told.startsWith("Keelson's store, a single member. Reach it with "), told);
            assertTrue(told.contains("scripts/keelson kv --endpoints 127.0.0.1:" + basePort + " put greeting"), told);
            assertTrue(Files.isRegularFile(data.resolve("identity.json")));
            assertRefused(1, "port " + basePort + " is taken by another program", "--base-port=" + basePort);
            process.destroy();
            assertTrue(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS), "the member does not end");
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void whatIsNoUseIsRefusedInWords() throws Exception {
        assertRefused(2, "--base-port is a number from 1 to 65534", "--base-port=65535");
        assertRefused(2, "--base-port is a number from 1 to 65534", "--base-port", "x");
        assertRefused(2, "unknown argument '--wipe'", "--wipe");
    }
}
