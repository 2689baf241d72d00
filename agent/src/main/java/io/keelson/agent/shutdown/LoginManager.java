package io.keelson.agent.shutdown;

import java.io.IOException;
import java.time.Duration;

/** Whoever shuts the machine down. One thread's, but for {@link #close}. */
interface LoginManager extends AutoCloseable {
    /** For how long a shutdown can be held up at most. */
    Duration delayMax() throws IOException, InterruptedException;

    /** Asks that it can be held up for so long. That is so a little later; nothing of what is held up now changes. */
    void allowDelay(Duration time) throws IOException, InterruptedException;

    /** Holds shutdowns up from now on, until what is returned is closed or this process is gone. */
    Delay delay() throws IOException, InterruptedException;

    /** That shutdowns are held up. */
    interface Delay extends AutoCloseable {
        /** Holds them up no longer. */
        @Override
        void close();
    }

    /**
     * Follows what is about to happen; returns when it is closed.
     *
     * @param told true when the machine is about to be shut down, false when it is not after all
     * @throws IOException if it cannot be followed any more
     */
    void follow(Told told) throws IOException, InterruptedException;

    /** Is told in the order in which things happen; what comes next waits for its end. */
    @FunctionalInterface
    interface Told {
        /** A shutdown is coming, or is not after all. */
        void comes(boolean isComing) throws InterruptedException;
    }

    /** Follows nothing any more. Any thread. */
    @Override
    void close();
}
