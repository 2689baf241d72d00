package io.keelson.raft.jraft;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** What this member is at the moment, as the apply thread has seen it. */
sealed interface Role {
    long term();

    long leaderId();

    /** Where commands go: how many messages or entries are under way, and from when the next may follow a refusal. */
    final class Window {
        private final AtomicInteger underWay = new AtomicInteger();
        private volatile long againAtNanos = System.nanoTime();

        boolean open(int max, long nowNanos) {
            return underWay.get() < max && nowNanos - againAtNanos >= 0;
        }

        void enter() {
            underWay.incrementAndGet();
        }

        void leave() {
            underWay.decrementAndGet();
        }

        void pause(int ms) {
            againAtNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ms);
        }
    }

    /** This member leads and has applied everything of earlier terms. */
    record Leading(long term, long leaderId, Window window) implements Role {}

    /** Another member leads. */
    record Following(long term, long leaderId, Window window) implements Role {}

    /** Nobody is known to lead. */
    record Leaderless(long term) implements Role {
        @Override
        public long leaderId() {
            return 0;
        }
    }
}
