package io.keelson.controllers.cronjob;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The run that is to be started now: the latest one that has come and was not started. Those before it are missed for
 * good.
 *
 * @param at the time it is for
 * @param tooManyMissed whether more than a hundred have come since the last one that was started
 */
record DueRun(Instant at, boolean tooManyMissed) {
    private static final int MANY = 100;

    /**
     * What is due.
     *
     * @param anchor the time of the last run that was started; if there is none, when the object was made
     * @param deadlineSeconds how late a run may be started; null for any time
     * @return null if nothing is
     */
    static @Nullable DueRun of(CronSchedule schedule, Instant anchor, @Nullable Long deadlineSeconds, Instant now) {
        Instant latest = schedule.latest(anchor, now);
        if (latest == null) {
            return null;
        }
        Instant from = anchor;
        if (deadlineSeconds != null) {
            // A deadline of more than a thousand years is none, and must not overflow.
            Instant bound = now.minusSeconds(Math.clamp(deadlineSeconds, 0, 40_000_000_000L));
            if (!latest.isAfter(bound)) {
                return null;
            }
            from = bound.isAfter(anchor) ? bound : anchor;
        }
        return new DueRun(latest, schedule.runs(anchor, from, now, MANY + 1L) > MANY);
    }
}
