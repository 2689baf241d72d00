package io.keelson.kvstore.crashpoints;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.kvstore.crashpoints.StepLedger.Step;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The account of steps names the one that was never met, and leaves none waiting. */
class StepLedgerTest {
    private final SplittableRandom random = new SplittableRandom(1);

    @Test
    void everyStepIsMetOnceBeforeAnyIsMetTwice() {
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
    void aStepThatIsNeverReachedIsNamedAndKeepsNoOtherWaiting() {
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

    private static StepLedger ledger() {
        StepLedger ledger = new StepLedger();
        ledger.learned(Phase.APPLY, List.of("c", "a", "b"));
        ledger.learned(Phase.START, List.of("a"));
        return ledger;
    }
}
