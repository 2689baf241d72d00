package io.keelson.apiserver.audit;

import java.util.concurrent.atomic.LongAdder;

/** How the audit log fares. Any thread. */
public final class AuditCounts {
    private final LongAdder events = new LongAdder();
    private final LongAdder errors = new LongAdder();
    private final LongAdder dropped = new LongAdder();
    private final LongAdder rejected = new LongAdder();

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
