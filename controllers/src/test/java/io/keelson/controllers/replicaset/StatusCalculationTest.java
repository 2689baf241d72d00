package io.keelson.controllers.replicaset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class StatusCalculationTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final PodTemplateSpec TEMPLATE = new PodTemplateSpecBuilder()
            .withNewMetadata()
            .addToLabels("app", "web")
            .addToLabels("tier", "front")
            .endMetadata()
            .build();
    private static final ReplicaStatus NONE = new ReplicaStatus(0, 0, 0, 0, null, 0, List.of());

    private static Pod pod(boolean labelled, String ready, String since) {
        PodBuilder pod = new PodBuilder()
                .withNewMetadata()
                .addToLabels("app", "web")
                .endMetadata()
                .withNewStatus()
                .addNewCondition()
                .withType("Ready")
                .withStatus(ready)
                .withLastTransitionTime(since)
                .endCondition()
                .endStatus();
        return labelled
                ? pod.editMetadata().addToLabels("tier", "front").endMetadata().build()
                : pod.build();
    }

    @Test
    void eachCountCountsWhatItSays() {
        List<Pod> pods = List.of(
                pod(true, "True", "2025-12-31T23:59:50Z"),
                pod(true, "True", "2025-12-31T23:59:55Z"),
                pod(false, "True", "2025-12-31T23:59:51Z"),
                pod(true, "False", "2025-12-31T23:00:00Z"));
        StatusCalculation calculation = new StatusCalculation(4, 10, TEMPLATE, 7);
        assertEquals(new ReplicaStatus(4, 3, 3, 1, 2, 7, List.of()), calculation.status(NONE, pods, 2, null, NOW));
        assertEquals(Duration.ofSeconds(1), calculation.untilAvailable(pods, NOW));
        assertNull(calculation.untilAvailable(pods, NOW.plusSeconds(5)));
        assertNull(new StatusCalculation(4, 0, TEMPLATE, 7).untilAvailable(pods, NOW));
    }

    @Test
    void aFailureIsSaidOnceAndTakenBackWhenItIsOver() {
        StatusCalculation calculation = new StatusCalculation(2, 0, TEMPLATE, 1);
        List<Pod> one = List.of(pod(true, "True", "2025-12-31T23:59:50Z"));
        ReplicaStatus failed = calculation.status(NONE, one, null, new IllegalStateException("quota"), NOW);
        assertEquals(
                List.of(new ReplicaStatus.Condition(
                        "ReplicaFailure", "True", "FailedCreate", "quota", "2026-01-01T00:00:00Z")),
                failed.conditions());
        ReplicaStatus again =
                calculation.status(failed, one, null, new IllegalStateException("other"), NOW.plusSeconds(9));
        assertEquals(failed, again);
        assertEquals(List.of(), calculation.status(again, one, null, null, NOW).conditions());
        ReplicaStatus tooMany =
                new StatusCalculation(0, 0, TEMPLATE, 1).status(NONE, one, null, new IllegalStateException("no"), NOW);
        assertEquals("FailedDelete", tooMany.conditions().getFirst().reason());
    }

    @Test
    void atMostFiveHundredPodsChangeAtATime() {
        assertEquals(new PodChanges(500, List.of()), PodChanges.of(1000, List.of(), List::of, NOW));
        Pod one = pod(true, "True", "2025-12-31T23:59:50Z");
        assertEquals(new PodChanges(0, List.of()), PodChanges.of(1, List.of(one), List::of, NOW));
        List<Pod> delete = PodChanges.of(0, List.of(one), List::of, NOW).delete();
        assertSame(one, delete.getFirst());
    }
}
