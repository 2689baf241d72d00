package io.keelson.agent.shutdown;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.agent.pods.Samples;
import io.keelson.agent.shutdown.ShutdownPlan.Phase;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ShutdownPlanTest {
    private static List<String> groups(ShutdownPlan plan, int... priorities) {
        List<Pod> pods = IntStream.of(priorities)
                .mapToObj(priority -> Samples.pod("priority: " + priority + "\ncontainers: [{name: a, image: x}]"))
                .toList();
        return plan.groups(pods).stream()
                .map(group -> group.graceSeconds() + ": "
                        + group.pods().stream()
                                .map(pod -> pod.getSpec().getPriority())
                                .toList())
                .toList();
    }

    @Test
    void criticalPodsEndAfterAllOthers() {
        ShutdownPlan plan = ShutdownPlan.of(Duration.ofSeconds(30), Duration.ofSeconds(10));
        assertEquals(Duration.ofSeconds(30), plan.total());
        assertEquals(
                List.of("20: [-5, 0, 1999999999]", "10: [2000000000, 2000001000]"),
                groups(plan, 2_000_000_000, -5, 0, 2_000_001_000, 1_999_999_999));
        assertEquals(List.of("10: [2000000000]"), groups(plan, 2_000_000_000));
        assertEquals(List.of(), groups(plan));
        assertEquals(ShutdownPlan.NONE, ShutdownPlan.of(Duration.ZERO, Duration.ZERO));
    }

    @Test
    void aPriorityThatIsNotNamedEndsWithTheNextLowerOneThatIs() {
        ShutdownPlan plan = new ShutdownPlan(List.of(new Phase(1000, 60), new Phase(10, 5), new Phase(100, 20)));
        assertEquals(Duration.ofSeconds(85), plan.total());
        assertEquals(
                List.of("5: [0, 10, 99]", "20: [100, 999]", "60: [1000, 5000]"),
                groups(plan, 0, 10, 99, 100, 999, 1000, 5000));
    }
}
