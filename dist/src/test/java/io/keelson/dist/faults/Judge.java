package io.keelson.dist.faults;

import io.keelson.dist.faults.Attempt.Action;
import io.keelson.dist.faults.Attempt.Age;
import io.keelson.dist.faults.Attempt.Outcome;
import io.keelson.dist.faults.StoreHistory.Change;
import io.keelson.dist.faults.StoreHistory.State;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Holds what clients and informers were told against what happened in the store.
 *
 * <ul>
 *   <li><b>Writes.</b> Every write sets its client's annotation to a text of its own, so that each change in the store is
 *       some client's: exactly that annotation differs from the state before, whatever others did meanwhile. A write that
 *       was acknowledged is there at the revision that was told, and once only; one with an unknown outcome may be there or
 *       not; one that was refused is not. One that meant a certain state followed upon that state. Deletions are known by
 *       the uid of what was deleted.
 *   <li><b>Reads.</b> Whatever anybody was told tells of a revision that the store had then. A fresh read that began
 *       afterwards, by whichever client and server, must have shown a state that was still the newest at that revision or
 *       later; and a write that began afterwards has a later revision.
 *   <li><b>Lists</b> show the state at their revision, of all objects.
 *   <li><b>Informers</b> were told every change after the list they began with, once, in order; a bookmark was told after
 *       everything before it; and when they had to list again, that list was not older.
 *   <li><b>While the store was gone</b> nobody was told of success, no API server said that it is ready, and each that was
 *       left alone said that it is not.
 * </ul>
 */
final class Judge {
    /** In an outage of this length, every API server that nothing else is done to must say that it is not ready. */
    private static final long TELLING_OUTAGE_NANOS = TimeUnit.SECONDS.toNanos(20);

    private final StoreHistory history;
    private final List<String> breaches = new ArrayList<>();

    Judge(StoreHistory history) {
        this.history = history;
    }

    /** What was found to be wrong. */
    List<String> breaches() {
        return List.copyOf(breaches);
    }

    @SuppressWarnings("AnnotateFormatMethod") // The annotation's library is none of this module's.
    private void breach(String text, Object... about) {
        breaches.add(String.format(text, about));
    }

    // Writes.

    /** Judges all that clients did. */
    void clients(Collection<Attempt> attempts) {
        Map<String, Change> written = writes(attempts);
        deletions(attempts);
        reads(attempts, written);
    }

    /** Returns what was written, whatever its writer was told, by its mark. */
    private Map<String, Change> writes(Collection<Attempt> attempts) {
        Map<String, Attempt> byMark = new HashMap<>();
        for (Attempt attempt : attempts) {
            if (attempt.action() instanceof Action.Write write) {
                byMark.put(write.mark(), attempt);
            }
        }
        Map<String, Change> there = new HashMap<>();
        for (ObjectKey key : keys(attempts)) {
            for (Change change : history.changes(key.resource())) {
                if (change.key().equals(key) && !change.type().equals("DELETED")) {
                    written(change, byMark, there);
                }
            }
        }
        for (Attempt attempt : attempts) {
            if (attempt.action() instanceof Action.Write write
                    && attempt.outcome() instanceof Outcome.Written(Seen told)) {
                Change change = there.get(write.mark());
                if (change == null || change.revision() != told.revision()) {
                    breach("lost: %s was acknowledged, and in the store is %s", attempt, String.valueOf(change));
                } else if (change.object().content() != told.content()) {
                    breach("%s was told another content than was stored: %s", attempt, change);
                }
            }
        }
        return there;
    }

    private static Set<ObjectKey> keys(Collection<Attempt> attempts) {
        Set<ObjectKey> keys = new HashSet<>();
        attempts.forEach(attempt -> keys.add(attempt.key()));
        return keys;
    }

