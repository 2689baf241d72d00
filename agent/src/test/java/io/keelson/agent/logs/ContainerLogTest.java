package io.keelson.agent.logs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.controllers.testing.TestCluster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user reads of a container's log. */
class ContainerLogTest {
    @TempDir
    Path folder;

    private Path log(String... lines) throws IOException {
        return Files.writeString(folder.resolve("0.log"), text(lines));
    }

    private static String text(String... lines) {
        StringBuilder text = new StringBuilder();
        for (String line : lines) {
            text.append(line).append('\n');
        }
        return text.toString();
    }

    private static String line(int second, String rest) {
        return "2026-01-02T03:04:%02d.5Z stdout %s".formatted(second, rest);
    }

    private static String read(Path log, LogOptions options) throws IOException, InterruptedException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ContainerLog opened = ContainerLog.open(log, options)) {
            opened.copy(out, () -> false);
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void partsOfALineAreOneLine() throws Exception {
        Path log = log(line(1, "P one "), line(1, "P and "), line(2, "F a half"), line(3, "F:more two"), line(4, "F "));
        assertEquals("one and a half\ntwo\n\n", read(log, LogOptions.ALL));
        assertEquals("""
                2026-01-02T03:04:01.500000000Z one and a half
                2026-01-02T03:04:03.500000000Z two
                2026-01-02T03:04:04.500000000Z\s
                """, read(log, LogOptions.ALL.timed()));
    }

    @Test
    void theLastLinesAreFoundFromTheEnd() throws Exception {
        String[] lines = new String[5000];
        for (int i = 0; i < lines.length; i++) {
            lines[i] = line(i % 60, "F " + i);
        }
        Path log = log(lines);
        assertEquals("4998\n4999\n", read(log, LogOptions.ALL.tail(2)));
        assertEquals("", read(log, LogOptions.ALL.tail(0)));
        assertEquals(text("4000").strip(), read(log, LogOptions.ALL.tail(1000)).split("\n", -1)[0]);
        assertEquals(read(log, LogOptions.ALL), read(log, LogOptions.ALL.tail(5000)));
        assertEquals(read(log, LogOptions.ALL), read(log, LogOptions.ALL.tail(Long.MAX_VALUE)));
    }

    @Test
    void whatIsOlderOrTooMuchIsLeftAway() throws Exception {
        Path log = log(line(1, "F one"), line(2, "F two"), line(3, "F three"));
        assertEquals("two\nthree\n", read(log, LogOptions.ALL.since(Instant.parse("2026-01-02T03:04:02.5Z"))));
        assertEquals("one\ntw", read(log, LogOptions.ALL.limit(6)));
        assertEquals("one\n", read(log, LogOptions.ALL.limit(4)));
        assertEquals("2026-0", read(log, LogOptions.ALL.timed().limit(6)));
        assertThrows(IllegalArgumentException.class, () -> LogOptions.ALL.limit(0));
        assertThrows(IllegalArgumentException.class, () -> LogOptions.ALL.tail(-1));
    }

    @Test
    void linesThatAreNoneAreLeftAway() throws Exception {
        Path log = log(
                "",
                "nothing",
                "2026-01-02T03:04:02Z stdout",
                "2026-01-02T03:04:02Z stdin F x",
                "2026-01-02T03:04:02Z stdout X x",
                "yesterday stdout F x",
                line(1, "F good"));
        assertEquals("good\n", read(log, LogOptions.ALL));
    }

    @Test
    void aLineWithoutAnEndIsReadInBoundedMemory() throws Exception {
        String megabytes = "x".repeat(3 << 20);
        Path log = log(line(1, "F " + megabytes), "y".repeat(1 << 20), line(2, "F next"));
        assertEquals(megabytes + "\nnext\n", read(log, LogOptions.ALL));
        Files.writeString(log, line(1, "F unfinished"));
        assertEquals("unfinished", read(log, LogOptions.ALL));
    }

    @Test
    void aLogThatIsNotThereIsAnError() {
        assertThrows(NoSuchFileException.class, () -> ContainerLog.open(folder.resolve("1.log"), LogOptions.ALL));
    }

    @Test
    void whoFollowsReadsOverRotationsUntilTheContainerEnds() throws Exception {
        Path log = log(line(1, "F one"), line(2, "F two"));
        AtomicBoolean running = new AtomicBoolean(true);
        Shared out = new Shared();
        Thread reader = Thread.ofVirtual().start(() -> {
            try (ContainerLog opened =
                    ContainerLog.open(log, LogOptions.ALL.following().tail(1))) {
                opened.copy(out, running::get);
                out.write("END".getBytes(StandardCharsets.UTF_8));
            } catch (IOException | InterruptedException e) {
                out.failed(e);
            }
        });
        TestCluster.await("the last line", () -> out.text().equals("two\n"));
        Files.writeString(log, line(3, "F thr").substring(0, 20), StandardOpenOption.APPEND);
        Files.writeString(log, line(3, "F three").substring(20) + '\n', StandardOpenOption.APPEND);
        TestCluster.await("another line", () -> out.text().endsWith("three\n"));
        Path older = Files.move(log, folder.resolve("0.log.20260102-030405"));
        Files.writeString(older, text(line(4, "F four")), StandardOpenOption.APPEND);
        Files.writeString(folder.resolve("new"), text(line(5, "F five")));
        Files.move(folder.resolve("new"), log);
        TestCluster.await("the new file", () -> out.text().equals("two\nthree\nfour\nfive\n"));
        Files.writeString(log, text(line(6, "F six")), StandardOpenOption.APPEND);
        running.set(false);
        TestCluster.await("the end", () -> out.text().endsWith("five\nsix\nEND"));
        reader.join();
    }

    @Test
    void whoFollowsASilentContainerCanBeEnded() throws Exception {
        Path log = log(line(1, "F one"));
        Shared out = new Shared();
        Thread reader = Thread.ofVirtual().start(() -> {
            try (ContainerLog opened = ContainerLog.open(log, LogOptions.ALL.following())) {
                opened.copy(out, () -> true);
            } catch (IOException | InterruptedException e) {
                out.failed(e);
            }
        });
        TestCluster.await("a line", () -> out.text().equals("one\n"));
        reader.interrupt();
        reader.join();
        assertTrue(out.text().matches("one\n(Interrupted|ClosedByInterrupt)Exception"), out::text);
    }

    /** What a reader was given, to be looked at meanwhile. */
    private static final class Shared extends OutputStream {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        @Override
        public synchronized void write(int one) {
            bytes.write(one);
        }

        @Override
        public synchronized void write(byte[] some, int from, int count) {
            bytes.write(some, from, count);
        }

        synchronized void failed(Exception e) {
            bytes.writeBytes(e.getClass().getSimpleName().getBytes(StandardCharsets.UTF_8));
        }

        synchronized String text() {
            return bytes.toString(StandardCharsets.UTF_8);
        }
    }
}
