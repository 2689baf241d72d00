package io.keelson.agent.embedded;

import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;

/** Times as CRI has them. */
final class Clocks {
    private Clocks() {}

    /** Nanoseconds since 1970. */
    static long nanos(InstantSource time) {
        Instant now = time.instant();
        return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
    }
}
