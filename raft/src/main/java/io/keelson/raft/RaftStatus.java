package io.keelson.raft;

/**
 * A member's view of the log.
 *
 * @param memberId this member
 * @param leaderId the leader, 0 if none is known
 * @param term the raft term
 * @param committedIndex the last index known to be committed
 * @param appliedIndex the last index the state machine has applied
 * @param learner whether this member is a learner
 * @param failure why the log has stopped (a disk that failed, a snapshot that is damaged), empty while it is in service
 */
public record RaftStatus(
        long memberId,
        long leaderId,
        long term,
        long committedIndex,
        long appliedIndex,
        boolean learner,
        String failure) {
    /** Whether this member leads. */
    public boolean leading() {
        return leaderId == memberId;
    }
}
