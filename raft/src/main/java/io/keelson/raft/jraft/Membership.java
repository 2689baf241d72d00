package io.keelson.raft.jraft;

import com.alipay.sofa.jraft.Closure;
import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.conf.Configuration;
import com.alipay.sofa.jraft.core.NodeImpl;
import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.error.RaftError;
import io.keelson.raft.RaftException;
import io.keelson.raft.RaftMember;
import io.keelson.raft.transport.PeerIdentity;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes of the configuration, one member at a time.
 *
 * <p>Two things about jraft shape the steps:
 *
 * <ul>
 *   <li>It keeps one replicator per member, and its kind is fixed when it is made. A learner that becomes a voter in one
 *       step keeps the learner's: what it acknowledges is not counted, and when the change ends the replicator is even
 *       stopped. So a promotion first takes the learner out and then adds the voter; likewise, the other way round, for
 *       a voter that becomes a learner. The member keeps its log and is caught up again in one round trip.
 *   <li>A member that is added must catch up first. jraft looks for that when the member acknowledges something. On an
 *       idle leader the only acknowledgement may arrive before jraft has begun to look, and then none follows, so the
 *       change hangs until the next write. So while a step is not done, the leader writes an empty entry now and then.
 * </ul>
 */
final class Membership {
    private static final Logger log = LoggerFactory.getLogger(Membership.class);

    /** How often an empty entry is written while a step is not done. */
    private static final int NUDGE_MS = 50;

    /** How long jraft may be busy with a change that is not ours, such as the first entry of a term. */
    private static final int BUSY_MAX_MS = 10_000;

    private final long memberId;
    private final NodeImpl node;
    private final Proposals proposals;
    private final AtomicBoolean changing = new AtomicBoolean();

    private @Nullable Configuration committed;
    private @Nullable Configuration seen;
    private long seenIndex;

    Membership(long memberId, NodeImpl node, Proposals proposals) {
        this.memberId = memberId;
        this.node = node;
        this.proposals = proposals;
    }

    /**
     * The latest configuration that is known to be committed. What jraft shows is the latest one it has seen; that one
     * is committed once everything that was in the log when it was first seen has been applied.
     */
    synchronized List<RaftMember> committed() {
        Configuration latest = node.getCurrentConf();
        if (latest != null && !latest.equals(committed)) {
            try {
                if (!latest.equals(seen)) {
                    seen = latest;
                    seenIndex = node.getLastLogIndex();
                }
                if (committed == null || node.getLastAppliedLogIndex() >= seenIndex) {
                    committed = latest;
                }
            } catch (IllegalStateException e) {
                log.debug("the log stopped while its members were listed", e);
            }
        }
        return committed == null ? List.of() : MemberNames.members(committed);
    }

    private synchronized void changed() {
        committed = node.getCurrentConf();
    }

    CompletableFuture<Void> reconfigure(List<RaftMember> members) {
        String wrong = impossible(members);
        if (wrong != null) {
            return CompletableFuture.failedFuture(new RaftException.BadConfiguration(wrong));
        }
        if (!changing.compareAndSet(false, true)) {
            return CompletableFuture.failedFuture(
                    new RaftException.BadConfiguration("another change of the members is under way"));
        }
        CompletableFuture<Void> changed = new CompletableFuture<>();
        Thread.ofVirtual().name("raft-reconfigure").start(() -> {
            RaftException failure = null;
            try {
                change(members);
                changed();
            } catch (RaftException e) {
                failure = e;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                failure = new RaftException.Stopped("interrupted while changing the members");
            } catch (RuntimeException e) {
                log.error("changing the members failed", e);
                failure = new RaftException.BadConfiguration("changing the members failed: " + e);
            } finally {
                changing.set(false);
            }
            if (failure == null) {
                changed.complete(null);
            } else {
                changed.completeExceptionally(failure);
            }
        });
        return changed;
    }

