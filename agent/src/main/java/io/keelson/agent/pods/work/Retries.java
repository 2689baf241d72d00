package io.keelson.agent.pods.work;

import io.keelson.controllers.runtime.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/** When what failed is tried again: after a second, twice as long each time, ten seconds at most. One thread's. */
final class Retries {
    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofSeconds(10);

    private final Time time;
    private final Map<String, Retry> all = new HashMap<>();

    private record Retry(Duration delay, Instant at) {}

    Retries(Time time) {
        this.time = time;
    }

    /** Something failed. */
    void failed(String what) {
        Retry before = all.get(what);
        Duration wait = before == null ? FIRST : before.delay().multipliedBy(2);
        Duration bounded = wait.compareTo(LONGEST) < 0 ? wait : LONGEST;
        all.put(what, new Retry(bounded, time.steady().plus(bounded)));
    }

    /** Something went well. */
    void succeeded(String what) {
        all.remove(what);
    }

    /** How long to wait until something may be tried; zero if it may be now. */
    Duration left(String what) {
        Retry retry = all.get(what);
        if (retry == null) {
            return Duration.ZERO;
        }
        Duration left = Duration.between(time.steady(), retry.at());
        return left.isNegative() ? Duration.ZERO : left;
    }
}
