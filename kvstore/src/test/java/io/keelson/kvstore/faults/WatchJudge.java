package io.keelson.kvstore.faults;

import io.keelson.kvstore.api.Event;
import io.keelson.kvstore.linearizability.Operation;
import io.keelson.kvstore.linearizability.Operation.Action;
import io.keelson.kvstore.linearizability.Operation.Outcome;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Holds what watchers saw against each other and against what clients were told. A revision that was compacted before a
 * watcher came to it is left out for that watcher, and for no other.
 */
final class WatchJudge {
    /** Revisions that a watcher was told are compacted, both included. */
    record Gap(long from, long to) {
        boolean contains(long revision) {
            return from <= revision && revision <= to;
        }
    }

    /** What one watcher saw, in its order, and where it could see nothing. */
    record Seen(List<Event> events, List<Gap> gaps) {
        boolean missed(long revision) {
            return gaps.stream().anyMatch(gap -> gap.contains(revision));
        }
    }

    private WatchJudge() {}

    /** What is wrong, empty if nothing is. */
    static List<String> violations(List<Seen> watchers, List<Operation> history) {
        List<String> wrong = new ArrayList<>();
        TreeSet<Long> revisions = new TreeSet<>();
        List<Map<Long, List<Event>>> byWatcher = new ArrayList<>();
        for (Seen seen : watchers) {
            Map<Long, List<Event>> byRevision = new HashMap<>();
            long last = 0;
            for (Event event : seen.events()) {
                long revision = event.getKv().getModRevision();
                if (revision < last) {
                    wrong.add("a watcher saw revision " + revision + " after " + last);
                }
                last = revision;
                revisions.add(revision);
                byRevision.computeIfAbsent(revision, _ -> new ArrayList<>()).add(event);
            }
            byWatcher.add(byRevision);
        }
        for (long revision : revisions) {
            agree(revision, watchers, byWatcher, wrong);
        }
        for (Operation operation : history) {
            if (operation.outcome() instanceof Outcome.Done done && done.applied()) {
                acknowledged(operation, done.revision(), watchers, byWatcher, wrong);
            }
        }
        return wrong;
    }

    private static void agree(
            long revision, List<Seen> watchers, List<Map<Long, List<Event>>> byWatcher, List<String> wrong) {
        @Nullable List<Event> first = null;
        for (int i = 0; i < watchers.size(); i++) {
            if (watchers.get(i).missed(revision)) {
                continue;
            }
            List<Event> events = byWatcher.get(i).getOrDefault(revision, List.of());
            if (first == null) {
                first = events;
            } else if (!first.equals(events)) {
                wrong.add(
                        "two watchers saw different events of revision " + revision + ": " + first + " and " + events);
            }
        }
    }

    /** An acknowledged change is one event of its revision, for every watcher. */
    private static void acknowledged(
            Operation operation,
            long revision,
            List<Seen> watchers,
            List<Map<Long, List<Event>>> byWatcher,
            List<String> wrong) {
        @Nullable
        String value = switch (operation.action()) {
            case Action.Write write -> write.value();
            case Action.CompareAndPut put -> put.value();
            case Action.Delete _ -> null;
            case Action.Read _, Action.ReadAt _ -> null;
        };
        boolean changes = value != null || operation.action() instanceof Action.Delete;
        for (int i = 0; changes && i < watchers.size(); i++) {
            List<Event> events = byWatcher.get(i).getOrDefault(revision, List.of());
            if (!watchers.get(i).missed(revision) && !tells(events, operation.key(), value)) {
                wrong.add("a watcher did not see an acknowledged change, " + operation + ", but " + events);
            }
        }
    }

    private static boolean tells(List<Event> events, String key, @Nullable String value) {
        if (events.size() != 1
                || !events.getFirst().getKv().getKey().toStringUtf8().equals(key)) {
            return false;
        }
        Event event = events.getFirst();
        return value == null
                ? event.getType() == Event.EventType.DELETE
                : event.getType() == Event.EventType.PUT
                        && event.getKv().getValue().toStringUtf8().equals(value);
    }
}
