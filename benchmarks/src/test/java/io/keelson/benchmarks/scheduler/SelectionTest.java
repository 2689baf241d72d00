package io.keelson.benchmarks.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class SelectionTest {
    private static final List<PerfCase> ALL =
            List.of(perfCase("Basic"), perfCase("PodAffinity"), perfCase("NodeAffinity"));

    private static PerfCase perfCase(String name) {
        return new PerfCase(
                name,
                null,
                Map.of(),
                List.of(),
                List.of(
                        new PerfCase.Workload("small", List.of("short"), Map.of(), Map.of(), 0),
                        new PerfCase.Workload("large", List.of("performance"), Map.of(), Map.of(), 0)));
    }

    private static List<String> names(List<String> cases, List<String> workloads) {
        return Selection.of(ALL, cases, workloads).stream()
                .map(Selection.Chosen::name)
                .toList();
    }

    @Test
    void largeSizesOfAllCasesAreRunIfNothingIsSaid() {
        assertEquals(List.of("Basic/large", "PodAffinity/large", "NodeAffinity/large"), names(List.of(), List.of()));
    }

    @Test
    void casesAreMeantByPartsOfTheirNames() {
        assertEquals(List.of("PodAffinity/small", "NodeAffinity/small"), names(List.of("affinity"), List.of("small")));
    }

    @Test
    void whatIsNotThereIsSaidWithWhatIs() {
        IllegalArgumentException noCase =
                assertThrows(IllegalArgumentException.class, () -> names(List.of("Basic", "gangs"), List.of()));
        assertTrue(String.valueOf(noCase.getMessage()).contains("'gangs'"), noCase::toString);
        assertTrue(String.valueOf(noCase.getMessage()).contains("PodAffinity"), noCase::toString);
        IllegalArgumentException noSize =
                assertThrows(IllegalArgumentException.class, () -> names(List.of(), List.of("huge")));
        assertTrue(String.valueOf(noSize.getMessage()).contains("huge"), noSize::toString);
    }
}
