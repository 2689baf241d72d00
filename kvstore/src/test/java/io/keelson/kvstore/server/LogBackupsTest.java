package io.keelson.kvstore.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.OutputStreamAppender;
import io.keelson.kvstore.server.config.ConfigException;
import io.keelson.kvstore.server.config.ServerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LogBackupsTest {
    private static final int ROTATIONS = 25;
    private static final int LINE_BYTES = 1 << 16;

    @TempDir
    Path folder = Path.of("");

    private Instant now = Instant.parse("2026-01-31T23:59:58Z");

    @Test
    void everyBackupStaysByDefault() throws IOException {
        String file = folder.resolve("etcd.log").toString();
        LoggerContext context = new LoggerContext();
        context.setMDCAdapter(new LogbackMDCAdapter());
        OutputStreamAppender<ILoggingEvent> appender = Logs.appender(
                new ServerConfig.Logging("info", "console", List.of(file), true, "{\"maxsize\": 1}"), file, context);
        LogEncoder encoder = new LogEncoder(false);
        encoder.setContext(context);
        encoder.start();
        appender.setContext(context);
        appender.setEncoder(encoder);
        appender.start();
        Logger logger = context.getLogger("test");
        logger.addAppender(appender);
        String line = "x".repeat(LINE_BYTES);
        int lines = ROTATIONS * ((1 << 20) / LINE_BYTES) + 1;
        for (int i = 0; i < lines; i++) {
            logger.info(line);
        }
        appender.stop();
        List<String> names = names();
        assertTrue(names.contains("etcd.log"), names.toString());
        assertEquals(ROTATIONS + 1, names.size(), names.toString());
        long bytes = 0;
        for (String name : names) {
            long size = Files.size(folder.resolve(name));
            assertTrue(size < (1 << 20) + 2 * LINE_BYTES, name + " has " + size);
            bytes += size;
        }
        assertTrue(bytes >= (long) lines * LINE_BYTES, "only " + bytes + " bytes are left");
    }

    @Test
    void theNewestBackupsStayAndOldOnesGo() throws IOException {
        rotate(rule("{\"maxbackups\": 2}"), 4, Duration.ofSeconds(1));
        assertEquals(List.of("etcd-2026-02-01T00-00-00.000.log", "etcd-2026-02-01T00-00-01.000.log"), names());
        now = now.plus(Duration.ofDays(2));
        rotate(rule("{\"maxage\": 1}"), 1, Duration.ZERO);
        assertEquals(List.of("etcd-2026-02-03T00-00-02.000.log"), names());
    }

    @Test
    void backupsOfOneMomentAreKeptApart() throws IOException {
        rotate(rule("{}"), 2, Duration.ZERO);
        assertEquals(List.of("etcd-2026-01-31T23-59-58.000.log", "etcd-2026-01-31T23-59-58.001.log"), names());
    }

    @Test
    void backupsAreCompressedAndCounted() throws IOException {
        rotate(rule("{\"maxbackups\": 1, \"compress\": true}"), 2, Duration.ofSeconds(1));
        assertEquals(List.of("etcd-2026-01-31T23-59-59.000.log.gz"), names());
        try (GZIPInputStream in =
                new GZIPInputStream(Files.newInputStream(folder.resolve("etcd-2026-01-31T23-59-59.000.log.gz")))) {
            assertEquals("file 1", new String(in.readAllBytes(), UTF_8));
        }
    }

    @Test
    void otherFilesAreLeftAlone() throws IOException {
        Files.writeString(folder.resolve("etcd-old.log"), "mine");
        Files.writeString(folder.resolve("other-2026-01-01T00-00-00.000.log"), "mine");
        rotate(rule("{\"maxbackups\": 1, \"maxage\": 1}"), 1, Duration.ZERO);
        assertEquals(
                List.of("etcd-2026-01-31T23-59-58.000.log", "etcd-old.log", "other-2026-01-01T00-00-00.000.log"),
                names());
    }

    @Test
    void aFileIsRotatedWhenItHasItsSize() throws IOException {
        Path file = folder.resolve("etcd.log");
        LogBackups backups = new LogBackups(file.toString(), new LogBackups.Rule(4, 0, 0, false, false), () -> now);
        Files.writeString(file, "123");
        assertFalse(backups.isTriggeringEvent(file.toFile(), new LoggingEvent()));
        Files.writeString(file, "1234");
        assertTrue(backups.isTriggeringEvent(file.toFile(), new LoggingEvent()));
        backups.stop();
    }

    @Test
    void whatIsNotGivenIsEtcdsDefault() {
        assertEquals(new LogBackups.Rule(100L << 20, 0, 0, false, false), rule("{}"));
        assertEquals(
                new LogBackups.Rule(5L << 20, 7, 3, true, true),
                rule("{\"maxsize\": 5, \"maxage\": 7, \"maxbackups\": 3, \"localtime\": true, \"compress\": true}"));
        assertThrows(ConfigException.class, () -> rule("{"));
    }

    private static LogBackups.Rule rule(String json) {
        return LogBackups.Rule.parse(json);
    }

    /** Rotates files with the texts {@code file 0}, {@code file 1}, …; the clock goes on by a step behind each. */
    private void rotate(LogBackups.Rule rule, int times, Duration step) throws IOException {
        Path file = folder.resolve("etcd.log");
        for (int i = 0; i < times; i++) {
            LogBackups backups = new LogBackups(file.toString(), rule, clockAt(now));
            backups.setContext(new LoggerContext());
            Files.writeString(file, "file " + i);
            backups.rollover();
            backups.stop();
            now = now.plus(step);
        }
    }

    private static InstantSource clockAt(Instant at) {
        return () -> at;
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .sorted()
                    .toList();
        }
    }
}
