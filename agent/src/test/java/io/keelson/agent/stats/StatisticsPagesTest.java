package io.keelson.agent.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** A look is told in the words that others know. */
class StatisticsPagesTest {
    private final StatisticsPages pages = new StatisticsPages(_ -> Looks.one(), Looks.FACTS);

    private JsonNode summary(boolean brief) throws Exception {
        return new ObjectMapper().readTree(pages.summary(brief));
    }

    private static List<String> lines(MetricSnapshots snapshots) throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        PrometheusTextFormatWriter.create().write(text, snapshots);
        return text.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @Test
    void theSummaryHasTheNode() throws Exception {
        JsonNode node = summary(false).path("node");
        assertEquals("node-1", node.path("nodeName").asText());
        assertEquals("2026-01-01T00:00:00Z", node.path("startTime").asText());
        assertEquals("2026-01-02T03:04:05Z", node.at("/cpu/time").asText());
        assertEquals(250_000_000, node.at("/cpu/usageNanoCores").asLong());
        assertEquals(5_500_000_000L, node.at("/cpu/usageCoreNanoSeconds").asLong());
        assertEquals(1.5, node.at("/cpu/psi/some/avg10").asDouble());
        assertEquals(2_000_000_000L, node.at("/io/psi/some/total").asLong());
        assertEquals((8L << 30) - 5900, node.at("/memory/availableBytes").asLong());
        assertEquals(5900, node.at("/memory/workingSetBytes").asLong());
        assertEquals(600, node.at("/fs/usedBytes").asLong());
        assertEquals(30, node.at("/fs/inodesFree").asLong());
        assertEquals(70, node.at("/runtime/imageFs/usedBytes").asLong());
        assertEquals(70, node.at("/runtime/containerFs/usedBytes").asLong());
        assertEquals(32768, node.at("/rlimit/maxpid").asLong());
        assertEquals(123, node.at("/rlimit/curproc").asLong());
        assertEquals("eth0", node.at("/network/name").asText());
        assertEquals(20, node.at("/network/interfaces/0/txBytes").asLong());
        assertEquals("pods", node.at("/systemContainers/0/name").asText());
    }

    @Test
    void theSummaryHasThePods() throws Exception {
        JsonNode pod = summary(false).at("/pods/0");
        assertEquals("web-\"1\"", pod.at("/podRef/name").asText());
        assertEquals("uid-1", pod.at("/podRef/uid").asText());
        assertEquals(4900, pod.at("/memory/workingSetBytes").asLong());
        assertEquals(3, pod.at("/process_stats/process_count").asLong());
        assertEquals(36, pod.at("/ephemeral-storage/usedBytes").asLong());
        assertEquals("main", pod.at("/containers/0/name").asText());
        assertTrue(pod.at("/containers/0/memory/availableBytes").isMissingNode());
        assertEquals(11, pod.at("/containers/0/rootfs/usedBytes").asLong());
        assertEquals(1000, pod.at("/containers/0/rootfs/capacityBytes").asLong());
        assertEquals(12, pod.at("/containers/0/logs/usedBytes").asLong());
        assertEquals("scratch", pod.at("/volume/0/name").asText());
        assertTrue(pod.at("/volume/0/pvcRef").isMissingNode());
        assertEquals("claim-1", pod.at("/volume/1/pvcRef/name").asText());
        assertEquals("shop", pod.at("/volume/1/pvcRef/namespace").asText());
        assertTrue(pod.at("/volume/1/volumeHealthStats/abnormal").asBoolean());
        assertTrue(pod.at("/volume/0/volumeHealthStats").isMissingNode());
    }

    @Test
    void theBriefSummaryHasProcessorsAndMemoryOnly() throws Exception {
        JsonNode summary = summary(true);
        assertTrue(summary.at("/node/fs").isMissingNode());
        assertTrue(summary.at("/pods/0/volume").isMissingNode());
        assertEquals(
                3900, summary.at("/pods/0/containers/0/memory/workingSetBytes").asLong());
    }

