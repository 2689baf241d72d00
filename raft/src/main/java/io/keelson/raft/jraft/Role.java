package io.keelson.raft.jraft;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** What this member is at the moment, as the apply thread has seen it. */
sealed interface Role {
    long term();

    long leaderId();

    /**
     * The way to the log, as wide as is good. A command that is alone does not wait for one that is under way; but when
     * many come, the next entry leaves only when it has as many as are under way, or when none are. Otherwise the first
     * command after a full entry would leave alone in the next, at the price of a full one.
     */
    final class Window {
        private final AtomicInteger underWay = new AtomicInteger();
        private final AtomicInteger commandsUnderWay = new AtomicInteger();
        private volatile long againAtNanos = System.nanoTime();

        /** Whether something may leave now, with so many commands waiting. */
        boolean open(int max, int waiting, long nowNanos) {
            int busy = underWay.get();
            return (busy == 0 || (busy < max && waiting >= commandsUnderWay.get())) && nowNanos - againAtNanos >= 0;
        }

        void enter(int commands) {
            underWay.incrementAndGet();
            commandsUnderWay.addAndGet(commands);
        }

        void leave(int commands) {
            underWay.decrementAndGet();
            commandsUnderWay.addAndGet(-commands);
        }

        /** After a refusal: nothing leaves for so long. */
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
