package io.keelson.kvstore.faults;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A lock has one holder at a time, as long as its lease lives. */
final class LockJudge {
    /**
     * A stretch of time in which a client certainly held a lock.
     *
     * @param client who
     * @param key by which it was held
     * @param fromNanos when it was told that it holds it
     * @param untilNanos when it sent the unlock, or when its lease may have expired at the earliest, which is its TTL after
     *     the client asked for it
     */
    record Hold(int client, String key, long fromNanos, long untilNanos) {}

    private LockJudge() {}

    /** Holds of one lock that overlap, empty if none do. */
    static List<String> overlaps(List<Hold> holds) {
        List<String> wrong = new ArrayList<>();
        @Nullable Hold longest = null;
        for (Hold hold : holds.stream()
                .filter(held -> held.fromNanos() < held.untilNanos())
                .sorted(Comparator.comparingLong(Hold::fromNanos))
                .toList()) {
            if (longest != null && hold.fromNanos() < longest.untilNanos()) {
                wrong.add("two clients held a lock at once: " + longest + " and " + hold);
            }
            longest = longest == null || hold.untilNanos() > longest.untilNanos() ? hold : longest;
        }
        return wrong;
    }
}
