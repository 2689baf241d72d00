package io.keelson.agent.logs;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log of one run of a container, open for one reader. Without following, it ends where the file ended when it was
 * opened, however fast the container writes. One thread.
 */
public final class ContainerLog implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ContainerLog.class);
    private static final int READ_BYTES = 32 << 10;
    private static final int OPEN_TRIES = 10;
    private static final int TAIL_BLOCK_BYTES = 16 << 10;

    /** How often a file is looked at that has no more to say. */
    private static final long LOOK_MILLIS = 100;

    private final Path path;
    private final LogOptions options;
    private final byte[] read = new byte[READ_BYTES];
    private FileChannel file;
    private @Nullable Object key;
    private long left;

    /** A file, and what it is known by. */
    private record Opened(FileChannel file, @Nullable Object key) {}

    private ContainerLog(Path path, LogOptions options) throws IOException {
        this.path = path;
        this.options = options;
        Opened opened = opened(path);
        file = opened.file();
        key = opened.key();
        try {
            long size = file.size();
            long start = options.tailLines().isPresent()
                    ? tail(file, size, options.tailLines().getAsLong())
                    : 0;
            file.position(start);
            left = options.follow() ? Long.MAX_VALUE : size - start;
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** Opens what has the name, which may become another file at any moment. */
    private static Opened opened(Path path) throws IOException {
        for (int tries = 0; tries < OPEN_TRIES; tries++) {
            Object key = key(path);
            FileChannel file = FileChannel.open(path, StandardOpenOption.READ);
            try {
                if (Objects.equals(key, key(path))) {
                    return new Opened(file, key);
                }
            } catch (IOException e) {
                file.close();
                throw e;
            }
            file.close();
        }
        throw new IOException(path + " is another file each time that it is opened");
    }

    /**
     * Opens a log file where the wanted part begins.
     *
     * @throws IOException if there is none, or it cannot be read
     */
    public static ContainerLog open(Path path, LogOptions options) throws IOException {
        return new ContainerLog(path, options);
    }

    /**
     * Writes what is wanted of the log, and flushes whenever there is no more for now.
     *
     * @param running whether the container runs, and may write more
     * @throws IOException if the file cannot be read or the output takes no more
     * @throws InterruptedException if the thread is interrupted where it waits for more
     */
    public void copy(OutputStream out, BooleanSupplier running) throws IOException, InterruptedException {
        LogLines lines = new LogLines();
        LogText text = new LogText(options, out);
        try {
            boolean on = copyToEnd(lines, text);
            while (on && options.follow()) {
                out.flush();
                // Asked before the file is read: what it wrote last is there by then.
                boolean last = !running.getAsBoolean();
                Opened next = successor();
                on = copyToEnd(lines, text);
                if (next != null) {
                    on = on && lines.end(text);
                    file.close();
                    file = next.file();
                    key = next.key();
                } else if (last) {
                    break;
                } else {
                    Thread.sleep(LOOK_MILLIS);
                }
            }
            if (on) {
                var _ = lines.end(text);
            }
        } catch (LogText.Failure e) {
            throw e.cause();
        }
        out.flush();
        if (lines.broken() > 0) {
            LOG.warn("{} has {} lines that are not in CRI's format", path, lines.broken());
        }
    }

    /** Reads to the end of the open file; false if no more is wanted. */
    private boolean copyToEnd(LogLines lines, LogText text) throws IOException {
        while (left > 0) {
            int count = file.read(ByteBuffer.wrap(read, 0, (int) Math.min(read.length, left)));
            if (count < 0) {
                return true;
            }
            left -= options.follow() ? 0 : count;
            if (!lines.take(read, count, text)) {
                return false;
            }
        }
        return true;
    }

    /** The file that has taken the place of the open one, from its beginning; null if there is none. */
    private @Nullable Opened successor() throws IOException {
        try {
            if (Objects.equals(key(path), key)) {
                if (file.size() < file.position()) {
                    // It was emptied, and is written from its beginning.
                    file.position(0);
                }
                return null;
            }
            return opened(path);
        } catch (NoSuchFileException e) {
            // Between the old one and the new one, or the container is being removed.
            return null;
        }
    }

    private static @Nullable Object key(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    }

    /** Where the last lines of a file begin: after the line's end that is one more from its end. */
    private static long tail(FileChannel file, long size, long lines) throws IOException {
        byte[] block = new byte[TAIL_BLOCK_BYTES];
        long ends = 0;
        long end = size;
        while (end > 0) {
            int count = (int) Math.min(block.length, end);
            long start = end - count;
            InputStream in = Channels.newInputStream(file.position(start));
            int got = in.readNBytes(block, 0, count);
            for (int at = got - 1; at >= 0; at--) {
                if (block[at] == '\n' && ++ends > lines) {
                    return start + at + 1;
                }
            }
            end = start;
        }
        return 0;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
