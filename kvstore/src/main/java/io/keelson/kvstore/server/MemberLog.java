package io.keelson.kvstore.server;

import io.keelson.kvstore.api.Member;
import io.keelson.kvstore.membership.Identity;
import io.keelson.kvstore.membership.Membership;
import io.keelson.kvstore.metrics.Metrics;
import io.keelson.kvstore.metrics.PeerMetrics;
import io.keelson.kvstore.server.config.ServerConfig;
import io.keelson.raft.PeerTls;
import io.keelson.raft.RaftNode;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * This member's part in the replicated log: the ways of commands and reads to it, and what members ask each other beside
 * it.
 */
record MemberLog(RaftNode raft, LogProposals proposals, BatchedReadPoints readPoints, PeerService peers)
        implements AutoCloseable {
    /** Starts to take part, and to feed the state with what is committed. */
    static MemberLog start(
            ServerConfig config,
            Identity identity,
            @Nullable PeerTls peerTls,
            MemberState state,
            Threads threads,
            Metrics metrics) {
        Membership known = state.membership().current();
        boolean snapshotFirst = identity.seeded() && identity.initialMembers().isEmpty();
        RaftNode raft = RaftNode.start(
                RaftSettings.of(config, identity, known, peerTls),
                new MeteredStateMachine(
                        state.machine(), snapshotFirst, config.limits().warningApply(), metrics),
                new PeerMetrics(
                        metrics,
                        identity.memberId(),
                        () -> state.membership().current().members().keySet(),
                        state.database()::diskWaited));
        LogProposals proposals = new LogProposals(raft, config.limits().requestBytesMax());
        BatchedReadPoints readPoints = new BatchedReadPoints(raft, threads.readers(), threads.timer());
        PeerService peers = new PeerService(raft);
        peers.serve(
                identity.clusterId(),
                identity.seeded(),
                () -> known(identity, state.membership().current()),
                state.store()::hashKv,
                threads.hasher());
        return new MemberLog(raft, proposals, readPoints, peers);
    }

    /** The members, or those the cluster is to begin with while the table is still empty. */
    private static Membership known(Identity identity, Membership now) {
        if (!now.members().isEmpty()) {
            return now;
        }
        var members = new TreeMap<Long, Member>(Long::compareUnsigned);
        identity.initialMembers()
                .forEach(member -> members.put(
                        member.getID(), member.toBuilder().clearName().build()));
        return new Membership(members, now.removed(), now.alarms(), now.clusterVersion(), now.downgrade());
    }

    @Override
    public void close() {
        raft.close();
    }
}
