package io.keelson.kvstore.metrics;

import io.keelson.kvstore.metrics.Metrics.Counters;
import io.keelson.kvstore.metrics.Metrics.Gauges;
import io.keelson.kvstore.metrics.Metrics.Histogram;
import io.keelson.kvstore.metrics.Metrics.Histograms;
import io.keelson.kvstore.metrics.Metrics.Sample;
import io.keelson.raft.RaftObserver;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/**
 * What the log writes and what goes between members, under etcd's names. A member shows as its id in hexadecimal digits
 * without leading zeros, as in etcd.
 *
 * <p>Memory: some counters for each member that was spoken with since the start.
 */
public final class PeerMetrics implements RaftObserver {
    private final String local;
    private final LongConsumer syncs;
    private final LongAdder writtenBytes = new LongAdder();
    private final Histogram writeSeconds;
    private final Histogram syncSeconds;
    private final Histogram snapshotSyncSeconds;
    private final Histogram receivedSyncSeconds;
    private final Histogram receivedSeconds;
    private final LongAdder heartbeatFailures;
    private final Counters sentBytes;
    private final Counters sendFailures;
    private final Counters receivedBytes;
    private final Counters receiveFailures;
    private final Counters disconnected;
    private final Histograms roundTripSeconds;
    private final Transfers sending;
    private final Transfers receiving;
    private final Map<Long, Peer> peers = new ConcurrentHashMap<>();

    /** The counters of one member, looked up once. */
    private final class Peer {
        private final AtomicInteger connections = new AtomicInteger();
        private final LongAdder sent;
        private final LongAdder notSent;
        private final LongAdder received;
        private final LongAdder notReceived;
        private final LongAdder lost;

        Peer(long id) {
            sent = sentBytes.at(to(id));
            notSent = sendFailures.at(to(id));
            received = receivedBytes.at(from(id));
            notReceived = receiveFailures.at(from(id));
            lost = disconnected.at(between(local, hex(id)));
        }
    }

    /** Snapshots under way in one direction. */
    private static final class Transfers {
        private final Gauges underWay;
        private final Counters successes;
        private final Counters failures;
        private final Histograms seconds;

        Transfers(Metrics metrics, String direction, String done) {
            String name = "etcd_network_snapshot_" + direction;
            underWay =
                    metrics.gauges(name + "_inflights_total", "Total number of inflight snapshot " + direction + "s");
            successes = metrics.counters(name + "_success", "Total number of successful snapshot " + direction + "s");
            failures = metrics.counters(name + "_failures", "Total number of snapshot " + direction + " failures");
            seconds = metrics.histograms(
                    name + "_total_duration_seconds",
                    "Total latency distributions of v3 snapshot " + done,
                    Metrics.doubling(0.1, 10));
        }

        void began(String labels) {
            underWay.at(labels).incrementAndGet();
        }

        void ended(String labels, boolean whole, long nanos) {
            underWay.at(labels).decrementAndGet();
            (whole ? successes : failures).at(labels).increment();
            if (whole) {
                seconds.at(labels).observeNanos(nanos);
            }
        }
    }

