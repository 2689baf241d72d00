package io.keelson.agent.logs;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.zip.GZIPOutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The older files of a log, as the kubelet names them: {@code 0.log.20260102-030405}, and with {@code .gz} once it is
 * compressed. The newest one is left as it is, since somebody may read it. Whatever a crash leaves is put right the
 * next time.
 */
final class RotatedLogs {
    private static final Logger LOG = LoggerFactory.getLogger(RotatedLogs.class);
    private static final DateTimeFormatter SUFFIX = DateTimeFormatter.ofPattern("uuuuMMdd-HHmmss");
    private static final String COMPRESSED = ".gz";
    private static final String UNFINISHED = ".tmp";

    private final Path log;

    /** Lets the runtime write into a new file. */
    interface Reopening {
        /** @throws IOException if it goes on writing into the old one, for all that is known */
        void reopen() throws IOException;
    }

    RotatedLogs(Path log) {
        this.log = log;
    }

    /**
     * Moves the file away that is written, and lets another one begin.
     *
     * @param filesMax how many there may be then, with the new one
     * @param compresses whether older ones are compressed before, which takes its time
     * @throws IOException if it is where it was
     */
    void rotate(int filesMax, boolean compresses, Instant now, ZoneId zone, Reopening runtime) throws IOException {
        removeUnfinished();
        // One is what is written now, one what will be.
        removeAllBut(filesMax - 2);
        if (compresses) {
            compress();
        }
        Path moved = free(log + "." + SUFFIX.withZone(zone).format(now));
        Files.move(log, moved, StandardCopyOption.ATOMIC_MOVE);
        try {
            runtime.reopen();
        } catch (IOException | RuntimeException e) {
            if (Files.notExists(log, LinkOption.NOFOLLOW_LINKS)) {
                Files.move(moved, log, StandardCopyOption.ATOMIC_MOVE);
            }
            throw e;
        }
    }

    /** A name that nothing has: it may have been rotated in the same second, by a clock that was set back. */
    private static Path free(String wanted) {
        Path path = Path.of(wanted);
        for (int number = 1; exists(path) || exists(Path.of(path + COMPRESSED)); number++) {
            path = Path.of(wanted + "-" + number);
        }
        return path;
    }

    private static boolean exists(Path path) {
        return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
    }

    private List<Path> older() throws IOException {
        Path folder = log.toAbsolutePath().getParent();
        String prefix = log.getFileName() + ".";
        TreeSet<Path> found = new TreeSet<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                if (file.getFileName().toString().startsWith(prefix)) {
                    found.add(file);
                }
            }
        }
        return new ArrayList<>(found);
    }

    /** Of what was being compressed at a crash, one file of the two is whole. */
    private void removeUnfinished() throws IOException {
        for (Path file : older()) {
            String name = file.toString();
            if (name.endsWith(UNFINISHED) || (!name.endsWith(COMPRESSED) && exists(Path.of(name + COMPRESSED)))) {
                Files.deleteIfExists(file);
            }
        }
    }

    private void removeAllBut(int kept) throws IOException {
        List<Path> files = older();
        for (Path file : files.subList(0, Math.max(0, files.size() - kept))) {
            Files.deleteIfExists(file);
        }
    }

    private void compress() throws IOException {
        for (Path file : older()) {
            if (!file.toString().endsWith(COMPRESSED)) {
                try {
                    compress(file);
                } catch (IOException e) {
                    // A full disk must not keep the file that is written from being rotated, which frees some of it.
                    LOG.warn("{} is not compressed: {}", file, e.toString());
                }
            }
        }
    }

    private static void compress(Path file) throws IOException {
        Path unfinished = Path.of(file + UNFINISHED);
        try {
            try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS);
                    OutputStream out = new GZIPOutputStream(Files.newOutputStream(unfinished))) {
                in.transferTo(out);
            }
            Files.move(unfinished, Path.of(file + COMPRESSED), StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(unfinished);
        }
        Files.deleteIfExists(file);
    }
}
