package io.keelson.controllers.resourcequota;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.keelson.controllers.objects.Amount;
import io.keelson.controllers.testing.ManualTime;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class PodMeasureTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final PodMeasure measure = new PodMeasure(new ManualTime(NOW));

    private static ResourceRequirements resources(Map<String, String> requests, Map<String, String> limits) {
        return new ResourceRequirementsBuilder()
                .withRequests(quantities(requests))
                .withLimits(quantities(limits))
                .build();
    }

    private static Map<String, Quantity> quantities(Map<String, String> texts) {
        Map<String, Quantity> quantities = new TreeMap<>();
        texts.forEach((name, text) -> quantities.put(name, Quantity.parse(text)));
        return quantities;
    }

    private static Container container(String name, Map<String, String> requests, Map<String, String> limits) {
        return new ContainerBuilder()
                .withName(name)
                .withResources(resources(requests, limits))
                .build();
    }

    private static Pod pod(Container... containers) {
        return new PodBuilder()
                .withNewMetadata()
                .withName("p")
                .endMetadata()
                .withNewSpec()
                .withContainers(containers)
                .endSpec()
                .build();
    }

    private Map<String, String> usage(Pod pod) {
        Map<String, String> usage = new TreeMap<>();
        measure.usage(pod)
                .forEach((name, amount) -> usage.put(name, amount.quantity().toString()));
        return usage;
    }

    @Test
    void aPodIsCountedAndWhatItRequestsAndMayUse() {
        Pod pod = pod(
                container("a", Map.of("cpu", "500m", "memory", "1Gi", "example.com/gpu", "2"), Map.of("cpu", "1")),
                container("b", Map.of("cpu", "500m", "hugepages-2Mi", "4Mi"), Map.of("memory", "1Gi")));
        Map<String, String> expected = new TreeMap<>(Map.of(
                "count/pods", "1",
                "pods", "1",
                "cpu", "1",
                "requests.cpu", "1",
                "memory", "1Gi",
                "requests.memory", "1Gi",
                "requests.example.com/gpu", "2",
                "limits.cpu", "1",
                "limits.memory", "1Gi"));
        expected.put("hugepages-2Mi", "4Mi");
        expected.put("requests.hugepages-2Mi", "4Mi");
        assertEquals(expected, usage(pod));
        usage(pod).keySet().forEach(name -> assertTrue(measure.measures(name), name));
        for (String other : List.of("limits.hugepages-2Mi", "services", "example.com/gpu", "requests.storage", "x")) {
            assertFalse(measure.measures(other), other);
        }
    }

    @Test
    void aPodThatEndedIsAnObjectAndNoMore() {
        Pod ended = new PodBuilder(pod(container("a", Map.of("cpu", "1"), Map.of())))
                .withNewStatus()
                .withPhase("Succeeded")
                .endStatus()
                .build();
        assertEquals(Map.of("count/pods", "1"), usage(ended));
        Pod stuck = new PodBuilder(pod(container("a", Map.of("cpu", "1"), Map.of())))
                .editMetadata()
                .withDeletionTimestamp("2025-12-31T23:59:00Z")
                .withDeletionGracePeriodSeconds(30L)
                .endMetadata()
                .build();
        assertEquals(Map.of("count/pods", "1"), usage(stuck));
        assertEquals(
                "1",
                usage(new PodBuilder(stuck)
                                .editMetadata()
                                .withDeletionTimestamp("2025-12-31T23:59:40Z")
                                .endMetadata()
                                .build())
                        .get("pods"));
    }

    @Test
    void whileItIsResizedAPodIsChargedForTheMostAndForWhatItHasIfItCannotBe() {
        Pod resized = new PodBuilder(pod(container("a", Map.of("cpu", "3"), Map.of("cpu", "3"))))
                .withNewStatus()
                .addNewContainerStatus()
                .withName("a")
                .withResources(resources(Map.of("cpu", "1"), Map.of("cpu", "2")))
                .withAllocatedResources(quantities(Map.of("cpu", "2")))
                .endContainerStatus()
                .endStatus()
                .build();
        assertEquals("3", usage(resized).get("requests.cpu"));
        assertEquals("3", usage(resized).get("limits.cpu"));
        Pod infeasible = new PodBuilder(resized)
                .editStatus()
                .addNewCondition()
                .withType("PodResizePending")
                .withStatus("True")
                .withReason("Infeasible")
                .endCondition()
                .endStatus()
                .build();
        assertEquals("2", usage(infeasible).get("requests.cpu"));
        assertEquals("2", usage(infeasible).get("limits.cpu"));
    }

    private static Scope scope(String name, String operator, String... values) {
        return new Scope(name, operator, Set.of(values));
    }

    @Test
    void scopesPickPodsByDeadlineQualityPriorityAndAffinity() {
        Pod plain = pod(container("a", Map.of(), Map.of()));
        Pod other = new PodBuilder(pod(container("a", Map.of("cpu", "1"), Map.of())))
                .editSpec()
                .withActiveDeadlineSeconds(0L)
                .withPriorityClassName("high")
                .withNewAffinity()
                .withNewPodAntiAffinity()
                .addNewRequiredDuringSchedulingIgnoredDuringExecution()
                .withNamespaces("elsewhere")
                .endRequiredDuringSchedulingIgnoredDuringExecution()
                .endPodAntiAffinity()
                .endAffinity()
                .endSpec()
                .build();
        for (String name : List.of("NotTerminating", "BestEffort")) {
            assertTrue(measure.isIn(scope(name, "Exists"), plain), name);
            assertFalse(measure.isIn(scope(name, "Exists"), other), name);
        }
        for (String name : List.of("Terminating", "NotBestEffort", "PriorityClass", "CrossNamespacePodAffinity")) {
            assertFalse(measure.isIn(scope(name, "Exists"), plain), name);
            assertTrue(measure.isIn(scope(name, "Exists"), other), name);
        }
        assertTrue(measure.isIn(scope("PriorityClass", "In", "high", "low"), other));
        assertFalse(measure.isIn(scope("PriorityClass", "In", "low"), other));
        assertFalse(measure.isIn(scope("PriorityClass", "NotIn", "high"), other));
        assertTrue(measure.isIn(scope("PriorityClass", "NotIn", "high"), plain));
        assertTrue(measure.isIn(scope("PriorityClass", "DoesNotExist"), plain));
        assertFalse(measure.isIn(scope("Nonsense", "Exists"), plain));
    }

    /** The API server adds up the same objects as trees of JSON when they are created. */
    @Property(tries = 300)
    void aPodIsChargedForTheSameHereAndWhenItIsCreated(@ForAll long seed) throws Exception {
        Random random = new Random(seed);
        PodBuilder builder = new PodBuilder().withNewMetadata().withName("p").endMetadata();
        var spec = builder.withNewSpec();
        for (int i = 0; i <= random.nextInt(3); i++) {
            spec.addToContainers(container("c" + i, some(random), some(random)));
        }
        for (int i = 0; i < random.nextInt(4); i++) {
            spec.addToInitContainers(new ContainerBuilder(container("i" + i, some(random), some(random)))
                    .withRestartPolicy(random.nextBoolean() ? "Always" : null)
                    .build());
        }
        if (random.nextBoolean()) {
            spec.withOverhead(quantities(some(random)));
        }
        if (random.nextInt(3) == 0) {
            spec.withResources(resources(some(random), some(random)));
        }
        Pod pod = spec.endSpec().build();
        var json = JsonMapper.builder().build().readTree(Serialization.asJson(pod));
        assertSame(io.keelson.apiserver.kinds.pod.PodAmounts.charged(json), PodAmounts.requests(pod));
        assertSame(io.keelson.apiserver.kinds.pod.PodAmounts.chargedLimits(json), PodAmounts.limits(pod));
    }

    private static void assertSame(
            Map<String, io.keelson.apiserver.object.Quantity> expected, Map<String, Amount> actual) {
        Map<String, io.keelson.apiserver.object.Quantity> read = new TreeMap<>();
        actual.forEach((name, amount) -> read.put(
                name,
                io.keelson.apiserver.object.Quantity.parse(amount.quantity().toString())));
        assertEquals(new TreeMap<>(expected), read);
    }

    private static Map<String, String> some(Random random) {
        Map<String, String> some = new HashMap<>();
        for (String name : List.of("cpu", "memory", "ephemeral-storage", "example.com/gpu", "hugepages-2Mi")) {
            if (random.nextBoolean()) {
                some.put(name, random.nextInt(8) + (name.equals("cpu") ? "00m" : ""));
            }
        }
        return some;
    }
}
