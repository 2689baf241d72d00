package io.keelson.controllers.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(180)
final class GracefulShutdownTest {
    private static final Duration LONG = Duration.ofMinutes(2);

    /** Works until it is told to end, as a command does: its exit code becomes the process's. */
    static final class Program {
        private Program() {}

        public static void main(String[] arguments) throws IOException {
            Path folder = Path.of(arguments[0]);
            int code = GracefulShutdown.run(Duration.parse(arguments[1]), () -> {
                Files.createFile(folder.resolve("begun"));
                try {
                    GracefulShutdown.await();
                    return 1;
                } finally {
                    Files.createFile(folder.resolve("told"));
                    if (arguments.length > 2) {
                        // What does not end.
                        while (true) {
                            Thread.onSpinWait();
                        }
                    }
                    Files.createFile(folder.resolve("closed"));
                }
            });
            System.exit(code);
        }
    }

    private static Process start(Path folder, String... more) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                // Where the tests run in the background, they and all that they start ignore SIGINT.
                "env",
                "--default-signal=INT",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                Program.class.getName(),
                folder.toString()));
        command.addAll(List.of(more));
        Process process = new ProcessBuilder(command).inheritIO().start();
        while (!Files.exists(folder.resolve("begun"))) {
            assertTrue(process.isAlive());
            Thread.sleep(10);
        }
        return process;
    }

    @Test
    void aSignalEndsTheProcessAsSoonAsItsWorkHasClosedWhatItHad(@TempDir Path folder) throws Exception {
        Process process = start(folder, LONG.toString());
        try {
            long sent = System.nanoTime();
            process.destroy();
            assertTrue(process.waitFor(60, TimeUnit.SECONDS));
            assertTrue(Files.exists(folder.resolve("closed")));
            // As of a process that the signal itself ends.
            assertEquals(143, process.exitValue());
            assertTrue(System.nanoTime() - sent < LONG.toNanos() / 3, "it waited for the limit");
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void workThatDoesNotEndHoldsTheProcessUpNoLongerThanTheLimit(@TempDir Path folder) throws Exception {
        Process process = start(folder, "PT0.2S", "endless");
        try {
            process.destroy();
            assertTrue(process.waitFor(60, TimeUnit.SECONDS));
            assertFalse(Files.exists(folder.resolve("closed")));
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT"})
    void theSecondSignalDoesNotWait(String second, @TempDir Path folder) throws Exception {
        Process process = start(folder, LONG.toString(), "endless");
        try {
            process.destroy();
            while (!Files.exists(folder.resolve("told"))) {
                assertTrue(process.isAlive());
                Thread.sleep(10);
            }
            long sent = System.nanoTime();
            assertEquals(
                    0,
                    new ProcessBuilder("kill", "-" + second, Long.toString(process.pid()))
                            .start()
                            .waitFor());
            assertTrue(process.waitFor(60, TimeUnit.SECONDS));
            assertEquals(1, process.exitValue());
            assertTrue(System.nanoTime() - sent < LONG.toNanos() / 3, "it waited for the limit");
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void workThatEndsByItselfSaysTheExitCode() throws Exception {
        assertEquals(7, GracefulShutdown.<IOException>run(LONG, () -> 7));
        assertFalse(Thread.currentThread().isInterrupted());
    }

    @Test
    void aProblemOfTheWorkIsToldAsItIs() {
        IOException problem = new IOException("no");
        assertEquals(
                problem,
                assertThrows(
                        IOException.class,
                        () -> GracefulShutdown.run(LONG, () -> {
                            throw problem;
                        })));
    }

    @Test
    void whoeverOwnsTheThreadEndsTheWorkByInterruptingIt() throws Exception {
        int[] code = {-1};
        boolean[] marked = {false};
        Thread thread = Thread.ofPlatform().start(() -> {
            code[0] = GracefulShutdown.<RuntimeException>run(LONG, () -> {
                GracefulShutdown.await();
                return 1;
            });
            marked[0] = Thread.currentThread().isInterrupted();
        });
        thread.interrupt();
        thread.join();
        assertEquals(0, code[0]);
        assertTrue(marked[0]);
    }
}
