package io.keelson.raft.jraft;

import io.keelson.raft.jraft.Role.Window;
import org.jspecify.annotations.Nullable;

/**
 * Commands of this member that travel together. A parcel has a sequence number that this member never uses again; it is
 * how the commands find their proposers when they come back committed.
 *
 * <p>A parcel is sent in one term: the leader of that term puts it into the log in that term or not at all. So once an
 * entry of a later term has been applied here without the parcel having come by, it never will, and may be sent again.
 */
final class Parcel {
    private final long sequence;
    private final Proposal[] proposals;
    private final int bytes;
    private volatile long sentTerm;
    private volatile long sentTo;
    private @Nullable Window window;

    Parcel(long sequence, Proposal[] proposals, int bytes) {
        this.sequence = sequence;
        this.proposals = proposals;
        this.bytes = bytes;
    }

    long sequence() {
        return sequence;
    }

    Proposal[] proposals() {
        return proposals;
    }

    int bytes() {
        return bytes;
    }

    long sentTerm() {
        return sentTerm;
    }

    long sentTo() {
        return sentTo;
    }

    synchronized void sent(long term, long to, @Nullable Window occupied) {
        sentTerm = term;
        sentTo = to;
        window = occupied;
        if (occupied != null) {
            occupied.enter(proposals.length, System.nanoTime());
        }
    }

    /** Makes room for another one; does nothing the second time. */
    synchronized void leaveWindow() {
        if (window != null) {
            window.leave(proposals.length);
            window = null;
        }
    }
}
