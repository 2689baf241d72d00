package io.keelson.apiserver.http;

import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Bounds the memory of whole answers that their clients have not taken yet, of all connections together. There is room
 * for so many bytes of them. While there is none, who wants to answer waits for a moment, and answers of which nothing
 * was taken for {@link #STALLED_NANOS} are given up, the oldest first, until there would be room again; then the new one
 * is refused. Room or not, an answer of which nothing is taken for {@link #IDLE_NANOS} is given up. First its stream is
 * reset; if that does not get through to the client either, its connection ends. Any thread.
 */
final class UnreadAnswers {
    /** Smaller answers are counted, but neither wait nor are refused: the server shall be able to say that it is full. */
    static final int ALWAYS_ADMITTED_BYTES = 16 << 10;

    /** Under pressure, for how long nothing of an answer may be taken. */
    static final long STALLED_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** At any time, for how long nothing of an answer may be taken. */
    static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(60);

    /** How long to wait for room: longer than what stands in the way may stall. */
    private static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(7);

    private static final long LOOK_MS = 100;

    /** What waits for room is held, too, and there may be as much of it. */
    private static final int PART_OF_HEAP = 8;

    private final long bytesMax;
    private final LongSupplier nanoTime;
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong waitingBytes = new AtomicLong();
    private final Set<Answer> held = ConcurrentHashMap.newKeySet();

    /** @param bytesMax room for answers */
    UnreadAnswers(long bytesMax, LongSupplier nanoTime) {
        this.bytesMax = bytesMax;
        this.nanoTime = nanoTime;
    }

    /** The room that there is in this JVM. */
    static UnreadAnswers inThisJvm() {
        return new UnreadAnswers(Runtime.getRuntime().maxMemory() / PART_OF_HEAP, System::nanoTime);
    }

    /** Bytes of answers that have not been taken. */
    long bytes() {
        return bytes.get();
    }

    /**
     * Waits for room for an answer.
     *
     * @param size bytes. A single answer counts as half of all the room at most, so that a list that is larger than that
     *     need not find a server without any other
     * @param reset ends the answer so that its client sees that it is not complete
     * @param disconnect ends the connection without a word
     * @return null if there is no room; else to be told of what is taken, and to be closed
     */
    @Nullable
    Answer admit(long size, Runnable reset, Runnable disconnect) throws InterruptedException {
        long weight = Math.min(size, Math.max(1, bytesMax / 2));
        if (!takeRoom(weight)) {
            if (size <= ALWAYS_ADMITTED_BYTES) {
                bytes.addAndGet(weight);
                giveUpStalled();
            } else if (!awaitRoom(weight)) {
                return null;
            }
        }
        Answer answer = new Answer(weight, reset, disconnect);
        held.add(answer);
        return answer;
    }

    private boolean takeRoom(long weight) {
        long now = bytes.get();
        while (now + weight <= bytesMax) {
            if (bytes.compareAndSet(now, now + weight)) {
                return true;
            }
            now = bytes.get();
        }
        return false;
    }

    private boolean awaitRoom(long weight) throws InterruptedException {
        try {
            if (waitingBytes.addAndGet(weight) > bytesMax) {
                return false;
            }
            long deadline = nanoTime.getAsLong() + WAIT_NANOS;
            while (nanoTime.getAsLong() - deadline < 0) {
                giveUpStalled();
                synchronized (this) {
                    wait(LOOK_MS);
                }
                if (takeRoom(weight)) {
                    return true;
                }
            }
            return false;
        } finally {
            waitingBytes.addAndGet(-weight);
        }
    }

    private void giveUpStalled() {
        giveUp(STALLED_NANOS, bytes.get() + waitingBytes.get() - bytesMax);
    }

    /** Gives up what nobody takes; to be called every few seconds. */
    void giveUpIdle() {
        giveUp(IDLE_NANOS, Long.MAX_VALUE);
    }

    /** @param missing how many bytes are to become free, at most */
    private void giveUp(long longest, long missing) {
        long now = nanoTime.getAsLong();
        List<Idle> idle = held.stream()
                .map(answer -> new Idle(answer, now - answer.takenNanos))
                .filter(one -> one.nanos > longest)
                .sorted(Comparator.comparingLong((Idle one) -> one.nanos).reversed())
                .toList();
        long left = missing;
        for (Idle one : idle) {
            if (left <= 0) {
                return;
            }
            one.answer.giveUp(one.nanos, longest);
            left -= one.answer.weight;
        }
    }

    /** As it was at one moment: what is sorted must not change meanwhile. */
    private record Idle(Answer answer, long nanos) {}

    /** An answer that is held for its client. */
    final class Answer implements AutoCloseable {
        private final long weight;
        private final Runnable reset;
        private final Runnable disconnect;
        private final AtomicInteger givenUp = new AtomicInteger();
        private final AtomicBoolean closed = new AtomicBoolean();
        private volatile long takenNanos = nanoTime.getAsLong();

        private Answer(long weight, Runnable reset, Runnable disconnect) {
            this.weight = weight;
            this.reset = reset;
            this.disconnect = disconnect;
        }

        /** The client has taken some of it. */
        void taken() {
            takenNanos = nanoTime.getAsLong();
        }

        /** A reset has as long to get through as the client had. */
        private void giveUp(long idleNanos, long longest) {
            if (closed.get()) {
                return; // Its connection serves the next request by now.
            }
            if (givenUp.compareAndSet(0, 1)) {
                reset.run();
            } else if (idleNanos > 2 * longest && givenUp.compareAndSet(1, 2)) {
                disconnect.run();
            }
        }

        /** It is not held any more. Any number of times. */
        @Override
        public void close() {
            if (!closed.getAndSet(true)) {
                held.remove(this);
                bytes.addAndGet(-weight);
                synchronized (UnreadAnswers.this) {
                    UnreadAnswers.this.notifyAll();
                }
            }
        }
    }
}
