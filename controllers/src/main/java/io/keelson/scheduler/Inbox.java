package io.keelson.scheduler;

import io.keelson.controllers.runtime.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What other threads have to tell the one that owns the state, in order. When it is full, who tells waits: the watches fall
 * behind and no memory is taken.
 */
final class Inbox {
    private static final Logger LOG = LoggerFactory.getLogger(Inbox.class);
    private static final int MAX = 16_384;
    /** How much is handled between two decisions, so that neither has to wait long for the other. */
    private static final int AT_ONCE_MAX = 256;

    private final BlockingQueue<Runnable> messages = new LinkedBlockingQueue<>(MAX);
    /** When the owner is woken next; null if it is not. */
    private final AtomicReference<@Nullable Instant> alarm = new AtomicReference<>();

    private volatile boolean closed;

    /** Tells the owner something, on the owner's thread. Any thread. */
    void tell(Runnable message) {
        try {
            while (!closed && !messages.offer(message, 1, TimeUnit.SECONDS)) {
                LOG.debug("the inbox is full");
            }
        } catch (InterruptedException e) {
            // Who is interrupted ends as the scheduler does, and nobody listens any more.
            Thread.currentThread().interrupt();
        }
    }

    /** Handles what is there, up to a bound. */
    void handle() {
        for (int i = 0; i < AT_ONCE_MAX; i++) {
            Runnable message = messages.poll();
            if (message == null) {
                return;
            }
            handle(message);
        }
    }

    /**
     * Waits for something to be told, and handles it.
     *
     * @param until when to stop waiting; null for never
     */
    void await(@Nullable Instant until, Time time) throws InterruptedException {
        Instant set = alarm.get();
        if (until != null && (set == null || until.isBefore(set))) {
            alarm.set(until);
            Duration left = Duration.between(time.instant(), until);
            time.after(left.isNegative() ? Duration.ZERO : left, () -> ring(until));
        }
        handle(messages.take());
    }

    /** With a full inbox nobody has to be woken, but the next wait needs an alarm of its own all the same. */
    private void ring(Instant at) {
        alarm.compareAndSet(at, null);
        boolean _ = messages.offer(() -> {});
    }

    private static void handle(Runnable message) {
        try {
            message.run();
        } catch (RuntimeException e) {
            LOG.error("what was told is not known now", e);
        }
    }

    /** Nobody listens any more. */
    void close() {
        closed = true;
    }
}
