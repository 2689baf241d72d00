package io.keelson.controllers.devicetainteviction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceToleration;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceTolerationBuilder;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaim;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaimBuilder;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceSlice;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceSliceBuilder;
import io.fabric8.kubernetes.api.model.resource.v1alpha3.DeviceTaintRuleSpecBuilder;
import io.fabric8.kubernetes.api.model.resource.v1alpha3.DeviceTaintSelector;
import io.keelson.controllers.objects.DeviceTaintRule;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ClaimEvictionTest {
    private static final Instant SINCE = Instant.parse("2026-05-01T12:00:00Z");

    private static ResourceClaim claim(DeviceToleration... tolerations) {
        return new ResourceClaimBuilder()
                .withNewStatus()
                .withNewAllocation()
                .withNewDevices()
                .addNewResult()
                .withDriver("gpu.example.com")
                .withPool("node/one")
                .withDevice("gpu-0")
                .withTolerations(tolerations)
                .endResult()
                .endDevices()
                .endAllocation()
                .endStatus()
                .build();
    }

    private static EvictingTaint taint(String key, String value, String rule) {
        return new EvictingTaint(key, value, SINCE, rule);
    }

    private static @Nullable Instant due(List<EvictingTaint> taints, DeviceToleration... tolerations) {
        ClaimEviction eviction = ClaimEviction.of(claim(tolerations), device -> taints);
        return eviction == null ? null : eviction.due();
    }

    private static DeviceToleration exists(@Nullable Long seconds) {
        return new DeviceTolerationBuilder()
                .withOperator("Exists")
                .withTolerationSeconds(seconds)
                .build();
    }

    @Test
    void whatIsNotToleratedIsLeftAtOnce() {
        assertNull(due(List.of()));
        assertEquals(SINCE, due(List.of(taint("broken", "", ""))));
        assertNull(due(List.of(taint("broken", "", "")), exists(null)));
    }

    @Test
    void whatIsToleratedForAWhileIsLeftAfterIt() {
        List<EvictingTaint> taints = List.of(taint("broken", "", ""));
        assertEquals(SINCE.plusSeconds(30), due(taints, exists(60L), exists(30L)));
        assertNull(due(taints, exists(30L), exists(null)), "one tolerates it for ever");
        assertEquals(SINCE, due(taints, exists(-5L)));
        assertTrue(
                Objects.requireNonNull(due(taints, exists(Long.MAX_VALUE))).isAfter(SINCE.plusSeconds(1_000_000_000)));
    }

    @Test
    void allReasonsAreTold() {
        ClaimEviction eviction = Objects.requireNonNull(ClaimEviction.of(
                claim(), device -> List.of(taint("a", "", "one"), taint("b", "", ""), taint("c", "", "two"))));
        assertEquals(Set.of("one", "two"), eviction.rules());
        ClaimEviction later = new ClaimEviction(SINCE.plusSeconds(1), new TreeSet<>(Set.of("three")));
        assertEquals(
                new ClaimEviction(SINCE, new TreeSet<>(Set.of("one", "three", "two"))),
                ClaimEviction.join(later, eviction));
        assertEquals(later, ClaimEviction.join(null, later));
        assertNull(ClaimEviction.join(null, null));
    }

    /** A reference that counts seconds for each taint, and knows of tolerations only the four ways in which they can fail. */
    @Property(tries = 500)
    void aClaimIsEvictedAtTheFirstMomentThatItDoesNotTolerate(@ForAll long seed) {
        Random random = new Random(seed);
        List<EvictingTaint> taints = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            taints.add(new EvictingTaint(
                    "k" + random.nextInt(3), "v" + random.nextInt(2), SINCE.plusSeconds(random.nextInt(100)), ""));
        }
        DeviceToleration[] tolerations = new DeviceToleration[random.nextInt(4)];
        for (int i = 0; i < tolerations.length; i++) {
            tolerations[i] = new DeviceTolerationBuilder()
                    .withKey(random.nextInt(3) == 0 ? null : "k" + random.nextInt(3))
                    .withOperator(List.of("", "Equal", "Exists", "Strange").get(random.nextInt(4)))
                    .withValue("v" + random.nextInt(2))
                    .withEffect(List.of("", "NoExecute", "NoSchedule").get(random.nextInt(3)))
                    .withTolerationSeconds(random.nextInt(3) == 0 ? null : (long) random.nextInt(50))
                    .build();
        }
        long first = Long.MAX_VALUE;
        for (EvictingTaint taint : taints) {
            long stays = -1;
            for (DeviceToleration each : tolerations) {
                boolean fails = "NoSchedule".equals(each.getEffect())
                        || (each.getKey() != null && !each.getKey().equals(taint.key()))
                        || "Strange".equals(each.getOperator())
                        || (!"Exists".equals(each.getOperator()) && !Objects.equals(each.getValue(), taint.value()));
                if (!fails) {
                    long bears = each.getTolerationSeconds() == null ? Long.MAX_VALUE : each.getTolerationSeconds();
                    // For ever wins over any time; of times the shortest.
                    stays = stays == Long.MAX_VALUE || bears == Long.MAX_VALUE
                            ? Long.MAX_VALUE
                            : stays < 0 ? bears : Math.min(stays, bears);
                }
            }
            if (stays != Long.MAX_VALUE) {
                first = Math.min(first, taint.since().getEpochSecond() + Math.max(stays, 0));
            }
        }
        assertEquals(first == Long.MAX_VALUE ? null : Instant.ofEpochSecond(first), due(taints, tolerations));
    }

    private static ResourceSlice slice(String name, long generation, String device, String effect) {
        return new ResourceSliceBuilder()
                .withNewMetadata()
                .withName(name)
                .withCreationTimestamp(SINCE.toString())
                .endMetadata()
                .withNewSpec()
                .withDriver("gpu.example.com")
                .withNewPool(generation, "node/one", 1L)
                .addNewDevice()
                .withName(device)
                .addNewTaint()
                .withKey("broken")
                .withEffect(effect)
                .endTaint()
                .endDevice()
                .endSpec()
                .build();
    }

    @Test
    void onlyTheLastGenerationOfAPoolCounts() {
        ResourceSlice old = slice("old", 1, "gpu-0", "NoExecute");
        ResourceSlice now = slice("now", 2, "gpu-1", "NoExecute");
        assertEquals(List.of(), Devices.taints(List.of(old, now), "gpu-0"));
        assertEquals(1, Devices.taints(List.of(old, now), "gpu-1").size());
        assertEquals(1, Devices.taints(List.of(old), "gpu-0").size());
        assertEquals(List.of(), Devices.taints(List.of(slice("s", 1, "gpu-0", "NoSchedule")), "gpu-0"));
        assertEquals(
                SINCE,
                Devices.taints(List.of(old), "gpu-0").getFirst().since(),
                "a taint without a time is as old as its slice");
        assertEquals("gpu.example.com/node/one", Devices.pool(old));
        assertTrue(Devices.of(claim()).contains(Devices.pool(old)));
    }

    private static DeviceTaintRule rule(@Nullable String driver, @Nullable String pool, @Nullable String device) {
        DeviceTaintSelector selector = new DeviceTaintSelector();
        selector.setDriver(driver);
        selector.setPool(pool);
        selector.setDevice(device);
        DeviceTaintRule rule = new DeviceTaintRule();
        rule.setSpec(
                new DeviceTaintRuleSpecBuilder().withDeviceSelector(selector).build());
        return rule;
    }

    @Test
    void aRuleMeansWhatItsSelectorSays() {
        for (String driver : new String[] {null, "gpu.example.com", "other"}) {
            for (String pool : new String[] {null, "node/one", "other"}) {
                for (String device : new String[] {null, "gpu-0", "other"}) {
                    boolean expected = !"other".equals(driver) && !"other".equals(pool) && !"other".equals(device);
                    DeviceTaintRule rule = rule(driver, pool, device);
                    assertEquals(expected, Devices.selects(rule, "gpu.example.com", "node/one", "gpu-0"));
                    String broadly = Devices.broadly(rule.getSpec().getDeviceSelector());
                    assertTrue(
                            !expected || Devices.of(claim()).contains(Objects.requireNonNull(broadly)),
                            "the index finds what is selected: " + broadly);
                }
            }
        }
        DeviceTaintRule none = new DeviceTaintRule();
        none.setSpec(new DeviceTaintRuleSpecBuilder().build());
        assertFalse(Devices.selects(none, "gpu.example.com", "node/one", "gpu-0"));
        assertNull(Devices.broadly(null));
    }

    private static String told(RuleProgress progress) {
        Condition condition = progress.condition(3, null, SINCE);
        return condition.getStatus() + ' ' + condition.getReason() + ": " + condition.getMessage();
    }

    @Test
    void progressIsToldInWords() {
        assertEquals("False NotStarted: ", told(new RuleProgress("NoExecute", 0, 0, 0, 0, 0)));
        assertEquals(
                "True PodsPendingEviction: 1 pod needs to be evicted in 1 namespace.",
                told(new RuleProgress("NoExecute", 0, 0, 1, 1, 0)));
        assertEquals(
                "True PodsPendingEviction: 3 pods need to be evicted in 2 different namespaces. 1 pod evicted since"
                        + " starting the controller.",
                told(new RuleProgress("NoExecute", 0, 0, 3, 2, 1)));
        assertEquals(
                "False Completed: 2 pods evicted since starting the controller.",
                told(new RuleProgress("NoExecute", 0, 0, 0, 0, 2)));
        assertEquals(
                "False NoEffect: 1 published device selected. 0 allocated devices selected. 0 pods would be evicted in 0"
                        + " different namespaces if the effect was NoExecute. This information will not be updated"
                        + " again. Recreate the DeviceTaintRule to trigger an update.",
                told(new RuleProgress("None", 1, 0, 0, 0, 0)));
        assertEquals(
                "False OtherEffect: Eviction only happens for the NoExecute effect.",
                told(new RuleProgress("NoSchedule", 0, 0, 0, 0, 0)));
    }

    @Test
    void aConditionThatSaysTheSameIsTheSame() {
        RuleProgress progress = new RuleProgress("NoExecute", 0, 0, 1, 1, 0);
        Condition first = progress.condition(1, null, SINCE);
        assertEquals(first, progress.condition(1, first, SINCE.plusSeconds(60)));
        Condition next = progress.condition(2, first, SINCE.plusSeconds(60));
        assertEquals("2026-05-01T12:01:00Z", next.getLastTransitionTime());
        assertEquals(2, next.getObservedGeneration());
    }
}
