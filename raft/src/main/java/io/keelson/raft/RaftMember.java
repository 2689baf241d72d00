package io.keelson.raft;

/**
 * A member of the log.
 *
 * @param id not 0, unique for ever
 * @param learner receives the log without counting for a majority
 */
public record RaftMember(long id, boolean learner) {}
