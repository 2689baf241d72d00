package io.keelson.apiserver.server;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The parts of a server that have been started, which end in the opposite order. */
final class Parts implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Parts.class);

    private final Deque<AutoCloseable> started = new ArrayDeque<>();

    /** Ends a part before all that were added earlier; several threads may add some. */
    <T extends AutoCloseable> T add(T part) {
        synchronized (started) {
            started.push(part);
        }
        return part;
    }

    /** Ends all. One that does not end properly is told in the log and keeps none of the others. */
    @Override
    public void close() {
        for (AutoCloseable part = started.poll(); part != null; part = started.poll()) {
            try {
                part.close();
            } catch (Exception e) {
                log.warn("a part of the server did not close properly", e);
            }
        }
    }
}
