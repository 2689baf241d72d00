package io.keelson.kvstore.crashpoints;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.kvstore.crashpoints.StepLedger.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The account of steps has those waited for that were met least, and names the one that never was. */
class StepLedgerTest {
    private static final Step A = new Step(Phase.APPLY, "a");
    private static final Step B = new Step(Phase.APPLY, "b");
    private static final Step C = new Step(Phase.APPLY, "c");

    @Test
    void theStepsMetLeastAreWaitedForTogether() throws Exception {
        StepLedger ledger = ledger();
        assertEquals(List.of(List.of(A, B, C)), ledger.levels(Phase.APPLY));
        ledger.met(B);
        ledger.met(B);
        ledger.met(A);
        assertEquals(List.of(List.of(C), List.of(A), List.of(B)), ledger.levels(Phase.APPLY));
        assertEquals(List.of(C), ledger.neverMet());
        assertTrue(ledger.table().getFirst().contains("apply: c"), ledger.table()::toString);
        assertTrue(
                ledger.summary()
                        .getFirst()
                        .contains("3 crashes at 2 of 3 steps, at 1 of them twice, at least 0 at each"),
                ledger.summary()::toString);
    }

    /** What nobody foresaw is met, too, and from then on a step like others. */
    @Test
    void aStepThatIsSeenLaterIsToBeMet() throws Exception {
        StepLedger ledger = ledger();
        assertEquals(Set.of("d", "e"), ledger.unseen(Phase.APPLY));
        ledger.seen(new Step(Phase.APPLY, "d"));
        ledger.met(new Step(Phase.APPLY, "e"));
        assertEquals(Set.of(), ledger.unseen(Phase.APPLY));
        assertEquals(List.of(A, B, C, new Step(Phase.APPLY, "d")), ledger.neverMet());
        Step elsewhere = new Step(Phase.APPLY, "x");
        assertThrows(IllegalArgumentException.class, () -> ledger.met(elsewhere));
    }

    @Test
    void aStepThatNeverComesKeepsNoPhaseWaiting() throws Exception {
        StepLedger ledger = ledger();
        ledger.begin(Phase.START, List.of("a", "b"));
        ledger.seen(new Step(Phase.START, "a"));
        ledger.seen(new Step(Phase.START, "b"));
        SplittableRandom random = new SplittableRandom(1);
        Set<Phase> drawn = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            Phase phase = ledger.next(random);
            drawn.add(phase);
            if (phase == Phase.APPLY) {
                ledger.awaited(C);
                ledger.met(random.nextBoolean() ? A : B);
            } else {
                ledger.met(new Step(Phase.START, random.nextBoolean() ? "a" : "b"));
            }
        }
        assertEquals(Set.of(Phase.APPLY, Phase.START), drawn);
        assertTrue(ledger.timesAwaited(C) > 20, ledger.table()::toString);
        assertTrue(ledger.timesMet(new Step(Phase.START, "a")) > 5, ledger.table()::toString);
    }

    /** What was met but not judged, a line that was cut off, and calls that are gone from the code do not count. */
    @Test
    void aLaterRunGoesOnFromWhatWasFoundRight(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("ledger");
        List<String> calls = List.of("io/A.a()V#1 x", "b", "c", "d", "e");
        StepLedger first = new StepLedger(file);
        first.begin(Phase.APPLY, calls);
        Step a = new Step(Phase.APPLY, "io/A.a()V#1 x");
        first.met(a);
        first.verified(a);
        first.met(B);
        first.seen(C);
        first.seen(new Step(Phase.APPLY, "e"));
        Files.writeString(file, "met APPLY d", StandardOpenOption.APPEND);

        StepLedger second = new StepLedger(file);
        second.begin(Phase.APPLY, calls.subList(0, 4));
        assertEquals(1, second.timesMet(a));
        assertEquals(List.of(B, C), second.neverMet());
        assertEquals(Set.of("d"), second.unseen(Phase.APPLY));
    }

    private static StepLedger ledger() throws IOException {
        StepLedger ledger = new StepLedger(null);
        ledger.begin(Phase.APPLY, List.of("a", "b", "c", "d", "e"));
        for (Step step : List.of(A, B, C)) {
            ledger.seen(step);
        }
        return ledger;
    }
}
