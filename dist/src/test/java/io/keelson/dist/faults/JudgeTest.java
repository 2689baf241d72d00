package io.keelson.dist.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.dist.faults.Attempt.Action;
import io.keelson.dist.faults.Attempt.Age;
import io.keelson.dist.faults.Attempt.Outcome;
import io.keelson.dist.faults.Attempt.Verb;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The judge finds every breach that it is there to find, and none where there is none. */
final class JudgeTest {
    private static final ObjectKey KEY = new ObjectKey("configmaps", "a");
    private static final ObjectKey ALL = new ObjectKey("configmaps", "");

    private final StoreHistory history = new StoreHistory();
    private final List<Attempt> attempts = new ArrayList<>();

    /** Made at revision 2 with mark 1, changed at 3 to mark 2, deleted at 5, made again at 7 with mark 3. */
    private final Seen first = new Seen("a", 2, "u1", 10, Map.of("c0", "1"));

    private final Seen second = new Seen("a", 3, "u1", 11, Map.of("c0", "1", "c1", "2"));
    private final Seen third = new Seen("a", 7, "u2", 12, Map.of("c0", "3"));

    @BeforeEach
    void whatHappened() {
        history.add(KEY, 2, first);
        history.add(KEY, 3, second);
        history.add(KEY, 5, null);
        history.add(KEY, 7, third);
        attempt(KEY, new Action.Write(Verb.CREATE, "1", 0), new Outcome.Written(first), 10, 20);
        attempt(KEY, new Action.Write(Verb.REPLACE, "2", 2), new Outcome.Written(second), 30, 40);
        attempt(KEY, new Action.Delete(3), new Outcome.Deleted("u1"), 50, 60);
        attempt(KEY, new Action.Write(Verb.APPLY, "3", 0), new Outcome.Unknown("broken"), 70, 80);
    }

    private void attempt(ObjectKey key, Action action, Outcome outcome, long invoked, long returned) {
        attempts.add(new Attempt(0, 0, key, action, outcome, invoked, returned));
    }

    /** In place of what a client was told. */
    private void instead(int index, Action action, Outcome outcome) {
        Attempt was = attempts.get(index);
        attempts.set(index, new Attempt(0, 0, KEY, action, outcome, was.invokedNanos(), was.returnedNanos()));
    }

    private void finds(String breach) {
        Judge judge = new Judge(history);
        judge.clients(attempts);
        assertEquals(1, judge.breaches().size(), judge.breaches().toString());
        assertTrue(
                judge.breaches().getFirst().contains(breach), judge.breaches().getFirst());
    }

    private void findsNothing() {
        Judge judge = new Judge(history);
        judge.clients(attempts);
        assertEquals(List.of(), judge.breaches());
    }

    @Test
    void whatHappenedAsItWasToldIsNoBreach() {
        attempt(KEY, new Action.Get(Age.FRESH, 0), new Outcome.Found(second), 41, 49);
        attempt(KEY, new Action.Get(Age.FRESH, 0), new Outcome.Absent(), 61, 65);
        attempt(KEY, new Action.Get(Age.FRESH, 0), new Outcome.Found(third), 81, 90);
        attempt(KEY, new Action.Get(Age.ANY, 0), new Outcome.Found(first), 91, 92);
        attempt(ALL, new Action.ListAll(Age.FRESH, 0), new Outcome.Listed(9, List.of(third)), 93, 94);
        attempt(ALL, new Action.ListAll(Age.EXACT, 4), new Outcome.Listed(4, List.of(second)), 95, 96);
        findsNothing();
    }

    @Test
    void anUnknownWriteMayBeThereOrNot() {
        attempt(KEY, new Action.Write(Verb.PATCH, "9", 0), new Outcome.Unknown("broken"), 90, 91);
        findsNothing();
    }

    @Test
    void aLostWriteIsFound() {
        attempt(
                KEY,
                new Action.Write(Verb.PATCH, "9", 0),
                new Outcome.Written(new Seen("a", 8, "u2", 13, Map.of("c0", "9"))),
                90,
                91);
        finds("lost");
    }

    @Test
    void aWriteThatIsToldAtAnotherRevisionIsFound() {
        instead(1, new Action.Write(Verb.REPLACE, "2", 2), new Outcome.Written(second.at(4)));
        finds("lost");
    }

    @Test
    void aWriteThatIsToldWithAnotherContentIsFound() {
        instead(
                1,
                new Action.Write(Verb.REPLACE, "2", 2),
                new Outcome.Written(new Seen("a", 3, "u1", 99, second.notes())));
        finds("another content");
    }

