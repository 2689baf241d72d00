package io.keelson.controllers.hollow;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A pod as it is played.
 *
 * @param view what the API said last
 * @param seen when it came to the node, as far as this process knows
 * @param stopping since when it is to stop; null if it is not
 * @param done how far it is played: the watch may not have told of the last write yet
 * @param doneAt when that was
 */
record Played(
        PodView view,
        Instant seen,
        @Nullable Instant stopping,
        int done,
        @Nullable Instant doneAt) {
    /** It has succeeded or failed. */
    static final int ENDED = Integer.MAX_VALUE - 1;

    /** It was deleted. */
    static final int DELETED = Integer.MAX_VALUE;

    /** A pod that was not seen before. */
    static Played first(PodView view, Instant now) {
        return new Played(view, now, view.deletion() == null ? null : now, 0, null);
    }

    /** The same pod as the API says it is by now. */
    Played with(PodView newer, Instant now) {
        return new Played(newer, seen, stopping != null || newer.deletion() == null ? stopping : now, done, doneAt);
    }

    /** The same pod after a write; one that left it where it was does not begin anew. */
    Played after(int progress, Instant now) {
        return progress == told() ? this : new Played(view, seen, stopping, progress, now);
    }

    /** How far the API says it is: it only ever goes on. */
    int told() {
        return switch (view.stage()) {
            case PENDING -> 0;
            case RUNNING -> running(view.restarts());
            case WAITING -> running(view.restarts()) + 1;
            case ENDED -> ENDED;
        };
    }

    /** How far a pod is that runs after so many restarts. */
    static int running(int restarts) {
        return 2 * Math.min(restarts, 1 << 28) + 1;
    }

    /** When it came to the stage that it is in; as exactly as is known. */
    Instant since() {
        Instant told = view.since();
        return doneAt != null && done == told() ? doneAt : told != null ? told : seen;
    }
}
