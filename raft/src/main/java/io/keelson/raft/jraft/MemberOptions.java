package io.keelson.raft.jraft;

import com.alipay.sofa.jraft.ReplicatorGroup;
import com.alipay.sofa.jraft.option.NodeOptions;
import io.keelson.raft.transport.PeerTransport;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The options of one member as the consensus library passes them around, and with them what belongs to the member. */
final class MemberOptions extends NodeOptions {
    private final PeerTransport transport;
    private final CommitNews commitNews = new CommitNews();
    private final AtomicInteger offers = new AtomicInteger();
    private volatile @Nullable ReplicatorGroup replicators;

    MemberOptions(PeerTransport transport) {
        this.transport = transport;
    }

    PeerTransport transport() {
        return transport;
    }

    /** What replicates to the other members, known once the library has shown it to its client side. */
    @Nullable
    ReplicatorGroup replicators() {
        return replicators;
    }

    /** An offer of a snapshot leaves for another member, which now copies it. */
    void snapshotOffered() {
        offers.incrementAndGet();
    }

    void offerEnded() {
        offers.decrementAndGet();
    }

    /** Whether another member is copying a snapshot of this one. */
    boolean snapshotsGiven() {
        return offers.get() > 0;
    }

    /** What keeps the other members informed of the commit index. */
    CommitNews commitNews() {
        return commitNews;
    }

    void setReplicators(ReplicatorGroup replicators) {
        this.replicators = replicators;
        commitNews.start(replicators);
    }
}
