package io.keelson.kvstore.metrics;

import io.keelson.kvstore.apply.ApplyObserver;
import io.keelson.kvstore.apply.CommandKind;
import io.keelson.kvstore.lease.LeaseObserver;
import io.keelson.kvstore.metrics.Metrics.Histogram;
import io.keelson.kvstore.mvcc.CompactionObserver;
import io.keelson.kvstore.mvcc.RangeObserver;
import java.time.Clock;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;

/** What applying commands and dropping history takes, and what maintenance is asked for, under etcd's names. */
public final class StoreMetrics implements ApplyObserver, CompactionObserver, LeaseObserver, RangeObserver {
    private static final double NANOS_PER_MS = 1e6;

    private final Map<CommandKind, Histogram> succeeded = new EnumMap<>(CommandKind.class);
    private final Map<CommandKind, Histogram> refused = new EnumMap<>(CommandKind.class);
    private final Clock clock;
    private final BooleanSupplier leading;
    private final LongAdder promotions;
    private final LongAdder expiredLeases;
    private final LongAdder compactedKeys;
    private final Histogram rangesSucceeded;
    private final Histogram rangesRefused;
    private final Histogram compactionPauseMs;
    private final Histogram compactionTotalMs;
    private final Histogram leaseTtlSeconds;
    private final Histogram defragSeconds;
    private final Histogram hashSeconds;
    private final Histogram hashRevisionSeconds;
    private final Histogram snapshotSeconds;
    private volatile double lastCompactionSeconds;

    /**
     * @param clock for the time of the last compaction, which is a date
     * @param leading whether this member leads
     */
    public StoreMetrics(Metrics metrics, Clock clock, BooleanSupplier leading) {
        this.clock = clock;
        this.leading = leading;
        double[] applyBounds = Metrics.doubling(0.0001, 20);
        for (CommandKind kind : CommandKind.values()) {
            succeeded.put(kind, new Histogram(applyBounds));
            refused.put(kind, new Histogram(applyBounds));
        }
        metrics.family(
                "etcd_server_apply_duration_seconds",
                "The latency distributions of v2 apply called by backend.",
                "histogram",
                this::applySamples);
        Metrics.Histograms ranges = metrics.histograms(
                "etcd_server_range_duration_seconds", "The latency distributions of txn.Range", applyBounds);
        rangesSucceeded = ranges.at(Metrics.label("success", "true"));
        rangesRefused = ranges.at(Metrics.label("success", "false"));
        metrics.counter(
                "etcd_mvcc_txn_total",
                "Total number of txns seen by this member.",
                () -> of(succeeded, CommandKind.TXN).count()
                        + of(refused, CommandKind.TXN).count());
        promotions = metrics.counter(
                "etcd_server_learner_promote_successes",
                "The total number of successful learner promotions while this member is leader.");
        expiredLeases =
                metrics.counter("etcd_debugging_server_lease_expired_total", "The total number of expired leases.");
        compactedKeys =
                metrics.counter("etcd_debugging_mvcc_db_compaction_keys_total", "Total number of db keys compacted.");
        metrics.gauge(
                "etcd_debugging_mvcc_db_compaction_last",
                "The unix time of the last db compaction. Resets to 0 on start.",
                () -> lastCompactionSeconds);
        compactionPauseMs = metrics.histogram(
                "etcd_debugging_mvcc_db_compaction_pause_duration_milliseconds",
                "Bucketed histogram of db compaction pause duration.",
                Metrics.doubling(1, 13));
        compactionTotalMs = metrics.histogram(
                "etcd_debugging_mvcc_db_compaction_total_duration_milliseconds",
                "Bucketed histogram of db compaction total duration.",
                Metrics.doubling(100, 14));
        leaseTtlSeconds = metrics.histogram(
                "etcd_debugging_lease_ttl_total", "Bucketed histogram of lease TTLs.", Metrics.doubling(1, 24));
        defragSeconds = metrics.histogram(
                "etcd_disk_backend_defrag_duration_seconds",
                "The latency distribution of backend defragmentation.",
                Metrics.doubling(0.1, 13));
        metrics.gauge(
                "etcd_disk_defrag_inflight",
                "Whether or not defrag is active on the member. 1 means active, 0 means not.",
                () -> 0);
        hashSeconds = metrics.histogram(
                "etcd_mvcc_hash_duration_seconds",
                "The latency distribution of storage hash operation.",
                Metrics.doubling(0.01, 15));
        hashRevisionSeconds = metrics.histogram(
                "etcd_mvcc_hash_rev_duration_seconds",
                "The latency distribution of storage hash by revision operation.",
                Metrics.doubling(0.01, 15));
        snapshotSeconds = metrics.histogram(
                "etcd_disk_backend_snapshot_duration_seconds",
                "The latency distribution of backend snapshots.",
                Metrics.doubling(0.01, 17));
    }

