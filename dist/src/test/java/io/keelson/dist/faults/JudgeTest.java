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
    void successAndReadinessWithoutAStoreAreFound() {
        Judge judge = new Judge(history);
        judge.outage(new Judge.Outage(15, 45, true), attempts, List.of(new ReadinessWatch.Answer(1, 200, 20, 30)));
        assertEquals(2, judge.breaches().size(), judge.breaches().toString());
        Judge other = new Judge(history);
        other.outage(
                new Judge.Outage(15, 25, true),
                attempts,
                List.of(
                        new ReadinessWatch.Answer(1, 200, 10, 20),
                        new ReadinessWatch.Answer(1, 200, 20, 30),
                        new ReadinessWatch.Answer(1, 500, 16, 24)));
        assertEquals(List.of(), other.breaches());
    }
}
