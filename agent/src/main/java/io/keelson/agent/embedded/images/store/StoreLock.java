package io.keelson.agent.embedded.images.store;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets one at a time change what a store holds on to, in this process and all others. It is held for moments: while a
 * name is written, or what nobody needs is set aside; never while something is fetched, unpacked or deleted.
 */
final class StoreLock {
    private static final long WAIT_MS = 60_000;
    private static final long RETRY_MS = 5;

    /** A file's lock is the whole process's, so its threads queue up here first. */
    private static final Map<Path, ReentrantLock> PROCESS = new ConcurrentHashMap<>();

    private final Path file;
    private final ReentrantLock ours;

    StoreLock(Path file) {
        this.file = file;
        this.ours = PROCESS.computeIfAbsent(file, _ -> new ReentrantLock());
    }

    /** The lock, held until closed. Not to be taken again meanwhile. */
    final class Held implements AutoCloseable {
        private final FileChannel channel;

        private Held(FileChannel channel) {
            this.channel = channel;
        }

        @Override
        public void close() throws IOException {
            try {
                channel.close();
            } finally {
                ours.unlock();
            }
        }
    }

    /**
     * Takes the lock.
     *
     * @throws IOException if another process does not give it back within a minute
     */
    Held hold() throws IOException {
        boolean done = false;
        try {
            if (!ours.tryLock(WAIT_MS, TimeUnit.MILLISECONDS)) {
                throw new IOException(file + " has been held by another thread for a minute");
            }
            try {
                Held held = new Held(lockFile());
                done = true;
                return held;
            } finally {
                if (!done) {
                    ours.unlock();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for " + file);
        }
    }

    private FileChannel lockFile() throws IOException, InterruptedException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            for (long waitedMs = 0; waitedMs < WAIT_MS; waitedMs += RETRY_MS) {
                FileLock lock = channel.tryLock();
                if (lock != null) {
                    return channel;
                }
                Thread.sleep(RETRY_MS);
            }
            throw new IOException(file + " has been held by another process for a minute; does one hang?");
        } catch (IOException | InterruptedException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }
}
