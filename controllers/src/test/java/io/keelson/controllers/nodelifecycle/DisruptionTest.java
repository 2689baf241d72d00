package io.keelson.controllers.nodelifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.controllers.nodelifecycle.Disruption.Count;
import io.keelson.controllers.nodelifecycle.Disruption.Decision;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DisruptionTest {
    private static final Count WELL = new Count(5, 0);
    private static final Count LOST = new Count(0, 5);

    private final Disruption disruption = new Disruption(NodeLifecycleSettings.DEFAULT);

    @Test
    void aZoneIsUnwellFromThreeNodesAndMoreThanHalfOn() {
        assertEquals(ZoneState.NORMAL, ZoneState.of(0, 0, 0.55));
        assertEquals(ZoneState.NORMAL, ZoneState.of(1, 2, 0.55));
        assertEquals(ZoneState.PARTIAL_DISRUPTION, ZoneState.of(1, 3, 0.55));
        assertEquals(ZoneState.NORMAL, ZoneState.of(3, 3, 0.55));
        assertEquals(ZoneState.PARTIAL_DISRUPTION, ZoneState.of(9, 11, 0.55));
        assertEquals(ZoneState.FULL_DISRUPTION, ZoneState.of(0, 1, 0.55));
    }

    @Test
    void aSmallZoneThatIsUnwellGivesNobodyUpAndALargeOneGoesSlowly() {
        Decision first = disruption.update(Map.of("small", new Count(10, 40), "large", new Count(10, 41)));
        assertEquals(Map.of("small", 0.0, "large", 0.01), first.rates());
        assertEquals(
                Map.of(),
                disruption
                        .update(Map.of("small", new Count(10, 40), "large", new Count(10, 41)))
                        .rates(),
                "it goes on as before");
        assertEquals(
                Map.of("small", 0.1),
                disruption
                        .update(Map.of("small", new Count(40, 10), "large", new Count(10, 41)))
                        .rates());
    }

    @Test
    void aZoneThatIsLostAloneIsGivenUpAtTheFullRate() {
        Decision first = disruption.update(Map.of("a", WELL, "b", LOST));
        assertEquals(Map.of("a", 0.1, "b", 0.1), first.rates());
        assertFalse(first.spare());
    }

    @Test
    void ifAllZonesAreLostNobodyIsGivenUpUntilOneIsBack() {
        disruption.update(Map.of("a", WELL, "b", WELL));
        Decision lost = disruption.update(Map.of("a", LOST, "b", LOST));
        assertTrue(lost.spare());
        assertEquals(Map.of("a", 0.0, "b", 0.0), lost.rates());
        Decision still = disruption.update(Map.of("a", LOST, "b", LOST));
        assertEquals(new Decision(Map.of(), false, false), still);
        Decision back = disruption.update(Map.of("a", WELL, "b", LOST));
        assertTrue(back.afresh());
        assertFalse(back.spare());
        assertEquals(Map.of("a", 0.1, "b", 0.1), back.rates());
    }

    @Test
    void aZoneWithoutNodesIsForgotten() {
        disruption.update(Map.of("a", WELL, "b", LOST));
        disruption.update(Map.of("a", WELL));
        assertEquals(ZoneState.INITIAL, disruption.state("b"));
        assertEquals(new Decision(Map.of(), false, false), disruption.update(Map.of()));
    }
}
