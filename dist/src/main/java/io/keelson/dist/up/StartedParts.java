package io.keelson.dist.up;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What was started in this process, in its order; ended in the opposite one. Of one thread. */
final class StartedParts implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StartedParts.class);
    private static final Duration STEP_MAX = Duration.ofSeconds(60);

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();

    /** Takes one that was started. */
    <T extends AutoCloseable> T add(T part) {
        parts.push(part);
        return part;
    }

    /**
     * Waits until something is so.
     *
     * @param otherwise what is to be said if it is not in time
     */
    static void await(String otherwise, BooleanSupplier isSo) throws IOException, InterruptedException {
        long end = System.nanoTime() + STEP_MAX.toNanos();
        while (!isSo.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new IOException(otherwise + " within " + STEP_MAX.toSeconds() + " s: the log says more");
            }
            Thread.sleep(20);
        }
    }

    @Override
    public void close() {
        for (AutoCloseable part = parts.poll(); part != null; part = parts.poll()) {
            try {
                part.close();
            } catch (Exception e) {
                // The others have to end all the same.
                LOG.warn("while ending: {}", e.getMessage());
            }
        }
    }
}
