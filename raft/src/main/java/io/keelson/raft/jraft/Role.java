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
        /** With fewer commands in an entry than this, nobody is made to wait for company. */
        private static final int COMPANY_MIN = 4;

        private static final long GATHERING_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(4);

        private final AtomicInteger underWay = new AtomicInteger();
        private final AtomicInteger commandsUnderWay = new AtomicInteger();
        private volatile long againAtNanos = System.nanoTime();
        private volatile long leftAtNanos = againAtNanos;
        private volatile long gatheredAtNanos = againAtNanos;
        private volatile int lastCommands;

        /** Whether something may leave now, with so many commands waiting. */
        boolean open(int max, int waiting, long nowNanos) {
            int busy = underWay.get();
            return (busy == 0 ? !gathering(waiting, nowNanos) : busy < max && waiting >= commandsUnderWay.get())
                    && nowNanos - againAtNanos >= 0;
        }

        private boolean gathering(int waiting, long nowNanos) {
            return nowNanos - gatheredAtNanos < 0 && waiting < 2 * lastCommands;
        }

        /** How long commands are still to gather before one leaves; 0 or less if they are not to. */
        long gatheringNanos(long nowNanos) {
            return underWay.get() == 0 ? gatheredAtNanos - nowNanos : 0;
        }

        boolean idle() {
            return underWay.get() == 0;
        }

        void enter(int commands, long nowNanos) {
            underWay.incrementAndGet();
            commandsUnderWay.addAndGet(commands);
            leftAtNanos = nowNanos;
        }

        void leave(int commands) {
            underWay.decrementAndGet();
            commandsUnderWay.addAndGet(-commands);
        }

        /**
         * An entry has come to its end as it should. If it carried several commands, the next gathers for as long again
         * as this one was under way: what an entry costs, which is much the same for one command and for a hundred, is
         * then spent at most every other of its round trips, and each command waits for less than one more.
         */
        void passed(int commands, long nowNanos) {
            if (commands >= COMPANY_MIN) {
                lastCommands = commands;
                gatheredAtNanos = nowNanos + Math.min(nowNanos - leftAtNanos, GATHERING_NANOS_MAX);
            }
            leave(commands);
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
