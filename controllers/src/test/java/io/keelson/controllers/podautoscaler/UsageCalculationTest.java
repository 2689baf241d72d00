package io.keelson.controllers.podautoscaler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerBehaviorBuilder;
import io.keelson.controllers.objects.Milli;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class UsageCalculationTest {
    private static final Instant NOW = Instant.parse("2026-01-01T10:00:00Z");
    private static final Tolerance TENTH = new Tolerance(0.1, 0.1);

    private static PodGroups pods(Map<String, Long> values, Set<String> unready, Set<String> missing) {
        return new PodGroups(values, values.size(), unready, missing);
    }

    private static int utilization(int current, int target, PodGroups pods, long request) throws MetricException {
        Map<String, Long> requests = new HashMap<>();
        pods.values().keySet().forEach(pod -> requests.put(pod, request));
        pods.unready().forEach(pod -> requests.put(pod, request));
        pods.missing().forEach(pod -> requests.put(pod, request));
        return UsageCalculation.replicas(current, pods, Gauge.utilization(target, requests), TENTH)
                .replicas();
    }

    @Test
    void replicasGrowAsUsageIsOfItsTarget() throws MetricException {
        PodGroups pods = pods(Map.of("a", 300L, "b", 500L, "c", 700L), Set.of(), Set.of());
        assertEquals(5, utilization(3, 30, pods, 1000));
        assertEquals(2, utilization(3, 100, pods, 1000));
        assertEquals(3, utilization(3, 50, pods, 1000));
    }

    @Test
    void aSmallDifferenceIsTolerated() throws MetricException {
        PodGroups pods = pods(Map.of("a", 109L), Set.of(), Set.of());
        assertEquals(7, utilization(7, 100, pods, 100));
        assertEquals(2, utilization(7, 100, pods(Map.of("a", 111L), Set.of(), Set.of()), 100));
    }

    @Test
    void aToleranceHoldsEachWayForItself() {
        Tolerance tolerance = Tolerance.of(
                new HorizontalPodAutoscalerBehaviorBuilder()
                        .withNewScaleUp()
                        .withTolerance(new Quantity("500m"))
                        .endScaleUp()
                        .build(),
                0.1);
        assertTrue(tolerance.holds(1.5));
        assertTrue(!tolerance.holds(1.51));
        assertTrue(tolerance.holds(0.9));
        assertTrue(!tolerance.holds(0.89));
    }

    @Test
    void unreadyPodsDampenGrowthAndMissingOnesBoth() throws MetricException {
        // 200 % of what it is to be with two; of four it is just right.
        PodGroups unready = pods(Map.of("a", 600L, "b", 600L), Set.of("c", "d"), Set.of());
        assertEquals(4, utilization(4, 30, unready, 1000));
        // 300 % with two; 150 % of four.
        assertEquals(6, utilization(4, 20, unready, 1000));
        PodGroups missing = pods(Map.of("a", 600L, "b", 600L), Set.of(), Set.of("c", "d"));
        assertEquals(6, utilization(4, 20, missing, 1000));
        // Going down those that are missing use all they request, and so it stays.
        PodGroups low = pods(Map.of("a", 100L, "b", 100L), Set.of(), Set.of("c", "d"));
        assertEquals(4, utilization(4, 50, low, 1000));
        assertEquals(3, utilization(4, 85, low, 1000));
    }

    @Test
    void withoutMeasurementsNothingCanBeSaid() {
        assertThrows(MetricException.class, () -> utilization(1, 50, pods(Map.of(), Set.of("a"), Set.of()), 100));
    }

    @Property
    void itNeverGoesAgainstWhatWasMeasured(
            @ForAll @Size(min = 1, max = 20) List<@IntRange(max = 2000) Integer> used,
            @ForAll @IntRange(max = 5) int unready,
            @ForAll @IntRange(max = 5) int missing,
            @ForAll @IntRange(min = 1, max = 200) int target)
            throws MetricException {
        Map<String, Long> values = new HashMap<>();
        for (int i = 0; i < used.size(); i++) {
            values.put("pod-" + i, used.get(i).longValue());
        }
        PodGroups pods = pods(values, names("unready-", unready), names("missing-", missing));
        int current = used.size() + unready + missing;
        int replicas = utilization(current, target, pods, 1000);
        double percent = used.stream().mapToInt(Integer::intValue).average().orElseThrow() / 10;
        if (unready + missing > 0) {
            assertTrue(percent < target || replicas >= current, () -> percent + " % scaled down to " + replicas);
            assertTrue(percent >= target + 1 || replicas <= current, () -> percent + " % scaled up to " + replicas);
        } else if (Math.floor(percent) / target > 1.1 || Math.floor(percent) / target < 0.9) {
            assertEquals(Math.ceil(Math.floor(percent) * used.size() / target), replicas, 1e-9);
        } else {
            assertEquals(current, replicas);
        }
    }

    private static Set<String> names(String prefix, int count) {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < count; i++) {
            names.add(prefix + i);
        }
        return names;
    }

    @Test
    void aValueIsSharedByReplicas() {
        assertEquals(4, UsageCalculation.byShare(2, 10_000, 3_000, TENTH));
        assertEquals(3, UsageCalculation.byShare(3, 9_500, 3_000, TENTH));
        assertEquals(4, UsageCalculation.byShare(0, 10_000, 3_000, TENTH));
        assertEquals(0, UsageCalculation.byShare(0, 0, 3_000, TENTH));
        assertEquals(6, UsageCalculation.byRatio(3, 2.0, 3, TENTH));
        assertEquals(3, UsageCalculation.byRatio(3, 1.05, 2, TENTH));
        assertEquals(2, UsageCalculation.byRatio(0, 1.5, 0, TENTH));
    }

    private static Pod pod(String phase, String ready, Duration started, Duration changed) {
        return new PodBuilder()
                .withNewMetadata()
                .withName("p")
                .endMetadata()
                .withNewStatus()
                .withPhase(phase)
                .withStartTime(NOW.minus(started).toString())
                .addNewCondition()
                .withType("Ready")
                .withStatus(ready)
                .withLastTransitionTime(NOW.minus(changed).toString())
                .endCondition()
                .endStatus()
                .build();
    }

    private static PodGroups group(Pod pod, boolean cpu) {
        PodMetric metric = new PodMetric(NOW, Duration.ofSeconds(30), 100);
        return PodGroups.of(List.of(pod), Map.of("p", metric), cpu, HorizontalPodAutoscalerSettings.DEFAULT, NOW);
    }

    @Test
    void cpuOfAStartDoesNotCount() {
        Duration minute = Duration.ofMinutes(1);
        Duration hour = Duration.ofHours(1);
        assertEquals(1, group(pod("Running", "True", minute, minute), true).ready());
        assertEquals(
                Set.of("p"),
                group(pod("Running", "True", minute, Duration.ofSeconds(10)), true)
                        .unready());
        assertEquals(
                Set.of("p"),
                group(pod("Running", "False", minute, minute), true).unready());
        assertEquals(1, group(pod("Running", "False", minute, minute), false).ready());
        assertEquals(
                Set.of("p"),
                group(pod("Running", "False", hour, hour.minusSeconds(20)), true)
                        .unready());
        assertEquals(
                1,
                group(pod("Running", "False", hour, hour.minusSeconds(40)), true)
                        .ready());
    }

    @Test
    void phasesSayWhatAMeasurementIsWorth() {
        Duration hour = Duration.ofHours(1);
        assertEquals(
                Set.of("p"), group(pod("Pending", "False", hour, hour), false).unready());
        PodGroups failed = group(pod("Failed", "False", hour, hour), false);
        assertEquals(new PodGroups(Map.of(), 0, Set.of(), Set.of()), failed);
        PodGroups unmeasured = PodGroups.of(
                List.of(pod("Running", "True", hour, hour)),
                Map.of(),
                true,
                HorizontalPodAutoscalerSettings.DEFAULT,
                NOW);
        assertEquals(Set.of("p"), unmeasured.missing());
    }

    @Test
    void quantitiesAreWrittenInTheirShortestForm() {
        assertEquals("1500m", Milli.quantity(1500).toString());
        assertEquals("2", Milli.quantity(2000).toString());
        assertEquals("0", Milli.quantity(0).toString());
        assertEquals("3k", Milli.quantity(3_000_000).toString());
        assertEquals(250, Milli.of(new Quantity("250m")));
        assertEquals(1, Milli.of(new Quantity("1n")));
        assertEquals(1024_000, Milli.of(new Quantity("1Ki")));
        assertEquals(Long.MAX_VALUE, Milli.of(new Quantity("9E")));
    }

    @Test
    void quantitiesOfBillionsOfDigitsAreMerelyLarge() {
        assertTimeoutPreemptively(Duration.ofSeconds(5), () -> {
            assertEquals(Long.MAX_VALUE, Milli.of(new Quantity("1", "e999999999")));
            assertEquals(-Long.MAX_VALUE, Milli.of(new Quantity("-1", "e999999999")));
            assertEquals(1, Milli.of(new Quantity("1", "e-999999999")));
            assertEquals(0, Milli.of(new Quantity("-1", "e-999999999")));
        });
        assertEquals(Long.MAX_VALUE, Milli.sum(List.of(Long.MAX_VALUE, Long.MAX_VALUE)));
        assertThrows(IllegalArgumentException.class, () -> Milli.of(new Quantity("", "")));
        assertThrows(IllegalArgumentException.class, () -> Milli.of(new Quantity("1", "parsecs")));
    }
}
