package io.keelson.proxy.health;

import io.keelson.controllers.runtime.Time;
import io.keelson.proxy.rules.Family;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;

/**
 * Whether changes get into the rules in time, and whether the node is one that balancers should use. It is well as long as no
 * change has waited for longer than a limit; that includes the start. Any thread.
 */
public final class ProxyHealth {
    private final Time time;
    private final Duration limit;
    private final Map<Family, Long> waitingSince = new EnumMap<>(Family.class);
    private final Map<Family, Instant> updated = new EnumMap<>(Family.class);
    private boolean isEligible = true;

    /**
     * What is known of it at a moment.
     *
     * @param isWell whether changes get into the rules
     * @param isEligible whether the node is not about to go
     * @param lastUpdated when rules were last up to date: now if it is well
     */
    public record State(boolean isWell, boolean isEligible, Instant lastUpdated, Instant now) {}

    /** @param limit how long a change may take */
    public ProxyHealth(Time time, Duration limit) {
        this.time = time;
        this.limit = limit;
    }

    /** There is something to do in a family. */
    public synchronized void queued(Family family) {
        waitingSince.putIfAbsent(family, time.nanoTime());
    }

    /** All is done in a family. */
    public synchronized void updated(Family family) {
        waitingSince.remove(family);
        updated.put(family, time.instant());
    }

    /** Whether the node is to stay. */
    public synchronized void setEligible(boolean isEligible) {
        this.isEligible = isEligible;
    }

    /** How it is. */
    public synchronized State state() {
        Instant now = time.instant();
        long nanos = time.nanoTime();
        for (Map.Entry<Family, Long> waiting : waitingSince.entrySet()) {
            if (nanos - waiting.getValue() >= limit.toNanos()) {
                return new State(false, isEligible, updated.getOrDefault(waiting.getKey(), Instant.EPOCH), now);
            }
        }
        return new State(true, isEligible, now, now);
    }
}
