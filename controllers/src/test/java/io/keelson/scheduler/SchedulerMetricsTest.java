package io.keelson.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.scheduler.decision.DecisionWatch;
import io.keelson.scheduler.queue.SchedulingQueue.Rejecting;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SchedulerMetricsTest {
    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final SchedulerMetrics metrics = new SchedulerMetrics(registry);

    private List<String> lines() throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        PrometheusTextFormatWriter.create().write(text, registry.scrape());
        return text.toString(StandardCharsets.UTF_8).lines().toList();
    }

    private void assertSays(String line) throws IOException {
        List<String> lines = lines();
        assertTrue(lines.contains(line), () -> line + " is in " + lines);
    }

    private List<String> buckets(String name) throws IOException {
        return lines().stream()
                .filter(line -> line.startsWith(name + "_bucket{"))
                .map(line -> line.replaceAll(".*le=\"([^\"]+)\".*", "$1"))
                .toList();
    }

    @Test
    void waitsOfPodsThatHaveNodesAreToldByWhatCameOfThem() throws IOException {
        metrics.waited(true, 3_000_000);
        metrics.waited(false, 5_000_000_000L);
        assertSays("scheduler_permit_wait_duration_seconds_bucket{result=\"Success\",le=\"0.002\"} 0");
        assertSays("scheduler_permit_wait_duration_seconds_bucket{result=\"Success\",le=\"0.004\"} 1");
        assertSays("scheduler_permit_wait_duration_seconds_bucket{result=\"Unschedulable\",le=\"4.096\"} 0");
        assertSays("scheduler_permit_wait_duration_seconds_bucket{result=\"Unschedulable\",le=\"8.192\"} 1");
        List<String> bounds = buckets("scheduler_permit_wait_duration_seconds").subList(0, 16);
        assertEquals(List.of("0.001", "16.384", "+Inf"), List.of(bounds.get(0), bounds.get(14), bounds.get(15)));
    }

    @Test
    void aPodThatIsBoundIsToldByItsAttempts() throws IOException {
        metrics.scheduled(1, Duration.ofMillis(15));
        metrics.scheduled(20, Duration.ofSeconds(-5));
        assertSays("scheduler_pod_scheduling_sli_duration_seconds_bucket{attempts=\"1\",le=\"0.01\"} 0");
        assertSays("scheduler_pod_scheduling_sli_duration_seconds_bucket{attempts=\"1\",le=\"0.02\"} 1");
        assertSays("scheduler_pod_scheduling_sli_duration_seconds_bucket{attempts=\"15+\",le=\"0.01\"} 1");
        assertEquals(List.of("1.0", "2.0", "4.0", "8.0", "16.0", "+Inf"), buckets("scheduler_pod_scheduling_attempts"));
    }

    @Test
    void roomThatIsMadeIsToldByHowManyHaveToGo() throws IOException {
        metrics.preempted();
        metrics.preempted();
        metrics.displaced(3);
        assertSays("scheduler_preemption_attempts_total 2.0");
        assertEquals(
                List.of("1.0", "2.0", "4.0", "8.0", "16.0", "32.0", "64.0", "+Inf"),
                buckets("scheduler_preemption_victims"));
        assertSays("scheduler_preemption_victims_bucket{le=\"2.0\"} 0");
        assertSays("scheduler_preemption_victims_bucket{le=\"4.0\"} 1");
    }

    @Test
    void podsThatWereRejectedAreToldByWhom() throws IOException {
        Map<Rejecting, Integer> rejected = new HashMap<>();
        metrics.rejected(rejected);
        rejected.put(new Rejecting("NodeResourcesFit", "default-scheduler"), 3);
        assertSays("scheduler_unschedulable_pods{plugin=\"NodeResourcesFit\",profile=\"default-scheduler\"} 3.0");
    }

    @Test
    void whoComesIntoTheQueueIsToldByWhatBroughtIt() throws IOException {
        metrics.came("active", "UnschedulablePodAdd");
        metrics.came("active", "UnschedulablePodAdd");
        metrics.came("backoff", "AssignedPodDelete");
        metrics.scheduledAfterFlush();
        assertSays("scheduler_queue_incoming_pods_total{event=\"UnschedulablePodAdd\",queue=\"active\"} 2.0");
        assertSays("scheduler_queue_incoming_pods_total{event=\"AssignedPodDelete\",queue=\"backoff\"} 1.0");
        assertSays("scheduler_pod_scheduled_after_flush_total 1.0");
    }

    @Test
    void extensionPointsAreToldByTheTimeTheyTookAndPluginsByHowOftenTheyWereAsked() throws IOException {
        DecisionWatch decisions = metrics.decisions("other");
        decisions.took(DecisionWatch.Step.PRE_FILTER, DecisionWatch.Outcome.REJECTED_FOR_GOOD, 150_000);
        decisions.asked(DecisionWatch.Step.FILTER, "NodeName", 7);
        decisions.asked(DecisionWatch.Step.FILTER, "NodeName", 2);
        metrics.took(SchedulerMetrics.Point.PRE_BIND, SchedulerMetrics.Status.ERROR, "other", 1_000_000_000);
        String name = "scheduler_framework_extension_point_duration_seconds";
        String rejected = name + "_bucket{extension_point=\"PreFilter\",profile=\"other\","
                + "status=\"UnschedulableAndUnresolvable\",le=\"";
        assertSays(rejected + "1.0E-4\"} 0");
        assertSays(rejected + "2.0E-4\"} 1");
        assertSays(name + "_count{extension_point=\"PreBind\",profile=\"other\",status=\"Error\"} 1");
        assertSays("scheduler_plugin_evaluation_total{extension_point=\"Filter\",plugin=\"NodeName\","
                + "profile=\"other\"} 9.0");
    }

    @Test
    void whatIsKnownAndWhoWasAskedToGoIsTold() throws IOException {
        metrics.cached(new SchedulerMetrics.Cached(3, 20, 2));
        metrics.evicted(true, 20_000_000);
        metrics.evicted(false, 20_000_000);
        assertSays("scheduler_cache_size{type=\"nodes\"} 3.0");
        assertSays("scheduler_cache_size{type=\"pods\"} 20.0");
        assertSays("scheduler_cache_size{type=\"assumed_pods\"} 2.0");
        assertSays("scheduler_preemption_goroutines_execution_total{result=\"error\"} 1.0");
        assertSays("scheduler_preemption_goroutines_duration_seconds_count{result=\"success\"} 1");
    }
}
