package io.keelson.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.scheduler.decision.DecisionWatch;
import io.keelson.scheduler.queue.ClusterEvent;
import io.keelson.scheduler.queue.HintWatch;
import io.keelson.scheduler.queue.Hints;
import io.keelson.scheduler.queue.SchedulingQueue;
import io.keelson.scheduler.queue.SchedulingQueue.Rejecting;
import io.keelson.scheduler.state.PodInfo;
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
    void whatPluginsTakeIsToldOfWhatIsLookedAtClosely() throws IOException {
        boolean[] closely = {true};
        PrometheusRegistry own = new PrometheusRegistry();
        SchedulerMetrics sampled = new SchedulerMetrics(own, () -> closely[0]);
        assertTrue(sampled.looksClosely() && sampled.decisions("other").looksClosely());
        closely[0] = false;
        assertFalse(sampled.looksClosely() || sampled.decisions("other").looksClosely());
        metrics.decisions("other")
                .executed(DecisionWatch.Step.NORMALIZE, "ImageLocality", DecisionWatch.Outcome.DONE, 12_000);
        metrics.executed(SchedulerMetrics.Point.BIND, SchedulerMetrics.Status.ERROR, "DefaultBinder", 3_000_000_000L);
        String name = "scheduler_plugin_execution_duration_seconds";
        String normalized = name
                + "_bucket{extension_point=\"ScoreExtensionNormalize\",plugin=\"ImageLocality\",status=\"Success\",le=";
        assertSays(normalized + "\"1.0E-5\"} 0");
        assertSays(normalized + "\"1.5000000000000002E-5\"} 1");
        assertSays(name + "_count{extension_point=\"Bind\",plugin=\"DefaultBinder\",status=\"Error\"} 1");
        assertEquals(2 * 21, buckets(name).size(), "20 bounds and the rest, of two");
    }

    @Test
    void whatHappensIsToldByHowLongItTookAndWhomItHelped() throws IOException {
        ClusterEvent left = new ClusterEvent(ClusterEvent.Kind.POD_LEFT, null, null, null);
        ClusterEvent labels = new ClusterEvent(ClusterEvent.Kind.NODE_LABELS, null, null, null);
        HintWatch hints = metrics.hints();
        for (ClusterEvent each : List.of(left, left, labels)) {
            hints.asked("NodeAffinity", each, HintWatch.Answer.QUEUE, 1000);
        }
        hints.asked("NodePorts", labels, HintWatch.Answer.QUEUE, 1000);
        hints.asked("NodePorts", labels, HintWatch.Answer.SKIP, 1000);
        hints.asked("NodePorts", left, HintWatch.Answer.ERROR, 1000);
        String asked = "scheduler_queueing_hint_execution_duration_seconds_count{event=\"";
        assertSays(asked + "AssignedPodDelete\",hint=\"Queue\",plugin=\"NodeAffinity\"} 2");
        assertSays(asked + "NodeUpdateNodeLabel\",hint=\"Queue\",plugin=\"NodeAffinity\"} 1");
        assertSays(asked + "NodeUpdateNodeLabel\",hint=\"Queue\",plugin=\"NodePorts\"} 1");
        assertSays(asked + "NodeUpdateNodeLabel\",hint=\"QueueSkip\",plugin=\"NodePorts\"} 1");
        assertSays(asked + "AssignedPodDelete\",hint=\"Error\",plugin=\"NodePorts\"} 1");
        metrics.handled("NodeAdd", 150_000);
        String handled = "scheduler_event_handling_duration_seconds_bucket{event=\"NodeAdd\",le=";
        assertSays(handled + "\"1.0E-4\"} 0");
        assertSays(handled + "\"2.0E-4\"} 1");
        assertSays(handled + "\"0.2048\"} 1");
    }

    @Test
    void whatHappensWhileADecisionWaitsForOthersIsToldAsLongAsItIsKept() throws IOException {
        Meanwhile meanwhile = new Meanwhile(new SchedulingQueue(new Hints() {
            @Override
            public boolean concerns(String filter, ClusterEvent.Kind kind) {
                return false;
            }

            @Override
            public boolean mayHelp(String filter, PodInfo waiting, ClusterEvent event) {
                return false;
            }
        }));
        metrics.inFlight(meanwhile.kept());
        meanwhile.begin("a");
        meanwhile.begin("a");
        meanwhile.happened(new ClusterEvent(ClusterEvent.Kind.NODE_LABELS, null, null, null));
        meanwhile.begin("b");
        meanwhile.happened(new ClusterEvent(ClusterEvent.Kind.NODE_LABELS, null, null, null));
        assertSays("scheduler_inflight_events{event=\"PodPopped\"} 2.0");
        assertSays("scheduler_inflight_events{event=\"NodeUpdateNodeLabel\"} 3.0");
        meanwhile.end("a");
        meanwhile.end("a");
        assertSays("scheduler_inflight_events{event=\"PodPopped\"} 1.0");
        assertSays("scheduler_inflight_events{event=\"NodeUpdateNodeLabel\"} 1.0");
    }

    @Test
    void whatIsTakenForPodsIsToldWhereItCannotBeHad() throws IOException {
        metrics.missed(SchedulerMetrics.Point.RESERVE, "VolumeBinding");
        metrics.missed(SchedulerMetrics.Point.PRE_BIND, "VolumeBinding");
        metrics.missed(SchedulerMetrics.Point.PRE_BIND, "DynamicResources");
        metrics.claimCreated(true);
        metrics.claimCreated(false);
        metrics.binding();
        metrics.binding();
        metrics.bindingEnded();
        assertSays("scheduler_volume_scheduling_stage_error_total{operation=\"assume\"} 1.0");
        assertSays("scheduler_volume_scheduling_stage_error_total{operation=\"bind\"} 1.0");
        assertSays("scheduler_resourceclaim_creates_total{status=\"success\"} 1.0");
        assertSays("scheduler_resourceclaim_creates_total{status=\"failure\"} 1.0");
        assertSays("scheduler_goroutines{operation=\"binding\"} 1.0");
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
