package io.keelson.agent.eviction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.agent.eviction.Threshold.Exactly;
import io.keelson.controllers.objects.Amount;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class PressureStateProperties {
    private static final Duration STEP = Duration.ofSeconds(10);
    private static final Duration PRESSURE_FOR = Duration.ofSeconds(25);
    private static final int END = 50;
    private static final int RECLAIM = 20;

    private static Threshold threshold(Signal signal, int graceSeconds, int reclaim) {
        return new Threshold(
                signal,
                new Exactly(Amount.of(END)),
                Duration.ofSeconds(graceSeconds),
                reclaim == 0 ? Optional.empty() : Optional.of(new Exactly(Amount.of(reclaim))));
    }

    private static PressureState after(List<Threshold> thresholds, List<Integer> available) {
        PressureState state = PressureState.NONE;
        for (int step = 0; step < available.size(); step++) {
            Instant now = Instant.EPOCH.plus(STEP.multipliedBy(step + 1L));
            Observation seen = new Observation(available.get(step), 100, now);
            state = state.next(thresholds, Map.of(Signal.PID_AVAILABLE, seen), PRESSURE_FOR, now);
        }
        return state;
    }

    /**
     * Counted from the end, where the state goes on from the beginning: a threshold is due if it was below for its grace
     * at some time, and since then never had as much as it has to reclaim.
     */
    private static boolean isDue(List<Integer> available, int graceSteps) {
        for (int last = available.size() - 1; last >= 0; last--) {
            int below = 0;
            while (below <= last && available.get(last - below) < END) {
                below++;
            }
            if (below > graceSteps) {
                return true;
            }
            if (available.get(last) >= END + RECLAIM) {
                return false;
            }
        }
        return false;
    }

    @Property(tries = 300)
    void aThresholdIsDueFromItsGraceOnUntilEnoughIsReclaimed(
            @ForAll @Size(max = 12) List<@IntRange(max = 100) Integer> available,
            @ForAll @IntRange(max = 3) int graceSteps) {
        Threshold threshold = threshold(Signal.PID_AVAILABLE, graceSteps * 10, RECLAIM);
        boolean isDue = after(List.of(threshold), available).due().contains(threshold);
        assertEquals(isDue(available, graceSteps), isDue, available::toString);
    }

    @Property(tries = 300)
    void aPressureLastsForSomeTimeAfterItWasSeen(@ForAll @Size(max = 12) List<@IntRange(max = 100) Integer> available) {
        Threshold threshold = threshold(Signal.PID_AVAILABLE, 3600, 0);
        List<Integer> newest = available.subList(Math.max(0, available.size() - 3), available.size());
        boolean isUnder = newest.stream().anyMatch(each -> each < END);
        assertEquals(
                isUnder ? Set.of(Pressure.PID) : Set.of(),
                after(List.of(threshold), available).pressures());
    }

    @Test
    void aPressureThatIsToLastForNoTimeLastsAsLongAsItIsSeen() {
        List<Threshold> thresholds = List.of(threshold(Signal.PID_AVAILABLE, 0, 0));
        Observation little = new Observation(1, 100, Instant.EPOCH);
        PressureState under =
                PressureState.NONE.next(thresholds, Map.of(Signal.PID_AVAILABLE, little), Duration.ZERO, Instant.EPOCH);
        assertEquals(Set.of(Pressure.PID), under.pressures());
        assertEquals(
                Set.of(),
                under.next(thresholds, Map.of(), Duration.ZERO, Instant.EPOCH.plusSeconds(1))
                        .pressures());
    }

    @Test
    void memoryIsMoreUrgentThanDiskAndWhatCannotWaitThanWhatCan() {
        List<Threshold> thresholds = new ArrayList<>(List.of(
                threshold(Signal.NODEFS_AVAILABLE, 10, 0),
                threshold(Signal.NODEFS_AVAILABLE, 0, 0),
                threshold(Signal.ALLOCATABLE_MEMORY_AVAILABLE, 0, 0)));
        Observation little = new Observation(1, 100, Instant.EPOCH);
        Map<Signal, Observation> seen =
                Map.of(Signal.NODEFS_AVAILABLE, little, Signal.ALLOCATABLE_MEMORY_AVAILABLE, little);
        PressureState first = PressureState.NONE.next(thresholds, seen, PRESSURE_FOR, Instant.EPOCH);
        PressureState second = first.next(thresholds, seen, PRESSURE_FOR, Instant.EPOCH.plusSeconds(10));
        assertEquals(List.of(thresholds.get(2), thresholds.get(1), thresholds.get(0)), second.urgent(first));
    }

    @Test
    void nothingIsDoneTwiceForWhatWasSeenOnce() {
        List<Threshold> thresholds = List.of(threshold(Signal.PID_AVAILABLE, 0, 0));
        Instant time = Instant.parse("2026-01-01T00:00:00Z");
        Map<Signal, Observation> seen = Map.of(Signal.PID_AVAILABLE, new Observation(1, 100, time));
        PressureState first = PressureState.NONE.next(thresholds, seen, PRESSURE_FOR, Instant.EPOCH);
        assertEquals(thresholds, first.urgent(PressureState.NONE));
        PressureState second = first.next(thresholds, seen, PRESSURE_FOR, Instant.EPOCH.plusSeconds(10));
        assertEquals(thresholds, second.due());
        assertTrue(second.urgent(first).isEmpty());
        // The machine's clock was set back.
        Map<Signal, Observation> later = Map.of(Signal.PID_AVAILABLE, new Observation(1, 100, time.minusSeconds(3600)));
        PressureState third = second.next(thresholds, later, PRESSURE_FOR, Instant.EPOCH.plusSeconds(20));
        assertEquals(thresholds, third.urgent(second));
    }
}
