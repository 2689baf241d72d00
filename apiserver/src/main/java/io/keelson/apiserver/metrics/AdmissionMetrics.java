package io.keelson.apiserver.metrics;

import io.keelson.apiserver.admission.AdmissionChain;
import io.keelson.apiserver.admission.AdmissionPlugin;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.AdmissionRequest.Operation;
import io.keelson.apiserver.admission.AdmissionSteps.Step;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.kvstore.metrics.Metrics;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** Times what each admission plugin does to requests, and all of them together. Any thread. */
public final class AdmissionMetrics {
    private static final double[] SECONDS = {0.005, 0.025, 0.1, 0.5, 1.0, 2.5};

    private final Metrics.Histograms durations;
    private final Metrics.Histograms steps;
    private final Map<StepKey, Metrics.Histogram> stepsByKey = new ConcurrentHashMap<>();

    private record StepKey(Step step, Operation operation, boolean rejected) {}

    public AdmissionMetrics(Metrics metrics) {
        durations = metrics.histograms(
                "apiserver_admission_controller_admission_duration_seconds",
                "How long admission plugins took, by name, operation, type and whether they refused.",
                SECONDS);
        steps = metrics.histograms(
                "apiserver_admission_step_admission_duration_seconds",
                "How long all admission plugins together took, by operation, type and whether they refused.",
                SECONDS);
    }

    /** The same plugins in the same order, measured. */
    public AdmissionChain measured(AdmissionChain chain) {
        return new AdmissionChain(
                chain.plugins().stream().<AdmissionPlugin>map(Measured::new).toList(), this::taken);
    }

    private void taken(Step step, Operation operation, long nanos, boolean rejected) {
        stepsByKey
                .computeIfAbsent(
                        new StepKey(step, operation, rejected),
                        key -> steps.at(RequestLabels.join(
                                Metrics.label("operation", key.operation().name()),
                                Metrics.label("rejected", Boolean.toString(key.rejected())),
                                Metrics.label("type", key.step().label()))))
                .observeNanos(nanos);
    }

    private final class Measured implements AdmissionPlugin {
        private static final int REJECTED = 1;
        private static final int VALIDATED = 2;

        private final AdmissionPlugin plugin;
        /**
         * By operation, in which step it was, and whether it was refused there; each made when it is first needed, as labels
         * take time.
         */
        private final Map<Operation, AtomicReferenceArray<Metrics.@Nullable Histogram>> taken =
                new EnumMap<>(Operation.class);

        Measured(AdmissionPlugin plugin) {
            this.plugin = plugin;
            for (Operation operation : Operation.values()) {
                taken.put(operation, new AtomicReferenceArray<>(2 * VALIDATED));
            }
        }

        @Override
        public String name() {
            return plugin.name();
        }

        @Override
        public void mutate(AdmissionRequest request) throws InterruptedException {
            long start = System.nanoTime();
            try {
                plugin.mutate(request);
            } catch (ApiException e) {
                observe(request.operation(), REJECTED, start);
                throw e;
            }
            observe(request.operation(), 0, start);
        }

        @Override
        public void validate(AdmissionRequest request) throws InterruptedException {
            long start = System.nanoTime();
            try {
                plugin.validate(request);
            } catch (ApiException e) {
                observe(request.operation(), VALIDATED | REJECTED, start);
                throw e;
            }
            observe(request.operation(), VALIDATED, start);
        }

        private void observe(Operation operation, int kind, long start) {
            long nanos = System.nanoTime() - start;
            AtomicReferenceArray<Metrics.@Nullable Histogram> known = Objects.requireNonNull(taken.get(operation));
            Metrics.Histogram histogram = known.get(kind);
            if (histogram == null) {
                histogram = durations.at(RequestLabels.join(
                        Metrics.label("name", plugin.name()),
                        Metrics.label("operation", operation.name()),
                        Metrics.label("rejected", Boolean.toString((kind & REJECTED) != 0)),
                        Metrics.label("type", (kind & VALIDATED) != 0 ? "validate" : "admit")));
                known.set(kind, histogram);
            }
            histogram.observeNanos(nanos);
        }
    }
}
