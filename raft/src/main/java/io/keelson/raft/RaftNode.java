package io.keelson.raft;

import io.keelson.raft.jraft.JRaftNode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * One member of a replicated log. Every method may be called from any thread, on any member, and none of them blocks.
 *
 * <p>Failures complete the future with a {@link RaftException}; its subtype tells what the caller may conclude, most of
 * all whether the command may still take effect ({@link RaftException.OutcomeUnknown}) or certainly will not.
 */
public interface RaftNode extends AutoCloseable {
    /** Whose proposals are let in when the queue of {@link Priority#NORMAL} ones is full. */
    enum Priority {
        /** Requests of clients. Refused with {@link RaftException.Overloaded} when too many wait. */
        NORMAL,
        /** The system's own commands, such as the revocation of expired leases: few, and never refused for load. */
        SYSTEM
    }

    /**
     * Starts a member: opens its log, restores its state and begins to listen.
     *
     * @throws IllegalStateException if it cannot start; the message names what is wrong (a file, an address, a disk)
     */
    static RaftNode start(RaftConfig config, StateMachine stateMachine) {
        return start(config, stateMachine, RaftObserver.NONE);
    }

    /** Starts a member as {@link #start(RaftConfig, StateMachine)} does, and has somebody hear what it does. */
    static RaftNode start(RaftConfig config, StateMachine stateMachine, RaftObserver observer) {
        return JRaftNode.start(config, stateMachine, observer);
    }

    /**
     * Proposes a command. The future completes with what this member's state machine set as result, after it applied
     * the command.
     *
     * @param command at most {@link RaftConfig#commandBytesMax()} bytes; must not be changed afterwards
     */
    CompletableFuture<Object> propose(byte[] command, Priority priority);

    /**
     * A linearizable read point: completes with an index, once this member's state machine has applied everything that
     * was committed anywhere when this method was called.
     */
    CompletableFuture<Long> readPoint();

    /** The raft term. Costs nothing. */
    long term();

    /** Entries that are known to be committed and that the state machine has not applied yet. Costs next to nothing. */
    long unappliedEntries();

    /** The state of this member at this moment. */
    RaftStatus status();

    /** Cluster time as this member knows it now (see {@link CommittedBatch#clusterTimeMs}), in milliseconds. */
    long clusterTimeMs();

    /**
     * Makes the voters and learners of the log those given, by the single-step changes that raft allows, and completes
     * when the last one is committed. Only the leader does it; elsewhere it fails with {@link RaftException.NotLeader}.
     * Calling it again with the same members does nothing, so that a caller can repeat it after a crash or a change of
     * leader until it holds.
     *
     * @param members all members that shall be, with their ids and whether they are learners
     */
    CompletableFuture<Void> reconfigure(List<RaftMember> members);

    /** The members of the log's latest committed configuration. */
    List<RaftMember> configuration();

    /** Tells the transport where members can be reached; replaces what was known of the same ids. */
    void updateAddresses(Map<Long, List<String>> peerUrlsById);

    /**
     * Tells the transport who was a member once and never will be again, by what was applied of the log; replaces what was
     * said before. As soon as the log's configuration is without such a member, this one ends its streams, accepts none any
     * more, and tells it why: its own log may never do so, if it was cut off when it was removed.
     */
    void updateRemoved(Set<Long> memberIds);

    /**
     * The members that said, when this one last tried to reach them, that it was removed from the cluster; empty as long as
     * nobody does. Each has applied the removal, so it holds in that member's log. That is the cluster's, unless that
     * member was made to go on alone ({@link RaftConfig#forceNewCluster}) while others did too: ask those who do not say so.
     */
    Set<Long> removedBy();

    /**
     * Makes the given voter the leader, if this member leads.
     *
     * @return completes when this member has seen the new leader, fails with {@link RaftException.Timeout} otherwise
     */
    CompletableFuture<Void> transferLeadership(long memberId);

    /** On the leader: the last log index each follower and learner is known to hold; elsewhere empty. */
    Map<Long, Long> replicatedIndexes();

    /** Takes a snapshot now and drops the log that it replaces. */
    CompletableFuture<Void> snapshot();

    /** Calls to other members, for what is not in the log: joining, hashes, versions. */
    PeerCalls peerCalls();

    /** Leaves service: waiting proposals fail with {@link RaftException.OutcomeUnknown}. Does not leave the cluster. */
    @Override
    void close();
}
