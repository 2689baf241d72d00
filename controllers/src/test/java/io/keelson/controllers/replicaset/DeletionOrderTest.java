package io.keelson.controllers.replicaset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class DeletionOrderTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    /** A pod of the most valuable sort: assigned, running, ready for long. */
    private static Pod pod(String uid, UnaryOperator<PodBuilder> change) {
        return change.apply(new PodBuilder()
                        .withNewMetadata()
                        .withName(uid)
                        .withUid(uid)
                        .withCreationTimestamp("2025-01-01T00:00:00Z")
                        .endMetadata()
                        .withNewSpec()
                        .withNodeName("node-" + uid)
                        .addNewInitContainer()
                        .withName("sidecar")
                        .withRestartPolicy("Always")
                        .endInitContainer()
                        .endSpec()
                        .withNewStatus()
                        .withPhase("Running")
                        .addNewCondition()
                        .withType("Ready")
                        .withStatus("True")
                        .withLastTransitionTime("2025-01-01T00:00:00Z")
                        .endCondition()
                        .endStatus())
                .build();
    }

    private static Pod aged(String uid, String since, boolean ready) {
        return pod(
                uid,
                pod -> pod.editMetadata()
                        .withCreationTimestamp(since)
                        .endMetadata()
                        .editStatus()
                        .editFirstCondition()
                        .withStatus(ready ? "True" : "False")
                        .endCondition()
                        .endStatus());
    }

    @Test
    void agesOfThoseThatGoAreComparedWithTheYoungestThatIsReady() {
        Pod old = aged("old", "2025-12-31T23:58:20Z", true);
        Pod younger = aged("younger", "2025-12-31T23:59:20Z", true);
        Pod newest = aged("newest", "2025-12-31T23:59:59Z", false);
        List<Pod> all = List.of(old, younger, newest);
        assertEquals(List.of(2.5, 1.0), DeletionOrder.ageRatios(all, all, NOW));
        assertEquals(List.of(), DeletionOrder.ageRatios(List.of(newest), all, NOW));
        assertEquals(List.of(), DeletionOrder.ageRatios(List.of(newest), List.of(newest), NOW), "none is ready");
        Pod now = aged("now", NOW.toString(), true);
        assertEquals(List.of(), DeletionOrder.ageRatios(List.of(old), List.of(old, now), NOW), "it has no age");
    }

    private static PodBuilder readySince(PodBuilder pod, String since) {
        return pod.editStatus()
                .editFirstCondition()
                .withLastTransitionTime(since)
                .endCondition()
                .endStatus();
    }

    private static PodBuilder costing(PodBuilder pod, String cost) {
        return pod.editMetadata()
                .addToAnnotations(DeletionOrder.DELETION_COST, cost)
                .endMetadata();
    }

    private static PodBuilder restarted(PodBuilder pod, int times) {
        return pod.editStatus()
                .addNewContainerStatus()
                .withName("main")
                .withRestartCount(times)
                .endContainerStatus()
                .endStatus();
    }

    private static PodBuilder sidecarRestarted(PodBuilder pod, int times) {
        return pod.editStatus()
                .addNewInitContainerStatus()
                .withName("sidecar")
                .withRestartCount(times)
                .endInitContainerStatus()
                .addNewInitContainerStatus()
                .withName("setup")
                .withRestartCount(1000)
                .endInitContainerStatus()
                .endStatus();
    }

    private static void assertOrder(Pod... expected) {
        List<Pod> reversed = List.of(expected).reversed();
        List<Pod> relatives = new ArrayList<>(reversed);
        List<String> names = new ArrayList<>();
        for (Pod pod : DeletionOrder.first(expected.length - 1, reversed, relatives, NOW)) {
            names.add(pod.getMetadata().getUid());
        }
        List<String> wanted = new ArrayList<>();
        for (Pod pod : expected) {
            wanted.add(pod.getMetadata().getUid());
        }
        assertEquals(wanted.subList(0, wanted.size() - 1), names);
    }

    @Test
    void aPodOnNoNodeGoesFirstThenByPhaseThenWhatIsNotReady() {
        assertOrder(
                pod("f-unassigned", pod -> pod.editSpec().withNodeName(null).endSpec()),
                pod("e-pending", pod -> pod.editStatus().withPhase("Pending").endStatus()),
                pod("d-unknown", pod -> pod.editStatus().withPhase("Unknown").endStatus()),
                pod(
                        "c-not-ready",
                        pod -> pod.editStatus()
                                .editFirstCondition()
                                .withStatus("False")
                                .endCondition()
                                .endStatus()),
                pod("a-ready", pod -> pod));
    }

    @Test
    void theCheaperPodGoesFirstAndACostThatIsNoneIsZero() {
        assertOrder(
                pod("f", pod -> costing(pod, "-10")),
                pod("e", pod -> costing(pod, "-1")),
                pod("a", pod -> costing(pod, "+5")),
                pod("b", pod -> costing(pod, "05")),
                pod("c", pod -> costing(pod, "99999999999")),
                pod("d", pod -> costing(pod, "3")),
                pod("0", pod -> costing(pod, "2147483647")));
    }

    @Test
    void ofPodsThatDoNotDifferTheOneWithMoreNeighboursGoesFirst() {
        Pod alone = pod("a", pod -> pod.editSpec().withNodeName("one").endSpec());
        Pod crowded = pod("b", pod -> pod.editSpec().withNodeName("two").endSpec());
        Pod relative = pod("c", pod -> pod.editSpec().withNodeName("two").endSpec());
        assertEquals(
                List.of(crowded),
                DeletionOrder.first(1, List.of(alone, crowded), List.of(alone, crowded, relative), NOW));
        assertEquals(List.of(alone), DeletionOrder.first(1, List.of(alone, crowded), List.of(alone, crowded), NOW));
    }

    @Test
    void readinessRestartsAndAgeDecideLast() {
        assertOrder(
                pod("h", pod -> readySince(pod, "2025-12-31T23:59:59Z")),
                pod("g", pod -> readySince(pod, "2025-12-31T00:00:00Z")),
                pod("f", pod -> restarted(pod, 9)),
                pod("e", pod -> restarted(pod, 2)),
                pod("d", pod -> sidecarRestarted(pod, 3)),
                pod(
                        "c",
                        pod -> pod.editMetadata()
                                .withCreationTimestamp("2025-12-01T00:00:00Z")
                                .endMetadata()),
                pod("a", pod -> pod),
                pod("b", pod -> pod));
    }

    @Property(tries = 50)
    void whoGoesDoesNotDependOnTheOrderInWhichPodsAreLookedAt(
            @ForAll @IntRange(min = 0, max = 1_000_000) int seed, @ForAll @IntRange(max = 60) int count) {
        Random random = new Random(seed);
        List<Pod> pods = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            int number = i;
            pods.add(pod("p" + i, pod -> {
                PodBuilder built =
                        readySince(pod, NOW.minusSeconds(random.nextInt(5)).toString());
                built = random.nextBoolean() ? restarted(built, random.nextInt(3)) : built;
                built = random.nextInt(4) == 0 ? costing(built, "" + (random.nextInt(3) - 1)) : built;
                return built.editSpec().withNodeName("node-" + number % 3).endSpec();
            }));
        }
        List<Pod> shuffled = new ArrayList<>(pods);
        Collections.shuffle(shuffled, random);
        List<Pod> first = DeletionOrder.first(count, pods, pods, NOW);
        assertEquals(count, first.size());
        assertEquals(Set.copyOf(first), Set.copyOf(DeletionOrder.first(count, shuffled, shuffled, NOW)));
        assertTrue(pods.containsAll(first));
    }
}