    @Test
    void aCreationOfWhatWasThereAndAChangeOfWhatWasNotAreFound() {
        instead(1, new Action.Write(Verb.CREATE, "2", 0), new Outcome.Written(second));
        finds("not asked to");
        instead(1, new Action.Write(Verb.REPLACE, "2", 2), new Outcome.Written(second));
        instead(3, new Action.Write(Verb.PATCH, "3", 0), new Outcome.Unknown("broken"));
        finds("not asked to");
    }

    @Test
    void anObjectThatBecomesAnotherOneIsFound() {
        history.add(KEY, 9, new Seen("a", 9, "u9", 13, Map.of("c0", "4")));
        attempt(KEY, new Action.Write(Verb.PATCH, "4", 0), new Outcome.Unknown("broken"), 90, 91);
        finds("became another");
    }

    @Test
    void aRefusedWriteThatWasCarriedOutIsFound() {
        instead(3, new Action.Write(Verb.APPLY, "3", 0), new Outcome.Refused("503"));
        finds("was refused, and is there");
    }

    @Test
    void aWriteThatFollowsUponAnotherStateThanItMeantIsFound() {
        instead(1, new Action.Write(Verb.REPLACE, "2", 1), new Outcome.Written(second));
        finds("another state");
    }

    @Test
    void aWriteThatUndoesWhatAnotherDidIsFound() {
        Seen fourth = new Seen("a", 9, "u2", 13, Map.of("c1", "4"));
        history.add(KEY, 9, fourth);
        attempt(KEY, new Action.Write(Verb.REPLACE, "4", 0), new Outcome.Written(fourth), 90, 91);
        finds("took away");
    }

    @Test
    void aWriteThatIsCarriedOutTwiceIsFound() {
        history.add(KEY, 9, new Seen("a", 9, "u2", 13, Map.of("c0", "4")));
        history.add(KEY, 10, new Seen("a", 10, "u2", 14, Map.of("c0", "3")));
        attempt(KEY, new Action.Write(Verb.PATCH, "4", 0), new Outcome.Unknown("broken"), 90, 91);
        Judge judge = new Judge(history);
        judge.clients(attempts);
        assertTrue(
                judge.breaches().stream().anyMatch(breach -> breach.contains("carried out twice")),
                judge.breaches().toString());
    }

    @Test
    void aChangeThatNobodyMadeIsFound() {
        history.add(KEY, 9, new Seen("a", 9, "u2", 13, Map.of("c0", "44")));
        finds("nobody wrote");
    }

    @Test
    void aLostDeletionIsFound() {
        attempt(KEY, new Action.Delete(0), new Outcome.Deleted("u2"), 90, 91);
        finds("was not deleted");
    }

    @Test
    void aDeletionThatNobodyAskedForIsFound() {
        history.add(KEY, 9, null);
        finds("nobody deleted");
    }

    @Test
    void aDeletionThatTwoWereToldOfIsFound() {
        attempt(KEY, new Action.Delete(0), new Outcome.Deleted("u1"), 55, 65);
        finds("deleted twice");
    }

    @Test
    void aDeletionOfAnotherStateThanItMeantIsFound() {
        instead(2, new Action.Delete(2), new Outcome.Deleted("u1"));
        finds("another state");
    }

    @Test
    void aDeletionOfAnotherObjectIsFound() {
        ObjectKey other = new ObjectKey("configmaps", "b");
        Attempt was = attempts.get(2);
        attempts.set(
                2,
                new Attempt(0, 0, other, new Action.Delete(0), was.outcome(), was.invokedNanos(), was.returnedNanos()));
        finds("deleted another object");
    }

    @Test
    void anUnknownDeletionMayBeThereOrNotAndIsThereOnce() {
        attempt(KEY, new Action.Delete(0), new Outcome.Unknown("broken"), 90, 91);
        findsNothing();
        history.add(KEY, 9, null);
        findsNothing();
        history.add(KEY, 10, new Seen("a", 10, "u3", 13, Map.of("c0", "4")));
        history.add(KEY, 11, null);
        attempt(KEY, new Action.Write(Verb.CREATE, "4", 0), new Outcome.Unknown("broken"), 92, 93);
        finds("nobody deleted");
    }

    @Test
    void anUnknownDeletionDeletesOnlyWhatItMeant() {
        // The one that meant any state could have done this, too; but then nobody did the second.
        attempt(KEY, new Action.Delete(0), new Outcome.Unknown("broken"), 90, 91);
        attempt(KEY, new Action.Delete(7), new Outcome.Unknown("broken"), 90, 91);
        history.add(KEY, 9, null);
        history.add(KEY, 10, new Seen("a", 10, "u3", 13, Map.of("c0", "4")));
        history.add(KEY, 11, null);
        attempt(KEY, new Action.Write(Verb.CREATE, "4", 0), new Outcome.Unknown("broken"), 92, 93);
        findsNothing();
        attempts.removeIf(attempt -> attempt.action().equals(new Action.Delete(0)));
        finds("nobody deleted");
    }

