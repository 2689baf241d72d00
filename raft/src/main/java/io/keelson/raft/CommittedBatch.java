package io.keelson.raft;

import java.nio.ByteBuffer;

/**
 * Consecutive committed log entries, as the commands they carry. One entry may carry many commands; a batch never ends
 * in the middle of an entry. Valid only during {@link StateMachine#apply}, and only on the calling thread.
 */
public interface CommittedBatch {
    /** Index of the last entry of the batch. */
    long lastIndex();

    /** Term of the last entry of the batch. */
    long lastTerm();

    /** Number of commands, possibly 0. */
    int size();

    /** The bytes of command {@code i}, 0 ≤ i &lt; {@link #size()}: read-only, backed by an array the log does not reuse. */
    ByteBuffer command(int i);

    /** Index of the entry that carries command {@code i}. */
    long index(int i);

    /** Term of the entry that carries command {@code i}. */
    long term(int i);

    /**
     * Cluster time at which the leader took command {@code i} into the log, in milliseconds. Cluster time counts from 0
     * at the birth of the cluster, never goes back, and advances with the monotonic clock of whoever leads; while nobody
     * leads it stands still. It is part of the entry, so it is the same on every member and at every replay.
     */
    long clusterTimeMs(int i);

    /** Whether the proposer of command {@code i} waits on this member, so that a result is worth building. */
    boolean isLocal(int i);

    /**
     * Sets the result that the proposer of command {@code i} gets, once {@link StateMachine#apply} has returned. Does
     * nothing for a command that is not local.
     */
    void complete(int i, Object result);
}