    @Test
    void aMetricsServerFindsWhatItAsksFor() throws Exception {
        List<String> lines = lines(pages.resource());
        long millis = Looks.NOW.toEpochMilli();
        assertTrue(lines.contains("node_cpu_usage_seconds_total 5.5 " + millis), lines.toString());
        assertTrue(lines.contains("node_memory_working_set_bytes 5900.0 " + millis), lines.toString());
        String pod = "namespace=\"shop\",pod=\"web-\\\"1\\\"\"";
        assertTrue(
                lines.contains("container_cpu_usage_seconds_total{container=\"main\"," + pod + "} 5.5 " + millis),
                lines.toString());
        assertTrue(
                lines.contains("container_memory_working_set_bytes{container=\"main\"," + pod + "} 3900.0 " + millis));
        assertTrue(lines.contains("pod_memory_working_set_bytes{" + pod + "} 4900.0 " + millis));
        assertTrue(
                lines.stream()
                        .anyMatch(line ->
                                line.startsWith("container_start_time_seconds{") && line.endsWith("} 1.7672256E9")),
                lines.toString());
        assertTrue(lines.contains("resource_scrape_error 0.0"));
    }

    @Test
    void aLookThatFailsIsToldOf() throws Exception {
        StatisticsPages none = new StatisticsPages(
                _ -> {
                    throw new IOException("no cgroups");
                },
                Looks.FACTS);
        assertTrue(lines(none.resource()).contains("resource_scrape_error 1.0"));
    }

    /** Of the dashboards and rules of kube-prometheus, all that they take from here. */
    @Test
    void dashboardsFindTheirMetrics() throws Exception {
        List<String> lines = lines(pages.cadvisor());
        String labels = "container=\"main\",cpu=\"total\",id=\"/kubepods/burstable/poduid-1/0123\",image=\"web:1\","
                + "name=\"0123\",namespace=\"shop\",pod=\"web-\\\"1\\\"\"";
        assertTrue(
                lines.contains("container_cpu_usage_seconds_total{" + labels + "} 5.5 " + Looks.NOW.toEpochMilli()),
                lines.toString());
        Map<String, String> first = new TreeMap<>();
        for (String line : lines) {
            first.putIfAbsent(line.replaceFirst("[{ ].*", ""), line);
        }
        for (String name : List.of(
                "container_cpu_cfs_periods_total",
                "container_cpu_cfs_throttled_periods_total",
                "container_fs_reads_bytes_total",
                "container_fs_reads_total",
                "container_fs_usage_bytes",
                "container_fs_writes_bytes_total",
                "container_fs_writes_total",
                "container_memory_cache",
                "container_memory_rss",
                "container_memory_swap",
                "container_memory_usage_bytes",
                "container_memory_working_set_bytes",
                "container_memory_failcnt",
                "container_memory_failures_total",
                "container_network_receive_bytes_total",
                "container_network_receive_packets_dropped_total",
                "container_network_receive_packets_total",
                "container_network_transmit_bytes_total",
                "container_network_transmit_packets_dropped_total",
                "container_network_transmit_packets_total",
                "container_oom_events_total",
                "container_pressure_cpu_waiting_seconds_total",
                "container_pressure_memory_stalled_seconds_total",
                "container_processes",
                "container_spec_cpu_quota",
                "container_spec_memory_limit_bytes",
                "container_start_time_seconds",
                "container_threads",
                "cadvisor_version_info",
                "machine_cpu_cores",
                "machine_memory_bytes")) {
            assertTrue(first.containsKey(name), name + " of " + first.keySet());
        }
        assertTrue(lines.stream()
                .anyMatch(line -> line.startsWith("container_network_receive_bytes_total{container=\"\",")
                        && line.contains("interface=\"eth0\"")
                        && line.contains("pod=\"web-")));
        assertFalse(lines.stream().anyMatch(line -> line.contains("NaN")));
    }

    @Test
    void claimsAreTold() throws Exception {
        List<String> lines = lines(pages.volumes());
        String labels = "{namespace=\"shop\",persistentvolumeclaim=\"claim-1\"}";
        assertTrue(lines.contains("kubelet_volume_stats_available_bytes" + labels + " 400.0"), lines.toString());
        assertTrue(lines.contains("kubelet_volume_stats_inodes_free" + labels + " 30.0"));
        assertTrue(lines.contains("kubelet_volume_stats_health_status_abnormal" + labels + " 1.0"));
        assertFalse(lines.toString().contains("scratch"));
    }
}
