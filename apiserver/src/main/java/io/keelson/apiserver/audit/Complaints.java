package io.keelson.apiserver.audit;

import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says in the server's log that events are lost; not for every one of them, since then there may be thousands a second. */
final class Complaints {
    private static final Logger log = LoggerFactory.getLogger(Complaints.class);
    private static final long PAUSE_NANOS = 10_000_000_000L;

    private final AtomicLong next = new AtomicLong(System.nanoTime());

    void failed(String backend, int events, Throwable why) {
        if (isTime()) {
            log.error(
                    "{} audit events, and perhaps others since, are not in the {}: {}",
                    events,
                    backend,
                    why.toString());
        }
    }

    void dropped(String backend, String why) {
        if (isTime()) {
            log.error("audit events are dropped and do not reach the {}: {}", backend, why);
        }
    }

    private boolean isTime() {
        long now = System.nanoTime();
        long due = next.get();
        return now - due >= 0 && next.compareAndSet(due, now + PAUSE_NANOS);
    }
}
