package io.keelson.agent.pods.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.agent.cri.RuntimeContainer;
import io.keelson.agent.wire.cri.ContainerStatus;
import io.keelson.agent.wire.cri.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TerminationMessagesTest {
    @TempDir
    Path folder;

    private String message(Path file, String policy, int code, Path log) {
        return TerminationMessages.of(new RuntimeContainer(
                "s",
                ContainerStatus.newBuilder()
                        .setExitCode(code)
                        .setLogPath(log.toString())
                        .putAnnotations(Annotations.MESSAGE_PATH, "/dev/termination-log")
                        .putAnnotations(Annotations.MESSAGE_POLICY, policy)
                        .addMounts(Mount.newBuilder()
                                .setContainerPath("/dev/termination-log")
                                .setHostPath(file.toString()))
                        .build()));
    }

    @Test
    void whatAContainerWroteIsReadButNoMoreThanTheEndOfIt() throws IOException {
        Path file = Files.writeString(folder.resolve("m"), "x".repeat(5000) + "end");
        String message = message(file, "File", 1, folder.resolve("no"));
        assertEquals(4096, message.length());
        assertTrue(message.endsWith("end"));
    }

    @Test
    void whoWroteNothingAndFailedSaysTheEndOfItsLog() throws IOException {
        Path file = Files.writeString(folder.resolve("m"), "");
        Path log = Files.writeString(
                folder.resolve("l"),
                "2026-01-01T00:00:00Z stdout F one\n2026-01-01T00:00:00Z stderr P tw\n2026-01-01T00:00:00Z stderr F o\n");
        assertEquals("one\ntwo\n", message(file, "FallbackToLogsOnError", 1, log));
        assertEquals("", message(file, "FallbackToLogsOnError", 0, log));
        assertEquals("", message(file, "File", 1, log));
    }

    @Test
    void aLogIsReadNoFurtherThanEightyLinesAndTwoThousandBytes() {
        StringBuilder log = new StringBuilder();
        for (int i = 0; i < 1000; i++) {
            log.append("t stdout F line ").append(i).append('\n');
        }
        String last = TerminationMessages.lastLines(log.toString());
        assertTrue(last.endsWith("line 999\n") && last.lines().count() == 80, last);
        String wide = TerminationMessages.lastLines("t stdout F " + "y".repeat(60_000) + "\n");
        assertEquals(2048, wide.length());
    }

    @Test
    void aLinkIsNotFollowed() throws IOException {
        Path secret = Files.writeString(folder.resolve("secret"), "secret");
        Path link = Files.createSymbolicLink(folder.resolve("m"), secret);
        assertTrue(message(link, "File", 1, folder.resolve("no")).startsWith("Error on reading termination log"));
    }
}
