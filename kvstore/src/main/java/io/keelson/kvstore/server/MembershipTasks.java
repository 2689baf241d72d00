package io.keelson.kvstore.server;

import io.keelson.kvstore.api.Member;
import io.keelson.kvstore.api.MemberRemoveRequest;
import io.keelson.kvstore.apply.Command;
import io.keelson.kvstore.apply.CommandKind;
import io.keelson.kvstore.membership.ClusterIds;
import io.keelson.kvstore.membership.Identity;
import io.keelson.kvstore.membership.Membership;
import io.keelson.kvstore.membership.Version;
import io.keelson.raft.RaftException;
import io.keelson.raft.RaftMember;
import io.keelson.raft.RaftNode;
import io.keelson.raft.RaftStatus;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.LongPredicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what goes by the table of members in step with it. One thread, which looks when something has changed and once a
 * second anyway, and does whatever is missing, so that a crash or a change of leader between any two steps heals itself:
 *
 * <ul>
 *   <li>every member publishes its name and client URLs until the table has them;
 *   <li>the leader enters the first members of a new cluster and then decides its version, which ends its founding;
 *   <li>the leader makes the log's members those of the table: first it takes out who was removed, then it adds who is
 *       new and answers, one at a time;
 *   <li>the leader keeps the cluster's version at that of its oldest member, or at the target of a downgrade;
 *   <li>a member that finds itself removed says so and stops, whether its own log tells it or the others do, because it
 *       was cut off at the time.
 * </ul>
 */
