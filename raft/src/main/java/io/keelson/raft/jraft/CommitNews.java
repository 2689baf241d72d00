package io.keelson.raft.jraft;

import com.alipay.sofa.jraft.ReplicatorGroup;
import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.core.Replicator;
import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesResponse;
import com.alipay.sofa.jraft.rpc.RpcResponseClosure;
import com.alipay.sofa.jraft.rpc.RpcResponseClosureAdapter;
import com.alipay.sofa.jraft.util.ThreadId;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Tells followers and learners that the leader's commit index has moved. jraft itself tells them with the next entries
 * or the next heartbeat: on a leader with nothing more to write, a command proposed at a follower would wait a tenth of
 * a second for its result, and so would whoever watches the state of a follower.
 *
 * <p>A follower takes a commit index only up to where its log is known to agree with the leader's. So it is told when
 * both are true, whichever came last: the leader has applied an entry, and the follower has acknowledged it; and only
 * if no entries are under way to it or about to leave, which would tell it themselves or be acknowledged soon.
 */
final class CommitNews {
    private final Map<Long, Follower> followers = new ConcurrentHashMap<>();
    private volatile @Nullable ReplicatorGroup replicators;
    private volatile long appliedIndex;
    private volatile boolean moreSoon;

    /** What one of them holds and knows; guarded by itself. */
    private static final class Follower {
        private int requestsUnderWay;
        private long heldIndex;
        private long toldIndex;
    }

    void start(ReplicatorGroup group) {
        replicators = group;
    }

    /**
     * This member, as the leader, has applied that entry.
     *
     * @param more whether further entries leave in a moment anyway
     */
    void applied(long index, boolean more) {
        moreSoon = more;
        appliedIndex = index;
        if (!more) {
            followers.forEach(this::tell);
        }
    }

    /** A request leaves for a member. */
    void sending(long memberId, AppendEntriesRequest request) {
        Follower follower = followers.computeIfAbsent(memberId, id -> new Follower());
        synchronized (follower) {
            if (request.getEntriesCount() > 0) {
                follower.requestsUnderWay++;
            }
            follower.toldIndex = Math.max(
                    follower.toldIndex,
                    Math.min(request.getCommittedIndex(), request.getPrevLogIndex() + request.getEntriesCount()));
        }
    }

    /** The request has come to its end, with an answer or without; jraft has taken note of it. */
    void ended(long memberId, AppendEntriesRequest request, @Nullable AppendEntriesResponse response) {
        if (request.getEntriesCount() == 0) {
            return;
        }
        Follower follower = followers.computeIfAbsent(memberId, id -> new Follower());
        synchronized (follower) {
            follower.requestsUnderWay--;
            if (response != null && response.getSuccess()) {
                follower.heldIndex =
                        Math.max(follower.heldIndex, request.getPrevLogIndex() + request.getEntriesCount());
            }
        }
        tell(memberId, follower);
    }

    private void tell(long memberId, Follower follower) {
        synchronized (follower) {
            if (moreSoon
                    || follower.requestsUnderWay > 0
                    || Math.min(appliedIndex, follower.heldIndex) <= follower.toldIndex) {
                return;
            }
        }
        ReplicatorGroup group = replicators;
        ThreadId replicator = group == null ? null : group.getReplicator(MemberNames.peer(memberId));
        if (replicator != null) {
            Replicator.sendHeartbeat(replicator, ignored());
        }
    }

    /** With a closure of ours, jraft leaves its own heartbeat timer as it is. Whether this one arrived does not matter. */
    private static RpcResponseClosure<AppendEntriesResponse> ignored() {
        return new RpcResponseClosureAdapter<>() {
            @Override
            public void run(Status status) {
                // The regular heartbeats go on whatever became of this one.
            }
        };
    }
}