    /** One change must be one attempt's. */
    private void written(Change change, Map<String, Attempt> byMark, Map<String, Change> there) {
        Seen before = change.before();
        Map<String, String> different = new TreeMap<>(change.object().notes());
        if (before != null) {
            different.entrySet().removeAll(before.notes().entrySet());
            if (!change.object().notes().keySet().containsAll(before.notes().keySet())) {
                breach("a write took away what others had written: %s", change);
            }
            if (!before.uid().equals(change.object().uid())) {
                breach("an object became another one: %s", change);
            }
        }
        if (different.size() != 1) {
            breach("a write changed %s: %s", different, change);
            return;
        }
        String mark = different.values().iterator().next();
        Attempt attempt = byMark.get(mark);
        if (attempt == null || !attempt.key().equals(change.key())) {
            breach("nobody wrote %s", change);
            return;
        }
        if (there.put(mark, change) != null) {
            breach("%s was carried out twice, the second time as %s", attempt, change);
        }
        if (!(attempt.outcome() instanceof Outcome.Written || attempt.outcome() instanceof Outcome.Unknown)) {
            breach("%s was refused, and is there: %s", attempt, change);
        }
        Action.Write write = (Action.Write) attempt.action();
        boolean creates = write.verb() == Attempt.Verb.CREATE || (write.verb() == Attempt.Verb.APPLY && before == null);
        if (creates != (before == null)) {
            breach("%s did what it was not asked to: %s", attempt, change);
        }
        if (write.base() != 0 && (before == null || before.revision() != write.base())) {
            breach("%s was meant for another state than it changed: %s", attempt, change);
        }
    }

    private void deletions(Collection<Attempt> attempts) {
        Map<String, Attempt> acknowledged = new HashMap<>();
        List<Attempt> open = new ArrayList<>();
        for (Attempt attempt : attempts) {
            if (!(attempt.action() instanceof Action.Delete)) {
                continue;
            }
            if (attempt.outcome() instanceof Outcome.Deleted(String uid)) {
                Attempt other = acknowledged.put(uid, attempt);
                if (other != null) {
                    breach("deleted twice: %s and %s", other, attempt);
                }
            } else if (attempt.outcome() instanceof Outcome.Unknown) {
                open.add(attempt);
            }
        }
        Set<String> gone = new HashSet<>();
        for (ObjectKey key : keys(attempts)) {
            for (Change change : history.changes(key.resource())) {
                if (change.key().equals(key) && change.type().equals("DELETED")) {
                    gone.add(change.object().uid());
                    deleted(change, acknowledged.get(change.object().uid()), open);
                }
            }
        }
        acknowledged.forEach((uid, attempt) -> {
            if (!gone.contains(uid)) {
                breach("lost: %s was acknowledged, and the object was not deleted", attempt);
            }
        });
    }

    /** @param open attempts of which nobody knows what became of them; the one that did this is taken out */
    private void deleted(Change change, @Nullable Attempt acknowledged, List<Attempt> open) {
        if (acknowledged != null) {
            if (!acknowledged.key().equals(change.key())) {
                breach("%s deleted another object: %s", acknowledged, change);
            } else if (!means(acknowledged, change)) {
                breach("%s was meant for another state than it deleted: %s", acknowledged, change);
            }
            return;
        }
        // One that meant exactly this state can have deleted no other: it goes before those that meant any.
        Attempt one = open.stream()
                .filter(attempt -> attempt.key().equals(change.key()) && means(attempt, change))
                .max(Comparator.comparingLong(Judge::base))
                .orElse(null);
        if (one == null) {
            breach("nobody deleted %s", change);
        } else {
            open.remove(one);
        }
    }

    /** Whether a deletion may do this. */
    private static boolean means(Attempt deletion, Change change) {
        Seen before = change.before();
        return base(deletion) == 0 || (before != null && before.revision() == base(deletion));
    }

    private static long base(Attempt deletion) {
        return deletion.action() instanceof Action.Delete(long base) ? base : 0;
    }

    // Reads.

    /** Judges what reads showed, against all that anybody had been told before they began. */
    private void reads(Collection<Attempt> attempts, Map<String, Change> written) {
        Map<String, Long> deletions = new HashMap<>();
        keys(attempts).stream()
                .map(ObjectKey::resource)
                .distinct()
                .forEach(resource -> history.changes(resource).stream()
                        .filter(change -> change.type().equals("DELETED"))
                        .forEach(change -> deletions.put(change.object().uid(), change.revision())));
        List<Attempt> begun = attempts.stream()
                .sorted(Comparator.comparingLong(Attempt::invokedNanos))
                .toList();
        List<Attempt> ended = attempts.stream()
                .sorted(Comparator.comparingLong(Attempt::returnedNanos))
                .toList();
        long[] bounds = new long[begun.size() + 1];
        bounds[begun.size()] = Long.MAX_VALUE;
        for (int i = begun.size() - 1; i >= 0; i--) {
            bounds[i] = Math.min(bounds[i + 1], revisionChanged(begun.get(i), written, deletions));
        }
        long floor = 0;
        int known = 0;
        Map<Attempt, Long> told = new HashMap<>();
        for (Attempt attempt : begun) {
            while (known < ended.size() && ended.get(known).returnedNanos() < attempt.invokedNanos()) {
                // It began before it ended, so it has been judged.
                floor = Math.max(floor, told.getOrDefault(ended.get(known), 0L));
                known++;
            }
            long bound = bounds[firstBegunAfter(begun, attempt.returnedNanos())];
            told.put(attempt, revisionTold(attempt, floor, bound, deletions));
        }
    }

