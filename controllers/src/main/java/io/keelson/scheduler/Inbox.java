package io.keelson.scheduler;

import io.keelson.controllers.runtime.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
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
    private volatile boolean closed;
    /** When the owner is woken; null if it is not. The owner's own. */
    private @Nullable Instant alarm;

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
        if (until != null && (alarm == null || until.isBefore(alarm))) {
            alarm = until;
            Duration left = Duration.between(time.instant(), until);
            // With a full inbox nobody has to be woken.
            time.after(left.isNegative() ? Duration.ZERO : left, () -> {
                boolean _ = messages.offer(() -> rang(until));
            });
        }
        handle(messages.take());
    }

    private void rang(Instant at) {
        if (at.equals(alarm)) {
            alarm = null;
        }
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
