package io.keelson.kvstore.server;

import io.keelson.kvstore.api.AlarmType;
import io.keelson.kvstore.auth.AuthStore;
import io.keelson.kvstore.gateway.HealthPages;
import io.keelson.kvstore.lease.LeaseStore;
import io.keelson.kvstore.membership.Membership;
import io.keelson.kvstore.membership.Version;
import io.keelson.kvstore.metrics.Metrics;
import io.keelson.kvstore.metrics.Metrics.Sample;
import io.keelson.kvstore.metrics.ProcessMetrics;
import io.keelson.kvstore.mvcc.MvccStore;
import io.keelson.kvstore.server.config.ServerConfig;
import io.keelson.kvstore.storage.Database;
import io.keelson.kvstore.watch.WatchHub;
import io.keelson.raft.RaftNode;
import java.util.List;
import java.util.function.Supplier;

/** Names what the parts of a server count as etcd names it, so that dashboards made for etcd show it. */
final class ServerMetrics {
    private final Metrics metrics;

    ServerMetrics(Metrics metrics) {
        this.metrics = metrics;
        ProcessMetrics.addTo(metrics);
    }

    ServerMetrics log(RaftNode raft, LeaderWatch leader, LogProposals proposals, BatchedReadPoints reads) {
        metrics.gauge(
                "etcd_server_has_leader",
                "Whether or not a leader exists. 1 is existence, 0 is not.",
                () -> leader.hasLeader() ? 1 : 0);
        metrics.gauge(
                "etcd_server_is_leader",
                "Whether or not this member is a leader. 1 if is, 0 otherwise.",
                () -> leader.leading() ? 1 : 0);
        metrics.counter("etcd_server_leader_changes_seen_total", "The number of leader changes seen.", leader::changes);
        metrics.gauge(
                "etcd_server_proposals_committed_total",
                "The total number of consensus proposals committed.",
                () -> raft.status().committedIndex());
        metrics.gauge(
                "etcd_server_proposals_applied_total",
                "The total number of consensus proposals applied.",
                () -> raft.status().appliedIndex());
        metrics.gauge(
                "etcd_server_proposals_pending",
                "The current number of pending proposals to commit.",
                proposals::pending);
        metrics.counter(
                "etcd_server_proposals_failed_total", "The total number of failed proposals seen.", proposals::failed);
        metrics.counter(
                "etcd_server_read_indexes_failed_total",
                "The total number of failed read indexes seen.",
                reads::failed);
        metrics.counter(
                "etcd_server_slow_read_indexes_total",
                "The total number of pending read indexes not in sync with leader's or timed out read index requests.",
                reads::slow);
        metrics.gauge("keelson_raft_term", "The raft term.", () -> raft.status().term());
        return this;
    }

    /** The gates of etcd 3.6. Those that decide nothing here show what is always so (see {@code --feature-gates}). */
    ServerMetrics features(ServerConfig.Checks checks) {
        List<Sample> samples = List.of(
                feature("CompactHashCheck", "ALPHA", checks.compactHashCheck()),
                feature("InitialCorruptCheck", "ALPHA", checks.initialCorruptCheck()),
                feature("LeaseCheckpoint", "ALPHA", true),
                feature("LeaseCheckpointPersist", "ALPHA", true),
                feature("SetMemberLocalAddr", "ALPHA", false),
                feature("StopGRPCServiceOnDefrag", "ALPHA", false),
                feature("TxnModeWriteWithSharedBuffer", "BETA", true));
        metrics.family(
                "etcd_server_feature_enabled",
                "Whether or not a feature is enabled. 1 is enabled, 0 is not.",
                "gauge",
                () -> samples);
        return this;
    }

    private static Sample feature(String name, String stage, boolean enabled) {
        return new Sample("", Metrics.label("name", name) + "," + Metrics.label("stage", stage), enabled ? 1 : 0);
    }

