package io.keelson.kvstore.mvcc;

import io.keelson.kvstore.errors.EtcdError;
import java.lang.ref.Cleaner;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The memory that answers may take, all together, from when they begin to be made until they are handed over. Every answer
 * takes its {@link Share} bit by bit as it grows, before it allocates, so that what is held is what is counted.
 *
 * <p>An answer that would need more than all the room is refused with {@code RESPONSE_TOO_LARGE}. One that finds the room
 * taken by others may wait for it, but only one at a time does: whoever comes second gives up what it holds and is refused,
 * so that those who hold a part and want more never wait for each other. Small answers are not counted, nor small pieces of
 * streams, which are no more at a time than there are threads to make them. Any thread.
 */
public final class AnswerRoom {
    /** What an answer may take at least without being counted. */
    private static final int UNCOUNTED_BYTES_MIN = 64 << 10;

    /** What is always enough for one key-value of the largest size by default. */
    private static final int UNCOUNTED_BYTES_MAX = 2 << 20;

    private static final int UNCOUNTED_PIECE_BYTES_MAX = 4 << 20;

    /** So much more is taken at a time than is needed at once. */
    private static final int STEP_BYTES = 256 << 10;

    private static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(7);

    private static final Cleaner CLEANER = Cleaner.create();

    private final long bytesMax;
    private final int uncountedBytes;
    private final int uncountedPieceBytes;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition freed = lock.newCondition();
    /** Guarded by the lock. */
    private long taken;
    /** Whether somebody waits; guarded by the lock. */
    private boolean awaited;

    /** @param bytesMax all the room there is */
    public AnswerRoom(long bytesMax) {
        this(bytesMax, Runtime.getRuntime().availableProcessors());
    }

    /** @param processors threads that read are a few for each of these; what they need not count is a tenth or two of the room */
    AnswerRoom(long bytesMax, int processors) {
        this.bytesMax = bytesMax;
        this.uncountedBytes = Math.clamp(bytesMax / (32L * processors), UNCOUNTED_BYTES_MIN, UNCOUNTED_BYTES_MAX);
        this.uncountedPieceBytes =
                Math.clamp(bytesMax / (8L * processors), UNCOUNTED_BYTES_MIN, UNCOUNTED_PIECE_BYTES_MAX);
    }

    /**
     * Room for the answer to a request that only reads; refused with {@code TOO_MANY_REQUESTS} while others have the room.
     *
     * @param mayWait whether this thread may wait some seconds for it
     */
    public Share share(boolean mayWait) {
        return new Share(mayWait, EtcdError.TOO_MANY_REQUESTS, uncountedBytes);
    }

    /** Room for a piece of an answer that goes in pieces, so that a stream does not end because of other answers. */
    public Share shareOfPiece() {
        return new Share(true, EtcdError.TOO_MANY_REQUESTS, uncountedPieceBytes);
    }

    /** Room for the answer to a command, which is never waited for: without it the answer is given up. */
    Share shareOfCommand() {
        return new Share(false, EtcdError.RESPONSE_TOO_LARGE, UNCOUNTED_BYTES_MIN);
    }

    /** Bytes of counted answers that are taken now. */
    public long takenBytes() {
        lock.lock();
        try {
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** Whether somebody waits for room. */
    boolean awaited() {
        lock.lock();
        try {
            return awaited;
        } finally {
            lock.unlock();
        }
    }

    /** What one answer takes of the room. One thread at a time, {@link #close} excepted. */
    public final class Share implements AutoCloseable {
        private final boolean mayWait;
        private final EtcdError refusal;
        private final int uncounted;
        private long held;
        /** Written under the lock. */
        private volatile long reserved;

        private Share(boolean mayWait, EtcdError refusal, int uncounted) {
            this.mayWait = mayWait;
            this.refusal = refusal;
            this.uncounted = uncounted;
        }

        /**
         * Takes more, before it is allocated.
         *
         * @throws io.keelson.kvstore.errors.EtcdException RESPONSE_TOO_LARGE if no answer may have so much,
         *     TOO_MANY_REQUESTS if others have it; nothing is taken then
         */
        void take(long bytes) {
            long wanted = held + bytes;
            if (wanted > bytesMax) {
                throw EtcdError.RESPONSE_TOO_LARGE.exception();
            }
            if (wanted > uncounted && wanted > reserved) {
                reserve(Math.min(bytesMax, wanted + STEP_BYTES));
            }
            held = wanted;
        }

        /** Gives back a part of what was taken. */
        void give(long bytes) {
            held -= bytes;
        }

        /** What may be taken before no answer may have more. */
        long leftBytes() {
            return bytesMax - held;
        }

        /** Whether other answers have less room because of this one. */
        boolean counted() {
            return reserved > 0;
        }

        private void reserve(long upTo) {
            lock.lock();
            try {
                long more = upTo - reserved;
                if (taken + more > bytesMax) {
                    await(more);
                }
                taken += more;
                reserved = upTo;
            } finally {
                lock.unlock();
            }
        }

        private void await(long more) {
            if (!mayWait || awaited) {
                throw refusal.exception();
            }
            awaited = true;
            try {
                long leftNanos = WAIT_NANOS;
                while (taken + more > bytesMax) {
                    if (leftNanos <= 0) {
                        throw refusal.exception();
                    }
                    leftNanos = freed.awaitNanos(leftNanos);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw refusal.exception();
            } finally {
                awaited = false;
            }
        }

        /** Gives everything back when nobody can reach {@code owner} any more, should it not be given back before. */
        void closeWith(Object owner) {
            var _ = CLEANER.register(owner, this::close);
        }

        /** Gives everything back. */
        @Override
        public void close() {
            if (reserved == 0) {
                return;
            }
            lock.lock();
            try {
                taken -= reserved;
                reserved = 0;
                freed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }
}
