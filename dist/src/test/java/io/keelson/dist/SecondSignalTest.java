package io.keelson.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.keelson.apiserver.certs.Kubeconfig;
import io.keelson.apiserver.certs.RemoteServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code keelson apiserver} as a process that is told twice to stop. */
@Timeout(180)
final class SecondSignalTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static void await(String what, Path log, Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.call()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError(what + ":\n" + Files.readString(log));
            }
            Thread.sleep(20);
        }
    }

    private static void send(String signal, Process process) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start();
        assertEquals(0, kill.waitFor());
    }

    /** Children of a process that ignores a signal ignore it, too: so it is in the background of some shells. */
    private static boolean isIgnored(int signal) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("SigIgn:")) {
                return (Long.parseUnsignedLong(
                                                line.substring("SigIgn:".length())
                                                        .strip(),
                                                16)
                                        >> (signal - 1)
                                & 1)
                        == 1;
            }
        }
        return false;
    }

    @ParameterizedTest
    @CsvSource({"TERM,TERM,15", "TERM,INT,2", "INT,TERM,2"})
    void theSecondSignalEndsAProcessThatIsStopping(String first, String second, int rarer, @TempDir Path folder)
            throws Exception {
        assumeFalse(isIgnored(rarer));
        Path log = folder.resolve("log");
        Path kubeconfig = folder.resolve("kubeconfig");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-XX:+UseSerialGC",
                        "-Xmx512m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Keelson.class.getName(),
                        "apiserver",
                        "--bind-address=127.0.0.1",
                        "--secure-port=0",
                        "--shutdown-delay-duration=10m",
                        "--embedded-store=" + folder.resolve("store"),
                        "--cert-dir=" + folder.resolve("pki"),
                        "--write-kubeconfig=" + kubeconfig)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            await("it does not come up", log, () -> Files.readString(log).contains("Next: "));
            RemoteServer remote = Kubeconfig.read(kubeconfig).current(folder);
            try (HttpClient client =
                    HttpClient.newBuilder().sslContext(remote.tls()).build()) {
                HttpRequest ready = HttpRequest.newBuilder(URI.create(remote.url() + "/readyz"))
                        .timeout(PATIENCE)
                        .build();
                await("it is not ready", log, () -> code(client, ready) == 200);
                send(first, process);
                await("it does not begin to stop", log, () -> code(client, ready) == 500);
                assertTrue(process.isAlive());
                send(second, process);
                assertTrue(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS), "it goes on");
                assertEquals(1, process.exitValue());
            }
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private static int code(HttpClient client, HttpRequest request) throws IOException, InterruptedException {
        return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }
}
