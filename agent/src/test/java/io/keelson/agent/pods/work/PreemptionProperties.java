package io.keelson.agent.pods.work;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.keelson.agent.pods.PodQuality;
import io.keelson.agent.pods.PodTraits;
import io.keelson.agent.pods.Resources;
import io.keelson.agent.pods.Samples;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

final class PreemptionProperties {
    private static final Pod CRITICAL = pod("critical", "", 2_000_000_000);

    private static Pod pod(String name, String resources, int priority) {
        Pod pod = Samples.pod("priority: " + priority + "\ncontainers: [{name: a, image: x"
                + (resources.isEmpty() ? "" : ", resources: {" + resources + "}") + "}]");
        return new PodBuilder(pod)
                .editMetadata()
                .withName(name)
                .withUid(name)
                .endMetadata()
                .build();
    }

    private static Pod burstable(String name, int milliCpu, int mebibytes) {
        return pod(name, "requests: {cpu: " + milliCpu + "m, memory: " + mebibytes + "Mi}", 0);
    }

    private static Pod guaranteed(String name, int milliCpu, int mebibytes) {
        String amounts = "{cpu: " + milliCpu + "m, memory: " + mebibytes + "Mi}";
        return pod(name, "requests: " + amounts + ", limits: " + amounts, 0);
    }

    private static List<String> victims(Map<String, Long> lacks, Pod... others) {
        return Preemption.victims(CRITICAL, List.of(others), lacks).stream()
                .map(pod -> pod.getMetadata().getName())
                .toList();
    }

    @Example
    void theOneThatFreesMostComesFirstAndOfEqualOnesTheSmaller() {
        Map<String, Long> lacks = Map.of("cpu", 500L);
        assertEquals(
                List.of("c"), victims(lacks, burstable("a", 400, 1), burstable("b", 900, 9), burstable("c", 600, 8)));
        assertEquals(
                List.of("b", "a"),
                victims(lacks, burstable("a", 100, 1), burstable("b", 400, 9), burstable("c", 100, 1)),
                "the rest is freed by the first of the smallest");
    }

    @Example
    void noneOfAHigherQualityEndsForWhatOthersCouldFree() {
        Map<String, Long> lacks = Map.of("cpu", 500L);
        assertEquals(
                List.of("b", "c"),
                victims(lacks, guaranteed("a", 500, 1), burstable("b", 300, 1), burstable("c", 200, 1)));
        assertEquals(
                List.of("best"),
                victims(Map.of("pods", 1000L), guaranteed("a", 500, 1), burstable("b", 300, 1), pod("best", "", 0)));
        assertEquals(
                List.of("a"),
                victims(lacks, guaranteed("a", 500, 1), burstable("b", 300, 1)),
                "that of b is not needed then");
    }

    @Example
    void whoIsCriticalEndsForAHigherPriorityOnly() {
        Map<String, Long> lacks = Map.of("cpu", 100L);
        Pod equal = pod("equal", "requests: {cpu: 1}", 2_000_000_000);
        Pod higher = pod("higher", "requests: {cpu: 1}", 2_000_001_000);
        String problem = assertThrows(IllegalStateException.class, () -> victims(lacks, equal, higher))
                .getMessage();
        assertEquals("no set of running pods found to reclaim resources: [(res: cpu, q: 100), ]", problem);
        assertEquals(List.of(equal), Preemption.victims(higher, List.of(equal), lacks));
    }

    @Provide
    Arbitrary<List<Pod>> pods() {
        Arbitrary<Integer> amounts = Arbitraries.integers().between(1, 20);
        return Combinators.combine(Arbitraries.integers().between(0, 3), amounts, amounts)
                .as((kind, cpu, memory) -> switch (kind) {
                    case 0 -> pod("p", "", 0);
                    case 1 -> burstable("p", cpu * 50, memory);
                    case 2 -> guaranteed("p", cpu * 50, memory);
                    default -> pod("p", "requests: {cpu: 1}", 2_000_000_000);
                })
                .list()
                .ofMaxSize(8);
    }

    private static long free(List<Pod> pods, String resource, Predicate<Pod> which) {
        return pods.stream()
                .filter(which)
                .mapToLong(pod ->
                        resource.equals("pods") ? 1000 : Resources.requests(pod).getOrDefault(resource, 0L))
                .sum();
    }

    @Property(tries = 200, seed = "3")
    void whatIsLackingBecomesFreeIfItCan(
            @ForAll("pods") List<Pod> pods,
            @ForAll @IntRange(min = 1, max = 3000) int cpu,
            @ForAll @IntRange(min = 1, max = 4) int count) {
        List<Pod> named = new ArrayList<>();
        for (Pod pod : pods) {
            named.add(new PodBuilder(pod)
                    .editMetadata()
                    .withName("p" + named.size())
                    .endMetadata()
                    .build());
        }
        Map<String, Long> lacks = Map.of("cpu", (long) cpu, "pods", 1000L * count);
        Predicate<Pod> mayEnd = pod -> !PodTraits.isCritical(pod);
        boolean isEnough =
                lacks.entrySet().stream().allMatch(lack -> free(named, lack.getKey(), mayEnd) >= lack.getValue());
        if (!isEnough) {
            assertThrows(IllegalStateException.class, () -> Preemption.victims(CRITICAL, named, lacks));
            return;
        }
        List<Pod> victims = Preemption.victims(CRITICAL, named, lacks);
        assertTrue(victims.stream().allMatch(mayEnd));
        assertEquals(victims.size(), victims.stream().distinct().count());
        lacks.forEach((resource, milli) -> assertTrue(free(victims, resource, pod -> true) >= milli, resource));
        boolean othersAreEnough = lacks.entrySet().stream()
                .allMatch(lack -> free(
                                named,
                                lack.getKey(),
                                mayEnd.and(pod -> !PodQuality.of(pod).equals("Guaranteed")))
                        >= lack.getValue());
        if (othersAreEnough) {
            assertTrue(victims.stream().noneMatch(pod -> PodQuality.of(pod).equals("Guaranteed")));
        }
    }
}
