package io.keelson.controllers.cronjob;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The times at which something is to run. All of them are whole seconds. */
sealed interface CronSchedule permits CronFields, FixedInterval {
    /**
     * The first time after the anchor that is after another time too.
     *
     * @param anchor from when on the schedule holds; a fixed interval is counted from it
     * @return null if there is none within five years
     */
    @Nullable
    Instant next(Instant anchor, Instant after);

    /** The last time after the anchor and not after now; null if there is none. */
    @Nullable
    Instant latest(Instant anchor, Instant now);

    /** How many times there are after one time and not after another, counted no further than a limit. */
    long runs(Instant anchor, Instant after, Instant until, long limit);
}
