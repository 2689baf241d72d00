package io.keelson.apiserver.admission.policy;

import io.keelson.apiserver.admission.conditions.Compiled.Failure;
import io.keelson.kvstore.metrics.Metrics;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Counts and times the validations of ValidatingAdmissionPolicies that something came of: those that did not hold, and those
 * that failed. Any thread.
 */
public final class ValidatingPolicyMetrics {
    private static final double[] SECONDS = {0.0000005, 0.001, 0.01, 0.1, 1.0};
    /** Policies come and go; what is beyond is counted together. */
    private static final int SERIES_MAX = 5_000;

    private static final String OTHER = "OTHER";

    private final Metrics.Counters checks;
    private final Metrics.Histograms durations;
    private final Map<Key, Series> series = new ConcurrentHashMap<>();

    public ValidatingPolicyMetrics(Metrics metrics) {
        checks = metrics.counters(
                "apiserver_validating_admission_policy_check_total",
                "Validations that did not hold or failed, by policy, binding, what was done, and the kind of failure.");
        durations = metrics.histograms(
                "apiserver_validating_admission_policy_check_duration_seconds",
                "How long such validations took, by policy, binding, what was done, and the kind of failure.",
                SECONDS);
    }

    /** What was done about a validation. */
    enum Action {
        /** Nothing: it failed, and may fail. */
        ALLOW("allow"),
        DENY("deny"),
        WARN("warn"),
        AUDIT("audit");

        private final String label;

        Action(String label) {
            this.label = label;
        }
    }

    private record Key(
            String policy,
            String binding,
            Action action,
            @Nullable Failure failure) {}

    private record Series(LongAdder checks, Metrics.Histogram duration) {}

    /**
     * Something came of a validation.
     *
     * @param failure why it could not be evaluated; null if it could
     * @param nanos how long its evaluation took
     */
    void checked(String policy, String binding, Action action, @Nullable Failure failure, long nanos) {
        Series counted = series(new Key(policy, binding, action, failure));
        counted.checks().increment();
        counted.duration().observeNanos(nanos);
    }

    private Series series(Key wanted) {
        Series known = series.get(wanted);
        if (known != null) {
            return known;
        }
        Key counted = series.size() < SERIES_MAX ? wanted : new Key(OTHER, OTHER, wanted.action(), wanted.failure());
        return series.computeIfAbsent(counted, made -> {
            String labels = Metrics.label("enforcement_action", made.action().label)
                    + "," + Metrics.label("error_type", errorType(made.failure()))
                    + "," + Metrics.label("policy", made.policy())
                    + "," + Metrics.label("policy_binding", made.binding());
            return new Series(checks.at(labels), durations.at(labels));
        });
    }

    private static String errorType(@Nullable Failure failure) {
        return switch (failure) {
            case null -> "no_error";
            case COMPILATION -> "compile_error";
            case EVALUATION -> "invalid_error";
            case BUDGET -> "out_of_budget";
        };
    }
}
