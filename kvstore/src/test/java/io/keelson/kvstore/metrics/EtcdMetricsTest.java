package io.keelson.kvstore.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.grpc.Channel;
import io.keelson.kvstore.api.CompactionRequest;
import io.keelson.kvstore.api.DefragmentRequest;
import io.keelson.kvstore.api.HashKVRequest;
import io.keelson.kvstore.api.HashRequest;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.LeaseGrantRequest;
import io.keelson.kvstore.api.LeaseGrpc;
import io.keelson.kvstore.api.MaintenanceGrpc;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.RequestOp;
import io.keelson.kvstore.api.SnapshotRequest;
import io.keelson.kvstore.api.TxnRequest;
import io.keelson.kvstore.bolt.RealEtcd;
import io.keelson.kvstore.server.TestKvCluster;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three members show what an etcd 3.5.30 shows: the same names, types, labels and buckets, so that a dashboard made for etcd
 * works. {@code etcd-3.5.30-metrics.txt} has been taken from members of a real one under load, one line for each family.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EtcdMetricsTest {
    /** What is not shown, and why. */
    private static final Map<String, String> EXCEPTIONS = new TreeMap<>(Map.ofEntries(
            Map.entry("go_", "the Go runtime; see jvm_"),
            Map.entry("etcd_server_go_version", "the Go runtime"),
            Map.entry("promhttp_", "the page of Go's Prometheus client, counting itself"),
            Map.entry("etcd_debugging_store_", "the v2 store of etcd, which etcd 3.6 has not any more"),
            Map.entry("etcd_grpc_proxy_", "etcd's proxy, a program of its own"),
            Map.entry("etcd_debugging_disk_backend_commit_", "parts of a commit in bbolt"),
            Map.entry(
                    "etcd_debugging_snap_save_marshalling_duration_seconds", "a snapshot is hard links, not a message"),
            Map.entry(
                    "etcd_debugging_mvcc_index_compaction_pause_duration_milliseconds",
                    "there is no index in memory to compact")));

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final TestKvCluster cluster;

    EtcdMetricsTest(@TempDir Path folder) throws Exception {
        cluster = TestKvCluster.started(
                folder,
                "--unsafe-no-fsync=false",
                "--metrics=extensive",
                "--snapshot-count=50",
                "--snapshot-catchup-entries=10");
        work(cluster.server(cluster.awaitLeader()).channel());
    }

    @AfterAll
    void stop() {
        cluster.close();
    }

    private static PutRequest put(String key) {
        return PutRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8(key))
                .setValue(ByteString.copyFromUtf8("value"))
                .build();
    }

    /** Something of everything that is measured. */
    private static void work(Channel channel) {
        var kv = KVGrpc.newBlockingStub(channel);
        for (int i = 0; i < 200; i++) {
            var _ = kv.put(put("key" + i % 10));
        }
        var _ = kv.txn(TxnRequest.newBuilder()
                .addSuccess(RequestOp.newBuilder().setRequestPut(put("txn")))
                .build());
        var _ = kv.range(RangeRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8("key1"))
                .build());
        var _ = kv.compact(CompactionRequest.newBuilder()
                .setRevision(100)
                .setPhysical(true)
                .build());
        var _ = LeaseGrpc.newBlockingStub(channel)
                .leaseGrant(LeaseGrantRequest.newBuilder().setTTL(60).build());
        var maintenance = MaintenanceGrpc.newBlockingStub(channel);
        var _ = maintenance.defragment(DefragmentRequest.getDefaultInstance());
        var _ = maintenance.hash(HashRequest.getDefaultInstance());
        var _ = maintenance.hashKV(HashKVRequest.getDefaultInstance());
        maintenance.snapshot(SnapshotRequest.getDefaultInstance()).forEachRemaining(_ -> {});
    }

    private ScrapedMetrics scrape(String member) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create("http://" + cluster.endpoint(member) + "/metrics"))
                .build();
        return new ScrapedMetrics(http.send(request, BodyHandlers.ofString()).body());
    }

    private static Map<String, String> recorded() throws IOException {
        try (InputStream in = EtcdMetricsTest.class.getResourceAsStream("etcd-3.5.30-metrics.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .collect(Collectors.toMap(
                            line -> line.substring(0, line.indexOf(' ')), line -> line, (a, _) -> a, TreeMap::new));
        }
    }

    private static boolean excepted(String family) {
        return EXCEPTIONS.keySet().stream().anyMatch(family::startsWith);
    }

    private static void await(String what, Callable<Boolean> condition) throws Exception {
        long deadlineNs = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!condition.call()) {
            assertTrue(System.nanoTime() < deadlineNs, "did not happen in time: " + what);
            Thread.sleep(50);
        }
    }

    @Test
    void everyMetricOfEtcdIsThereWithItsTypeItsLabelsAndItsBuckets() throws Exception {
        String leader = cluster.awaitLeader();
        List<String> others =
                cluster.names().stream().filter(name -> !name.equals(leader)).toList();
        await(
                "the way to every member has been measured",
                () -> scrape(leader).types().containsKey("etcd_network_peer_round_trip_time_seconds"));
        String now = others.getLast();
        // It speaks to the leader all the time, to the others only now and then.
        await("the member has reached both others", () -> scrape(now).sum("etcd_network_active_peers") == 2);
        cluster.stop(others.getFirst());
        try {
            await(
                    "the loss of a member is seen and counted",
                    () -> scrape(now).types().containsKey("etcd_network_peer_sent_failures_total")
                            && scrape(now).sum("etcd_network_disconnected_peers_total") > 0);
            ScrapedMetrics ours = scrape(now);
            List<String> differing = recorded().entrySet().stream()
                    .filter(entry -> !excepted(entry.getKey()))
                    .filter(entry -> !entry.getValue().equals(ours.shape(entry.getKey())))
                    .map(entry -> "etcd: " + entry.getValue() + "\nhere: " + ours.shape(entry.getKey()))
                    .toList();
            assertEquals(List.of(), differing);
            var remote = Long.toHexString(cluster.server(leader).memberId());
            var peers = ours.lines("etcd_network_active_peers").stream()
                    .collect(Collectors.toMap(line -> line.labels().get("Remote"), ScrapedMetrics.Line::value));
            assertEquals(2, peers.size());
            assertEquals(1.0, peers.remove(remote), "the member that is there");
            assertEquals(List.of(0.0), List.copyOf(peers.values()), "the member that is not");
        } finally {
            var _ = cluster.restart(others.getFirst());
        }
    }

    @Test
    void nothingIsExceptedThatIsThere() throws Exception {
        ScrapedMetrics ours = scrape("m1");
        assertEquals(
                List.of(),
                ours.types().keySet().stream().filter(EtcdMetricsTest::excepted).toList());
        TreeSet<String> unused = new TreeSet<>(EXCEPTIONS.keySet());
        recorded().keySet().forEach(family -> unused.removeIf(family::startsWith));
        assertEquals(new TreeSet<>(), unused, "exceptions for what etcd does not show");
    }

    @Test
    void whatWasDoneIsCounted() throws Exception {
        String leader = cluster.awaitLeader();
        ScrapedMetrics ours = scrape(leader);
        for (String name : List.of(
                "etcd_disk_wal_fsync_duration_seconds_count",
                "etcd_disk_wal_fsync_duration_seconds_sum",
                "etcd_disk_wal_write_bytes_total",
                "etcd_disk_backend_commit_duration_seconds_count",
                "etcd_disk_backend_snapshot_duration_seconds_count",
                "etcd_disk_backend_defrag_duration_seconds_count",
                "etcd_mvcc_hash_duration_seconds_count",
                "etcd_mvcc_hash_rev_duration_seconds_count",
                "etcd_mvcc_range_total",
                "etcd_server_range_duration_seconds_count",
                "etcd_mvcc_txn_total",
                "etcd_debugging_lease_ttl_total_count",
                "etcd_debugging_mvcc_db_compaction_keys_total",
                "etcd_debugging_mvcc_db_compaction_last",
                "etcd_debugging_mvcc_db_compaction_total_duration_milliseconds_count",
                "etcd_network_peer_sent_bytes_total",
                "etcd_network_peer_received_bytes_total",
                "process_resident_memory_bytes",
                "process_network_receive_bytes_total",
                "process_cpu_seconds_total")) {
            assertTrue(ours.sum(name) > 0, name);
        }
        // A command that was carried out twice by nobody: 200 puts, one transaction.
        var puts = ours.lines("etcd_server_apply_duration_seconds_count").stream()
                .filter(line -> line.labels().equals(Map.of("op", "Put", "success", "true", "version", "v3")))
                .toList();
        assertEquals(200, puts.getFirst().value());
        assertEquals(201, ours.sum("etcd_mvcc_put_total"));
        assertEquals(
                new TreeSet<>(List.of("To")),
                new TreeSet<>(ours.lines("etcd_network_peer_sent_bytes_total")
                        .getFirst()
                        .labels()
                        .keySet()));
        await(
                "a snapshot of the log has been taken and synced",
                () -> scrape(leader).sum("etcd_snap_fsync_duration_seconds_count") > 0);
    }

    @Test
    void whatIsRecordedIsWhatARealEtcdShows(@TempDir Path folder) throws Exception {
        var programs = RealEtcd.Programs.find();
        Assumptions.assumeTrue(programs.isPresent(), "KEELSON_ETCD and KEELSON_ETCDCTL name no real etcd");
        Map<String, String> recorded = recorded();
        try (RealEtcd etcd = RealEtcd.start(programs.get(), folder.resolve("etcd"), null)) {
            var _ = etcd.ctl("put", "a", "b");
            var request = HttpRequest.newBuilder(URI.create(etcd.endpoint() + "/metrics"))
                    .build();
            var theirs = new ScrapedMetrics(
                    http.send(request, BodyHandlers.ofString()).body());
            List<String> differing = theirs.types().keySet().stream()
                    // Later versions add names; what a lone member shows must be recorded as it is.
                    .filter(recorded::containsKey)
                    .filter(family -> !excepted(family))
                    .map(theirs::shape)
                    .filter(shape -> !recorded.containsValue(shape))
                    .toList();
            assertEquals(List.of(), differing);
            assertTrue(theirs.types().size() > 90, "names of a lone member");
        }
    }
}
