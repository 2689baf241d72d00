package io.keelson.kvstore.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.google.protobuf.ByteString;
import io.keelson.kvstore.api.Event;
import io.keelson.kvstore.api.KeyValue;
import io.keelson.kvstore.faults.LockJudge.Hold;
import io.keelson.kvstore.faults.WatchJudge.Gap;
import io.keelson.kvstore.faults.WatchJudge.Seen;
import io.keelson.kvstore.linearizability.Operation;
import io.keelson.kvstore.linearizability.Operation.Action;
import io.keelson.kvstore.linearizability.Operation.Outcome;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The judges of the fault runs are shown what they must find, and what they must let pass. */
class JudgesTest {
    private static final List<Operation> HISTORY = List.of(
            done(new Action.Write("a"), 2, true),
            done(new Action.CompareAndPut(2, "b"), 3, true),
            done(new Action.CompareAndPut(2, "never"), 3, false),
            done(new Action.Delete(), 4, true),
            done(new Action.Read(), 4, true));

    private static Operation done(Action action, long revision, boolean applied) {
        return new Operation(1, "k", action, new Outcome.Done(revision, null, 0, applied), revision, revision + 1);
    }

    private static Event put(String value, long revision) {
        return Event.newBuilder()
                .setKv(KeyValue.newBuilder()
                        .setKey(ByteString.copyFromUtf8("k"))
                        .setValue(ByteString.copyFromUtf8(value))
                        .setModRevision(revision))
                .build();
    }

    private static Event delete(long revision) {
        return Event.newBuilder()
                .setType(Event.EventType.DELETE)
                .setKv(KeyValue.newBuilder()
                        .setKey(ByteString.copyFromUtf8("k"))
                        .setModRevision(revision))
                .build();
    }

    private static Seen seen(Event... events) {
        return new Seen(List.of(events), List.of());
    }

    private static final Seen WHOLE = seen(put("a", 2), put("b", 3), delete(4));

    @Test
    void watchersThatSawTheHistoryPass() {
        assertEquals(List.of(), WatchJudge.violations(List.of(WHOLE, WHOLE), HISTORY));
    }

    @Test
    void whatWasCompactedBeforeAWatcherCameToItIsLeftOutForItAlone() {
        Seen late = new Seen(List.of(put("b", 3), delete(4)), List.of(new Gap(1, 2)));
        assertEquals(List.of(), WatchJudge.violations(List.of(late, WHOLE), HISTORY));
        Seen lateAndBlind = new Seen(List.of(delete(4)), List.of(new Gap(1, 2)));
        assertFalse(WatchJudge.violations(List.of(lateAndBlind, WHOLE), HISTORY).isEmpty());
    }

    @Test
    void anEventThatEveryWatcherLostIsFoundInTheHistory() {
        for (Seen lossy :
                List.of(seen(put("b", 3), delete(4)), seen(put("a", 2), delete(4)), seen(put("a", 2), put("b", 3)))) {
            assertFalse(WatchJudge.violations(List.of(lossy, lossy), HISTORY).isEmpty(), lossy.toString());
        }
    }

    @Test
    void anEventOfNobodysThatOneWatcherSawOrSawTwiceIsFound() {
        Seen more = seen(put("a", 2), put("b", 3), delete(4), put("c", 5));
        assertFalse(WatchJudge.violations(List.of(WHOLE, more), HISTORY).isEmpty());
        Seen twice = seen(put("a", 2), put("b", 3), put("b", 3), delete(4));
        assertFalse(WatchJudge.violations(List.of(twice, twice), HISTORY).isEmpty());
    }

    @Test
    void eventsOutOfOrderAreFound() {
        Seen mixed = seen(put("b", 3), put("a", 2), delete(4));
        assertFalse(WatchJudge.violations(List.of(mixed), HISTORY).isEmpty());
    }

    @Test
    void twoHoldersAtOnceAreFound() {
        Hold first = new Hold(1, "lock/1", 10, 50);
        assertEquals(
                List.of(),
                LockJudge.overlaps(List.of(new Hold(2, "lock/2", 50, 60), first, new Hold(3, "lock/3", 70, 60))));
        assertFalse(LockJudge.overlaps(List.of(first, new Hold(2, "lock/2", 49, 60)))
                .isEmpty());
        assertFalse(LockJudge.overlaps(List.of(first, new Hold(2, "lock/2", 50, 51), new Hold(3, "lock/3", 20, 21)))
                .isEmpty());
    }

    @Test
    void aRunThatMetNothingIsFound() {
        assertEquals(List.of(), FaultRun.unmet(9, 0, 0, 0));
        assertEquals(List.of(), FaultRun.unmet(10, 1, 1, 1));
        assertEquals(List.of("no snapshot was installed"), FaultRun.unmet(10, 0, 1, 1));
        assertEquals(2, FaultRun.unmet(10, 1, 0, 0).size());
    }
}