    @Test
    void aWriteAtARevisionThatHadPassedIsFound() {
        attempt(ALL, new Action.ListAll(Age.ANY, 0), new Outcome.Listed(4, List.of(second)), 21, 29);
        finds("when the store was at revision 4 already");
    }

    @Test
    void aReadOfWhatNeverWasIsFound() {
        attempt(
                KEY,
                new Action.Get(Age.FRESH, 0),
                new Outcome.Found(new Seen("a", 7, "u2", 99, third.notes())),
                81,
                82);
        finds("told what never was");
    }

    @Test
    void aReadOfARevisionThatNeverWasIsFound() {
        attempt(KEY, new Action.Get(Age.ANY, 0), new Outcome.Found(third.at(6)), 81, 82);
        finds("a revision that never was");
    }

    @Test
    void aCreationThatIsRefusedBecauseOfAnObjectThatIsNotThereIsFound() {
        attempt(KEY, new Action.Write(Verb.CREATE, "9", 0), new Outcome.Present(), 61, 65);
        finds("the object is there");
    }

    @Test
    void aCreationThatWasCarriedOutAndToldToBeTooLateIsFound() {
        instead(3, new Action.Write(Verb.CREATE, "3", 0), new Outcome.Present());
        finds("was refused, and is there");
    }

    @Test
    void aListAtAnotherRevisionThanWasAskedForIsFound() {
        attempt(ALL, new Action.ListAll(Age.EXACT, 3), new Outcome.Listed(4, List.of(second)), 41, 42);
        finds("was told the state at revision 4");
    }

    @Test
    void aListOlderThanWhatItWasAskedNotToBeIsFound() {
        attempt(ALL, new Action.ListAll(Age.NOT_OLDER, 3), new Outcome.Listed(2, List.of(first)), 5, 90);
        finds("stale");
    }

    @Test
    void aStaleReadIsFound() {
        attempt(KEY, new Action.Get(Age.FRESH, 0), new Outcome.Found(first), 41, 49);
        finds("stale");
    }

    @Test
    void aReadThatWasUnderWayWhenTheWriteWasAcknowledgedMayShowEither() {
        attempt(KEY, new Action.Get(Age.FRESH, 0), new Outcome.Found(first), 39, 49);
        findsNothing();
    }

    @Test
    void aReadThatStillFindsWhatWasDeletedIsFound() {
        attempt(KEY, new Action.Get(Age.FRESH, 0), new Outcome.Found(second), 61, 65);
        finds("stale");
    }

    @Test
    void aReadThatDoesNotFindWhatIsThereIsFound() {
        // It will be gone once; but not before the next write, which began later.
        attempt(KEY, new Action.Get(Age.FRESH, 0), new Outcome.Absent(), 21, 29);
        finds("not there");
    }

    @Test
    void aReadThatGoesBackBehindAnothersReadIsFound() {
        attempt(KEY, new Action.Get(Age.FRESH, 0), new Outcome.Found(third), 81, 82);
        attempt(KEY, new Action.Get(Age.FRESH, 0), new Outcome.Absent(), 83, 84);
        finds("stale");
    }

    @Test
    void aReadOlderThanWhatItWasAskedNotToBeIsFound() {
        attempt(KEY, new Action.Get(Age.NOT_OLDER, 3), new Outcome.Found(first), 5, 90);
        finds("stale");
    }

    @Test
    void aListThatNeverWasIsFound() {
        attempt(ALL, new Action.ListAll(Age.ANY, 0), new Outcome.Listed(4, List.of(first)), 81, 82);
        finds("wrong list");
    }

    @Test
    void aStaleListIsFound() {
        attempt(ALL, new Action.ListAll(Age.FRESH, 0), new Outcome.Listed(2, List.of(first)), 41, 42);
        finds("stale");
    }

    private List<String> informed(Told... told) {
        Judge judge = new Judge(history);
        judge.informer("it", "configmaps", List.of(told), 7);
        return judge.breaches();
    }

    private void informerIsWrong(String breach, Told... told) {
        List<String> breaches = informed(told);
        assertEquals(1, breaches.size(), breaches.toString());
        assertTrue(breaches.getFirst().contains(breach), breaches.getFirst());
    }

    private final Told empty = new Told.Listed(1, List.of());
    private final Told added = new Told.Changed("ADDED", first);
    private final Told modified = new Told.Changed("MODIFIED", second);
    private final Told deleted = new Told.Changed("DELETED", second.at(5));
    private final Told addedAgain = new Told.Changed("ADDED", third);

