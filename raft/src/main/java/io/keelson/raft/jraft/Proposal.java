package io.keelson.raft.jraft;

import io.keelson.raft.RaftNode.Priority;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/** A command and who waits for its result. */
final class Proposal extends CompletableFuture<Object> {
    private static final AtomicIntegerFieldUpdater<Proposal> COUNTED =
            AtomicIntegerFieldUpdater.newUpdater(Proposal.class, "counted");

    private final byte[] command;
    private final Priority priority;
    private final long deadlineNanos;

    @SuppressWarnings("unused") // Accessed by the updater.
    private volatile int counted = 1;

    Proposal(byte[] command, Priority priority, long deadlineNanos) {
        this.command = command;
        this.priority = priority;
        this.deadlineNanos = deadlineNanos;
    }

    byte[] command() {
        return command;
    }

    Priority priority() {
        return priority;
    }

    boolean late(long nowNanos) {
        return nowNanos - deadlineNanos >= 0;
    }

    /** True for the first caller: the proposal no longer counts as waiting. */
    boolean release() {
        return COUNTED.compareAndSet(this, 1, 0);
    }
}
