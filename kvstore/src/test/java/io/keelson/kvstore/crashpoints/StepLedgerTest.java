package io.keelson.kvstore.crashpoints;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.kvstore.crashpoints.StepLedger.Kind;
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

/** The account of steps tells which were met least, in which way, and names the one that never was. */
class StepLedgerTest {
    private static final Step A = new Step(Phase.APPLY, "a");
    private static final Step B = new Step(Phase.APPLY, "b");
    private static final Step C = new Step(Phase.APPLY, "c");

    @Test
    void bothWaysOfBeingMetCount() throws Exception {
        StepLedger ledger = ledger();
        assertEquals(List.of(A, B, C), ledger.least(Phase.APPLY, Kind.IMAGE));
        ledger.met(B, Kind.IMAGE);
        ledger.met(B, Kind.IMAGE);
        ledger.met(A, Kind.CRASH);
        assertEquals(List.of(C), ledger.leastMet(Phase.APPLY, 1, _ -> true, new SplittableRandom(1)));
        assertEquals(List.of(A, B), ledger.leastMet(Phase.APPLY, 3, step -> !step.equals(C), new SplittableRandom(1)));
        assertEquals(List.of(A, C), ledger.least(Phase.APPLY, Kind.IMAGE));
        assertEquals(List.of(B, C), ledger.least(Phase.APPLY, Kind.CRASH));
        assertEquals(2, ledger.times(B, Kind.IMAGE));
        assertEquals(0, ledger.times(B, Kind.CRASH));
        assertEquals(List.of(C), ledger.metLessThan(1));
        assertEquals(List.of(A, C), ledger.metLessThan(2));
        ledger.right(A, Kind.CRASH);
        assertTrue(ledger.table().getFirst().contains("apply: c"), ledger.table()::toString);
        String summary = ledger.summary().getFirst();
        assertTrue(
                summary.contains("3 steps, each met at least 0 times, half of them 1 times or more; 1 never met;"
                        + " right were 0 images and 1 crashes; 2 calls"),
                summary);
    }

    /** What nobody foresaw is met, too, and from then on a step like others. */
    @Test
    void aStepThatIsSeenLaterIsToBeMet() throws Exception {
        StepLedger ledger = ledger();
        assertEquals(Set.of("d", "e"), ledger.unseen(Phase.APPLY));
        ledger.seen(new Step(Phase.APPLY, "d"));
        ledger.met(new Step(Phase.APPLY, "e"), Kind.IMAGE);
        assertEquals(Set.of(), ledger.unseen(Phase.APPLY));
        assertEquals(List.of(A, B, C, new Step(Phase.APPLY, "d")), ledger.metLessThan(1));
        Step elsewhere = new Step(Phase.APPLY, "x");
        assertThrows(IllegalArgumentException.class, () -> ledger.met(elsewhere, Kind.IMAGE));
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
            Step met = phase == Phase.APPLY
                    ? (random.nextBoolean() ? A : B)
                    : new Step(Phase.START, random.nextBoolean() ? "a" : "b");
            ledger.met(met, Kind.IMAGE);
        }
        assertEquals(Set.of(Phase.APPLY, Phase.START), drawn);
        assertTrue(ledger.times(new Step(Phase.START, "a"), Kind.IMAGE) > 5, ledger.table()::toString);
    }

    /** What was met but not judged, a line that was cut off, and calls that are gone from the code do not count. */
    @Test
    void aLaterRunGoesOnFromWhatWasFoundRight(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("ledger");
        List<String> calls = List.of("io/A.a()V#1 x", "b", "c", "d", "e");
        StepLedger first = new StepLedger(file);
        first.begin(Phase.APPLY, calls);
        Step a = new Step(Phase.APPLY, "io/A.a()V#1 x");
        for (Kind kind : Kind.values()) {
            first.met(a, kind);
            first.right(a, kind);
        }
        first.met(B, Kind.IMAGE);
        first.seen(C);
        first.seen(new Step(Phase.APPLY, "e"));
        Files.writeString(file, "image APPLY d", StandardOpenOption.APPEND);

        StepLedger second = new StepLedger(file);
        second.begin(Phase.APPLY, calls.subList(0, 4));
        assertEquals(1, second.times(a, Kind.IMAGE));
        assertEquals(1, second.times(a, Kind.CRASH));
        assertEquals(List.of(B, C), second.metLessThan(1));
        assertEquals(Set.of("d"), second.unseen(Phase.APPLY));
    }

    @Test
    void aLedgerOfAnotherVersionIsRefused(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("ledger");
        Files.writeString(file, "met APPLY a;\n");
        String message =
                assertThrows(IOException.class, () -> new StepLedger(file)).toString();
        assertTrue(message.contains("is no ledger of this version"), message);
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
