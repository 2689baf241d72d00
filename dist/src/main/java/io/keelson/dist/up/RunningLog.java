package io.keelson.dist.up;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the log of a process that runs in the background from growing without end: when it has become long, it is copied
 * beside itself, as {@code keelson.log.1} in place of the copy before, and emptied. It is the process's own output, which
 * libraries and the JVM write to as well, so that it cannot be exchanged for another file while the process runs; it is opened
 * for appending, and goes on at its new end. A line that is written just when it is emptied is lost.
 */
final class RunningLog implements Closeable {
    private static final Logger log = LoggerFactory.getLogger(RunningLog.class);
    private static final Path OUTPUT = Path.of("/proc/self/fd/1");
    private static final Duration LOOK_EVERY = Duration.ofSeconds(5);

    private final Path file;
    private final long bytesMax;
    private final Thread thread;

    private RunningLog(Path file, long bytesMax) {
        this.file = file;
        this.bytesMax = bytesMax;
        thread = Thread.ofVirtual().name("running-log").unstarted(this::watch);
    }

    /** Watches a file if it is what this process writes its output to; else, in a terminal for one, there is nothing to do. */
    static RunningLog watch(Path file, long bytesMax) {
        RunningLog running = new RunningLog(file, bytesMax);
        if (isOutput(file)) {
            running.thread.start();
        }
        return running;
    }

    private static boolean isOutput(Path file) {
        try {
            return Files.isRegularFile(OUTPUT) && Files.isSameFile(OUTPUT, file);
        } catch (IOException e) {
            return false;
        }
    }

    private void watch() {
        try {
            while (true) {
                try {
                    shorten(file, bytesMax);
                } catch (IOException e) {
                    log.warn("cannot shorten {}: {}", file, e.toString());
                }
                Thread.sleep(LOOK_EVERY);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Puts aside what a log holds if it is longer than that, and empties it. */
    static void shorten(Path file, long bytesMax) throws IOException {
        if (!Files.exists(file) || Files.size(file) <= bytesMax) {
            return;
        }
        Path copy = file.resolveSibling(file.getFileName() + ".1");
        try (FileChannel all = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            try (OutputStream out = Files.newOutputStream(copy)) {
                WritableByteChannel kept = Channels.newChannel(out);
                long done = 0;
                while (done < all.size()) {
                    done += all.transferTo(done, all.size() - done, kept);
                }
            } catch (IOException e) {
                // The disk may be full: then the log itself has to make room, and the half of a copy as well.
                Files.deleteIfExists(copy);
                log.warn("the log is emptied without a copy of it: {}", e.toString());
            } finally {
                all.truncate(0);
            }
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
