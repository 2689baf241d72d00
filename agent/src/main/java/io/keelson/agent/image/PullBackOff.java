package io.keelson.agent.image;

import io.keelson.controllers.runtime.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * For how long an image that could not be pulled is not tried again: ten seconds, twice that each time, at most five
 * minutes. After ten minutes without a failure the next one is the first. What it remembers is bounded; any thread.
 */
final class PullBackOff {
    private static final Duration FIRST = Duration.ofSeconds(10);
    private static final Duration LONGEST = Duration.ofMinutes(5);
    private static final Duration FORGOTTEN = LONGEST.multipliedBy(2);
    private static final int REMEMBERED = 10_000;

    private final Time time;

    private final Map<Key, Failure> failures = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Failure> eldest) {
            return size() > REMEMBERED;
        }
    };

    private record Key(String podUid, String image) {}

    private record Failure(Duration delay, Instant at, String message) {}

    PullBackOff(Time time) {
        this.time = time;
    }

    /** What the last try said, if it is too early for another. */
    synchronized Optional<String> holding(String podUid, String image) {
        Failure last = failures.get(new Key(podUid, image));
        return last == null || since(last).compareTo(last.delay()) >= 0
                ? Optional.empty()
                : Optional.of(last.message());
    }

    /** Says that a try failed. */
    synchronized void failed(String podUid, String image, String message) {
        failures.values().removeIf(failure -> since(failure).compareTo(FORGOTTEN) > 0);
        Key key = new Key(podUid, image);
        // The last one to fail is the last one to be forgotten.
        Failure last = failures.remove(key);
        Duration twice = last == null ? FIRST : last.delay().multipliedBy(2);
        failures.put(key, new Failure(twice.compareTo(LONGEST) < 0 ? twice : LONGEST, time.steady(), message));
    }

    private Duration since(Failure failure) {
        return Duration.between(failure.at(), time.steady());
    }
}