    ServerMetrics members(long selfId, Supplier<Membership> membership, long quotaBytes) {
        metrics.gauge(
                "etcd_server_is_learner",
                "Whether or not this member is a learner. 1 if is, 0 otherwise.",
                () -> membership.get().isLearner(selfId) ? 1 : 0);
        metrics.family(
                "etcd_server_id",
                "Server or member ID in hexadecimal format. 1 for 'server_id' label with current ID.",
                "gauge",
                () -> List.of(new Sample("", Metrics.label("server_id", Long.toHexString(selfId)), 1)));
        metrics.family(
                "etcd_server_version",
                "Which version is running. 1 for 'server_version' label with current version.",
                "gauge",
                () -> List.of(new Sample("", Metrics.label("server_version", Version.ETCD.toString()), 1)));
        metrics.family(
                "etcd_cluster_version",
                "Which version is running. 1 for 'cluster_version' label with current cluster version",
                "gauge",
                () -> {
                    String version = membership.get().clusterVersion();
                    return version == null
                            ? List.of()
                            : List.of(new Sample(
                                    "",
                                    Metrics.label("cluster_version", version.substring(0, version.lastIndexOf('.'))),
                                    1));
                });
        metrics.gauge(
                "etcd_server_quota_backend_bytes",
                "Current backend storage quota size in bytes.",
                () -> quotaBytes == Long.MAX_VALUE ? 0 : quotaBytes);
        metrics.gauge(
                "keelson_cluster_members",
                "Members of the cluster.",
                () -> membership.get().members().size());
        metrics.family(
                "keelson_alarms",
                "Alarms that are raised.",
                "gauge",
                () -> List.of(
                        new Sample(
                                "",
                                Metrics.label("alarm", "NOSPACE"),
                                membership.get().alarmed(AlarmType.NOSPACE) ? 1 : 0),
                        new Sample(
                                "",
                                Metrics.label("alarm", "CORRUPT"),
                                membership.get().alarmed(AlarmType.CORRUPT) ? 1 : 0)));
        return this;
    }

    ServerMetrics store(MvccStore store, Database database, EventCounts events) {
        metrics.gauge(
                "etcd_mvcc_db_total_size_in_bytes",
                "Total size of the underlying database physically allocated in bytes.",
                () -> database.size().totalBytes());
        metrics.gauge(
                "etcd_mvcc_db_total_size_in_use_in_bytes",
                "Total size of the underlying database logically in use in bytes.",
                () -> database.size().liveBytes());
        metrics.gauge(
                "etcd_debugging_mvcc_keys_total",
                "Total number of keys.",
                () -> database.size().keys());
        metrics.gauge(
                "keelson_background_write_limit_bytes_per_second",
                "How fast flushes and compactions may write at this time.",
                database::backgroundPace);
        metrics.gauge("etcd_debugging_mvcc_current_revision", "The current revision of store.", store::currentRevision);
        metrics.gauge(
                "etcd_debugging_mvcc_compact_revision",
                "The revision of the last compaction in store.",
                store::compactRevision);
        metrics.gauge(
                "etcd_mvcc_db_open_read_transactions",
                "The number of currently open read transactions",
                database::readers);
        metrics.counter("etcd_mvcc_range_total", "Total number of ranges seen by this member.", store::rangesTotal);
        metrics.counter(
                "etcd_debugging_mvcc_range_total", "Total number of ranges seen by this member.", store::rangesTotal);
        metrics.counter("etcd_mvcc_put_total", "Total number of puts seen by this member.", events::puts);
        metrics.counter("etcd_mvcc_delete_total", "Total number of deletes seen by this member.", events::deletes);
        metrics.gauge(
                "etcd_debugging_mvcc_total_put_size_in_bytes",
                "The total size of put kv pairs seen by this member.",
                events::putBytes);
        return this;
    }

    ServerMetrics watches(WatchHub watches) {
        metrics.gauge("etcd_debugging_mvcc_watch_stream_total", "Total number of watch streams.", watches::streams);
        metrics.gauge("etcd_debugging_mvcc_watcher_total", "Total number of watchers.", watches::watchers);
        metrics.gauge(
                "etcd_debugging_mvcc_slow_watcher_total",
                "Total number of unsynced slow watchers.",
                watches::slowWatchers);
        metrics.counter(
                "etcd_debugging_mvcc_events_total", "Total number of events sent by this member.", watches::eventsSent);
        metrics.gauge(
                "etcd_debugging_mvcc_pending_events_total",
                "Total number of pending events to be sent.",
                watches::pendingRevisions);
        return this;
    }

    ServerMetrics leases(LeaseStore leases) {
        metrics.counter(
                "etcd_debugging_lease_granted_total", "The total number of granted leases.", leases::grantedTotal);
        metrics.counter(
                "etcd_debugging_lease_renewed_total",
                "The number of renewed leases seen by the leader.",
                leases::renewedTotal);
        metrics.counter(
                "etcd_debugging_lease_revoked_total", "The total number of revoked leases.", leases::revokedTotal);
        metrics.gauge("keelson_leases", "Leases that exist.", leases::count);
        return this;
    }

    ServerMetrics users(AuthStore users) {
        metrics.gauge(
                "etcd_debugging_auth_revision",
                "The current revision of auth store.",
                () -> users.view().revision());
        return this;
    }

    ServerMetrics health(HealthPages pages) {
        metrics.counter("etcd_server_health_success", "The total number of successful health checks", pages::successes);
        metrics.counter("etcd_server_health_failures", "The total number of failed health checks", pages::failures);
        metrics.family(
                "etcd_server_healthcheck",
                "Whether a check of the health pages went well when it was last made.",
                "gauge",
                pages::lastResults);
        metrics.family(
                "etcd_server_healthchecks_total",
                "How often a check of the health pages was made.",
                "counter",
                pages::checkCounts);
        return this;
    }
}
