package io.keelson.apiserver.cel.rules;

import io.keelson.kvstore.metrics.Metrics;

/** Times the rules of custom kinds. Any thread. */
public final class RuleMetrics {
    private static final double[] SECONDS = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};

    private final Metrics.Histogram compilations;
    private final Metrics.Histogram evaluations;

    public RuleMetrics(Metrics metrics) {
        compilations = metrics.histogram(
                "apiserver_cel_compilation_duration_seconds",
                "How long it took to compile all rules of a schema of a custom kind.",
                SECONDS);
        evaluations = metrics.histogram(
                "apiserver_cel_evaluation_duration_seconds",
                "How long it took to hold an object of a custom kind to all its rules.",
                SECONDS);
    }

    /** All rules of a schema were compiled. */
    void compiled(long nanos) {
        compilations.observeNanos(nanos);
    }

    /** An object was held to all rules of its schema. */
    public void evaluated(long nanos) {
        evaluations.observeNanos(nanos);
    }
}
