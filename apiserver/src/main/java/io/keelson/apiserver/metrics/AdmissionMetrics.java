package io.keelson.apiserver.metrics;

import io.keelson.apiserver.admission.AdmissionChain;
import io.keelson.apiserver.admission.AdmissionPlugin;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.AdmissionRequest.Operation;
import io.keelson.apiserver.admission.AdmissionSteps.Step;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.kvstore.metrics.Metrics;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Times what each admission plugin does to requests, and all of them together. Any thread. */
public final class AdmissionMetrics {
    private static final double[] SECONDS = {0.005, 0.025, 0.1, 0.5, 1.0, 2.5};

    private final Metrics.Histograms durations;
    private final Metrics.Histograms steps;
    private final Map<Key, Metrics.Histogram> byKey = new ConcurrentHashMap<>();
    private final Map<StepKey, Metrics.Histogram> stepsByKey = new ConcurrentHashMap<>();

    private record Key(String name, String operation, boolean rejected, String type) {}

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

    private void observe(AdmissionPlugin plugin, AdmissionRequest request, boolean rejected, String type, long start) {
        byKey.computeIfAbsent(
                        new Key(plugin.name(), request.operation().name(), rejected, type),
                        key -> durations.at(RequestLabels.join(
                                Metrics.label("name", key.name()),
                                Metrics.label("operation", key.operation()),
                                Metrics.label("rejected", Boolean.toString(key.rejected())),
                                Metrics.label("type", key.type()))))
                .observeNanos(System.nanoTime() - start);
    }

    private final class Measured implements AdmissionPlugin {
        private final AdmissionPlugin plugin;

        Measured(AdmissionPlugin plugin) {
            this.plugin = plugin;
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
                observe(plugin, request, true, "admit", start);
                throw e;
            }
            observe(plugin, request, false, "admit", start);
        }

        @Override
        public void validate(AdmissionRequest request) throws InterruptedException {
            long start = System.nanoTime();
            try {
                plugin.validate(request);
            } catch (ApiException e) {
                observe(plugin, request, true, "validate", start);
                throw e;
            }
            observe(plugin, request, false, "validate", start);
        }
    }
}