final class MembershipTasks implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(MembershipTasks.class);
    private static final int LOOK_INTERVAL_MS = 1_000;
    private static final int STEP_TIMEOUT_MS = 30_000;
    private static final int SNAPSHOT_TIMEOUT_MS = 600_000;

    private final RaftNode raft;
    private final Proposals proposals;
    private final PeerService peers;
    private final Supplier<Membership> membership;
    private final Identity identity;
    private final Member self;
    private boolean alone;
    private final BooleanSupplier leading;
    private final Runnable removed;
    private final Semaphore wake = new Semaphore(0);
    private final CompletableFuture<Void> ready = new CompletableFuture<>();
    private final Thread thread;
    private volatile boolean closed;
    private @Nullable String lastTrouble;
    private Set<Long> doubted = Set.of();

    /**
     * @param self this member with the name and URLs it publishes
     * @param alone whether all other members are to be taken out of the table first
     * @param leading whether this member leads and has applied what earlier leaders have committed
     * @param removed runs once this member was removed from the cluster and has nothing left to do in it
     */
    MembershipTasks(
            RaftNode raft,
            Proposals proposals,
            PeerService peers,
            Supplier<Membership> membership,
            Identity identity,
            Member self,
            boolean alone,
            BooleanSupplier leading,
            Runnable removed) {
        this.raft = raft;
        this.proposals = proposals;
        this.peers = peers;
        this.membership = membership;
        this.identity = identity;
        this.self = self;
        this.alone = alone;
        this.leading = leading;
        this.removed = removed;
        this.thread = Thread.ofVirtual().name("membership").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Has it look now. Any thread. */
    void wake() {
        wake.release();
    }

    /**
     * Completes once there is a leader, the table has this member's name and URLs, and this member holds everything that was
     * acknowledged before it was started; also when none of that will come, because it was removed.
     */
    CompletableFuture<Void> ready() {
        return ready.copy();
    }

    /**
     * Waits for {@link #ready}.
     *
     * @return whether that came about in time
     */
    boolean awaitReady(long timeoutMs) throws InterruptedException {
        try {
            var _ = ready.get(timeoutMs, TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException("nothing completes it with a failure", e);
        }
    }

    private void run() {
        while (!closed) {
            try {
                look();
                lastTrouble = null;
            } catch (ExecutionException | TimeoutException | RuntimeException e) {
                trouble(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            try {
                boolean _ = wake.tryAcquire(LOOK_INTERVAL_MS, TimeUnit.MILLISECONDS);
                int _ = wake.drainPermits();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /** Said once while it stays the same: without a leader every look fails. */
    private void trouble(Exception e) {
        String text = String.valueOf(Failures.cause(e).getMessage());
        if (!text.equals(lastTrouble)) {
            lastTrouble = text;
            log.info("membership is not up to date yet: {}", text);
        }
    }

    private void look() throws ExecutionException, InterruptedException, TimeoutException {
        Membership now = membership.get();
        if (now.removed().contains(self.getID())) {
            leave(now);
            return;
        }
        if (toldRemoved(now)) {
            closed = true;
            ready.complete(null);
            removed.run();
            return;
        }
        if (leading.getAsBoolean()) {
            lead(now);
        }
        publish(membership.get());
    }

    private boolean toldRemoved(Membership now) {
        Set<Long> told = raft.removedBy();
        if (told.isEmpty()) {
            return false;
        }
        List<String> names = told.stream().map(ClusterIds::text).toList();
        List<Long> others =
                now.members().keySet().stream().filter(id -> id != self.getID()).toList();
        boolean believed = removedByWord(told, others, id -> peers.reachable(id).join());
        if (believed) {
            log.info("{} refuse this member because it was removed", names);
        } else if (!told.equals(doubted)) {
            log.warn("{} say that this member was removed, and others do not", names);
        }
        doubted = told;
        return believed;
    }

    /**
     * Whether a member was removed, by the word of others that have refused it. They are not believed as long as one of the
     * rest answers it as a member: they may have been made to go on without the others, and have removed them in a log of
     * their own.
     *
     * @param told who says so
     * @param others the members it knows of
     * @param answers whether one of them answers it
     */
    static boolean removedByWord(Set<Long> told, List<Long> others, LongPredicate answers) {
        return !told.isEmpty() && others.stream().noneMatch(id -> !told.contains(id) && answers.test(id));
    }

    private void publish(Membership now) throws ExecutionException, InterruptedException, TimeoutException {
        Member known = now.member(self.getID());
        if (known == null) {
            return;
        }
        if (!known.getName().equals(self.getName())
                || !known.getClientURLsList().equals(self.getClientURLsList())) {
            Member news = self.toBuilder().clearPeerURLs().clearIsLearner().build();
            propose(CommandKind.MEMBER_PUBLISH, news.toByteArray());
            log.info(
                    "published local member to cluster: name {}, client URLs {}",
                    self.getName(),
                    self.getClientURLsList());
        }
        if (!ready.isDone()) {
            long _ = raft.readPoint().get(STEP_TIMEOUT_MS, TimeUnit.MILLISECONDS);
            ready.complete(null);
        }
    }

    private void lead(Membership now) throws ExecutionException, InterruptedException, TimeoutException {
        if (now.clusterVersion() == null) {
            found(now);
            return;
        }
        if (alone) {
            removeOthers(now);
            alone = false;
            return;
        }
        followTable(now);
        decideVersion(now);
    }

    private void removeOthers(Membership now) throws ExecutionException, InterruptedException, TimeoutException {
        for (Member member : now.list()) {
            if (member.getID() != self.getID()) {
                propose(
                        CommandKind.MEMBER_REMOVE,
                        MemberRemoveRequest.newBuilder()
                                .setID(member.getID())
                                .build()
                                .toByteArray());
                log.warn("removed member {}: this member was told to go on alone", ClusterIds.text(member.getID()));
            }
        }
    }

    private void found(Membership now) throws ExecutionException, InterruptedException, TimeoutException {
        for (Member member : identity.initialMembers()) {
            if (now.member(member.getID()) == null) {
                // The name is published by the member itself, which is how the others know that it has started.
                propose(
                        CommandKind.MEMBER_PUBLISH,
                        member.toBuilder().clearName().build().toByteArray());
            }
        }
        setVersion(Version.ETCD.ofCluster());
    }

    private void followTable(Membership now) throws ExecutionException, InterruptedException, TimeoutException {
        List<RaftMember> wanted = now.raftMembers();
        List<RaftMember> actual = raft.configuration();
        if (actual.isEmpty() || sameMembers(actual, wanted)) {
            return;
        }
        List<RaftMember> kept = new ArrayList<>();
        for (RaftMember member : actual) {
            if (now.member(member.id()) != null) {
                kept.add(member);
            }
        }
        if (kept.size() < actual.size()) {
            reconfigure(kept);
        }
        for (RaftMember member : wanted) {
            List<RaftMember> configured = raft.configuration();
            if (configured.contains(member)) {
                continue;
            }
            if (!peers.reachable(member.id()).get(STEP_TIMEOUT_MS, TimeUnit.MILLISECONDS)) {
                log.debug("member {} is not made part of the log before it answers", ClusterIds.text(member.id()));
                continue;
            }
            if (identity.seeded()) {
                dropBeginning();
            }
            List<RaftMember> next = new ArrayList<>(configured);
            next.removeIf(other -> other.id() == member.id());
            next.add(member);
            reconfigure(next);
        }
    }

    /**
     * Makes the log of a cluster that began with data reach back no further than a snapshot, so that a member that is new
     * gets that data. The log is cut at the snapshot before the latest, hence two of them, with an entry in between.
     */
    private void dropBeginning() throws ExecutionException, InterruptedException, TimeoutException {
        for (int i = 0; i < 2; i++) {
            setVersion(Version.ETCD.ofCluster());
            raft.snapshot().get(SNAPSHOT_TIMEOUT_MS, TimeUnit.MILLISECONDS);
        }
    }

    private static boolean sameMembers(List<RaftMember> one, List<RaftMember> other) {
        return one.size() == other.size() && one.containsAll(other);
    }

    private void reconfigure(List<RaftMember> members)
            throws ExecutionException, InterruptedException, TimeoutException {
        log.info("changing the members of the log from {} to {}", raft.configuration(), members);
        raft.reconfigure(members).get(STEP_TIMEOUT_MS, TimeUnit.MILLISECONDS);
    }

    private void decideVersion(Membership now) throws ExecutionException, InterruptedException, TimeoutException {
        if (now.downgrade().getEnabled()) {
            Version target = Version.parse(now.downgrade().getTargetVersion());
            if (target != null && !target.toString().equals(now.clusterVersion())) {
                setVersion(target);
            }
            return;
        }
        Version oldest = null;
        for (Member member : now.list()) {
            Version version;
            try {
                version = peers.version(member.getID()).get(STEP_TIMEOUT_MS, TimeUnit.MILLISECONDS);
            } catch (ExecutionException e) {
                if (Failures.cause(e) instanceof RaftException) {
                    // A version is only raised when every member has been heard.
                    return;
                }
                throw e;
            }
            if (oldest == null || version.compareTo(oldest) < 0) {
                oldest = version;
            }
        }
        if (oldest != null && !oldest.ofCluster().toString().equals(now.clusterVersion())) {
            setVersion(oldest.ofCluster());
        }
    }

    private void setVersion(Version version) throws ExecutionException, InterruptedException, TimeoutException {
        propose(CommandKind.CLUSTER_VERSION, version.toString().getBytes(StandardCharsets.UTF_8));
        log.info("updated cluster version to {}", version);
    }

    private void propose(CommandKind kind, byte[] payload)
            throws ExecutionException, InterruptedException, TimeoutException {
        var _ = proposals.proposeSystem(Command.of(kind, payload)).get(STEP_TIMEOUT_MS, TimeUnit.MILLISECONDS);
    }

    /** Hands the leadership over, so that somebody else can take this member out of the log, and goes. */
    private void leave(Membership now) throws InterruptedException {
        closed = true;
        ready.complete(null);
        RaftStatus status = raft.status();
        if (status.leading()) {
            for (Member member : now.voters()) {
                try {
                    raft.transferLeadership(member.getID()).get(STEP_TIMEOUT_MS, TimeUnit.MILLISECONDS);
                    break;
                } catch (ExecutionException | TimeoutException e) {
                    log.warn("could not hand the leadership over to {}", ClusterIds.text(member.getID()), e);
                }
            }
        }
        // The others need this member's vote no longer than until its removal is part of the log.
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        while (System.nanoTime() < deadline
                && raft.configuration().stream().anyMatch(member -> member.id() == self.getID())
                && raft.configuration().size() > 1) {
            TimeUnit.MILLISECONDS.sleep(50);
        }
        removed.run();
    }

    @Override
    public void close() {
        closed = true;
        wake.release();
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
