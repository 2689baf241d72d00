package io.keelson.kvstore.linearizability;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Holds every answer against the order that the server's own revisions claim. Stronger than a search, and linear: it
 * finds a read that is older than its header, two writes with one revision, a revision that goes back in real time, a
 * compare-and-put that passed against the wrong version, and an acknowledged write that is gone.
 */
public final class RevisionChecker {
    private record Version(long revision, @Nullable String value) {}

    private RevisionChecker() {}

    /**
     * Judges a history.
     *
     * @param finalValues the content after everything, by key, read at the end from a member; null to leave that out
     * @return what is wrong, empty if nothing is
     */
    public static List<String> violations(List<Operation> history, @Nullable Map<String, String> finalValues) {
        List<String> wrong = new ArrayList<>();
        Map<String, NavigableMap<Long, @Nullable String>> versions = new HashMap<>();
        Map<Long, Operation> writeOfRevision = new HashMap<>();
        Map<String, Operation> unknownWrites = new HashMap<>();
        for (Operation operation : history) {
            String value = written(operation);
            if (operation.unknown() && value != null) {
                unknownWrites.put(operation.key() + "=" + value, operation);
            }
            if (operation.outcome() instanceof Operation.Outcome.Done done && changes(operation, done)) {
                Operation other = writeOfRevision.put(done.revision(), operation);
                if (other != null) {
                    wrong.add("two writes have revision " + done.revision() + ": " + other + " and " + operation);
                }
                versions.computeIfAbsent(operation.key(), key -> new TreeMap<>())
                        .put(done.revision(), value);
            }
        }
        // A write whose fate was unknown became known when somebody read it.
        for (Operation operation : history) {
            if (reads(operation)
                    && operation.outcome() instanceof Operation.Outcome.Done done
                    && done.value() != null
                    && unknownWrites.containsKey(operation.key() + "=" + done.value())) {
                versions.computeIfAbsent(operation.key(), key -> new TreeMap<>())
                        .put(done.modRevision(), done.value());
            }
        }
        boolean unknownDeletes =
                history.stream().anyMatch(o -> o.unknown() && o.action() instanceof Operation.Action.Delete);
        for (Operation operation : history) {
            if (operation.outcome() instanceof Operation.Outcome.Done done) {
                judge(operation, done, versions, unknownWrites, unknownDeletes, wrong);
            }
        }
        realTime(history, wrong);
        if (finalValues != null) {
            finals(versions, unknownWrites, unknownDeletes, finalValues, wrong);
        }
        return wrong;
    }

    private static void judge(
            Operation operation,
            Operation.Outcome.Done done,
            Map<String, NavigableMap<Long, @Nullable String>> versions,
            Map<String, Operation> unknownWrites,
            boolean unknownDeletes,
            List<String> wrong) {
        NavigableMap<Long, @Nullable String> ofKey = versions.getOrDefault(operation.key(), new TreeMap<>());
        switch (operation.action()) {
            case Operation.Action.Read read ->
                judgeRead(operation, done, done.revision(), ofKey, unknownWrites, unknownDeletes, wrong);
            case Operation.Action.ReadAt read -> {
                if (done.revision() < read.revision()) {
                    wrong.add("a read of the past is answered from a state before it: " + operation);
                }
                judgeRead(operation, done, read.revision(), ofKey, unknownWrites, unknownDeletes, wrong);
            }
            case Operation.Action.CompareAndPut put -> {
                Version before = latest(ofKey, done.revision() - (done.applied() ? 1 : 0));
                long actual = before == null || before.value() == null ? 0 : before.revision();
                if (done.applied()
                        && actual != put.expectedRevision()
                        && !explained(operation.key(), actual, put.expectedRevision(), unknownWrites, unknownDeletes)) {
                    wrong.add("a compare-and-put passed although the key was at revision " + actual + ": " + operation);
                }
            }
            case Operation.Action.Write write -> {}
            case Operation.Action.Delete delete -> {}
        }
    }

    private static boolean reads(Operation operation) {
        return operation.action() instanceof Operation.Action.Read
                || operation.action() instanceof Operation.Action.ReadAt;
    }