    private static @Nullable String impossible(List<RaftMember> members) {
        Set<Long> ids = new HashSet<>();
        boolean voter = false;
        for (RaftMember member : members) {
            if (member.id() == 0) {
                return "a member has the ID 0";
            }
            if (!ids.add(member.id())) {
                return "member " + PeerIdentity.text(member.id()) + " is named twice";
            }
            voter |= !member.learner();
        }
        return voter ? null : "no member would have a vote";
    }

    private void change(List<RaftMember> members) throws InterruptedException {
        Configuration target = MemberNames.configuration(members);
        Configuration now = current();
        // Whoever helps towards a majority comes first, whoever leaves goes last, and the leader itself at the very
        // end.
        for (PeerId learner : now.listLearners()) {
            if (target.contains(learner)) {
                promote(learner);
            } else if (!target.getLearners().contains(learner)) {
                step("remove learner", learner, done -> node.removeLearners(List.of(learner), done));
            }
        }
        for (PeerId peer : target.listPeers()) {
            if (!current().contains(peer)) {
                step("add voter", peer, done -> node.addPeer(peer, done));
            }
        }
        for (PeerId peer : current().listPeers()) {
            if (!target.contains(peer) && MemberNames.id(peer) != memberId) {
                step("remove voter", peer, done -> node.removePeer(peer, done));
            }
        }
        for (PeerId learner : target.listLearners()) {
            if (!current().getLearners().contains(learner) && MemberNames.id(learner) != memberId) {
                step("add learner", learner, done -> node.addLearners(List.of(learner), done));
            }
        }
        PeerId self = MemberNames.peer(memberId);
        if (!target.contains(self) && current().contains(self)) {
            if (target.getLearners().contains(self)) {
                throw new RaftException.BadConfiguration(
                        "a leader does not become a learner; transfer the leadership first");
            }
            step("remove voter", self, done -> node.removePeer(self, done));
        }
    }

    private void promote(PeerId learner) throws InterruptedException {
        step("take out learner", learner, done -> node.removeLearners(List.of(learner), done));
        try {
            step("add voter", learner, done -> node.addPeer(learner, done));
        } catch (RaftException.BadConfiguration e) {
            // It did not catch up: as before, so that nothing is lost by having tried.
            step("put back learner", learner, done -> node.addLearners(List.of(learner), done));
            throw e;
        }
    }

    private Configuration current() {
        Configuration configuration = node.getCurrentConf();
        if (!node.isLeader(false) || configuration == null) {
            throw new RaftException.NotLeader("only the leader changes the members");
        }
        return configuration;
    }

    private interface Change {
        void begin(Closure done);
    }

    private void step(String what, PeerId peer, Change change) throws InterruptedException {
        String name = PeerIdentity.text(MemberNames.id(peer));
        log.info("{} {}", what, name);
        long busyUntil = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(BUSY_MAX_MS);
        while (true) {
            CompletableFuture<Status> done = new CompletableFuture<>();
            try {
                change.begin(done::complete);
            } catch (IllegalArgumentException e) {
                throw new RaftException.BadConfiguration("cannot " + what + " " + name + ": " + e.getMessage());
            }
            Status status = await(done);
            if (status.isOk()) {
                return;
            }
            switch (status.getRaftError()) {
                case EBUSY -> {
                    if (System.nanoTime() - busyUntil > 0) {
                        throw new RaftException.BadConfiguration(
                                "cannot " + what + " " + name + ": " + status.getErrorMsg());
                    }
                    TimeUnit.MILLISECONDS.sleep(NUDGE_MS);
                }
                case ECATCHUP ->
                    throw new RaftException.BadConfiguration("cannot " + what + " " + name + ": it did not catch up");
                default ->
                    throw new RaftException.NotLeader("cannot " + what + " " + name + ": " + status.getErrorMsg());
            }
        }
    }

    private Status await(CompletableFuture<Status> done) throws InterruptedException {
        while (true) {
            try {
                return done.get(NUDGE_MS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                if (!node.getNodeState().isActive()) {
                    throw new RaftException.Stopped("this member is closing");
                }
                proposals.mark();
            } catch (ExecutionException e) {
                return new Status(RaftError.EINTERNAL, "%s", e.getCause());
            }
        }
    }
}
