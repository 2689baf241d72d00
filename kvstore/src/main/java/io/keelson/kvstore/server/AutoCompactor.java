package io.keelson.kvstore.server;

import io.keelson.kvstore.api.CompactionRequest;
import io.keelson.kvstore.apply.Command;
import io.keelson.kvstore.apply.CommandKind;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.errors.EtcdException;
import io.keelson.kvstore.server.config.ServerConfig.AutoCompaction;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compacts history on the leader, as etcd's two modes do. By time: the revision is noted every tenth of an interval (the
 * retention, but at most an hour), and once an interval the one noted a retention ago is compacted to. By revisions:
 * every five minutes all but so many are compacted. A compaction that failed is tried again at the next look. One thread,
 * which calls {@link #look} at {@link #intervalMs}.
 */
final class AutoCompactor {
    private static final Logger log = LoggerFactory.getLogger(AutoCompactor.class);
    private static final long HOUR_MS = 3_600_000;
    private static final long REVISION_INTERVAL_MS = 300_000;
    private static final int NOTES_PER_INTERVAL = 10;

    private final AutoCompaction rule;
    private final Proposals proposals;
    private final LongSupplier currentRevision;
    private final BooleanSupplier leading;
    private final LongSupplier nanoTime;
    private final Deque<Long> notes = new ArrayDeque<>();
    private final AtomicBoolean underWay = new AtomicBoolean();
    private volatile long lastNanos;
    private volatile long lastRevision;

    AutoCompactor(
            AutoCompaction rule,
            Proposals proposals,
            LongSupplier currentRevision,
            BooleanSupplier leading,
            LongSupplier nanoTime) {
        this.rule = rule;
        this.proposals = proposals;
        this.currentRevision = currentRevision;
        this.leading = leading;
        this.nanoTime = nanoTime;
        this.lastNanos = nanoTime.getAsLong();
    }

    /** Whether there is anything to do at all. */
    boolean on() {
        return rule.mode() == AutoCompaction.Mode.REVISION
                ? rule.retainedRevisions() > 0
                : !rule.retention().isZero();
    }

    /** How often {@link #look} is to be called. */
    long intervalMs() {
        return rule.mode() == AutoCompaction.Mode.REVISION
                ? REVISION_INTERVAL_MS
                : Math.max(1, compactionIntervalMs() / NOTES_PER_INTERVAL);
    }

    private long compactionIntervalMs() {
        return Math.min(HOUR_MS, rule.retention().toMillis());
    }

    void look() {
        long revision = currentRevision.getAsLong();
        if (rule.mode() == AutoCompaction.Mode.REVISION) {
            compact(revision - rule.retainedRevisions());
            return;
        }
        long kept = rule.retention().toMillis() / intervalMs() + 1;
        notes.addLast(revision);
        while (notes.size() > kept) {
            long _ = notes.removeFirst();
        }
        boolean due = (nanoTime.getAsLong() - lastNanos) / 1_000_000 >= compactionIntervalMs();
        if (notes.size() == kept && due) {
            compact(notes.getFirst());
        }
    }

    private void compact(long revision) {
        if (!leading.getAsBoolean()
                || revision <= 0
                || revision == lastRevision
                || !underWay.compareAndSet(false, true)) {
            return;
        }
        byte[] request =
                CompactionRequest.newBuilder().setRevision(revision).build().toByteArray();
        long askedNanos = nanoTime.getAsLong();
        var _ = proposals
                .proposeSystem(Command.of(CommandKind.COMPACT, request))
                .whenComplete((_, failure) -> finished(revision, askedNanos, failure));
    }

    private void finished(long revision, long askedNanos, @Nullable Throwable failure) {
        if (failure == null) {
            log.info("completed auto compaction to revision {}", revision);
        }
        if (failure == null
                || (Failures.cause(failure) instanceof EtcdException e && e.error() == EtcdError.COMPACTED)) {
            lastRevision = revision;
            lastNanos = askedNanos;
        } else {
            log.warn(
                    "auto compaction to revision {} failed and is tried again in {} s: {}",
                    revision,
                    Math.ceilDiv(intervalMs(), 1000),
                    failure.toString());
        }
        underWay.set(false);
    }
}
