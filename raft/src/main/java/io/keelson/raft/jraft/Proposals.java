package io.keelson.raft.jraft;

import com.alipay.sofa.jraft.Closure;
import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.core.NodeImpl;
import com.alipay.sofa.jraft.entity.Task;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.keelson.raft.RaftConfig;
import io.keelson.raft.RaftException;
import io.keelson.raft.RaftNode.Priority;
import io.keelson.raft.jraft.Role.Following;
import io.keelson.raft.jraft.Role.Leaderless;
import io.keelson.raft.jraft.Role.Leading;
import io.keelson.raft.jraft.Role.Window;
import io.keelson.raft.transport.PeerIdentity;
import io.keelson.raft.transport.PeerReply;
import io.keelson.raft.transport.PeerRequest;
import io.keelson.raft.transport.PeerTransport;
import io.keelson.raft.transport.PeerTransport.Access;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way of commands into the log.
 *
 * <p><b>The problem.</b> A log entry costs the same whether it carries one command or a thousand, so commands should
 * travel together; but one that comes alone must not wait for company. And a proposer must be told the truth: that its
 * command has been carried out, that it certainly will not be, or that nobody knows.
 *
 * <p><b>How.</b> Whatever waits when there is room is packed and sent: by the leader as one entry (its own commands and
 * the parcels of followers), by a follower as one parcel to the leader. Room is a small number of entries or parcels
 * under way. While it is used up, commands gather, so that the more there are, the more share an entry. There is no
 * thread for this: {@link #drain} runs on whichever thread has brought news (a proposer, the apply thread, an answer of
 * the leader), one at a time, and looks again if more news came meanwhile.
 *
 * <p><b>Truth.</b> A parcel is in {@link #sent} from before it leaves until its commands have been applied here. It
 * goes to the leader of a term and enters the log in that term or never. It is taken back and sent again only if that
 * is certain:
 *
 * <ul>
 *   <li>the leader, or jraft, refused it before taking it in; or it never left this member;
 *   <li>an entry of a later term has been applied here, and the parcel had not come by. Terms never go down along the
 *       log, so it cannot come any more. A new leader writes an empty entry first, so this is known soon.
 * </ul>
 *
 * Otherwise the commands wait until they are applied or their time is over, and then their fate is unknown.
 *
 * <p><b>Bounds.</b> {@link RaftConfig#waitingCommandsMax()} and {@link RaftConfig#waitingBytesMax()} over all commands
 * from proposal to result, beyond which normal ones are refused; the same number of bytes again for parcels of
 * followers, beyond which they are sent back and wait there.
 */
final class Proposals {
    static final String METHOD = "propose";

    private static final Logger log = LoggerFactory.getLogger(Proposals.class);

    /** Commands and bytes that share an entry or a parcel, unless a single command is larger. */
    private static final int COMMANDS_PER_ENTRY_MAX = 1_024;

    private static final int BYTES_PER_ENTRY_MAX = 1 << 20;

    /** Entries under way at the leader, and parcels under way from a follower; see {@link Role.Window}. */
    private static final int UNDER_WAY_MAX = 2;

    /** Sequence numbers that one run of the member has; the bits above them count its starts. */
    private static final int SEQUENCE_BITS = 40;

    /** Pause after a refusal. */
    private static final int PAUSE_MS = 2;

    private static final ByteString ACCEPTED = ByteString.copyFrom(new byte[] {0});
    private static final ByteString NOT_LEADING = ByteString.copyFrom(new byte[] {1});
    private static final ByteString FULL = ByteString.copyFrom(new byte[] {2});

    private final RaftConfig config;
    private final PeerTransport transport;
    private final ClusterClock clock;
    private final ScheduledExecutorService timer;

    private final Queue<Proposal> normal = new ConcurrentLinkedQueue<>();
    private final Queue<Proposal> system = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waitingCommands = new AtomicInteger();
    private final AtomicLong waitingBytes = new AtomicLong();

    /** Parcels that are certainly not in the log and are to be sent again. */
    private final Queue<Parcel> takenBack = new ConcurrentLinkedQueue<>();

    /** Parcels that are, or may be, on their way through the log. */
    private final ConcurrentHashMap<Long, Parcel> sent = new ConcurrentHashMap<>();

    private final Queue<ForwardedParcel> forwarded = new ConcurrentLinkedQueue<>();
    private final AtomicLong forwardedBytes = new AtomicLong();
    private final AtomicInteger forwardedCommands = new AtomicInteger();

    /** Commands of this member that are in neither an entry nor a parcel under way. */
    private final AtomicInteger unsent = new AtomicInteger();

    private final AtomicBoolean markWanted = new AtomicBoolean();
    private final AtomicBoolean lookPlanned = new AtomicBoolean();
    private final AtomicBoolean expiryWanted = new AtomicBoolean();
    private final AtomicInteger news = new AtomicInteger();

    private volatile Role role = new Leaderless(0);
    private volatile long appliedTerm;
    private volatile @Nullable NodeImpl node;
    private volatile @Nullable String outOfService;

    /** Used by whoever drains. */
    private long nextSequence;

    Proposals(
            RaftConfig config,
            PeerTransport transport,
            ClusterClock clock,
            ScheduledExecutorService timer,
            long epoch) {
        this.config = config;
        this.transport = transport;
        this.clock = clock;
        this.timer = timer;
        this.nextSequence = epoch << SEQUENCE_BITS;
    }

    void start(NodeImpl started) {
        node = started;
        transport.serve(METHOD, Access.MEMBERS, this::accept);
    }

    CompletableFuture<Object> propose(byte[] command, Priority priority) {
        String out = outOfService;
        if (out != null) {
            return CompletableFuture.failedFuture(new RaftException.Stopped(out));
        }
        if (command.length > config.commandBytesMax()) {
            return CompletableFuture.failedFuture(new RaftException.TooLarge(
                    "the command has " + command.length + " bytes, the log takes at most " + config.commandBytesMax()));
        }
        int commands = waitingCommands.incrementAndGet();
        long bytes = waitingBytes.addAndGet(command.length);
        if (priority == Priority.NORMAL
                && (commands > config.waitingCommandsMax() || bytes > config.waitingBytesMax())) {
            waitingCommands.decrementAndGet();
            waitingBytes.addAndGet(-command.length);
            return CompletableFuture.failedFuture(new RaftException.Overloaded(
                    (commands - 1) + " commands with " + (bytes - command.length) + " bytes wait already"));
        }
        Proposal proposal = new Proposal(
                command, priority, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(config.proposalTimeoutMs()));
        unsent.incrementAndGet();
        (priority == Priority.SYSTEM ? system : normal).add(proposal);
        drain();
        return proposal;
    }

    /** The role has changed; called by the apply thread. */
    void roleChanged(Role newRole) {
        role = newRole;
        if (newRole instanceof Leading) {
            markWanted.set(true);
        }
        drain();
    }

    /** Asks for an entry without commands, if this member leads. */
    void mark() {
        markWanted.set(true);
        drain();
    }

    /** An entry of this term is about to be applied; called by the apply thread. */
    void entered(long term) {
        if (term <= appliedTerm) {
            return;
        }
        appliedTerm = term;
        boolean some = false;
        for (Parcel parcel : sent.values()) {
            some |= parcel.sentTerm() < term && takeBack(parcel);
        }
        if (some) {
            drain();
        }
    }

    /** A parcel of this member has come back committed: returns it, if somebody may wait for it. */
    @Nullable
    Parcel committed(long sequence) {
        Parcel parcel = sent.remove(sequence);
        if (parcel != null) {
            parcel.leaveWindow();
        }
        return parcel;
    }

    /** The state was replaced by a snapshot: what was sent may be in it, and its results will not come by. */
    void snapshotLoaded() {
        for (Parcel parcel : sent.values()) {
            if (sent.remove(parcel.sequence(), parcel)) {
                parcel.leaveWindow();
                failUnknown(parcel, "a snapshot took the place of the log entries that would have told", false);
            }
        }
        drain();
    }

    void settle(Proposal proposal, @Nullable Object result) {
        release(proposal);
        // The state machine may leave a command without a result; its proposer gets null.
        complete(proposal, result);
    }

    /** A committed command could not be applied here; it is elsewhere. */
    void abandon(Proposal proposal, String why) {
        fail(proposal, new RaftException.OutcomeUnknown(why, false));
    }

    @SuppressWarnings("NullAway") // A future may be completed with null.
    private static void complete(Proposal proposal, @Nullable Object result) {
        proposal.complete(result);
    }

    /** Fails what has waited too long; called every few milliseconds. */
    void expire(long nowNanos) {
        for (Parcel parcel : sent.values()) {
            boolean open = false;
            for (Proposal proposal : parcel.proposals()) {
                if (!proposal.isDone() && proposal.late(nowNanos)) {
                    fail(proposal, unknown(parcel, "not applied within " + config.proposalTimeoutMs() + " ms"));
                }
                open |= !proposal.isDone();
            }
            if (!open && sent.remove(parcel.sequence(), parcel)) {
                parcel.leaveWindow();
            }
        }
        if (waitingCommands.get() > 0) {
            expiryWanted.set(true);
            drain();
        }
    }

    /** Nothing goes in any more. What was sent has an unknown fate, what was not is refused. */
    void stop(String why) {
        outOfService = why;
        for (Parcel parcel : sent.values()) {
            if (sent.remove(parcel.sequence(), parcel)) {
                parcel.leaveWindow();
                failUnknown(parcel, why, false);
            }
        }
        drain();
    }

    /** Looks what can be sent. Runs on one thread at a time; news that comes meanwhile makes that thread look again. */
    void drain() {
        if (news.getAndIncrement() != 0) {
            return;
        }
        int seen = 1;
        do {
            try {
                look();
            } catch (RuntimeException e) {
                // Without this, nobody would ever look again.
                log.error("sending commands on their way failed", e);
            }
            seen = news.addAndGet(-seen);
        } while (seen != 0);
    }

    private void look() {
        String out = outOfService;
        if (out != null) {
            refuseWaiting(out);
            return;
        }
        long now = System.nanoTime();
        if (expiryWanted.compareAndSet(true, false)) {
            expireWaiting(now);
        }
        switch (role) {
            case Leading leading -> {
                boolean more = true;
                while (more && leading.window().open(UNDER_WAY_MAX, waitingToLeave(), now)) {
                    more = lead(leading, now);
                }
                lookAgainWhenGathered(leading.window(), now);
            }
            case Following following -> {
                boolean more = true;
                while (more && following.window().open(UNDER_WAY_MAX, unsent.get(), now)) {
                    more = follow(following);
                }
            }
            case Leaderless leaderless -> {
                // Commands wait for a leader until their time is over.
            }
        }
    }

    private int waitingToLeave() {
        return unsent.get() + forwardedCommands.get();
    }

    private void lookAgainWhenGathered(Window window, long now) {
        long gatheringNanos = window.gatheringNanos(now);
        boolean waited = waitingToLeave() > 0 || markWanted.get();
        if (gatheringNanos > 0 && waited && lookPlanned.compareAndSet(false, true)) {
            try {
                ScheduledFuture<?> _ = timer.schedule(
                        () -> {
                            lookPlanned.set(false);
                            drain();
                        },
                        gatheringNanos,
                        TimeUnit.NANOSECONDS);
            } catch (RejectedExecutionException e) {
                // Closing: whatever waits has been told so, or is told now.
                lookPlanned.set(false);
            }
        }
    }

    /** Whether, at a leader, an entry is under way or will be in a moment. */
    boolean moreSoon() {
        return role instanceof Leading leading && (!leading.window().idle() || waitingToLeave() > 0);
    }

    private boolean lead(Leading leading, long now) {
        NodeImpl raft = node;
        if (raft == null) {
            return false;
        }
        int commands = 0;
        int bytes = EntryFormat.ENTRY_HEADER_BYTES;
        List<ForwardedParcel> others = new ArrayList<>();
        ForwardedParcel next;
        while ((next = forwarded.peek()) != null) {
            if (next.term() != leading.term()) {
                // Its sender learns from the change of term that it did not get in.
                removeForwarded(next);
                continue;
            }
            if (commands > 0
                    && (commands + next.commands() > COMMANDS_PER_ENTRY_MAX
                            || bytes + next.body().size() > BYTES_PER_ENTRY_MAX)) {
                break;
            }
            removeForwarded(next);
            others.add(next);
            commands += next.commands();
            bytes += next.body().size();
        }
        Parcel own = nextParcel(COMMANDS_PER_ENTRY_MAX - commands, BYTES_PER_ENTRY_MAX - bytes, commands == 0);
        if (own != null) {
            own.sent(leading.term(), leading.leaderId(), null);
            sent.put(own.sequence(), own);
            if (appliedTerm > leading.term()) {
                takeBack(own);
                own = null;
            } else {
                bytes += own.bytes();
                commands += own.proposals().length;
            }
        }
        boolean mark = markWanted.getAndSet(false);
        if (own == null && others.isEmpty() && !mark) {
            return false;
        }
        leading.window().enter(commands, now);
        byte[] entry = EntryFormat.entry(clock.nowMs(), config.memberId(), own, others, bytes);
        try {
            raft.apply(new Task(
                    ByteBuffer.wrap(entry), new Submitted(leading, own, others, commands, mark), leading.term()));
        } catch (IllegalStateException e) {
            // Shutting down: jraft tells the closure as well, which takes the parcel back.
            return false;
        }
        return true;
    }

    private void addForwarded(ForwardedParcel parcel) {
        forwardedCommands.addAndGet(parcel.commands());
        forwarded.add(parcel);
    }

    private void removeForwarded(ForwardedParcel parcel) {
        if (forwarded.remove(parcel)) {
            forwardedCommands.addAndGet(-parcel.commands());
            forwardedBytes.addAndGet(-parcel.body().size());
        }
    }

    private boolean follow(Following following) {
        Parcel parcel = nextParcel(COMMANDS_PER_ENTRY_MAX, BYTES_PER_ENTRY_MAX, true);
        if (parcel == null) {
            return false;
        }
        parcel.sent(following.term(), following.leaderId(), following.window());
        sent.put(parcel.sequence(), parcel);
        if (appliedTerm > following.term()) {
            takeBack(parcel);
            return false;
        }
        ByteBuffer message = ByteBuffer.allocate(Long.BYTES + parcel.bytes());
        message.putLong(following.term());
        EntryFormat.writeParcel(message, config.memberId(), parcel);
        transport.call(
                following.leaderId(),
                METHOD,
                UnsafeByteOperations.unsafeWrap(message.array()),
                config.proposalTimeoutMs(),
                new Forwarding(following, parcel));
        return true;
    }

    /** The next commands of this member, at most so many; a single larger one is taken if it may be alone. */
    private @Nullable Parcel nextParcel(int commandsMax, int bytesMax, boolean alone) {
        Parcel again = takenBack.peek();
        if (again != null) {
            if (!alone && (again.proposals().length > commandsMax || again.bytes() > bytesMax)) {
                return null;
            }
            takenBack.remove();
            unsent.addAndGet(-again.proposals().length);
            Parcel open = withoutDone(again);
            return open != null ? open : nextParcel(commandsMax, bytesMax, alone);
        }
        List<Proposal> taken = null;
        int bytes = EntryFormat.PARCEL_HEADER_BYTES;
        while (true) {
            Queue<Proposal> queue = system.isEmpty() ? normal : system;
            Proposal next = queue.peek();
            if (next == null) {
                break;
            }
            int size = EntryFormat.COMMAND_HEADER_BYTES + next.command().length;
            boolean first = taken == null;
            boolean fits = (taken == null ? 0 : taken.size()) < commandsMax && bytes + size <= bytesMax;
            if (!fits && !(first && alone)) {
                break;
            }
            queue.remove();
            unsent.decrementAndGet();
            if (next.isDone()) {
                release(next);
                continue;
            }
            if (taken == null) {
                taken = new ArrayList<>();
            }
            taken.add(next);
            bytes += size;
        }
        return taken == null ? null : new Parcel(nextSequence++, taken.toArray(new Proposal[0]), bytes);
    }

    /** What of a parcel somebody still waits for: a proposal that was told that its fate is unknown must not go out. */
    private @Nullable Parcel withoutDone(Parcel parcel) {
        List<Proposal> open = new ArrayList<>(parcel.proposals().length);
        for (Proposal proposal : parcel.proposals()) {
            if (proposal.isDone()) {
                release(proposal);
            } else {
                open.add(proposal);
            }
        }
        if (open.isEmpty()) {
            return null;
        }
        Proposal[] proposals = open.toArray(new Proposal[0]);
        return new Parcel(nextSequence++, proposals, EntryFormat.parcelBytes(proposals));
    }

    private boolean takeBack(Parcel parcel) {
        if (!sent.remove(parcel.sequence(), parcel)) {
            return false;
        }
        parcel.leaveWindow();
        unsent.addAndGet(parcel.proposals().length);
        takenBack.add(parcel);
        return true;
    }

    /** A follower's commands. They are taken in last of all, so that whatever fails before has had no effect. */
    private void accept(PeerRequest request) {
        if (request.payload().size() < Long.BYTES) {
            throw new IllegalArgumentException("a parcel is cut short");
        }
        long term = request.payload()
                .substring(0, Long.BYTES)
                .asReadOnlyByteBuffer()
                .getLong();
        ByteString body = request.payload().substring(Long.BYTES);
        int commands = EntryFormat.check(body.asReadOnlyByteBuffer(), request.from());
        if (outOfService != null || !(role instanceof Leading leading) || leading.term() != term) {
            request.respond(NOT_LEADING);
            return;
        }
        if (forwardedBytes.addAndGet(body.size()) > config.waitingBytesMax() && !forwarded.isEmpty()) {
            forwardedBytes.addAndGet(-body.size());
            request.respond(FULL);
            return;
        }
        addForwarded(new ForwardedParcel(term, commands, body));
        request.respond(ACCEPTED);
        drain();
    }

    private void drainLater() {
        try {
            ScheduledFuture<?> _ = timer.schedule(this::drain, PAUSE_MS, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            // Closing: whatever waits has been told so, or is told now.
            drain();
        }
    }

    private void expireWaiting(long now) {
        expire(system, now);
        expire(normal, now);
        for (Parcel parcel : takenBack) {
            for (Proposal proposal : parcel.proposals()) {
                if (!proposal.isDone() && proposal.late(now)) {
                    fail(proposal, notTakenIn());
                }
            }
        }
    }

    private RaftException notTakenIn() {
        return role instanceof Leaderless
                ? new RaftException.NoLeader("no leader within " + config.proposalTimeoutMs() + " ms")
                : new RaftException.Overloaded(
                        "the log did not take the command in within " + config.proposalTimeoutMs() + " ms");
    }

    private void expire(Queue<Proposal> queue, long now) {
        Proposal oldest;
        while ((oldest = queue.peek()) != null && (oldest.isDone() || oldest.late(now))) {
            queue.remove();
            unsent.decrementAndGet();
            fail(oldest, notTakenIn());
        }
    }

    private void refuseWaiting(String why) {
        RaftException stopped = new RaftException.Stopped(why);
        for (Queue<Proposal> queue : List.of(system, normal)) {
            Proposal proposal;
            while ((proposal = queue.poll()) != null) {
                unsent.decrementAndGet();
                fail(proposal, stopped);
            }
        }
        Parcel parcel;
        while ((parcel = takenBack.poll()) != null) {
            unsent.addAndGet(-parcel.proposals().length);
            for (Proposal proposal : parcel.proposals()) {
                fail(proposal, stopped);
            }
        }
        ForwardedParcel other;
        while ((other = forwarded.peek()) != null) {
            removeForwarded(other);
        }
    }

    private void failUnknown(Parcel parcel, String why, boolean leaderLost) {
        for (Proposal proposal : parcel.proposals()) {
            fail(proposal, new RaftException.OutcomeUnknown(why, leaderLost));
        }
    }

    private RaftException unknown(Parcel parcel, String why) {
        Role now = role;
        boolean leaderLost = now.term() != parcel.sentTerm() || now.leaderId() != parcel.sentTo();
        return new RaftException.OutcomeUnknown(
                why + (leaderLost ? ", and the leader " + PeerIdentity.text(parcel.sentTo()) + " was lost" : ""),
                leaderLost);
    }

    private void fail(Proposal proposal, RaftException why) {
        release(proposal);
        proposal.completeExceptionally(why);
    }

    private void release(Proposal proposal) {
        if (proposal.release()) {
            waitingCommands.decrementAndGet();
            waitingBytes.addAndGet(-proposal.command().length);
        }
    }

    /** What jraft says about an entry. Success it tells by handing the entry to the apply thread. */
    final class Submitted implements Closure {
        private final Leading leading;
        private final @Nullable Parcel own;
        private final List<ForwardedParcel> others;
        private final int commands;
        private final boolean mark;

        Submitted(Leading leading, @Nullable Parcel own, List<ForwardedParcel> others, int commands, boolean mark) {
            this.leading = leading;
            this.own = own;
            this.others = others;
            this.commands = commands;
            this.mark = mark;
        }

        /** The entry has been applied. */
        void applied() {
            leading.window().passed(commands, System.nanoTime());
        }

        @Override
        public void run(Status status) {
            if (status.isOk()) {
                return;
            }
            leading.window().leave(commands);
            if (!certainlyNotAppended(status)) {
                // The commands stay in sent: they come by after all, or a later term shows that they do not.
                drain();
                return;
            }
            if (own != null) {
                takeBack(own);
            }
            for (ForwardedParcel parcel : others) {
                forwardedBytes.addAndGet(parcel.body().size());
                addForwarded(parcel);
            }
            if (mark) {
                markWanted.set(true);
            }
            leading.window().pause(PAUSE_MS);
            drainLater();
        }

        /**
         * Whether jraft refused the entry before it reached the log: its queue or its disk queue is full, leadership is
         * being transferred, it does not lead (in the expected term), or it is closing. jraft has one error code for
         * "is not leader" before and "leader stepped down" after the log was written, so the texts decide; one that is
         * not known counts as uncertain.
         */
        private static boolean certainlyNotAppended(Status status) {
            String text = status.getErrorMsg();
            return switch (status.getRaftError()) {
                case EBUSY, ENODESHUTDOWN -> true;
                case EPERM -> text != null && (text.equals("Is not leader.") || text.startsWith("expected_term="));
                default -> false;
            };
        }
    }

    /** What the leader says about a parcel. */
    private final class Forwarding implements PeerReply {
        private final Following following;
        private final Parcel parcel;

        Forwarding(Following following, Parcel parcel) {
            this.following = following;
            this.parcel = parcel;
        }

        @Override
        public void answered(ByteString payload) {
            if (!payload.equals(ACCEPTED)) {
                certainlyNotTaken();
            }
        }

        @Override
        public void failed(Failure failure, String message) {
            if (failure == Failure.NOT_SENT) {
                certainlyNotTaken();
            } else {
                // Others may go; this one waits for what the log will show.
                parcel.leaveWindow();
                drain();
            }
        }

        private void certainlyNotTaken() {
            following.window().pause(PAUSE_MS);
            takeBack(parcel);
            drainLater();
        }
    }
}
