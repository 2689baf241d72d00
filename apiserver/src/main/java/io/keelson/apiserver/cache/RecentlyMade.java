package io.keelson.apiserver.cache;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;

/**
 * Bounds how much is held of what can be made again, in bytes: only what was made last stays, for whoever asks for the same
 * soon; what goes is told to forget. Any thread.
 *
 * @param <T> what holds something that was made
 */
final class RecentlyMade<T> {
    private final long bytesMax;
    private final ToLongFunction<T> sizeBytes;
    private final Consumer<T> forget;
    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<T> holders = new ArrayDeque<>();
    private long bytes;

    /**
     * @param bytesMax how many bytes may be held
     * @param sizeBytes how many one counts for; always the same for the same one
     * @param forget has one let go of what it holds; may come before {@link #made} returns
     */
    RecentlyMade(long bytesMax, ToLongFunction<T> sizeBytes, Consumer<T> forget) {
        this.bytesMax = bytesMax;
        this.sizeBytes = sizeBytes;
        this.forget = forget;
    }

    /** One has begun to hold something. */
    void made(T holder) {
        lock.lock();
        try {
            holders.add(holder);
            bytes += sizeBytes.applyAsLong(holder);
            while (bytes > bytesMax && !holders.isEmpty()) {
                T oldest = holders.remove();
                bytes -= sizeBytes.applyAsLong(oldest);
                forget.accept(oldest);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether so much can be made in one go without pushing out most of what others made. */
    boolean hasRoomFor(long more) {
        return more <= bytesMax / 2;
    }
}
