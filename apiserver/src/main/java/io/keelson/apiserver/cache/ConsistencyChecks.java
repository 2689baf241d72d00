package io.keelson.apiserver.cache;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** Has all caches held against their store every few minutes, one after the other, until it is closed. */
public final class ConsistencyChecks implements AutoCloseable {
    /** At least; up to half of it more, so that servers do not all ask the store at once. */
    private static final Duration PERIOD = Duration.ofMinutes(5);

    private final ResourceCaches caches;
    private final long periodMs;
    private final Thread thread;

    private ConsistencyChecks(ResourceCaches caches, Duration period) {
        this.caches = caches;
        this.periodMs = period.toMillis();
        this.thread = Thread.ofVirtual().name("cache consistency").unstarted(this::run);
    }

    /** Begins; the first check is a period away. */
    public static ConsistencyChecks start(ResourceCaches caches) {
        return start(caches, PERIOD);
    }

    static ConsistencyChecks start(ResourceCaches caches, Duration period) {
        ConsistencyChecks checks = new ConsistencyChecks(caches, period);
        checks.thread.start();
        return checks;
    }

    private void run() {
        try {
            while (true) {
                Thread.sleep(periodMs + ThreadLocalRandom.current().nextLong(periodMs / 2 + 1));
                caches.checkConsistency();
            }
        } catch (InterruptedException e) {
            // Only close() does that.
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
