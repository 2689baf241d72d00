package io.keelson.dist.hostile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is lost, late, out of order or too much is found. */
final class WriteLedgerTest {
    private final WriteLedger ledger = new WriteLedger();

    @Test
    void whatIsToldAndShownAgreesWhicheverComesFirst() {
        ledger.told("a", "ADDED 1", 10);
        ledger.shown("a", "ADDED 1", 25);
        ledger.shown("a", "MODIFIED 2", 30);
        ledger.told("a", "MODIFIED 2", 40);
        assertEquals(List.of(), ledger.breaches());
        assertEquals(List.of(), ledger.overdue(Long.MAX_VALUE));
        assertArrayEquals(new long[] {0, 15}, ledger.lags());
        assertArrayEquals(new long[0], ledger.lags());
        assertEquals(List.of(), ledger.differences(Map.of("a", "2")));
    }

    @Test
    void anEventThatIsMissingIsOverdueOnceItsTimeHasCome() {
        ledger.told("a", "ADDED 1", 10);
        assertEquals(List.of(), ledger.overdue(10));
        assertEquals(List.of("no watch shows ADDED 1 of a"), ledger.overdue(11));
    }

    @Test
    void anEventThatIsSkippedOrRepeatedIsABreach() {
        ledger.told("a", "ADDED 1", 10);
        ledger.told("a", "MODIFIED 2", 20);
        ledger.shown("a", "ADDED 1", 10);
        ledger.shown("a", "ADDED 1", 10);
        assertEquals(List.of("of a a writer was told MODIFIED 2, and a watch shows ADDED 1"), ledger.breaches());
        assertEquals(List.of(), ledger.breaches());
    }

    @Test
    void aWriteThatIsLostOrUndoneIsADifference() {
        ledger.told("gone", "ADDED 1", 10);
        ledger.told("old", "ADDED 2", 10);
        ledger.told("old", "MODIFIED 12", 10);
        ledger.told("back", "ADDED 3", 10);
        ledger.shown("back", "ADDED 3", 10);
        ledger.told("back", WriteLedger.DELETED, 10);
        ledger.shown("back", WriteLedger.DELETED, 10);
        assertEquals(
                List.of(
                        "back is there at 3, and was deleted",
                        "of gone a writer was told ADDED 1 last, and it is not there",
                        "of old a writer was told MODIFIED 12 last, and it is there at 2"),
                ledger.differences(Map.of("old", "2", "back", "3")).stream()
                        .sorted()
                        .toList());
    }

    @Test
    void whatHasBecomeUnknownIsNotJudged() {
        ledger.told("a", "ADDED 1", 10);
        ledger.unknown("a");
        ledger.shown("a", "MODIFIED 2", 10);
        assertEquals(List.of(), ledger.overdue(Long.MAX_VALUE));
        assertEquals(List.of(), ledger.breaches());
        assertEquals(List.of(), ledger.differences(Map.of()));
        assertEquals(List.of(), ledger.differences(Map.of("a", "2")));
    }
}
