package io.keelson.kvstore.linearizability;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.keelson.kvstore.linearizability.CompactionChecker.Compaction;
import io.keelson.kvstore.linearizability.Operation.Action;
import io.keelson.kvstore.linearizability.Operation.Outcome;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A judge that lets everything pass would be worse than none: all are shown histories that are wrong. */
class CheckersTest {
    private static Operation write(int client, String value, long revision, long from, long to) {
        return new Operation(client, "k", new Action.Write(value), new Outcome.Done(revision, null, 0, true), from, to);
    }

    private static Operation read(
            int client, @Nullable String value, long modRevision, long revision, long from, long to) {
        return new Operation(
                client, "k", new Action.Read(), new Outcome.Done(revision, value, modRevision, true), from, to);
    }

    private static Operation lost(int client, String value, long from) {
        return new Operation(
                client, "k", new Action.Write(value), new Outcome.Unknown("timeout"), from, Long.MAX_VALUE);
    }

    @Test
    void concurrentWritesMayBeSeenInEitherOrder() {
        List<Operation> history = List.of(write(1, "a", 3, 0, 10), write(2, "b", 2, 0, 10), read(3, "a", 3, 3, 11, 12));
        assertNull(LinearizabilityChecker.violation(history));
        assertEquals(List.of(), RevisionChecker.violations(history, Map.of("k", "a")));
    }

    @Test
    void staleReadIsFound() {
        List<Operation> history = List.of(write(1, "a", 2, 0, 1), write(1, "b", 3, 2, 3), read(2, "a", 2, 3, 4, 5));
        assertNotNull(LinearizabilityChecker.violation(history));
        assertFalse(RevisionChecker.violations(history, null).isEmpty());
    }

    @Test
    void staleReadWithAnHonestRevisionIsFoundByRealTime() {
        List<Operation> history = List.of(write(1, "a", 2, 0, 1), write(1, "b", 3, 2, 3), read(2, "a", 2, 2, 4, 5));
        assertNotNull(LinearizabilityChecker.violation(history));
        assertFalse(RevisionChecker.violations(history, null).isEmpty());
    }

    @Test
    void lostUpdateIsFound() {
        List<Operation> history = List.of(write(1, "a", 2, 0, 1), write(1, "b", 3, 2, 3));
        assertFalse(RevisionChecker.violations(history, Map.of("k", "a")).isEmpty());
    }

    @Test
    void writeOfUnknownFateMayHaveHappenedOrNot() {
        List<Operation> seen = List.of(write(1, "a", 2, 0, 1), lost(2, "b", 2), read(1, "b", 3, 3, 5, 6));
        assertNull(LinearizabilityChecker.violation(seen));
        assertEquals(List.of(), RevisionChecker.violations(seen, Map.of("k", "b")));
        List<Operation> unseen = List.of(write(1, "a", 2, 0, 1), lost(2, "b", 2), read(1, "a", 2, 2, 5, 6));
        assertNull(LinearizabilityChecker.violation(unseen));
        assertEquals(List.of(), RevisionChecker.violations(unseen, Map.of("k", "a")));
    }

    @Test
    void writeOfUnknownFateMayNotComeAndGo() {
        List<Operation> history =
                List.of(write(1, "a", 2, 0, 1), lost(2, "b", 2), read(1, "b", 3, 3, 5, 6), read(1, "a", 2, 3, 7, 8));
        assertNotNull(LinearizabilityChecker.violation(history));
        assertFalse(RevisionChecker.violations(history, null).isEmpty());
    }

    @Test
    void twoWritesWithOneRevisionAreFound() {
        List<Operation> history = List.of(write(1, "a", 2, 0, 5), write(2, "b", 2, 0, 5));
        assertFalse(RevisionChecker.violations(history, null).isEmpty());
    }

    @Test
    void compareAndPutAgainstTheWrongVersionIsFound() {
        List<Operation> history = List.of(
                write(1, "a", 2, 0, 1),
                write(1, "b", 3, 2, 3),
                new Operation(2, "k", new Action.CompareAndPut(2, "c"), new Outcome.Done(4, null, 0, true), 4, 5));
        assertFalse(RevisionChecker.violations(history, null).isEmpty());
    }

    private static Operation readAt(long at, Outcome outcome, long from, long to) {
        return new Operation(3, "k", new Action.ReadAt(at), outcome, from, to);
    }