    /** A read shows the latest change at a revision. */
    private static void judgeRead(
            Operation operation,
            Operation.Outcome.Done done,
            long revision,
            NavigableMap<Long, @Nullable String> ofKey,
            Map<String, Operation> unknownWrites,
            boolean unknownDeletes,
            List<String> wrong) {
        Version latest = latest(ofKey, revision);
        long expected = latest == null || latest.value() == null ? 0 : latest.revision();
        boolean newerUnknown = done.value() != null && unknownWrites.containsKey(operation.key() + "=" + done.value());
        if (done.modRevision() > revision) {
            wrong.add("a read shows a change of the future: " + operation);
        } else if (done.modRevision() != expected && !newerUnknown && !(unknownDeletes && done.value() == null)) {
            wrong.add("a read does not show the latest change at its revision, " + latest + ": " + operation);
        } else if (done.modRevision() == expected
                && latest != null
                && !java.util.Objects.equals(latest.value(), done.value())) {
            wrong.add("a read shows another value than was written, " + latest + ": " + operation);
        }
    }

    /** Whether a change of unknown fate may have brought a key from the last known revision to the expected one. */
    private static boolean explained(
            String key,
            long knownRevision,
            long expectedRevision,
            Map<String, Operation> unknownWrites,
            boolean unknownDeletes) {
        if (expectedRevision == 0) {
            return unknownDeletes;
        }
        return expectedRevision > knownRevision
                && unknownWrites.values().stream().anyMatch(write -> write.key().equals(key));
    }

    /** If one operation returned before another was invoked, its revision is not larger; for two writes it is smaller. */
    private static void realTime(List<Operation> history, List<String> wrong) {
        List<Operation> byReturn = history.stream()
                .filter(o -> o.outcome() instanceof Operation.Outcome.Done)
                .sorted(Comparator.comparingLong(Operation::returnedNanos))
                .toList();
        List<Operation> byInvocation = byReturn.stream()
                .sorted(Comparator.comparingLong(Operation::invokedNanos))
                .toList();
        int returned = 0;
        @Nullable Operation newest = null;
        for (Operation operation : byInvocation) {
            while (returned < byReturn.size() && byReturn.get(returned).returnedNanos() < operation.invokedNanos()) {
                Operation candidate = byReturn.get(returned++);
                if (newest == null || revision(candidate) > revision(newest)) {
                    newest = candidate;
                }
            }
            if (newest != null
                    && (revision(operation) < revision(newest)
                            || (revision(operation) == revision(newest) && changed(operation)))) {
                wrong.add("the revision went back: " + newest + " had returned before " + operation + " was sent");
            }
        }
    }

    private static void finals(
            Map<String, NavigableMap<Long, @Nullable String>> versions,
            Map<String, Operation> unknownWrites,
            boolean unknownDeletes,
            Map<String, String> finalValues,
            List<String> wrong) {
        for (Map.Entry<String, NavigableMap<Long, @Nullable String>> entry : versions.entrySet()) {
            String expected = entry.getValue().lastEntry().getValue();
            String actual = finalValues.get(entry.getKey());
            if (java.util.Objects.equals(expected, actual)) {
                continue;
            }
            boolean explained =
                    actual == null ? unknownDeletes : unknownWrites.containsKey(entry.getKey() + "=" + actual);
            if (!explained) {
                wrong.add("the last acknowledged write of " + entry.getKey() + ", " + expected + " at revision "
                        + entry.getValue().lastKey() + ", is gone: the key holds " + actual);
            }
        }
    }

    private static @Nullable Version latest(NavigableMap<Long, @Nullable String> versions, long revision) {
        Map.Entry<Long, @Nullable String> entry = versions.floorEntry(revision);
        return entry == null ? null : new Version(entry.getKey(), entry.getValue());
    }

    private static boolean changed(Operation operation) {
        return operation.outcome() instanceof Operation.Outcome.Done done && changes(operation, done);
    }

    private static boolean changes(Operation operation, Operation.Outcome.Done done) {
        return switch (operation.action()) {
            case Operation.Action.Write write -> true;
            case Operation.Action.Read read -> false;
            case Operation.Action.ReadAt read -> false;
            case Operation.Action.CompareAndPut put -> done.applied();
            case Operation.Action.Delete delete -> done.applied();
        };
    }

    private static @Nullable String written(Operation operation) {
        return switch (operation.action()) {
            case Operation.Action.Write write -> write.value();
            case Operation.Action.CompareAndPut put -> put.value();
            case Operation.Action.Read read -> null;
            case Operation.Action.ReadAt read -> null;
            case Operation.Action.Delete delete -> null;
        };
    }

    private static long revision(Operation operation) {
        return operation.outcome() instanceof Operation.Outcome.Done done ? done.revision() : 0;
    }
}
