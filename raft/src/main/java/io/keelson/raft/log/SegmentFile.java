package io.keelson.raft.log;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file that is read and written by position, from any number of threads.
 *
 * <p>The JDK closes a file channel when a thread that uses it is interrupted, and with it every other thread's reads and
 * writes. An interrupt of one reader must not take the log down, so the file is then opened again and the call repeated;
 * the interrupt stays pending for the caller. Repeating is harmless: every call names its position, and a data sync
 * covers what was written through the channel that is gone.
 */
final class SegmentFile implements AutoCloseable {
    private final Path path;
    private volatile FileChannel channel;
    private boolean closed;

    private SegmentFile(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    static SegmentFile create(Path path) throws IOException {
        return new SegmentFile(
                path,
                FileChannel.open(
                        path, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE));
    }

    static SegmentFile open(Path path) throws IOException {
        return new SegmentFile(path, openExisting(path));
    }

    private static FileChannel openExisting(Path path) throws IOException {
        return FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    Path path() {
        return path;
    }

    long sizeBytes() throws IOException {
        return repeatedWhenInterrupted(FileChannel::size);
    }

    /** Fills what remains of the buffer. Fails with {@link EOFException} if the file ends before that. */
    void readFully(ByteBuffer buffer, long position) throws IOException {
        int start = buffer.position();
        repeatedWhenInterrupted(current -> {
            buffer.position(start);
            while (buffer.hasRemaining()) {
                if (current.read(buffer, position + buffer.position() - start) < 0) {
                    throw new EOFException("%s ends at %d, before offset %d"
                            .formatted(path, current.size(), position + buffer.limit() - start));
                }
            }
            return 0;
        });
    }

    void writeFully(ByteBuffer buffer, long position) throws IOException {
        int start = buffer.position();
        repeatedWhenInterrupted(current -> {
            buffer.position(start);
            while (buffer.hasRemaining()) {
                current.write(buffer, position + buffer.position() - start);
            }
            return 0;
        });
    }

    /** Returns when everything written is on the disk ({@code fdatasync}). */
    void force() throws IOException {
        repeatedWhenInterrupted(current -> {
            current.force(false);
            return 0;
        });
    }

    void truncate(long sizeBytes) throws IOException {
        repeatedWhenInterrupted(current -> current.truncate(sizeBytes).size());
    }

    /** Ends all use: calls under way and later ones fail with {@link ClosedChannelException}. */
    @Override
    public synchronized void close() throws IOException {
        closed = true;
        channel.close();
    }

    private interface Call {
        long on(FileChannel channel) throws IOException;
    }

    private long repeatedWhenInterrupted(Call call) throws IOException {
        boolean interrupted = false;
        try {
            while (true) {
                FileChannel current = channel;
                try {
                    return call.on(current);
                } catch (ClosedByInterruptException own) {
                    interrupted |= Thread.interrupted();
                    reopen(current);
                } catch (ClosedChannelException others) {
                    reopen(current);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private synchronized void reopen(FileChannel broken) throws IOException {
        if (closed) {
            throw new ClosedChannelException();
        }
        if (channel.equals(broken)) {
            channel = openExisting(path);
        }
    }
}
