package io.keelson.kvstore.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** {@code keelson kvstore} as a process that is told twice to stop. */
@Timeout(180)
final class MemberSignalTest {
    private static final long PATIENCE_S = 60;

    /** A member in whose process something else does not come to its end. */
    static final class Stuck {
        private Stuck() {}

        static void main(String[] arguments) {
            Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
                try {
                    new CountDownLatch(1).await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }));
            System.exit(new CommandLine(new ServerCommand()).execute(arguments));
        }
    }

    private static void awaitText(String text, Path log, Process process) throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_S);
        while (!Files.readString(log).contains(text)) {
            if (System.nanoTime() - end > 0 || !process.isAlive()) {
                throw new AssertionError("no '" + text + "' in:\n" + Files.readString(log));
            }
            Thread.sleep(20);
        }
    }

    private static void send(String signal, Process process) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start();
        assertEquals(0, kill.waitFor());
    }

    /** Children of a process that ignores SIGINT ignore it, too: so it is in the background of some shells. */
    private static boolean ignoresInterrupt() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("SigIgn:")) {
                return (Long.parseUnsignedLong(
                                        line.substring(line.indexOf(':') + 1).strip(), 16)
                                & 2)
                        != 0;
            }
        }
        return false;
    }

    @ParameterizedTest
    @CsvSource({"TERM,143", "INT,130"})
    void theSecondSignalEndsAMemberThatDoesNotComeToItsEnd(String second, int exitCode, @TempDir Path folder)
            throws Exception {
        assumeFalse(second.equals("INT") && ignoresInterrupt());
        Path log = folder.resolve("log");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                Stuck.class.getName()));
        command.addAll(TestServers.loneMember(folder.resolve("data")));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            awaitText("ready to serve client requests", log, process);
            send("TERM", process);
            awaitText("received a signal to end", log, process);
            assertTrue(process.isAlive(), "what is stuck holds it");
            send(second, process);
            assertTrue(process.waitFor(PATIENCE_S, TimeUnit.SECONDS), "it goes on");
            assertEquals(exitCode, process.exitValue());
        } finally {
            process.destroyForcibly().waitFor();
        }
    }
}