    /**
     * @param localId this member
     * @param known ids of the members there are, this one among them
     * @param syncs is also told how long each sync of the log took, in nanoseconds
     */
    public PeerMetrics(Metrics metrics, long localId, Supplier<Collection<Long>> known, LongConsumer syncs) {
        local = hex(localId);
        this.syncs = syncs;
        writeSeconds = metrics.histogram(
                "etcd_disk_wal_write_duration_seconds",
                "The latency distributions of write called by WAL.",
                Metrics.doubling(0.001, 14));
        syncSeconds = metrics.histogram(
                "etcd_disk_wal_fsync_duration_seconds",
                "The latency distributions of fsync called by WAL.",
                Metrics.doubling(0.001, 14));
        metrics.gauge("etcd_disk_wal_write_bytes_total", "Total number of bytes written in WAL.", writtenBytes::sum);
        snapshotSyncSeconds = metrics.histogram(
                "etcd_snap_fsync_duration_seconds",
                "The latency distributions of fsync called by snap.",
                Metrics.doubling(0.001, 14));
        receivedSyncSeconds = metrics.histogram(
                "etcd_snap_db_fsync_duration_seconds",
                "The latency distributions of fsyncing .snap.db file",
                Metrics.doubling(0.001, 14));
        receivedSeconds = metrics.histogram(
                "etcd_snap_db_save_total_duration_seconds",
                "The total latency distributions of v3 snapshot save",
                Metrics.doubling(0.1, 10));
        heartbeatFailures = metrics.counter(
                "etcd_server_heartbeat_send_failures_total",
                "The total number of leader heartbeat send failures (likely overloaded from slow disk).");
        sentBytes = metrics.counters("etcd_network_peer_sent_bytes_total", "The total number of bytes sent to peers.");
        sendFailures = metrics.counters(
                "etcd_network_peer_sent_failures_total", "The total number of send failures from peers.");
        receivedBytes = metrics.counters(
                "etcd_network_peer_received_bytes_total", "The total number of bytes received from peers.");
        receiveFailures = metrics.counters(
                "etcd_network_peer_received_failures_total", "The total number of receive failures from peers.");
        disconnected =
                metrics.counters("etcd_network_disconnected_peers_total", "The total number of disconnected peers.");
        metrics.family(
                "etcd_network_active_peers",
                "The current number of active peer connections.",
                "gauge",
                () -> others(known).stream()
                        .map(id -> new Sample("", between(local, hex(id)), active(id) ? 1 : 0))
                        .toList());
        metrics.family(
                "etcd_network_known_peers",
                "The current number of known peers.",
                "gauge",
                () -> others(known).stream()
                        .map(id -> new Sample("", between(local, hex(id)), 1))
                        .toList());
        roundTripSeconds = metrics.histograms(
                "etcd_network_peer_round_trip_time_seconds",
                "Round-Trip-Time histogram between peers",
                Metrics.doubling(0.0001, 16));
        sending = new Transfers(metrics, "send", "sends");
        receiving = new Transfers(metrics, "receive", "receives");
    }

    private Collection<Long> others(Supplier<Collection<Long>> known) {
        return known.get().stream().filter(id -> !hex(id).equals(local)).toList();
    }

    private boolean active(long id) {
        Peer peer = peers.get(id);
        return peer != null && peer.connections.get() > 0;
    }

    private Peer peer(long id) {
        Peer known = peers.get(id);
        return known != null ? known : peers.computeIfAbsent(id, Peer::new);
    }

    private static String hex(long id) {
        return Long.toHexString(id);
    }

    private static String to(long id) {
        return Metrics.label("To", hex(id));
    }

    private static String from(long id) {
        return Metrics.label("From", hex(id));
    }

    private static String between(String local, String remote) {
        return Metrics.label("Local", local) + "," + Metrics.label("Remote", remote);
    }

    @Override
    public void logWritten(int bytes, long nanos) {
        writtenBytes.add(bytes);
        writeSeconds.observeNanos(nanos);
    }

    @Override
    public void logSynced(long nanos) {
        syncSeconds.observeNanos(nanos);
        syncs.accept(nanos);
    }

    @Override
    public void sent(long toMember, int bytes) {
        peer(toMember).sent.add(bytes);
    }

    @Override
    public void sendFailed(long toMember) {
        peer(toMember).notSent.increment();
    }

    @Override
    public void heartbeatFailed(long toMember) {
        heartbeatFailures.increment();
    }

    @Override
    public void received(long fromMember, int bytes) {
        peer(fromMember).received.add(bytes);
    }

    @Override
    public void receiveFailed(long fromMember) {
        peer(fromMember).notReceived.increment();
    }

    @Override
    public void connected(long toMember) {
        peer(toMember).connections.incrementAndGet();
    }

    @Override
    public void disconnected(long toMember) {
        Peer peer = peer(toMember);
        peer.connections.decrementAndGet();
        peer.lost.increment();
    }

    @Override
    public void roundTrip(long toMember, long nanos) {
        roundTripSeconds.at(to(toMember)).observeNanos(nanos);
    }

    @Override
    public void snapshotSynced(long nanos) {
        snapshotSyncSeconds.observeNanos(nanos);
    }

    @Override
    public void snapshotSending(long toMember) {
        sending.began(to(toMember));
    }

    @Override
    public void snapshotSent(long toMember, boolean whole, long nanos) {
        sending.ended(to(toMember), whole, nanos);
    }

    @Override
    public void snapshotReceiving(long fromMember) {
        receiving.began(from(fromMember));
    }

    @Override
    public void snapshotReceived(long fromMember, boolean whole, long nanos) {
        receiving.ended(from(fromMember), whole, nanos);
        if (whole) {
            receivedSeconds.observeNanos(nanos);
        }
    }

    @Override
    public void snapshotReceivedSynced(long nanos) {
        receivedSyncSeconds.observeNanos(nanos);
    }
}
