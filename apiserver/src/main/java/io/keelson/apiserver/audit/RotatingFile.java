package io.keelson.apiserver.audit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file of lines that is replaced when it is full. {@code audit.log} becomes {@code audit-2026-01-31T10-00-00.000.log}, with
 * the time at which it was full, in UTC; such files are compressed ({@code .gz}) if that is wanted, and removed when there
 * are too many of them or they are too old. Files have mode 600.
 *
 * <p>Lines are whole: what could be written only in part, on a disk that is full, is taken back.
 */
final class RotatingFile implements LogBackend.Lines {
    private static final Logger log = LoggerFactory.getLogger(RotatingFile.class);

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH-mm-ss.SSS");
    private static final String COMPRESSED = ".gz";
    private static final Duration CLOSING_MAX = Duration.ofSeconds(5);
    private static final FileAttribute<?>[] PRIVATE = {
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
    };

    private final Path file;
    private final Path folder;
    private final String prefix;
    private final String suffix;
    private final Limits limits;
    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final ReentrantLock tidyLock = new ReentrantLock();
    private final AtomicBoolean tidying = new AtomicBoolean();
    private @Nullable RandomAccessFile open;
    private @Nullable Thread tidier;
    private boolean closed;

    /**
     * What is kept.
     *
     * @param bytesMax when a file is full; a line that is larger than that has a file of its own
     * @param backupsMax how many full files; 0 for any number
     * @param ageMax zero for any age
     */
    record Limits(long bytesMax, int backupsMax, Duration ageMax, boolean compress) {}

    /** A full file, and when it was full. */
    private record Backup(Path path, Instant full) {}

    private RotatingFile(Path file, Limits limits, InstantSource clock) {
        this.file = file.toAbsolutePath();
        Path parent = this.file.getParent();
        this.folder = parent == null ? this.file : parent;
        String name = String.valueOf(this.file.getFileName());
        int dot = name.lastIndexOf('.');
        this.prefix = (dot < 0 ? name : name.substring(0, dot)) + "-";
        this.suffix = dot < 0 ? "" : name.substring(dot);
        this.limits = limits;
        this.clock = clock;
    }

    /** @throws IOException if the file cannot be written */
    static RotatingFile open(Path file, Limits limits, InstantSource clock) throws IOException {
        RotatingFile opened = new RotatingFile(file, limits, clock);
        Files.createDirectories(
                opened.folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        opened.open = opened.append();
        opened.tidyInBackground();
        return opened;
    }

    /** Not a channel: those close when a thread that writes is interrupted, and requests are. */
    private RandomAccessFile append() throws IOException {
        if (!Files.exists(file)) {
            Files.createFile(file, PRIVATE);
        }
        return new RandomAccessFile(file.toFile(), "rw");
    }

    @Override
    public void write(byte[] some) throws IOException {
        lock.lock();
        try {
            if (closed) {
                throw new IOException(file + " is closed");
            }
            RandomAccessFile to = open;
            if (to == null) {
                to = append();
                open = to;
            }
            long size = to.length();
            if (size > 0 && size + some.length > limits.bytesMax()) {
                to = rotated(to);
                size = to.length();
            }
            try {
                to.seek(size);
                to.write(some);
            } catch (IOException e) {
                takeBack(to, size, e);
                throw e;
            }
        } finally {
            lock.unlock();
        }
    }

    private static void takeBack(RandomAccessFile from, long size, IOException why) {
        try {
            from.setLength(size);
        } catch (IOException e) {
            why.addSuppressed(e);
        }
    }

    /** If the file cannot be replaced, it goes on growing: better than losing what is to be written. */
    private RandomAccessFile rotated(RandomAccessFile full) throws IOException {
        Path backup = folder.resolve(prefix
                + LocalDateTime.ofInstant(clock.instant(), ZoneOffset.UTC).format(TIME)
                + suffix);
        if (Files.exists(backup)) {
            return full; // Two in a millisecond
        }
        try {
            Files.move(file, backup, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            log.warn("cannot replace {}, which is full: {}", file, e.toString());
            return full;
        }
        full.close();
        open = null;
        RandomAccessFile fresh = append();
        open = fresh;
        tidyInBackground();
        return fresh;
    }

    private void tidyInBackground() {
        if (tidying.compareAndSet(false, true)) {
            tidier = Thread.ofVirtual().name("audit files").start(this::tidy);
        }
    }

    private void tidy() {
        // Before looking: what is full after this asks for another round.
        tidying.set(false);
        tidyLock.lock();
        try {
            List<Backup> kept = new ArrayList<>();
            Instant oldest = clock.instant().minus(limits.ageMax());
            for (Backup backup : backups()) {
                boolean tooMany = limits.backupsMax() > 0 && kept.size() >= limits.backupsMax();
                boolean tooOld = limits.ageMax().isPositive() && backup.full().isBefore(oldest);
                if (tooMany || tooOld) {
                    Files.deleteIfExists(backup.path());
                } else {
                    kept.add(backup);
                }
            }
            if (limits.compress()) {
                for (Backup backup : kept) {
                    if (!backup.path().toString().endsWith(COMPRESSED)) {
                        compress(backup.path());
                    }
                }
            }
        } catch (IOException e) {
            log.warn("cannot tidy up behind {}: {}", file, e.toString());
        } finally {
            tidyLock.unlock();
        }
    }

    /** The newest first. */
    private List<Backup> backups() throws IOException {
        List<Backup> backups = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path path : (Iterable<Path>) files::iterator) {
                Instant full = full(String.valueOf(path.getFileName()));
                if (full != null) {
                    backups.add(new Backup(path, full));
                }
            }
        }
        backups.sort(Comparator.comparing(Backup::full).reversed());
        return backups;
    }

    /** Null if it is no file of ours. */
    private @Nullable Instant full(String name) {
        String plain = name.endsWith(COMPRESSED) ? name.substring(0, name.length() - COMPRESSED.length()) : name;
        if (!plain.startsWith(prefix)
                || !plain.endsWith(suffix)
                || plain.length() < prefix.length() + suffix.length()) {
            return null;
        }
        try {
            return LocalDateTime.parse(plain.substring(prefix.length(), plain.length() - suffix.length()), TIME)
                    .toInstant(ZoneOffset.UTC);
        } catch (DateTimeException e) {
            return null;
        }
    }

    private static void compress(Path backup) throws IOException {
        Path unfinished = Path.of(backup + COMPRESSED + ".tmp");
        Files.deleteIfExists(unfinished);
        Files.createFile(unfinished, PRIVATE);
        try (InputStream in = Files.newInputStream(backup);
                OutputStream out = new GZIPOutputStream(Files.newOutputStream(unfinished))) {
            in.transferTo(out);
        } catch (IOException e) {
            Files.deleteIfExists(unfinished);
            throw e;
        }
        Files.move(unfinished, Path.of(backup + COMPRESSED), StandardCopyOption.ATOMIC_MOVE);
        Files.delete(backup);
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            RandomAccessFile last = open;
            if (last != null) {
                last.close();
            }
        } catch (IOException e) {
            log.warn("cannot close {}: {}", file, e.toString());
        } finally {
            lock.unlock();
        }
        Thread last = tidier;
        if (last != null) {
            try {
                var _ = last.join(CLOSING_MAX);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