    @Test
    void readOfThePastThatShowsAnotherVersionIsFound() {
        List<Operation> writes = List.of(write(1, "a", 2, 0, 1), write(1, "b", 4, 2, 3));
        for (long at : new long[] {2, 3}) {
            List<Operation> right = new ArrayList<>(writes);
            right.add(readAt(at, new Outcome.Done(4, "a", 2, true), 4, 5));
            assertEquals(List.of(), RevisionChecker.violations(right, null));
            assertNull(LinearizabilityChecker.violation(right));
        }
        for (Outcome wrong : List.of(
                new Outcome.Done(4, "b", 4, true),
                new Outcome.Done(4, null, 0, true),
                new Outcome.Done(4, "b", 2, true),
                new Outcome.Done(2, "a", 2, true))) {
            List<Operation> history = new ArrayList<>(writes);
            history.add(readAt(3, wrong, 4, 5));
            assertFalse(RevisionChecker.violations(history, null).isEmpty(), wrong.toString());
        }
    }

    @Test
    void readOfWhatWasCompactedIsFound() {
        List<Compaction> compactions = List.of(new Compaction(5, 10, 20));
        Outcome done = new Outcome.Done(9, "a", 2, true);
        assertEquals(
                List.of(),
                CompactionChecker.violations(List.of(readAt(4, done, 15, 30), readAt(5, done, 25, 30)), compactions));
        assertFalse(CompactionChecker.violations(List.of(readAt(4, done, 25, 30)), compactions)
                .isEmpty());
        List<Compaction> unknown = List.of(new Compaction(5, 10, Long.MAX_VALUE));
        assertEquals(List.of(), CompactionChecker.violations(List.of(readAt(4, done, 25, 30)), unknown));
    }

    @Test
    void refusalOfWhatWasNotCompactedIsFound() {
        List<Compaction> compactions = List.of(new Compaction(5, 10, Long.MAX_VALUE));
        Outcome refused = new Outcome.Refused("OUT_OF_RANGE: etcdserver: mvcc: required revision has been compacted");
        assertEquals(List.of(), CompactionChecker.violations(List.of(readAt(4, refused, 5, 11)), compactions));
        assertFalse(CompactionChecker.violations(List.of(readAt(4, refused, 5, 9)), compactions)
                .isEmpty());
        assertFalse(CompactionChecker.violations(List.of(readAt(5, refused, 12, 13)), compactions)
                .isEmpty());
        Outcome future = new Outcome.Refused("OUT_OF_RANGE: etcdserver: mvcc: required revision is a future revision");
        assertFalse(CompactionChecker.violations(List.of(readAt(4, future, 5, 6)), compactions)
                .isEmpty());
    }

    /** Histories made by really carrying operations out one after another at some moment within their interval. */
    @Test
    void historiesOfAnAtomicRegisterPassAndBrokenOnesDoNot() {
        int caught = 0;
        for (int seed = 0; seed < 200; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            List<Operation> history = atomicHistory(random, 60);
            assertNull(LinearizabilityChecker.violation(history), "seed " + seed);
            assertEquals(List.of(), RevisionChecker.violations(history, null), "seed " + seed);
            List<Operation> broken = breakOneRead(random, history);
            if (broken != null && LinearizabilityChecker.violation(broken) != null) {
                caught++;
            }
        }
        assertFalse(caught < 100, "only " + caught + " of 200 broken histories were found");
    }

    private static List<Operation> atomicHistory(SplittableRandom random, int size) {
        record Draft(int client, boolean write, long from, long at, long to) {}
        List<Draft> drafts = new ArrayList<>();
        long[] free = new long[4];
        for (int i = 0; i < size; i++) {
            int client = random.nextInt(free.length);
            long from = free[client] + 1 + random.nextInt(20);
            long at = from + 1 + random.nextInt(20);
            long to = at + 1 + random.nextInt(20);
            free[client] = to;
            drafts.add(new Draft(client, random.nextBoolean(), from, at, to));
        }
        drafts.sort(Comparator.comparingLong(Draft::at));
        List<Operation> history = new ArrayList<>();
        String value = null;
        long modRevision = 0;
        long revision = 1;
        long lastAt = -1;
        for (Draft draft : drafts) {
            if (draft.at() == lastAt) {
                continue;
            }
            lastAt = draft.at();
            if (draft.write()) {
                revision++;
                value = "v" + revision;
                modRevision = revision;
                history.add(write(draft.client(), value, revision, draft.from(), draft.to()));
            } else {
                history.add(read(draft.client(), value, modRevision, revision, draft.from(), draft.to()));
            }
        }
        return history;
    }

    private static @Nullable List<Operation> breakOneRead(SplittableRandom random, List<Operation> history) {
        List<Operation> broken = new ArrayList<>(history);
        List<Operation> reads = history.stream()
                .filter(o -> o.action() instanceof Action.Read
                        && o.outcome() instanceof Outcome.Done done
                        && done.revision() > 8)
                .toList();
        if (reads.isEmpty()) {
            return null;
        }
        Operation read = reads.get(random.nextInt(reads.size()));
        broken.remove(read);
        broken.add(read(read.client(), "v3", 3, 3, read.invokedNanos(), read.returnedNanos()));
        return broken;
    }
}