    @Test
    void anInformerThatIsToldEverythingIsRight() {
        assertEquals(List.of(), informed(empty, added, modified, new Told.Bookmark(4), deleted, addedAgain));
        assertEquals(List.of(), informed(empty, added, new Told.Listed(6, List.of()), addedAgain));
        assertEquals(List.of(), informed(empty, added, new Told.Listed(8, List.of(third))));
    }

    @Test
    void anInformerThatMissesAChangeIsWrong() {
        informerIsWrong("what happened next", empty, added, deleted, addedAgain);
        informerIsWrong("knows all up to", empty, added, new Told.Bookmark(3), deleted, addedAgain);
        informerIsWrong("nothing after revision 5", empty, added, modified, deleted);
    }

    @Test
    void anInformerThatIsToldTwiceIsWrong() {
        informerIsWrong("what happened next", empty, added, added, modified, deleted, addedAgain);
    }

    @Test
    void anInformerThatIsToldAnotherKindOfChangeOrContentIsWrong() {
        informerIsWrong("what happened next", empty, new Told.Changed("MODIFIED", first));
        informerIsWrong(
                "what happened next", empty, new Told.Changed("ADDED", new Seen("a", 2, "u1", 99, first.notes())));
    }

    @Test
    void anInformerWhoseListGoesBackIsWrong() {
        informerIsWrong(
                "listed revision 4",
                empty,
                added,
                modified,
                deleted,
                new Told.Listed(4, List.of(second)),
                deleted,
                addedAgain);
    }

    @Test
    void aBookmarkThatGoesBackIsWrong() {
        informerIsWrong("knows all up to revision 2", empty, added, modified, new Told.Bookmark(2));
    }

    @Test
    void anInformerThatIsToldAWrongListIsWrong() {
        informerIsWrong("wrong list", new Told.Listed(4, List.of(first)), deleted, addedAgain);
        informerIsWrong("wrong list", new Told.Listed(4, List.of(second, second)), deleted, addedAgain);
    }

    @Test
    void anInformerThatIsToldOfChangesBeforeItHasAListIsWrong() {
        informerIsWrong("what happened next", added, modified, deleted, addedAgain);
    }

    @Test
    void aStateInTheEndThatIsNotTheStoresIsFound() {
        Judge judge = new Judge(history);
        judge.agrees("it", "configmaps", Long.MAX_VALUE - 1, List.of(third));
        assertEquals(List.of(), judge.breaches());
        judge.agrees("it", "configmaps", Long.MAX_VALUE - 1, List.of());
        assertEquals(1, judge.breaches().size());
        assertTrue(
                judge.breaches().getFirst().contains("other configmaps"),
                judge.breaches().getFirst());
    }

    private List<String> outage(Judge.Outage outage, ReadinessWatch.Answer... readiness) {
        Judge judge = new Judge(history);
        judge.outage(outage, attempts, List.of(readiness), 2);
        return judge.breaches();
    }

    @Test
    void successAndReadinessWithoutAStoreAreFound() {
        List<String> breaches = outage(new Judge.Outage(15, 45, true), new ReadinessWatch.Answer(1, 200, 20, 30));
        assertEquals(2, breaches.size(), breaches.toString());
        assertTrue(breaches.getFirst().contains("succeeded when the store was gone"), breaches.getFirst());
        assertTrue(breaches.getLast().contains("said that it is ready"), breaches.getLast());
        assertEquals(
                List.of(),
                outage(
                        new Judge.Outage(15, 25, true),
                        new ReadinessWatch.Answer(1, 200, 10, 20),
                        new ReadinessWatch.Answer(1, 200, 20, 30),
                        new ReadinessWatch.Answer(1, 500, 16, 24)));
    }

    @Test
    void anApiServerThatDoesNotSayThatTheStoreIsGoneIsFound() {
        long from = 1_000;
        long until = from + 30_000_000_000L;
        ReadinessWatch.Answer said = new ReadinessWatch.Answer(0, 500, from + 1, until - 1);
        ReadinessWatch.Answer saidLate = new ReadinessWatch.Answer(1, 500, from + 1, until + 1);
        List<String> breaches = outage(new Judge.Outage(from, until, true), said, saidLate);
        assertEquals(1, breaches.size(), breaches.toString());
        assertTrue(breaches.getFirst().contains("API server 1 did not say"), breaches.getFirst());
        assertEquals(
                List.of(),
                outage(
                        new Judge.Outage(from, until, true),
                        said,
                        new ReadinessWatch.Answer(1, 503, from + 1, until - 1)));
        // Something else was done to it.
        assertEquals(List.of(), outage(new Judge.Outage(from, until, false), said, saidLate));
    }
}
