package io.keelson.controllers.runtime;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a reconcile wants of its key.
 *
 * @param again after how long it is to be looked at again even if nothing changes; null for not before something does
 */
public record Outcome(@Nullable Duration again) {
    private static final Outcome DONE = new Outcome(null);

    /** Nothing more until something changes. */
    public static Outcome done() {
        return DONE;
    }

    /** Once more after some time; a time that has passed is as good as now. */
    public static Outcome after(Duration delay) {
        return new Outcome(delay.isNegative() ? Duration.ZERO : delay);
    }
}
