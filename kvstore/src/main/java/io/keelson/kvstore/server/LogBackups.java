package io.keelson.kvstore.server;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.rolling.RollingPolicyBase;
import ch.qos.logback.core.rolling.RolloverFailure;
import ch.qos.logback.core.rolling.TriggeringPolicy;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.keelson.kvstore.server.config.ConfigException;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Rotates a log file as etcd does: a file that has grown to its size becomes a backup beside it, named after the
 * moment, {@code etcd.log} for example {@code etcd-2026-01-31T23-59-59.000.log}; backups that are too old or too many
 * go. Backups are compressed and removed on a thread of their own, which {@link #stop} waits for, so that nobody who
 * logs does.
 */
final class LogBackups extends RollingPolicyBase implements TriggeringPolicy<ILoggingEvent> {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH-mm-ss.SSS", Locale.ROOT);

    private static final long MEGABYTES_DEFAULT = 100;

    private final Path active;
    private final Path folder;
    private final String prefix;
    private final String extension;
    private final Rule rule;
    private final ZoneId zone;
    private final InstantSource clock;
    private final ExecutorService tidying = Executors.newSingleThreadExecutor(
            Thread.ofVirtual().name("log-backups").factory());

    /**
     * When to rotate, and what to keep.
     *
     * @param bytesMax size at which a file becomes a backup
     * @param daysMax age at which a backup goes; 0 for never
     * @param backupsMax how many backups stay; 0 for all
     * @param localTime whether names tell local time, and not UTC
     * @param compress whether backups are compressed with gzip
     */
    record Rule(long bytesMax, long daysMax, int backupsMax, boolean localTime, boolean compress) {
        /**
         * Reads {@code --log-rotation-config-json}.
         *
         * @throws ConfigException if it is no JSON
         */
        static Rule parse(String json) {
            JsonNode given;
            try {
                given = new ObjectMapper().readTree(json);
            } catch (JsonProcessingException e) {
                throw ConfigException.invalid("improperly formatted log rotation config: " + e.getOriginalMessage());
            }
            long megabytes = given.path("maxsize").asLong(0);
            return new Rule(
                    (megabytes <= 0 ? MEGABYTES_DEFAULT : megabytes) << 20,
                    Math.max(0, given.path("maxage").asLong(0)),
                    Math.max(0, given.path("maxbackups").asInt(0)),
                    given.path("localtime").asBoolean(),
                    given.path("compress").asBoolean());
        }
    }

    LogBackups(String file, Rule rule, InstantSource clock) {
        this.active = Path.of(file).toAbsolutePath();
        this.folder = Objects.requireNonNull(active.getParent());
        this.rule = rule;
        this.clock = clock;
        this.zone = rule.localTime() ? ZoneId.systemDefault() : ZoneOffset.UTC;
        String name = Objects.requireNonNull(active.getFileName()).toString();
        int dot = name.lastIndexOf('.');
        this.prefix = (dot < 0 ? name : name.substring(0, dot)) + "-";
        this.extension = dot < 0 ? "" : name.substring(dot);
    }

    @Override
    public void start() {
        super.start();
        tidying.execute(this::tidy);
    }

    @Override
    public void stop() {
        tidying.close();
        super.stop();
    }

    @Override
    public String getActiveFileName() {
        return active.toString();
    }

    @Override
    public boolean isTriggeringEvent(File file, ILoggingEvent event) {
        return file.length() >= rule.bytesMax();
    }

    @Override
    public void rollover() {
        Instant at = clock.instant();
        // Two in one millisecond must not become one.
        while (Files.exists(backup(at)) || Files.exists(compressed(backup(at)))) {
            at = at.plusMillis(1);
        }
        try {
            Files.move(active, backup(at));
        } catch (IOException e) {
            throw new RolloverFailure("cannot rename " + active, e);
        }
        tidying.execute(this::tidy);
    }

    private void tidy() {
        try {
            Instant oldest = rule.daysMax() == 0 ? Instant.MIN : clock.instant().minus(Duration.ofDays(rule.daysMax()));
            int kept = 0;
            for (Instant at : backupsNewestFirst()) {
                Path backup = backup(at);
                boolean tooMany = rule.backupsMax() > 0 && kept >= rule.backupsMax();
                if (tooMany || at.isBefore(oldest)) {
                    Files.deleteIfExists(backup);
                    Files.deleteIfExists(compressed(backup));
                    continue;
                }
                kept++;
                if (rule.compress() && Files.exists(backup)) {
                    compress(backup);
                }
            }
        } catch (IOException | UncheckedIOException e) {
            // Not to the log, which may be on the disk that is at fault.
            addError("cannot tidy up the backups of " + active, e);
        }
    }

    private Set<Instant> backupsNewestFirst() throws IOException {
        Set<Instant> backups = new TreeSet<>(Comparator.reverseOrder());
        List<Path> files;
        try (Stream<Path> all = Files.list(folder)) {
            files = all.toList();
        }
        for (Path file : files) {
            Instant at = timeOf(Objects.requireNonNull(file.getFileName()).toString());
            if (at != null) {
                backups.add(at);
            }
        }
        return backups;
    }

    /** The moment in a backup's name; null for a file that is no backup. */
    private @Nullable Instant timeOf(String name) {
        String plain = name.endsWith(".gz") ? name.substring(0, name.length() - 3) : name;
        if (plain.length() < prefix.length() + extension.length()
                || !plain.startsWith(prefix)
                || !plain.endsWith(extension)) {
            return null;
        }
        try {
            String time = plain.substring(prefix.length(), plain.length() - extension.length());
            return LocalDateTime.parse(time, TIME).atZone(zone).toInstant();
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    private Path backup(Instant at) {
        return folder.resolve(prefix + TIME.format(at.atZone(zone)) + extension);
    }

    private static Path compressed(Path backup) {
        return backup.resolveSibling(backup.getFileName() + ".gz");
    }

    /** What an earlier attempt that was cut off has left is written over. */
    private static void compress(Path backup) throws IOException {
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(compressed(backup)))) {
            Files.copy(backup, out);
        }
        Files.delete(backup);
    }
}
