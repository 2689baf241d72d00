package io.keelson.kvstore.lease;

import io.keelson.kvstore.apply.ApplyResult;
import io.keelson.kvstore.apply.Command;
import io.keelson.kvstore.apply.CommandKind;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.errors.EtcdException;
import io.keelson.kvstore.server.Failures;
import io.keelson.kvstore.server.Proposals;
import io.keelson.raft.RaftException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Collects the renewals of all keep-alive streams of this member into few commands.
 *
 * <p>A renewal goes at once if none is under way; while one is, further ones wait and go together in the next command,
 * so the load on the log is one small command per round trip however many clients there are. A renewal is acknowledged
 * when it is committed: whoever leads next knows of it, and no lease expires early because a leader was lost.
 *
 * <p>A lease that is over is answered once its keys are gone. Those of a large one go in parts: its renewal is repeated
 * meanwhile, and deletes a part itself each time.
 *
 * <p>Renewing twice does no harm, so a command that failed for want of a leader, or whose outcome is unknown, is
 * repeated until the renewals in it have waited for the request timeout. Renewals are proposed as the system's own
 * commands: a cluster busy with other writes still keeps its clients' leases.
 *
 * <p>Any thread; nothing blocks. At most {@link #WAITING_MAX} leases wait; a renewal beyond that fails with {@code
 * TOO_MANY_REQUESTS}. Renewals of one lease that wait at the same time are one.
 */
public final class LeaseRenewer {
    /** Leases that may wait for a renewal at the same time. */
    public static final int WAITING_MAX = 1 << 18;

    /** Leases renewed by one command. */
    static final int LEASES_MAX = 4096;

    private static final int PAUSE_MS = 50;

    private final Proposals proposals;
    private final ScheduledExecutorService timer;
    private final long timeoutNanos;
    private final LongSupplier nanoTime;

    private final Object lock = new Object();
    /** By lease id, in the order of arrival. */
    private final Map<Long, Renewal> waiting = new LinkedHashMap<>();

    private boolean underWay;

    private record Renewal(long leaseId, CompletableFuture<Long> answer, long sinceNanos) {}

    /**
     * @param timer for pauses between attempts; not closed by this class
     * @param timeoutMs how long a renewal may take before it fails with {@code TIMEOUT}
     * @param nanoTime a clock such as {@link System#nanoTime}
     */
    public LeaseRenewer(Proposals proposals, ScheduledExecutorService timer, int timeoutMs, LongSupplier nanoTime) {
        this.proposals = proposals;
        this.timer = timer;
        this.timeoutNanos = TimeUnit.MILLISECONDS.toNanos(timeoutMs);
        this.nanoTime = nanoTime;
    }

    /**
     * Renews a lease.
     *
     * @return the time to live that starts again, in seconds; 0 if there is no such lease (any more). Fails with an
     *     {@link EtcdException}. Completed on a thread that must not be blocked
     */
    public CompletableFuture<Long> renew(long leaseId) {
        CompletableFuture<Long> answer;
        synchronized (lock) {
            Renewal same = waiting.get(leaseId);
            if (same != null) {
                return same.answer.copy();
            }
            if (waiting.size() >= WAITING_MAX) {
                return CompletableFuture.failedFuture(EtcdError.TOO_MANY_REQUESTS.exception());
            }
            answer = new CompletableFuture<>();
            waiting.put(leaseId, new Renewal(leaseId, answer, nanoTime.getAsLong()));
            if (underWay) {
                return answer.copy();
            }
            underWay = true;
        }
        send();
        return answer.copy();
    }

    /** Sends what waits. Called only by whoever has set {@link #underWay}. */
    private void send() {
        List<Renewal> batch = new ArrayList<>();
        synchronized (lock) {
            Iterator<Renewal> oldest = waiting.values().iterator();
            while (oldest.hasNext() && batch.size() < LEASES_MAX) {
                batch.add(oldest.next());
                oldest.remove();
            }
            if (batch.isEmpty()) {
                underWay = false;
                return;
            }
        }
        byte[] payload =
                LeaseIds.encode(batch.stream().mapToLong(Renewal::leaseId).toArray());
        CompletableFuture<ApplyResult> result;
        try {
            result = proposals.proposeSystem(Command.of(CommandKind.LEASE_RENEW, payload));
        } catch (RuntimeException e) {
            result = CompletableFuture.failedFuture(e);
        }
        var _ = result.whenComplete((done, failure) -> finished(batch, done, failure));
    }

