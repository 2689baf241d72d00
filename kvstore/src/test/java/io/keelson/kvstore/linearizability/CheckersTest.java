package io.keelson.kvstore.linearizability;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.keelson.kvstore.linearizability.Operation.Action;
import io.keelson.kvstore.linearizability.Operation.Outcome;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A judge that lets everything pass would be worse than none: both are shown histories that are wrong. */
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
