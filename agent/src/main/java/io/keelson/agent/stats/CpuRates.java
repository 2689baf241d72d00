package io.keelson.agent.stats;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/**
 * How much of the processors is used, of how much was used altogether: over the last five seconds at least, or over the
 * time since it was last asked. Of one thread at a time.
 */
final class CpuRates {
    private static final Duration WINDOW = Duration.ofSeconds(5);
    private static final Duration LEAST = Duration.ofMillis(500);

    private final Map<String, Samples> known = new HashMap<>();

    private record Sample(Instant at, long nanos) {}

    /** @param first by which the next rate is found, until the last one is old enough for that */
    private record Samples(Sample first, Sample last) {}

    /**
     * Takes a sample.
     *
     * @param key whose
     * @param at by a clock that does not jump
     * @param nanos how much was used until then
     * @return nanoseconds per second; empty if this is the first sample, or if counting began anew
     */
    OptionalLong rate(String key, Instant at, long nanos) {
        Sample now = new Sample(at, nanos);
        Samples before = known.get(key);
        if (before == null || nanos < before.last.nanos) {
            known.put(key, new Samples(now, now));
            return OptionalLong.empty();
        }
        Sample base = Duration.between(before.last.at, at).compareTo(WINDOW) >= 0 ? before.last : before.first;
        if (Duration.between(base.at, at).compareTo(WINDOW) >= 0) {
            known.put(key, new Samples(base, now));
        }
        Duration passed = Duration.between(base.at, at);
        return passed.compareTo(LEAST) < 0
                ? OptionalLong.empty()
                : OptionalLong.of((long) ((nanos - base.nanos) * 1e9 / passed.toNanos()));
    }

    /** Forgets all others. */
    void keep(Set<String> keys) {
        known.keySet().retainAll(keys);
    }
}