    private void finished(List<Renewal> batch, @Nullable ApplyResult result, @Nullable Throwable failure) {
        if (result != null) {
            long[] ttls = LeaseIds.decode(ByteBuffer.wrap(result.body()));
            if (ttls.length != batch.size()) {
                sendNext(0);
                IllegalStateException mismatch =
                        new IllegalStateException(ttls.length + " answers to a renewal of " + batch.size() + " leases");
                batch.forEach(renewal -> renewal.answer.completeExceptionally(mismatch));
                return;
            }
            // The next command first: answering may take a while.
            List<Renewal> over = sendNextAfter(batch, ttls);
            for (int i = 0; i < batch.size(); i++) {
                if (ttls[i] != LeaseStore.STILL_GOING) {
                    batch.get(i).answer.complete(ttls[i]);
                }
            }
            over.forEach(renewal -> renewal.answer.completeExceptionally(EtcdError.TIMEOUT.exception()));
            return;
        }
        EtcdError error = failure == null ? EtcdError.TIMEOUT : error(failure);
        if (error == null || !worthRepeating(error)) {
            sendNext(0);
            batch.forEach(renewal -> renewal.answer.completeExceptionally(
                    failure == null || error != null ? new EtcdException(orTimeout(error)) : failure));
            return;
        }
        List<Renewal> over = repeat(batch);
        sendNext(PAUSE_MS);
        over.forEach(renewal -> renewal.answer.completeExceptionally(EtcdError.TIMEOUT.exception()));
    }

    /** Has leases asked for again that are over and not gone yet; returns the renewals that have waited too long. */
    private List<Renewal> sendNextAfter(List<Renewal> batch, long[] ttls) {
        List<Renewal> going = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            if (ttls[i] == LeaseStore.STILL_GOING) {
                going.add(batch.get(i));
            }
        }
        List<Renewal> over = going.isEmpty() ? List.of() : repeat(going);
        sendNext(going.isEmpty() ? 0 : PAUSE_MS);
        return over;
    }

    private static EtcdError orTimeout(@Nullable EtcdError error) {
        return error == null ? EtcdError.TIMEOUT : error;
    }

    /** Puts renewals back to wait, behind the others, and returns all that have waited too long. */
    private List<Renewal> repeat(List<Renewal> batch) {
        long now = nanoTime.getAsLong();
        List<Renewal> over = new ArrayList<>();
        synchronized (lock) {
            for (Renewal renewal : batch) {
                Renewal newer = waiting.putIfAbsent(renewal.leaseId, renewal);
                if (newer != null) {
                    var _ = newer.answer.whenComplete((ttl, failure) -> copy(renewal.answer, ttl, failure));
                }
            }
            Iterator<Renewal> all = waiting.values().iterator();
            while (all.hasNext()) {
                Renewal renewal = all.next();
                if (now - renewal.sinceNanos >= timeoutNanos) {
                    over.add(renewal);
                    all.remove();
                }
            }
        }
        return over;
    }

    private static void copy(CompletableFuture<Long> to, @Nullable Long ttl, @Nullable Throwable failure) {
        if (failure != null) {
            to.completeExceptionally(failure);
        } else if (ttl != null) {
            to.complete(ttl);
        }
    }

    private void sendNext(int pauseMs) {
        try {
            var _ = timer.schedule(this::send, pauseMs, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            List<Renewal> rest;
            synchronized (lock) {
                rest = new ArrayList<>(waiting.values());
                waiting.clear();
                underWay = false;
            }
            rest.forEach(renewal -> renewal.answer.completeExceptionally(EtcdError.STOPPED.exception()));
        }
    }

    private static @Nullable EtcdError error(Throwable failure) {
        return switch (Failures.cause(failure)) {
            case EtcdException e -> e.error();
            case RaftException e -> Failures.ofRaft(e);
            default -> null;
        };
    }

    private static boolean worthRepeating(EtcdError error) {
        return switch (error) {
            case NO_LEADER,
                    NOT_LEADER,
                    LEADER_CHANGED,
                    TIMEOUT,
                    TIMEOUT_LEADER_FAILURE,
                    TIMEOUT_CONNECTION_LOST,
                    TOO_MANY_REQUESTS -> true;
            default -> false;
        };
    }
}
