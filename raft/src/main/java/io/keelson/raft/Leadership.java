package io.keelson.raft;

/**
 * Who leads, as one member sees it.
 *
 * @param term the raft term
 * @param leaderId the leader's member id, 0 if none is known
 * @param leading whether this member is the leader and has applied all entries of earlier terms
 */
public record Leadership(long term, long leaderId, boolean leading) {}
