package io.keelson.controllers.runtime;

import java.time.Duration;
import java.util.function.Supplier;

/** What is counted of a {@link WorkQueue}. */
public interface QueueMetrics {
    /** Counts nothing. */
    QueueMetrics NONE = new QueueMetrics() {
        @Override
        public void observe(Supplier<Figures> figures) {}

        @Override
        public void added() {}

        @Override
        public void retried() {}

        @Override
        public void waited(Duration time) {}

        @Override
        public void worked(Duration time) {}
    };

    /** Where figures that are read rather than counted come from. */
    void observe(Supplier<Figures> figures);

    /** A key was added that was not in it. */
    void added();

    /** A key failed and is to be tried again. */
    void retried();

    /** How long a key waited for a worker. */
    void waited(Duration time);

    /** How long a worker had a key. */
    void worked(Duration time);

    /**
     * How a queue is at a moment.
     *
     * @param unfinishedSeconds how long all workers together have had their keys
     * @param longestSeconds how long the slowest has had its key
     */
    record Figures(int depth, double unfinishedSeconds, double longestSeconds) {}
}
