package io.keelson.raft.jraft;

import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.core.NodeImpl;
import com.alipay.sofa.jraft.option.ReadOnlyOption;
import com.alipay.sofa.jraft.rpc.RpcRequests.ReadIndexRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.ReadIndexResponse;
import com.alipay.sofa.jraft.rpc.RpcResponseClosureAdapter;
import com.google.protobuf.ByteString;
import io.keelson.raft.RaftConfig;
import io.keelson.raft.RaftException;
import io.keelson.raft.jraft.Role.Following;
import io.keelson.raft.jraft.Role.Leaderless;
import io.keelson.raft.jraft.Role.Leading;
import io.keelson.raft.transport.PeerReply;
import io.keelson.raft.transport.PeerRequest;
import io.keelson.raft.transport.PeerTransport;
import io.keelson.raft.transport.PeerTransport.Access;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Linearizable read points.
 *
 * <p>A reader needs an index that covers everything committed before it asked. The leader knows its commit index, and
 * one round of heartbeats to a majority proves that it still led after the reader asked. So all readers that wait when
 * a round begins share it; those who come meanwhile share the next. At most one round is under way: the busier a member,
 * the more readers a round serves. A follower's round is a question to the leader, where the readers of all members
 * share the leader's rounds.
 *
 * <p>Then each member lets its readers go once its own state machine has applied up to the index.
 *
 * <p>Bounds: at most {@link RaftConfig#waitingCommandsMax()} readers wait; further ones are refused as overload.
 */
final class ReadRounds {
    static final String METHOD = "read-index";

    private static final Logger log = LoggerFactory.getLogger(ReadRounds.class);

    private static final int PAUSE_MS = 3;

    /** A follower asks again after this long: the answer, or the leader, may be lost. */
    private static final int QUESTION_TIMEOUT_MS = 1_000;

    /** Whoever wants an index: a reader here, or a follower in the name of its readers. */
    private sealed interface Waiter {}

    private record Reader(CompletableFuture<Long> future, long deadlineNanos) implements Waiter {}

    private record RemoteRound(PeerRequest request) implements Waiter {}

    /** Readers that know their index and wait until it is applied here. */
    private record Known(long index, List<Reader> readers) {}

    private final RaftConfig config;
    private final PeerTransport transport;
    private final ScheduledExecutorService timer;
    private final ResultThread results;
    private final AtomicInteger count = new AtomicInteger();

    private volatile @Nullable NodeImpl node;
    private volatile @Nullable ReadIndexRequest question;
    private volatile long appliedIndex;
    private volatile @Nullable String outOfService;

    /** Guards what follows; never held while something else is called. */
    private final Object lock = new Object();

    private Role role = new Leaderless(0);
    private List<Waiter> waiting = new ArrayList<>();
    private @Nullable Round round;
    private long againAtNanos = System.nanoTime();
    private final PriorityQueue<Known> known = new PriorityQueue<>((a, b) -> Long.compare(a.index(), b.index()));
    private volatile boolean someKnown;

    ReadRounds(RaftConfig config, PeerTransport transport, ScheduledExecutorService timer, ResultThread results) {
        this.config = config;
        this.transport = transport;
        this.timer = timer;
        this.results = results;
    }

    void start(NodeImpl started) {
        question = ReadIndexRequest.newBuilder()
                .setGroupId(started.getGroupId())
                .setServerId(started.getServerId().toString())
                .setReadOnlyOptions(ReadOnlyOption.convertMsgType(ReadOnlyOption.ReadOnlySafe))
                .build();
        node = started;
        transport.serve(METHOD, Access.MEMBERS, this::accept);
    }

    CompletableFuture<Long> readPoint() {
        String out = outOfService;
        if (out != null) {
            return CompletableFuture.failedFuture(new RaftException.Stopped(out));
        }
        if (count.incrementAndGet() > config.waitingCommandsMax()) {
            count.decrementAndGet();
            return CompletableFuture.failedFuture(
                    new RaftException.Overloaded(config.waitingCommandsMax() + " readers wait already"));
        }
        Reader reader = new Reader(
                new CompletableFuture<>(),
                System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(config.proposalTimeoutMs()));
        synchronized (lock) {
            waiting.add(reader);
        }
        look();
        return reader.future();
    }

    void roleChanged(Role newRole) {
        List<Waiter> refused = new ArrayList<>();
        synchronized (lock) {
            role = newRole;
            // The round was begun with another leader; its answer, if it still comes, is no longer waited for.
            if (round != null) {
                waiting.addAll(round.waiters);
                round = null;
            }
            if (!(newRole instanceof Leading)) {
                waiting.removeIf(waiter -> waiter instanceof RemoteRound && refused.add(waiter));
            }
        }
        refuseRemote(refused);
        look();
    }

    /** The state machine has applied up to that index. */
    void applied(long index) {
        appliedIndex = index;
        if (someKnown) {
            release(index);
        }
    }

    /** Fails readers that have waited too long and looks after rounds that got lost; called every few milliseconds. */
    void expire(long nowNanos) {
        if (count.get() == 0) {
            return;
        }
        NodeImpl raft = node;
        if (someKnown && raft != null && raft.getNodeState().isActive()) {
            // The last entry may be one that carries no command, so that no batch tells of it.
            release(raft.getLastAppliedLogIndex());
        }
        List<Reader> late = new ArrayList<>();
        boolean leaderless;
        synchronized (lock) {
            leaderless = role instanceof Leaderless;
            collectLate(waiting, nowNanos, late);
            if (round != null) {
                collectLate(round.waiters, nowNanos, late);
            }
            for (Known group : known) {
                collectLate(group.readers(), nowNanos, late);
            }
        }
        for (Reader reader : late) {
            fail(
                    reader,
                    leaderless
                            ? new RaftException.NoLeader("no leader within " + config.proposalTimeoutMs() + " ms")
                            : new RaftException.Timeout("no read point within " + config.proposalTimeoutMs() + " ms"));
        }
        look();
    }

    private static void collectLate(List<? extends Waiter> waiters, long nowNanos, List<Reader> late) {
        waiters.removeIf(waiter ->
                waiter instanceof Reader reader && nowNanos - reader.deadlineNanos() >= 0 && late.add(reader));
    }

    void stop(String why) {
        outOfService = why;
        List<Waiter> left = new ArrayList<>();
        synchronized (lock) {
            left.addAll(waiting);
            waiting.clear();
            if (round != null) {
                left.addAll(round.waiters);
                round = null;
            }
            for (Known group : known) {
                left.addAll(group.readers());
            }
            known.clear();
        }
        for (Waiter waiter : left) {
            if (waiter instanceof Reader reader) {
                fail(reader, new RaftException.Stopped(why));
            }
        }
        refuseRemote(left);
    }

    private void accept(PeerRequest request) {
        boolean leads;
        synchronized (lock) {
            leads = role instanceof Leading && outOfService == null;
            if (leads) {
                waiting.add(new RemoteRound(request));
            }
        }
        if (leads) {
            look();
        } else {
            request.refuse("not the leader");
        }
    }

    /** Begins a round, if there is someone to begin it for and none is under way. */
    private void look() {
        Round next;
        Role leader;
        synchronized (lock) {
            leader = role;
            if (round != null
                    || waiting.isEmpty()
                    || leader instanceof Leaderless
                    || System.nanoTime() - againAtNanos < 0) {
                return;
            }
            next = new Round(waiting);
            waiting = new ArrayList<>();
            round = next;
        }
        NodeImpl raft = node;
        ReadIndexRequest asked = question;
        if (leader instanceof Following following) {
            transport.call(following.leaderId(), METHOD, ByteString.EMPTY, QUESTION_TIMEOUT_MS, next);
        } else if (raft != null && asked != null) {
            try {
                raft.handleReadIndexRequest(asked, new LeaderRound(next));
            } catch (RuntimeException e) {
                // It reads the log, which may be damaged; the member is then about to leave service.
                log.error("no round of read points can be begun", e);
                next.notProved();
            }
        }
    }

    private void release(long index) {
        List<Known> ready = new ArrayList<>();
        synchronized (lock) {
            Known lowest;
            while ((lowest = known.peek()) != null && lowest.index() <= index) {
                ready.add(known.remove());
            }
            someKnown = !known.isEmpty();
        }
        for (Known group : ready) {
            complete(group.readers(), group.index());
        }
    }

    private void complete(List<Reader> readers, long index) {
        results.execute(() -> {
            for (Reader reader : readers) {
                count.decrementAndGet();
                reader.future().complete(index);
            }
        });
    }

    private void fail(Reader reader, RaftException why) {
        count.decrementAndGet();
        results.execute(() -> reader.future().completeExceptionally(why));
    }

    private static void refuseRemote(List<Waiter> waiters) {
        for (Waiter waiter : waiters) {
            if (waiter instanceof RemoteRound remote) {
                remote.request().refuse("not the leader");
            }
        }
    }

    /** One proof of leadership and those who share it. */
    private final class Round implements PeerReply {
        private final List<Waiter> waiters;

        Round(List<Waiter> waiters) {
            this.waiters = waiters;
        }

        void proved(long index) {
            List<Reader> readers = new ArrayList<>();
            List<RemoteRound> remotes = new ArrayList<>();
            boolean ready;
            synchronized (lock) {
                if (round != this) {
                    return;
                }
                round = null;
                for (Waiter waiter : waiters) {
                    switch (waiter) {
                        case Reader reader -> readers.add(reader);
                        case RemoteRound remote -> remotes.add(remote);
                    }
                }
                ready = appliedIndex >= index;
                if (!ready && !readers.isEmpty()) {
                    known.add(new Known(index, readers));
                    someKnown = true;
                }
            }
            ByteString answer = null;
            for (RemoteRound remote : remotes) {
                if (answer == null) {
                    answer = ByteString.copyFrom(
                            ByteBuffer.allocate(Long.BYTES).putLong(index).flip());
                }
                remote.request().respond(answer);
            }
            if (ready && !readers.isEmpty()) {
                complete(readers, index);
            } else if (appliedIndex >= index) {
                // It was applied between the look and the listing.
                release(appliedIndex);
            }
            look();
        }

        void notProved() {
            synchronized (lock) {
                if (round != this) {
                    return;
                }
                round = null;
                waiters.addAll(waiting);
                waiting = waiters;
                againAtNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PAUSE_MS);
            }
            try {
                ScheduledFuture<?> _ = timer.schedule(ReadRounds.this::look, PAUSE_MS, TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException e) {
                // Closing: readers have been told so.
                return;
            }
        }

        @Override
        public void answered(ByteString payload) {
            if (payload.size() == Long.BYTES) {
                proved(payload.asReadOnlyByteBuffer().getLong());
            } else {
                notProved();
            }
        }

        @Override
        public void failed(Failure failure, String message) {
            notProved();
        }
    }

    private static final class LeaderRound extends RpcResponseClosureAdapter<ReadIndexResponse> {
        private final Round round;

        LeaderRound(Round round) {
            this.round = round;
        }

        @Override
        public void run(Status status) {
            if (status.isOk() && getResponse().getSuccess()) {
                round.proved(getResponse().getIndex());
            } else {
                round.notProved();
            }
        }
    }
}
