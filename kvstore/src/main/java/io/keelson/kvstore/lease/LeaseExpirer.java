package io.keelson.kvstore.lease;

import io.keelson.kvstore.apply.ApplyResult;
import io.keelson.kvstore.apply.Command;
import io.keelson.kvstore.apply.CommandKind;
import io.keelson.kvstore.server.Failures;
import io.keelson.kvstore.server.Proposals;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Proposes, on the leader, to revoke the leases that have expired.
 *
 * <p>Looks five times a second. At most one command is under way, of at most {@link #LEASES_MAX} leases and a bounded part
 * of their keys (see {@link LeaseStore}); if more have expired, or are going since somebody began to revoke them, the next
 * follows as soon as that one is carried out, so that a hundred thousand leases that expire together go as fast as the log
 * takes them and no faster. The commands are the system's own and are not refused for load. One whose
 * outcome is unknown needs no care: the leases are expired still, or gone, at the next look, and the command itself
 * checks again whether a lease was renewed before it.
 */
public final class LeaseExpirer implements AutoCloseable {
    /** Leases revoked by one command. */
    public static final int LEASES_MAX = 500;

    static final int INTERVAL_MS = 200;

    private static final Logger log = LoggerFactory.getLogger(LeaseExpirer.class);

    private final LeaseStore leases;
    private final Proposals proposals;
    private final BooleanSupplier leading;
    private final LongSupplier clusterTimeMs;
    private final ScheduledExecutorService timer;
    private final AtomicBoolean underWay = new AtomicBoolean();
    private volatile boolean closed;
    private @Nullable ScheduledFuture<?> looks;

    /**
     * @param leading whether this member leads and has applied what earlier leaders have committed
     * @param clusterTimeMs cluster time as this member knows it, in milliseconds
     * @param timer where the looking is done; not closed by this class
     */
    public LeaseExpirer(
            LeaseStore leases,
            Proposals proposals,
            BooleanSupplier leading,
            LongSupplier clusterTimeMs,
            ScheduledExecutorService timer) {
        this.leases = leases;
        this.proposals = proposals;
        this.leading = leading;
        this.clusterTimeMs = clusterTimeMs;
        this.timer = timer;
    }

    /** Begins to look. Called once. */
    public synchronized void start() {
        if (!closed && looks == null) {
            looks = timer.scheduleWithFixedDelay(this::lookGuarded, INTERVAL_MS, INTERVAL_MS, TimeUnit.MILLISECONDS);
        }
    }

    /** An exception must not end the repetition: leases would then never expire again. */
    private void lookGuarded() {
        try {
            look();
        } catch (RuntimeException e) {
            log.error("could not look for expired leases; trying again", e);
        }
    }

    /** Looks once, and proposes what is due unless an earlier command is still under way. */
    void look() {
        if (closed || !leading.getAsBoolean() || !underWay.compareAndSet(false, true)) {
            return;
        }
        boolean proposed = false;
        try {
            long[] due = leases.expired(clusterTimeMs.getAsLong(), LEASES_MAX);
            if (due.length > 0) {
                var _ = proposals
                        .proposeSystem(Command.of(CommandKind.LEASE_EXPIRE, LeaseIds.encode(due)))
                        .whenComplete((result, failure) -> finished(due.length, result, failure));
                proposed = true;
            }
        } finally {
            if (!proposed) {
                underWay.set(false);
            }
        }
    }

    private void finished(int count, @Nullable ApplyResult result, @Nullable Throwable failure) {
        underWay.set(false);
        if (failure != null) {
            log.warn(
                    "{} expired leases are not revoked yet: {}",
                    count,
                    Failures.status(failure).getDescription());
            return;
        }
        log.debug(
                "revoked {} expired leases, or a part of their keys, at revision {}",
                count,
                result == null ? 0 : result.revision());
        if (!closed) {
            try {
                timer.execute(this::lookGuarded);
            } catch (RejectedExecutionException e) {
                log.debug("the member is stopping; expired leases are left to the next leader", e);
            }
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (looks != null) {
            looks.cancel(false);
        }
    }
}
