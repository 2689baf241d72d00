package io.keelson.dist.up;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ProcessFileTest {
    private final Path folder;

    ProcessFileTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @Test
    void whoRunsAClusterIsFoundUntilItEnds() throws Exception {
        assertEquals(Optional.empty(), ProcessFile.read(folder));
        try (ProcessFile process = ProcessFile.take(folder)) {
            process.write("https://127.0.0.1:1", folder.resolve("kubeconfig"));
            ProcessFile.Running running = ProcessFile.read(folder).orElseThrow();
            assertEquals(ProcessHandle.current().pid(), running.handle().pid());
            assertEquals("https://127.0.0.1:1", running.url());
        }
        assertEquals(Optional.empty(), ProcessFile.read(folder));
    }

    @Test
    void anotherProcessOfTheSameNumberIsNotTakenForIt() throws IOException {
        Files.writeString(
                folder.resolve("process"),
                "pid=" + ProcessHandle.current().pid() + "\nstarted=2001-01-01T00\\:00\\:00Z\n");
        assertEquals(Optional.empty(), ProcessFile.read(folder));
    }

    @Test
    void aFolderIsOneProcesss() throws Exception {
        try (ProcessFile _ = ProcessFile.take(folder)) {
            assertThrows(IOException.class, () -> ProcessFile.take(folder));
        }
        ProcessFile.take(folder).close();
    }

    @Test
    void aProcessThatIsListedButHasLostItsLockRunsNothing() throws Exception {
        Process listed = new ProcessBuilder("sleep", "60").start();
        try {
            String started =
                    listed.toHandle().info().startInstant().orElseThrow().toString();
            Files.writeString(
                    folder.resolve("process"),
                    "pid=" + listed.pid() + "\nstarted=" + started.replace(":", "\\:") + "\n");
            assertEquals(Optional.empty(), ProcessFile.read(folder));
            try (ProcessFile _ = ProcessFile.take(folder)) {
                assertEquals(
                        listed.pid(),
                        ProcessFile.read(folder).orElseThrow().handle().pid());
            }
        } finally {
            listed.destroyForcibly().waitFor();
        }
    }

    @Test
    void whoOnlyAsksDoesNotKeepAnybodyFromStarting() throws Exception {
        ProcessFile.take(folder).close();
        AtomicBoolean isDone = new AtomicBoolean();
        Thread asking = Thread.ofPlatform().start(() -> {
            while (!isDone.get()) {
                try {
                    boolean _ = ProcessFile.isTaken(folder);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        });
        try {
            for (int i = 0; i < 50; i++) {
                ProcessFile.take(folder).close();
            }
        } finally {
            isDone.set(true);
            asking.join();
        }
    }

    @Test
    void aDamagedFileIsNamed() throws IOException {
        for (String text : new String[] {"pid=many", "\\u12", ""}) {
            Files.writeString(folder.resolve("process"), text);
            String said = String.valueOf(assertThrows(IOException.class, () -> ProcessFile.read(folder))
                    .getMessage());
            assertTrue(said.contains("process is damaged: remove it"), said);
        }
    }
}
