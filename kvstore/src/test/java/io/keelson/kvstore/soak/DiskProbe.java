package io.keelson.kvstore.soak;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * What the disk itself does while members work on it: one thread that, twenty times a second, appends a block to a file and
 * syncs it, and reads a block from somewhere in another file, past the page cache where the file system allows that. So it
 * meets every standstill of the device that lasts longer than a twentieth of a second, as requests meet it, and asks for
 * less than a megabyte in ten seconds itself. An operation counts from when it is begun: what this process waits for a
 * processor is not the disk's. While one takes long, those that were due count too, as requests do that come meanwhile.
 */
final class DiskProbe implements AutoCloseable {
    private static final int BLOCK_BYTES = 4 << 10;
    private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /** The file is written from its start again when it is this long. */
    private static final long APPENDED_BYTES_MAX = 64L << 20;

    private static final long READ_BYTES = 32L << 20;

    /**
     * What the disk did in a stretch of time.
     *
     * @param syncs an append and its sync, each
     * @param reads of a block
     */
    record Look(Latencies syncs, Latencies reads) {
        /** The longest that anybody had to wait for the disk once, in milliseconds. */
        double slowestMillis() {
            return Math.max(syncs.slowestMillis(), reads.slowestMillis());
        }

        @Override
        public String toString() {
            return String.format(
                    "disk: sync p99 %.1f ms, slowest %.1f ms; read p99 %.1f ms, slowest %.1f ms",
                    syncs.millisAt(0.99), syncs.slowestMillis(), reads.millisAt(0.99), reads.slowestMillis());
        }
    }

    private final Path written;
    private final Path read;
    private final FileChannel writing;
    private final FileChannel reading;
    private final ByteBuffer block;
    private final ByteBuffer readBlock;
    private final SplittableRandom random = new SplittableRandom();
    private final Thread thread;
    private volatile Look current = new Look(new Latencies(), new Latencies());
    private volatile boolean stopped;
    private volatile String failure = "";

    /** Begins; in a folder on the file system that is of interest. */
    DiskProbe(Path folder) throws IOException {
        Files.createDirectories(folder);
        written = folder.resolve("probe-written");
        read = folder.resolve("probe-read");
        byte[] noise = new byte[BLOCK_BYTES];
        random.nextBytes(noise);
        block = ByteBuffer.wrap(noise);
        int alignment = (int) Files.getFileStore(folder).getBlockSize();
        readBlock = ByteBuffer.allocateDirect(BLOCK_BYTES + alignment).alignedSlice(alignment);
        fillForReads();
        writing = FileChannel.open(written, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        reading = openForReads();
        thread = Thread.ofPlatform().daemon().name("disk-probe").start(this::work);
    }

    private void fillForReads() throws IOException {
        byte[] noise = new byte[1 << 20];
        try (FileChannel file = FileChannel.open(read, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            for (long at = 0; at < READ_BYTES; at += noise.length) {
                random.nextBytes(noise);
                ByteBuffer rest = ByteBuffer.wrap(noise);
                while (rest.hasRemaining()) {
                    file.write(rest);
                }
            }
            file.force(true);
        }
    }

    private FileChannel openForReads() throws IOException {
        try {
            return FileChannel.open(read, StandardOpenOption.READ, direct());
        } catch (IOException | UnsupportedOperationException | ClassNotFoundException e) {
            System.out.println("the disk probe reads through the page cache: " + e.getMessage());
            return FileChannel.open(read, StandardOpenOption.READ);
        }
    }

    /** Past the page cache. The JDK has this option in a package that the compiler warns of. */
    private static OpenOption direct() throws ClassNotFoundException {
        for (Object option :
                Class.forName("com.sun.nio.file.ExtendedOpenOption").getEnumConstants()) {
            if (option instanceof OpenOption known && option.toString().equals("DIRECT")) {
                return known;
            }
        }
        throw new UnsupportedOperationException("there is no option DIRECT");
    }

    private void work() {
        long due = System.nanoTime();
        long end = 0;
        try {
            while (!stopped) {
                TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
                Look look = current;
                long begin = System.nanoTime();
                block.clear();
                while (block.hasRemaining()) {
                    end += writing.write(block, end);
                }
                writing.force(false);
                look.syncs().addWithMissed(System.nanoTime() - begin, INTERVAL_NANOS);
                end = end >= APPENDED_BYTES_MAX ? 0 : end;
                begin = System.nanoTime();
                readBlock.clear().limit(BLOCK_BYTES);
                int bytes = reading.read(readBlock, random.nextLong(READ_BYTES / BLOCK_BYTES) * BLOCK_BYTES);
                if (bytes != BLOCK_BYTES) {
                    throw new IOException("read " + bytes + " bytes of " + BLOCK_BYTES);
                }
                look.reads().addWithMissed(System.nanoTime() - begin, INTERVAL_NANOS);
                // Not more often than wanted after a long wait.
                due = Math.max(due + INTERVAL_NANOS, System.nanoTime());
            }
        } catch (IOException e) {
            failure = "the disk probe failed: " + e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What the disk did since the last look. */
    Look look() {
        if (!failure.isEmpty()) {
            throw new UncheckedIOException(new IOException(failure));
        }
        Look old = current;
        current = new Look(new Latencies(), new Latencies());
        return old;
    }

    @Override
    public void close() throws IOException {
        stopped = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        writing.close();
        reading.close();
        Files.deleteIfExists(written);
        Files.deleteIfExists(read);
    }
}
