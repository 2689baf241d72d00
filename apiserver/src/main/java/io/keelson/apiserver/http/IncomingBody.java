package io.keelson.apiserver.http;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.errors.StatusDetails;
import io.keelson.apiserver.request.Body;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Bytes on their way from an event loop to the virtual thread that reads them. The event loop looks at {@link #full}
 * after each piece and stops reading from the network while it is; the reader calls it back once there is room again.
 * What is held is so {@link #FULL_BYTES} and one reading more, at most.
 */
final class IncomingBody implements Body {
    /** Held bytes at which the network is no longer read. */
    static final int FULL_BYTES = 64 << 10;

    /** Pieces that are no longer than this together are held as one: each takes memory beside that of its bytes. */
    private static final int JOINED_BYTES_MAX = 1 << 10;

    private final long declaredBytes;
    private final Duration timeout;
    private final Runnable firstWanted;
    private final Runnable roomAgain;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    private final ArrayDeque<byte[]> pieces = new ArrayDeque<>();
    private long heldBytes;
    private boolean paused;
    private boolean ended;
    private boolean discarded;
    private @Nullable IOException failure;
    private boolean wanted;

    /**
     * @param declaredBytes what the client says it will send; -1 if it does not say
     * @param timeout for a body that is read as a whole
     * @param firstWanted called once, by the reader, before it waits for the first time
     * @param roomAgain called by the reader when there is room again after {@link #full} said that there was none
     */
    IncomingBody(long declaredBytes, Duration timeout, Runnable firstWanted, Runnable roomAgain) {
        this.declaredBytes = declaredBytes;
        this.timeout = timeout;
        this.firstWanted = firstWanted;
        this.roomAgain = roomAgain;
    }

    /** Adds what has come; by the event loop. */
    void add(byte[] piece) {
        lock.lock();
        try {
            if (!discarded && piece.length > 0) {
                byte[] last = pieces.peekLast();
                boolean joins = last != null && last.length + piece.length <= JOINED_BYTES_MAX;
                pieces.add(joins ? appended(pieces.removeLast(), piece) : piece);
                heldBytes += piece.length;
                arrived.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Nothing more will come; by the event loop. */
    void end() {
        lock.lock();
        try {
            ended = true;
            arrived.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Nothing more will come, though more should have; by the event loop. Without effect after the end. */
    void fail(IOException why) {
        lock.lock();
        try {
            if (!ended && failure == null) {
                failure = why;
                arrived.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether no more is to be read from the network; if so, the callback comes when there is room again. */
    boolean full() {
        lock.lock();
        try {
            paused = heldBytes >= FULL_BYTES;
            return paused;
        } finally {
            lock.unlock();
        }
    }

    /** Forgets what is held and what will come: nobody reads it. */
    void discard() {
        lock.lock();
        try {
            discarded = true;
            pieces.clear();
            heldBytes = 0;
            paused = false;
        } finally {
            lock.unlock();
        }
    }

    /** Whether the reader ever waited for the client to send. */
    boolean wanted() {
        lock.lock();
        try {
            return wanted;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public byte[] bytes(int bytesMax) {
        if (declaredBytes > bytesMax) {
            throw tooLarge(bytesMax);
        }
        long deadline = System.nanoTime() + timeout.toNanos();
        byte[] all = new byte[0];
        int size = 0;
        try {
            byte[] piece;
            while ((piece = take(deadline)) != null) {
                if (piece.length > bytesMax - size) {
                    throw tooLarge(bytesMax);
                }
                if (size == 0) {
                    all = piece;
                } else {
                    all = withRoom(all, size + piece.length);
                    System.arraycopy(piece, 0, all, size, piece.length);
                }
                size += piece.length;
            }
        } catch (InterruptedIOException e) {
            throw ApiException.of(
                    Reason.TIMEOUT,
                    "Timeout: the body of the request did not arrive within " + timeout.toMillis() + "ms");
        } catch (IOException e) {
            throw ApiException.badRequest("unexpected EOF");
        }
        return size == all.length ? all : Arrays.copyOf(all, size);
    }

    /** The same for so many bytes or more; grows by doubling, so that many small pieces cost no more than few. */
    private static byte[] withRoom(byte[] bytes, int needed) {
        return needed <= bytes.length ? bytes : Arrays.copyOf(bytes, Math.max(needed, bytes.length * 2));
    }

    private static byte[] appended(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private static ApiException tooLarge(int bytesMax) {
        return ApiException.of(
                Reason.REQUEST_ENTITY_TOO_LARGE, "Request entity too large: limit is " + bytesMax, StatusDetails.NONE);
    }

    /**
     * Waits for the next piece.
     *
     * @param deadline of {@link System#nanoTime}; 0 for none
     * @return null after the last
     * @throws InterruptedIOException when the deadline passes, or the thread is interrupted
     */
    private byte @Nullable [] take(long deadline) throws IOException {
        if (wantsFirst()) {
            firstWanted.run();
        }
        byte[] piece;
        boolean room;
        lock.lock();
        try {
            awaitPiece(deadline);
            piece = pieces.poll();
            if (piece == null) {
                if (failure != null) {
                    throw new IOException(failure.getMessage(), failure);
                }
                return null;
            }
            heldBytes -= piece.length;
            room = paused && heldBytes < FULL_BYTES / 2;
            paused &= !room;
        } finally {
            lock.unlock();
        }
        if (room) {
            roomAgain.run();
        }
        return piece;
    }

    private boolean wantsFirst() {
        lock.lock();
        try {
            boolean first = !wanted && pieces.isEmpty() && !ended;
            wanted |= first;
            return first;
        } finally {
            lock.unlock();
        }
    }

    private void awaitPiece(long deadline) throws InterruptedIOException {
        try {
            while (pieces.isEmpty() && !ended && failure == null) {
                if (deadline == 0) {
                    arrived.await();
                    continue;
                }
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    throw new InterruptedIOException("timed out");
                }
                arrived.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    @Override
    public InputStream stream() {
        return new Stream();
    }

    private final class Stream extends InputStream {
        private byte @Nullable [] piece;
        private int at;

        @Override
        public int read() throws IOException {
            return advance() ? Objects.requireNonNull(piece)[at++] & 0xff : -1;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, into.length);
            if (length == 0) {
                return 0;
            }
            if (!advance()) {
                return -1;
            }
            byte[] from = Objects.requireNonNull(piece);
            int count = Math.min(length, from.length - at);
            System.arraycopy(from, at, into, offset, count);
            at += count;
            return count;
        }

        @Override
        public int available() {
            return piece == null ? 0 : piece.length - at;
        }

        private boolean advance() throws IOException {
            if (piece == null || at == piece.length) {
                piece = take(0);
                at = 0;
            }
            return piece != null;
        }
    }
}
