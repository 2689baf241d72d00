package io.keelson.agent.eviction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ThresholdsTest {
    private static final long GIBI = 1 << 30;

    private static List<Threshold> hard(String signal, String value) {
        return Thresholds.parse(Map.of(signal, value), Map.of(), Map.of(), Map.of(), false);
    }

    private static String shown(List<Threshold> thresholds, long capacity) {
        return thresholds.stream()
                .map(threshold -> threshold.signal().text()
                        + '<'
                        + threshold.value().of(capacity).quantity())
                .reduce((one, other) -> one + ' ' + other)
                .orElse("");
    }

    @Test
    void theDefaultsAreTheKubelets() {
        assertEquals(
                "memory.available<100Mi nodefs.available<1717986944 nodefs.inodesFree<858993472 "
                        + "imagefs.available<2576980480 imagefs.inodesFree<858993472 allocatableMemory.available<100Mi",
                shown(EvictionSettings.DEFAULTS.thresholds(), 16 * GIBI));
        assertTrue(EvictionSettings.DEFAULTS.thresholds().stream().allMatch(Threshold::isHard));
    }

    @Test
    void aSoftThresholdHasItsPatienceAndBothHaveWhatIsToBeReclaimed() {
        List<Threshold> all = Thresholds.parse(
                Map.of("memory.available", "100Mi"),
                Map.of("memory.available", "1Gi"),
                Map.of("memory.available", Duration.ofSeconds(90)),
                Map.of("memory.available", "50Mi"),
                true);
        assertEquals(3, all.size());
        assertEquals(Duration.ofSeconds(90), all.get(1).grace());
        for (Threshold threshold : all) {
            long end = threshold.value().of(0).number().longValue();
            Observation enough = new Observation(end, GIBI, Instant.EPOCH);
            assertFalse(threshold.isMet(enough, false));
            assertTrue(threshold.isMet(new Observation(end - 1, GIBI, Instant.EPOCH), false));
            assertTrue(threshold.isMet(enough, true));
            assertFalse(threshold.isMet(new Observation(end + 50 * TestUse.MEBI, GIBI, Instant.EPOCH), true));
        }
    }

    @Test
    void noPartAndTheWholeAreNoThresholds() {
        assertTrue(hard("nodefs.available", "0%").isEmpty());
        assertTrue(hard("nodefs.available", "100%").isEmpty());
        assertEquals("nodefs.available<10Gi", shown(hard("nodefs.available", "12.5%"), 80 * GIBI));
        assertEquals("pid.available<1k", shown(hard("pid.available", "1000"), 0));
    }

    @Test
    void theDiskOfContainersHasTheThresholdsOfTheOneItIsOn() {
        List<Threshold> all = Thresholds.parse(
                Map.of("nodefs.available", "10%", "imagefs.available", "15%", "containerfs.available", "99%"),
                Map.of("imagefs.inodesFree", "5%"),
                Map.of("imagefs.inodesFree", Duration.ofMinutes(1)),
                Map.of(),
                false);
        assertEquals(
                "nodefs.available<10 containerfs.available<10 imagefs.available<15 imagefs.inodesFree<5",
                shown(Thresholds.on(DiskLayout.ONE, all), 100));
        assertEquals(
                "nodefs.available<10 imagefs.available<15 containerfs.available<15 "
                        + "imagefs.inodesFree<5 containerfs.inodesFree<5",
                shown(Thresholds.on(DiskLayout.IMAGES_APART, all), 100));
        assertEquals(
                Duration.ofMinutes(1),
                Thresholds.on(DiskLayout.IMAGES_APART, all).getLast().grace());
    }

    @ParameterizedTest
    @CsvSource({
        "disk.available, 1Gi, unsupported eviction signal disk.available",
        "memory.available, 0, eviction threshold memory.available must be positive: 0",
        "memory.available, -1Mi, eviction threshold memory.available must be positive: -1Mi",
        "memory.available, -5%, eviction percentage threshold memory.available must be >= 0%: -5%",
        "memory.available, 101%, eviction percentage threshold memory.available must be <= 100%: 101%",
        "memory.available, NaN%, not a percentage: NaN%",
        "memory.available, 1f%, not a percentage: 1f%",
        "memory.available, much, not a quantity: much",
        "memory.available, '', 'not a quantity: '",
        "memory.available, 1e999999999, not a quantity: 1e999999999",
    })
    void saysWhatItDoesNotUnderstand(String signal, String value, String message) {
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, () -> hard(signal, value))
                        .getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"0%", "-1%", "-1", "x", "1e00000000000003", "%"})
    void whatIsToBeReclaimedIsSomethingPositive(String value) {
        assertThrows(
                IllegalArgumentException.class,
                () -> Thresholds.parse(
                        Map.of("pid.available", "1"), Map.of(), Map.of(), Map.of("pid.available", value), false));
    }

    @ParameterizedTest
    @CsvSource({
        "memory.available, -1, 'invalid eviction grace period specified: -1s, must be a positive value'",
        "memory, 1, unsupported eviction signal memory",
        "pid.available, 1, grace period must be specified for the soft eviction threshold memory.available",
    })
    void aSoftThresholdNeedsItsPatience(String signal, long seconds, String message) {
        Map<String, String> soft = Map.of("memory.available", "1Gi");
        assertEquals(
                message,
                assertThrows(
                                IllegalArgumentException.class,
                                () -> Thresholds.parse(
                                        Map.of(), soft, Map.of(signal, Duration.ofSeconds(seconds)), Map.of(), false))
                        .getMessage());
    }

    @Test
    void hugeTextsAreRefusedAtOnceAndNotRepeated() {
        for (String text : List.of("9".repeat(100_000), "9".repeat(100_000) + '%', "1." + "0".repeat(100_000) + "Gi")) {
            String message = assertThrows(IllegalArgumentException.class, () -> hard("pid.available", text))
                    .getMessage();
            assertTrue(message != null && message.length() < 200, message);
        }
    }
}
