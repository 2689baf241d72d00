package io.keelson.agent.command;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What was opened, to be closed in the opposite order. */
final class Parts implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Parts.class);

    private final Deque<AutoCloseable> all = new ArrayDeque<>();

    /** Closes this one, too, and first. */
    synchronized <T extends AutoCloseable> T opened(T part) {
        all.push(part);
        return part;
    }

    @Override
    public synchronized void close() {
        boolean interrupted = Thread.interrupted();
        for (AutoCloseable part = all.poll(); part != null; part = all.poll()) {
            try {
                part.close();
            } catch (Exception e) {
                // The others have to end all the same.
                LOG.warn("{} could not be closed: {}", part.getClass().getSimpleName(), e.toString());
            }
            // Who is told to end while it waits for one goes on with the next.
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
