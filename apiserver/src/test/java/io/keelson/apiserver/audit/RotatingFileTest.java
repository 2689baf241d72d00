package io.keelson.apiserver.audit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file that is replaced when it is full. */
class RotatingFileTest {
    @TempDir
    private Path folder;

    private Instant now = Instant.parse("2026-01-31T10:00:00Z");

    private RotatingFile open(long bytesMax, int backupsMax, Duration ageMax, boolean compress) throws IOException {
        return RotatingFile.open(
                folder.resolve("logs").resolve("audit.log"),
                new RotatingFile.Limits(bytesMax, backupsMax, ageMax, compress),
                () -> now);
    }

    private void write(RotatingFile file, String line) throws IOException {
        now = now.plusSeconds(1);
        file.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("logs"))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private String content(String name) throws IOException {
        return Files.readString(folder.resolve("logs").resolve(name));
    }

    @Test
    void aFullFileGetsTheTimeInItsName() throws IOException {
        try (RotatingFile file = open(10, 0, Duration.ZERO, false)) {
            write(file, "aaaa");
            write(file, "bbbb");
            write(file, "cccc");
        }
        assertEquals(List.of("audit-2026-01-31T10-00-03.000.log", "audit.log"), files());
        assertEquals("aaaa\nbbbb\n", content("audit-2026-01-31T10-00-03.000.log"));
        assertEquals("cccc\n", content("audit.log"));
        for (String name : files()) {
            assertEquals(
                    "rw-------",
                    PosixFilePermissions.toString(
                            Files.getPosixFilePermissions(folder.resolve("logs").resolve(name))));
        }
    }

    @Test
    void whatIsThereIsAppendedTo() throws IOException {
        try (RotatingFile file = open(100, 0, Duration.ZERO, false)) {
            write(file, "a");
        }
        try (RotatingFile file = open(100, 0, Duration.ZERO, false)) {
            write(file, "b");
        }
        assertEquals("a\nb\n", content("audit.log"));
    }

    @Test
    void aLineThatIsLargerThanAFileHasOneOfItsOwn() throws IOException {
        try (RotatingFile file = open(10, 0, Duration.ZERO, false)) {
            write(file, "x".repeat(100));
            write(file, "b");
        }
        assertEquals(2, files().size());
        assertEquals("b\n", content("audit.log"));
    }

    @Test
    void tooManyAndTooOldFilesGo() throws IOException {
        Path logs = Files.createDirectories(folder.resolve("logs"));
        Files.writeString(logs.resolve("audit-2025-01-01T00-00-00.000.log"), "old");
        Files.writeString(logs.resolve("audit-2025-01-01T00-00-00.000.txt"), "somebody else's");
        Files.writeString(logs.resolve("audit-of-taxes.log"), "somebody else's");
        try (RotatingFile file = open(1, 2, Duration.ofDays(30), false)) {
            for (String line : List.of("a", "b", "c", "d", "e")) {
                write(file, line);
            }
        }
        // One more round, for whichever was full last.
        open(1, 2, Duration.ofDays(30), false).close();
        assertEquals(
                List.of(
                        "audit-2025-01-01T00-00-00.000.txt",
                        "audit-2026-01-31T10-00-04.000.log",
                        "audit-2026-01-31T10-00-05.000.log",
                        "audit-of-taxes.log",
                        "audit.log"),
                files());
    }

    @Test
    void fullFilesAreCompressed() throws IOException {
        try (RotatingFile file = open(1, 0, Duration.ZERO, true)) {
            write(file, "a");
            write(file, "b");
        }
        open(1, 0, Duration.ZERO, true).close();
        assertEquals(List.of("audit-2026-01-31T10-00-02.000.log.gz", "audit.log"), files());
        try (GZIPInputStream in = new GZIPInputStream(
                Files.newInputStream(folder.resolve("logs").resolve("audit-2026-01-31T10-00-02.000.log.gz")))) {
            assertArrayEquals("a\n".getBytes(StandardCharsets.UTF_8), in.readAllBytes());
        }
    }

    @Test
    void aThreadThatIsInterruptedWritesAllTheSame() throws IOException {
        try (RotatingFile file = open(100, 0, Duration.ZERO, false)) {
            Thread.currentThread().interrupt();
            write(file, "a");
            assertTrue(Thread.interrupted());
            write(file, "b");
        }
        assertEquals("a\nb\n", content("audit.log"));
    }

    @Test
    void afterTheEndNothingIsWritten() throws IOException {
        RotatingFile file = open(100, 0, Duration.ZERO, false);
        file.close();
        assertThrows(IOException.class, () -> write(file, "a"));
    }
}
