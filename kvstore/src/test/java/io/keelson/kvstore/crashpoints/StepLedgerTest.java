package io.keelson.kvstore.crashpoints;

import static org.junit.jupiter.api.Assertions.assertEquals;
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

/** The account of steps names the one that was never met, and leaves none waiting. */
class StepLedgerTest {
    private final SplittableRandom random = new SplittableRandom(1);

    @Test
    void everyStepIsMetOnceBeforeAnyIsMetTwice() throws Exception {
        StepLedger ledger = ledger();
        Set<Step> met = new HashSet<>();
        for (int i = 0; i < ledger.size(); i++) {
            Step step = ledger.next(random);
            ledger.met(step);
            met.add(step);
        }
        assertEquals(ledger.size(), met.size());
        assertEquals(List.of(), ledger.neverMet());
    }

    @Test
    void aStepThatIsNeverReachedIsNamedAndKeepsNoOtherWaiting() throws Exception {
        StepLedger ledger = ledger();
        Step unreachable = new Step(Phase.APPLY, "b");
        int tries = 0;
        for (int i = 0; i < 40; i++) {
            Step step = ledger.next(random);
            if (step.equals(unreachable)) {
                ledger.missed(step);
                tries++;
            } else {
                ledger.met(step);
            }
        }
        assertEquals(List.of(unreachable), ledger.neverMet());
        assertTrue(tries > 10, "tried " + tries + " times");
        assertTrue(ledger.timesMet(new Step(Phase.APPLY, "a")) >= 6, ledger.table()::toString);
        assertTrue(ledger.table().getFirst().contains("apply: b"), ledger.table()::toString);
        assertTrue(
                ledger.summary().getFirst().contains("at 2 of 3 steps, at least 0 at each"),
                ledger.summary()::toString);
    }

    /** What was met but not judged, and a line that was cut off, do not count. */
    @Test
    void aLaterRunGoesOnFromWhatWasFoundRight(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("ledger");
        StepLedger first = new StepLedger(file);
        first.learned(Phase.APPLY, List.of("io/A.a()V#1 x", "b", "c", "d"));
        Step a = new Step(Phase.APPLY, "io/A.a()V#1 x");
        Step b = new Step(Phase.APPLY, "b");
        first.met(a);
        first.verified(a);
        first.met(b);
        first.missed(new Step(Phase.APPLY, "c"));
        Files.writeString(file, "met APPLY d", StandardOpenOption.APPEND);

        StepLedger second = new StepLedger(file);
        second.learned(Phase.APPLY, List.of("io/A.a()V#1 x", "b", "c", "d"));
        assertEquals(1, second.timesMet(a));
        assertEquals(1, second.timesMissed(new Step(Phase.APPLY, "c")));
        assertEquals(Set.of(b, new Step(Phase.APPLY, "c"), new Step(Phase.APPLY, "d")), Set.copyOf(second.neverMet()));
    }

    private static StepLedger ledger() throws IOException {
        StepLedger ledger = new StepLedger(null);
        ledger.learned(Phase.APPLY, List.of("c", "a", "b"));
        ledger.learned(Phase.START, List.of("a"));
        return ledger;
    }
}
