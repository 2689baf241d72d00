package io.keelson.raft;

import java.io.IOException;
import java.nio.file.Path;

/**
 * What the replicated log is applied to.
 *
 * <p><b>Threads.</b> {@link #apply} and {@link #restore} are called by one thread, the apply thread, never concurrently
 * with each other. {@link #saveSnapshot} is called by another thread, concurrently with {@code apply}. {@link
 * #leadershipChanged} is called by the apply thread, in order with {@code apply}.
 *
 * <p><b>Determinism.</b> What {@code apply} does to the state is a function of the state and the commands alone: no
 * clock, no random numbers, no environment. Time comes as {@link CommittedBatch#clusterTimeMs}.
 *
 * <p><b>Replay.</b> After a crash, entries are delivered again from some index at or below the last one that was
 * applied. The state machine keeps the index of the last entry it holds, atomically with the effects of that entry, and
 * reports it as {@link #appliedIndex()}; the log delivers only entries after it.
 */
public interface StateMachine {
    /** The index of the last entry whose effects this state holds, 0 for an empty state. */
    long appliedIndex();

    /**
     * Applies a batch of committed commands. The batch may end with entries that carry no command (membership changes,
     * the first entry of a term); {@link CommittedBatch#lastIndex()} is then still to be recorded as applied. An
     * exception thrown from here takes the member out of service: a command that cannot be carried out is answered with
     * {@link CommittedBatch#complete}, not with an exception.
     */
    void apply(CommittedBatch batch);

    /**
     * Writes the state into an empty directory, as files that {@link #restore} reads. The state written is the one
     * after some entry at or after the last one applied when the call began; entries that it already holds are not
     * applied to it again, by the rule of {@link #appliedIndex()}. Must not hold up {@code apply}.
     *
     * @throws IOException if the snapshot could not be written; the log is then kept, and the attempt is repeated later
     */
    void saveSnapshot(Path directory) throws IOException;

    /**
     * Replaces the whole state by that of a snapshot directory. A crash in the middle leaves either the old state or
     * the new one.
     *
     * @throws IOException if the snapshot is damaged or cannot be read; the member then stops
     */
    void restore(Path directory) throws IOException;

    /** Tells of a change of term, leader or own role as this member sees it. */
    default void leadershipChanged(Leadership leadership) {}
}
