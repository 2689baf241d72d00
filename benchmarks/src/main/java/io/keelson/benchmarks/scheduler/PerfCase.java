package io.keelson.benchmarks.scheduler;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is measured, in several sizes.
 *
 * @param defaultPod what pods look like if an operation does not say; null for the usual pod
 * @param featureGates features that have to be on or off
 */
record PerfCase(
        String name,
        @Nullable Template defaultPod,
        Map<String, Boolean> featureGates,
        List<Operation> operations,
        List<Workload> workloads) {

    /**
     * A size of a case.
     *
     * @param threshold pods a second to be reached; 0 if none is said
     */
    record Workload(
            String name,
            List<String> labels,
            Map<String, Long> params,
            Map<String, Boolean> featureGates,
            double threshold) {

        /**
         * The same, larger or smaller. Numbers of one thing for each of another, whose names have {@code Per} in them,
         * stay: otherwise what is multiplied by them would be scaled twice.
         */
        Workload scaled(double factor) {
            Map<String, Long> scaled = new TreeMap<>();
            params.forEach((name, value) -> scaled.put(
                    name, name.contains("Per") || value == 0 ? value : Math.max(1, Math.round(value * factor))));
            return new Workload(name, labels, scaled, featureGates, threshold);
        }
    }

    /** The features that a size of it needs on or off. */
    Map<String, Boolean> gates(Workload workload) {
        Map<String, Boolean> gates = new TreeMap<>(featureGates);
        gates.putAll(workload.featureGates());
        return gates;
    }
}