    private static Histogram of(Map<CommandKind, Histogram> histograms, CommandKind kind) {
        Histogram histogram = histograms.get(kind);
        if (histogram == null) {
            throw new IllegalArgumentException("a kind without a histogram: " + kind);
        }
        return histogram;
    }

    private List<Metrics.Sample> applySamples() {
        Map<String, Histogram> byLabels = new TreeMap<>();
        refused.forEach((kind, histogram) -> byLabels.put(labels(kind, false), histogram));
        succeeded.forEach((kind, histogram) -> byLabels.put(labels(kind, true), histogram));
        List<Metrics.Sample> samples = new ArrayList<>();
        byLabels.forEach((labels, histogram) -> {
            if (histogram.count() > 0) {
                samples.addAll(histogram.samples(labels));
            }
        });
        return samples;
    }

    private static String labels(CommandKind kind, boolean success) {
        return Metrics.label("op", operation(kind)) + "," + Metrics.label("success", String.valueOf(success)) + ","
                + Metrics.label("version", "v3");
    }

    /** The name of a command in etcd's log; commands that etcd does not have are named alike. */
    static String operation(CommandKind kind) {
        return switch (kind) {
            case COMPACT -> "Compaction";
            case MEMBER_PUBLISH -> "ClusterMemberAttrSet";
            case CLUSTER_VERSION -> "ClusterVersionSet";
            case DOWNGRADE -> "DowngradeInfoSet";
            case AUTH_AUTHENTICATE -> "Authenticate";
            default -> {
                StringBuilder out = new StringBuilder();
                for (String word : kind.name().split("_", -1)) {
                    out.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
                }
                yield out.toString();
            }
        };
    }

    @Override
    public void applied(CommandKind kind, boolean success, long nanos) {
        of(success ? succeeded : refused, kind).observeNanos(nanos);
        if (kind == CommandKind.MEMBER_PROMOTE && success && leading.getAsBoolean()) {
            promotions.increment();
        }
    }

    @Override
    public void ranged(boolean success, long nanos) {
        (success ? rangesSucceeded : rangesRefused).observeNanos(nanos);
    }

    @Override
    public void dropped(int rows, long nanos) {
        compactedKeys.add(rows);
        compactionPauseMs.observe(nanos / NANOS_PER_MS);
    }

    @Override
    public void finished(long nanos) {
        compactionTotalMs.observe(nanos / NANOS_PER_MS);
        lastCompactionSeconds = (double) TimeUnit.MILLISECONDS.toSeconds(clock.millis());
    }

    @Override
    public void granted(long ttlSeconds) {
        leaseTtlSeconds.observe((double) ttlSeconds);
    }

    @Override
    public void expired() {
        expiredLeases.increment();
    }

    /** A defragmentation was asked for, and answered. */
    public void defragmented(long nanos) {
        defragSeconds.observeNanos(nanos);
    }

    /** The whole store was hashed. */
    public void hashed(long nanos) {
        hashSeconds.observeNanos(nanos);
    }

    /** The store was hashed up to a revision. */
    public void hashedToRevision(long nanos) {
        hashRevisionSeconds.observeNanos(nanos);
    }

    /** A snapshot was sent to a client. */
    public void snapshotSent(long nanos) {
        snapshotSeconds.observeNanos(nanos);
    }
}