    /** The revision of a write that was carried out; {@link Long#MAX_VALUE} for all else. */
    private static long revisionChanged(Attempt attempt, Map<String, Change> written, Map<String, Long> deletions) {
        if (attempt.action() instanceof Action.Write write) {
            Change change = written.get(write.mark());
            return change == null ? Long.MAX_VALUE : change.revision();
        }
        return attempt.outcome() instanceof Outcome.Deleted(String uid)
                ? deletions.getOrDefault(uid, Long.MAX_VALUE)
                : Long.MAX_VALUE;
    }

    private static int firstBegunAfter(List<Attempt> begun, long nanos) {
        int low = 0;
        int high = begun.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (begun.get(middle).invokedNanos() <= nanos) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /**
     * Judges one, and returns the revision that the store must have had when it ended.
     *
     * @param floor which the store had when it began, at least
     * @param bound which the store had not yet when it ended
     */
    private long revisionTold(Attempt attempt, long floor, long bound, Map<String, Long> deletions) {
        return switch (attempt.outcome()) {
            case Outcome.Written(Seen object) -> changed(attempt, object.revision(), floor);
            case Outcome.Deleted(String uid) ->
                deletions.containsKey(uid) ? changed(attempt, deletions.get(uid), floor) : 0;
            case Outcome.Found(Seen object) -> found(attempt, object, floor);
            case Outcome.Listed(long revision, List<Seen> objects) -> {
                listed(attempt, revision, objects, floor);
                yield revision;
            }
            case Outcome.Absent _ -> was(attempt, false, floor, bound);
            case Outcome.Present _ -> was(attempt, true, floor, bound);
            case Outcome.Refused _, Outcome.Unknown _ -> 0;
        };
    }

    private long changed(Attempt attempt, long revision, long floor) {
        if (revision <= floor) {
            breach(
                    "%s was carried out at revision %d, when the store was at revision %d already",
                    attempt, revision, floor);
        }
        return revision;
    }

    /** The revision that a read had to show, or a later one. */
    private static long required(Attempt attempt, long floor) {
        return switch (attempt.action()) {
            case Action.Get(Age age, long revision) -> required(age, revision, floor);
            case Action.ListAll(Age age, long revision) -> required(age, revision, floor);
            case Action.Write _, Action.Delete _ -> floor;
        };
    }

    private static long required(Age age, long revision, long floor) {
        return switch (age) {
            case FRESH -> floor;
            case ANY -> 0;
            case NOT_OLDER, EXACT -> revision;
        };
    }

    private long found(Attempt attempt, Seen object, long floor) {
        for (State state : history.states(attempt.key())) {
            if (state.from() == object.revision()) {
                if (!object.equals(state.object())) {
                    breach("%s was told what never was; in the store is %s", attempt, state);
                } else if (state.until() <= required(attempt, floor)) {
                    breach(
                            "stale: %s was told %s, when the store was at revision %d already",
                            attempt, state, required(attempt, floor));
                }
                return object.revision();
            }
        }
        breach("%s was told of a revision that never was", attempt);
        return 0;
    }

    /** Whether an object was there, or was not, at a revision that is possible; returns the first such revision. */
    private long was(Attempt attempt, boolean present, long floor, long bound) {
        long required = required(attempt, floor);
        for (State state : history.states(attempt.key())) {
            if ((state.object() != null) == present && state.until() > required && state.from() < bound) {
                return required == 0 ? 0 : state.from();
            }
        }
        breach(
                "stale: %s was told that the object is %s, when the store was at revision %d already, but not at %d: %s",
                attempt,
                present ? "there" : "not there",
                required,
                bound,
                history.states(attempt.key()).stream()
                        .filter(state -> state.until() > required && state.from() < bound)
                        .toList());
        return 0;
    }

    private void listed(Attempt attempt, long revision, List<Seen> objects, long floor) {
        if (revision < required(attempt, floor)) {
            breach(
                    "stale: %s was told the state at revision %d, when the store was at %d already",
                    attempt, revision, required(attempt, floor));
        }
        if (attempt.action() instanceof Action.ListAll(Age age, long wanted)
                && age == Age.EXACT
                && revision != wanted) {
            breach("%s was told the state at revision %d", attempt, revision);
        }
        String wrong = difference(attempt.key().resource(), revision, objects);
        if (wrong != null) {
            breach("%s was told a wrong list: %s", attempt, wrong);
        }
    }

    private @Nullable String difference(String resource, long revision, List<Seen> objects) {
        Map<String, Seen> right = history.at(resource, revision);
        Map<String, Seen> told = new TreeMap<>();
        objects.forEach(object -> told.put(object.name(), object));
        return told.size() == objects.size() && told.equals(right)
                ? null
                : "at revision " + revision + " " + objects + ", but it was " + right.values();
    }

    /** Judges that a list is what the store has in the end. */
    void agrees(String who, String resource, long revision, List<Seen> objects) {
        String wrong = difference(resource, revision, objects);
        if (wrong != null) {
            breach("%s has other %s than the store: %s", who, resource, wrong);
        }
    }

    // Informers.

    /**
     * Judges what an informer was told.
     *
     * @param who it is
     * @param last the revision up to which it must have been told
     */
    void informer(String who, String resource, List<Told> told, long last) {
        List<Change> changes = history.changes(resource);
        int next = 0;
        long position = -1;
        for (Told item : told) {
            switch (item) {
                case Told.Listed(long revision, List<Seen> objects) -> {
                    if (revision < position) {
                        breach("%s listed revision %d after it had been told %d", who, revision, position);
                    }
                    String wrong = difference(resource, revision, objects);
                    if (wrong != null) {
                        breach("%s was told a wrong list: %s", who, wrong);
                    }
                    position = revision;
                    next = firstBehind(changes, revision);
                }
                case Told.Changed(String type, Seen object) -> {
                    Change right = position >= 0 && next < changes.size() ? changes.get(next) : null;
                    if (right == null
                            || !right.type().equals(type)
                            || !right.object().equals(object)) {
                        breach(
                                "%s was told %s %s after revision %d, but what happened next was %s",
                                who, type, object, position, String.valueOf(right));
                        return;
                    }
                    position = object.revision();
                    next++;
                }
                case Told.Bookmark(long revision) -> {
                    int behind = firstBehind(changes, revision);
                    if (revision < position || behind > next) {
                        breach(
                                "%s was told that it knows all up to revision %d, but it was at %d: %s",
                                who, revision, position, changes.subList(Math.min(next, behind), behind));
                        return;
                    }
                    position = revision;
                }
            }
        }
        if (position < last) {
            breach("%s was told nothing after revision %d, and the last was %d", who, position, last);
        }
    }

    private static int firstBehind(List<Change> changes, long revision) {
        int low = 0;
        int high = changes.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (changes.get(middle).revision() <= revision) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    // While the store was gone.

    /**
     * A time in which no member of the store ran.
     *
     * @param fromNanos when the last had ended, by {@link System#nanoTime}
     * @param untilNanos when the first was started
     * @param alone whether API servers were well when it began, and nothing was done to them meanwhile
     */
    record Outage(long fromNanos, long untilNanos, boolean alone) {
        boolean covers(long invokedNanos, long returnedNanos) {
            return fromNanos <= invokedNanos && returnedNanos <= untilNanos;
        }

        /** Whether it was long enough, and nothing else was wrong. */
        boolean telling() {
            return alone && untilNanos - fromNanos >= TELLING_OUTAGE_NANOS;
        }
    }

    /**
     * Judges that nobody was told of success, nor that all is well, when the store was gone.
     *
     * @param servers how many API servers there are
     */
    void outage(Outage outage, Collection<Attempt> attempts, List<ReadinessWatch.Answer> readiness, int servers) {
        for (Attempt attempt : attempts) {
            if (attempt.needsStore()
                    && attempt.succeeded()
                    && outage.covers(attempt.invokedNanos(), attempt.returnedNanos())) {
                breach("%s succeeded when the store was gone", attempt);
            }
        }
        boolean[] told = new boolean[servers];
        for (ReadinessWatch.Answer answer : readiness) {
            if (outage.covers(answer.invokedNanos(), answer.returnedNanos())) {
                if (answer.code() == 200) {
                    breach("API server %d said that it is ready when the store was gone", answer.server());
                }
                told[answer.server()] |= answer.code() >= 500;
            }
        }
        for (int server = 0; outage.telling() && server < servers; server++) {
            if (!told[server]) {
                breach(
                        "API server %d did not say that it is not ready while the store was gone for %d ms",
                        server, TimeUnit.NANOSECONDS.toMillis(outage.untilNanos() - outage.fromNanos()));
            }
        }
    }
}
