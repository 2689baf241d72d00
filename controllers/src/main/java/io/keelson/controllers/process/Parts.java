package io.keelson.controllers.process;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What something larger has opened, to be closed in the opposite order: what comes later stands on what was there before. One that
 * cannot be closed keeps none of the others open; the log tells of it. Any thread.
 */
public final class Parts implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Parts.class);

    private final Deque<AutoCloseable> all = new ArrayDeque<>();

    /** Closes this one, too, and before those that are there already. */
    public synchronized <T extends AutoCloseable> T opened(T part) {
        all.push(part);
        return part;
    }

    /** Closes all, each once. Who is told to end while one is being closed goes on with the next, and remembers it. */
    @Override
    public synchronized void close() {
        boolean interrupted = Thread.interrupted();
        for (AutoCloseable part = all.poll(); part != null; part = all.poll()) {
            try {
                part.close();
            } catch (InterruptedException e) {
                interrupted = true;
            } catch (Exception e) {
                LOG.warn("{} could not be closed: {}", part.getClass().getSimpleName(), e.toString());
            }
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
