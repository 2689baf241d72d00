package io.keelson.apiserver.audit;

import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;

/** How the audit log fares. Any thread. */
public final class AuditCounts {
    private final LongAdder events = new LongAdder();
    private final LongAdder errors = new LongAdder();
    private final LongAdder dropped = new LongAdder();
    private final LongAdder rejected = new LongAdder();
    private final Map<Level, LongAdder> byLevel = new EnumMap<>(Level.class);

    AuditCounts() {
        for (Level level : Level.values()) {
            byLevel.put(level, new LongAdder());
        }
    }

    /** Events that were written down or were to be, at all backends together. */
    public long events() {
        return events.sum();
    }

    /** Events that a backend could not store. */
    public long errors() {
        return errors.sum();
    }

    /** Events that a backend did not keep because it kept too many already, or that were too large. */
    public long dropped() {
        return dropped.sum();
    }

    /** Requests that were refused because they could not be written down. */
    public long rejected() {
        return rejected.sum();
    }

    /** Requests by how much of them is to be written down, each under the level's name. */
    public Map<String, Long> requestsByLevel() {
        Map<String, Long> counts = new TreeMap<>();
        byLevel.forEach((level, count) -> counts.put(level.text(), count.sum()));
        return counts;
    }

    void request(Level level) {
        LongAdder count = byLevel.get(level);
        if (count != null) {
            count.increment();
        }
    }

    void event() {
        events.increment();
    }

    void error(int count) {
        errors.add(count);
    }

    void drop() {
        dropped.increment();
    }

    void reject() {
        rejected.increment();
    }
}
