package io.keelson.raft;

/**
 * Hears what a member does, so that it can be counted and measured.
 *
 * <p>Methods are called by whatever thread does the work, the one that writes the log and those of the network among
 * them, at the same time and often. An observer adds to its counters and returns; it does not block and does not throw.
 * Durations are nanoseconds of the monotonic clock.
 */
public interface RaftObserver {
    /** Nobody listens. */
    RaftObserver NONE = new RaftObserver() {};

    /** Records were written to the log, and are not synced yet. */
    default void logWritten(int bytes, long nanos) {}

    /** What was written to the log was synced. */
    default void logSynced(long nanos) {}

    /** A message left for a member, or was handed to the connection that brings it there. */
    default void sent(long toMember, int bytes) {}

    /** A message to a member could not be sent, or the connection was lost before an answer came. */
    default void sendFailed(long toMember) {}

    /** A heartbeat of this leader did not reach a follower, or was not answered in time. */
    default void heartbeatFailed(long toMember) {}

    /** A message arrived from a member; 0 for somebody who asks to become one. */
    default void received(long fromMember, int bytes) {}

    /** A connection on which a member sends has broken. */
    default void receiveFailed(long fromMember) {}

    /** The connection to a member is there. */
    default void connected(long toMember) {}

    /** The connection to a member, which was there, has gone. */
    default void disconnected(long toMember) {}

    /** An empty question was answered; asked of each member every few seconds. */
    default void roundTrip(long toMember, long nanos) {}

    /** A snapshot of this member's own was synced. */
    default void snapshotSynced(long nanos) {}

    /** A member was told to copy a snapshot of this one. */
    default void snapshotSending(long toMember) {}

    /** That ended. */
    default void snapshotSent(long toMember, boolean whole, long nanos) {}

    /** A copy of another member's snapshot begins. */
    default void snapshotReceiving(long fromMember) {}

    /** That ended. */
    default void snapshotReceived(long fromMember, boolean whole, long nanos) {}

    /** A snapshot that was copied from another member was synced. */
    default void snapshotReceivedSynced(long nanos) {}
}
