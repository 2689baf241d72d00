package io.keelson.kvstore.linearizability;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether the operations on a key can be put in an order that respects real time and explains every answer,
 * looking at values only.
 *
 * <p>The search is that of Wing and Gong with Lowe's memory of configurations: take any operation that was invoked
 * before the first return of those not yet taken, see whether the model allows its answer, and go on; step back when
 * stuck. A pair (set of operations taken, state of the key) that was met before is not entered again. Keys are judged
 * one by one, which linearizability allows. An operation whose fate is unknown may be taken at any time after it was
 * invoked, or never.
 */
public final class LinearizabilityChecker {
    /** The state of a key: its value, null when it does not exist. */
    private record Taken(BitSet operations, @Nullable String state) {}

    private record Step(int operation, @Nullable String stateBefore) {}

    private LinearizabilityChecker() {}

    /**
     * Judges a history.
     *
     * @return null if every key's operations are linearizable, else a text that names the key and where the search stuck
     */
    public static @Nullable String violation(List<Operation> history) {
        Map<String, List<Operation>> byKey = new HashMap<>();
        for (Operation operation : history) {
            if (!(operation.outcome() instanceof Operation.Outcome.Refused) && !useless(operation)) {
                byKey.computeIfAbsent(operation.key(), key -> new ArrayList<>()).add(operation);
            }
        }
        for (Map.Entry<String, List<Operation>> entry : byKey.entrySet()) {
            String violation = check(entry.getKey(), entry.getValue());
            if (violation != null) {
                return violation;
            }
        }
        return null;
    }

    /** A read that was not answered says nothing, and one of the past nothing about the present. */
    private static boolean useless(Operation operation) {
        return operation.action() instanceof Operation.Action.ReadAt
                || (operation.unknown() && operation.action() instanceof Operation.Action.Read);
    }

    private static @Nullable String check(String key, List<Operation> unsorted) {
        List<Operation> operations = unsorted.stream()
                .sorted(Comparator.comparingLong(Operation::invokedNanos))
                .toList();
        int size = operations.size();
        long mustTake = operations.stream().filter(o -> !o.unknown()).count();
        BitSet taken = new BitSet(size);
        Set<Taken> met = new HashSet<>();
        Deque<Step> path = new ArrayDeque<>();
        String state = null;
        long knownTaken = 0;
        int furthest = 0;
        int candidate = 0;
        while (knownTaken < mustTake) {
            int next = nextPossible(operations, taken, candidate, state, met);
            if (next >= 0) {
                path.push(new Step(next, state));
                state = after(operations.get(next), state);
                taken.set(next);
                if (!operations.get(next).unknown()) {
                    knownTaken++;
                }
                furthest = Math.max(furthest, taken.cardinality());
                candidate = 0;
                continue;
            }
            if (path.isEmpty()) {
                return "key " + key + ": no order of its " + size + " operations explains the answers; at most "
                        + furthest + " could be ordered. Operations: " + operations;
            }
            Step undone = path.pop();
            taken.clear(undone.operation());
            if (!operations.get(undone.operation()).unknown()) {
                knownTaken--;
            }
            state = undone.stateBefore();
            candidate = undone.operation() + 1;
        }
        return null;
    }

    /** The first operation from {@code from} on that may come next and leads to a configuration not met before; -1 for none. */
    private static int nextPossible(
            List<Operation> operations, BitSet taken, int from, @Nullable String state, Set<Taken> met) {
        long firstReturn = Long.MAX_VALUE;
        for (int i = taken.nextClearBit(0); i < operations.size(); i = taken.nextClearBit(i + 1)) {
            if (operations.get(i).invokedNanos() > firstReturn) {
                break;
            }
            firstReturn = Math.min(firstReturn, operations.get(i).returnedNanos());
        }
        for (int i = taken.nextClearBit(from); i < operations.size(); i = taken.nextClearBit(i + 1)) {
            Operation operation = operations.get(i);
            if (operation.invokedNanos() > firstReturn) {
                return -1;
            }
            if (!allowed(operation, state)) {
                continue;
            }
            BitSet with = (BitSet) taken.clone();
            with.set(i);
            if (met.add(new Taken(with, after(operation, state)))) {
                return i;
            }
        }
        return -1;
    }

    private static boolean allowed(Operation operation, @Nullable String state) {
        if (!(operation.outcome() instanceof Operation.Outcome.Done done)) {
            return true;
        }
        return switch (operation.action()) {
            case Operation.Action.Write write -> true;
            case Operation.Action.ReadAt read -> true;
            case Operation.Action.Read read -> java.util.Objects.equals(done.value(), state);
            case Operation.Action.Delete delete -> done.applied() == (state != null);
            // Which value the expected revision had is the revision checker's business; here a success is a write.
            case Operation.Action.CompareAndPut put -> true;
        };
    }

    private static @Nullable String after(Operation operation, @Nullable String state) {
        return switch (operation.action()) {
            case Operation.Action.Write write -> write.value();
            case Operation.Action.Read read -> state;
            case Operation.Action.ReadAt read -> state;
            case Operation.Action.Delete delete -> null;
            case Operation.Action.CompareAndPut put ->
                operation.outcome() instanceof Operation.Outcome.Done done && !done.applied() ? state : put.value();
        };
    }
}
