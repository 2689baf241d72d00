package io.keelson.cloud;

import io.keelson.controllers.runtime.Key;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * After how long what the cloud refused is asked for again: each time twice as long as the time before, up to a
 * longest. Holds an entry for each key that failed last time. Safe for any thread.
 */
public final class Retries {
    /** More than any longest time. */
    private static final int DOUBLINGS_MAX = 30;

    private final Duration first;
    private final Duration longest;
    private final Map<Key, Integer> failures = new ConcurrentHashMap<>();

    /** None has failed yet. */
    public Retries(Duration first, Duration longest) {
        this.first = first;
        this.longest = longest;
    }

    /** Counts a failure; how long to wait after it. */
    public Duration after(Key key) {
        int before = failures.merge(key, 1, (count, one) -> Math.min(count + one, DOUBLINGS_MAX)) - 1;
        Duration delay = first.multipliedBy(1L << before);
        return delay.compareTo(longest) < 0 ? delay : longest;
    }

    /** Its next failure is its first. */
    public void forget(Key key) {
        failures.remove(key);
    }
}
