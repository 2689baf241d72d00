package io.keelson.benchmarks.scheduler;

import java.util.Map;

/**
 * What a size of a case is to reach, and what kube-scheduler 1.36 did, with its API server and etcd, on a machine of
 * the same kind (two processors).
 *
 * @param perSecond pods a second; 0 if nothing is asked
 * @param decisionP99Ms 99th percentile of decisions; 0 if nothing is asked
 * @param original pods a second of kube-scheduler; 0 if it was not measured
 */
record Wanted(double perSecond, double decisionP99Ms, double original) {
    private static final Map<String, Double> ORIGINAL = Map.of(
            "SchedulingBasic/5000Nodes_10000Pods", 161.0,
            "TopologySpreading/5000Nodes_5000Pods", 57.0,
            "SchedulingPodAffinity/5000Nodes_5000Pods", 23.0);

    private static final double DECISION_MS = 2;
    private static final int NODES_LEAST = 5_000;
    private static final int NODES_MOST = 6_000;

    /**
     * What holds for a size as it is published.
     *
     * @param scaled whether it is run larger or smaller than published; then nothing holds
     */
    static Wanted of(PerfCase perfCase, PerfCase.Workload workload, boolean scaled) {
        if (scaled) {
            return new Wanted(0, 0, 0);
        }
        long nodes = 0;
        for (Operation operation : perfCase.operations()) {
            if (operation instanceof Operation.CreateNodes each) {
                nodes += each.count().in(workload.params());
            }
        }
        return new Wanted(
                workload.threshold(),
                nodes >= NODES_LEAST && nodes <= NODES_MOST ? DECISION_MS : 0,
                ORIGINAL.getOrDefault(perfCase.name() + "/" + workload.name(), 0.0));
    }

    /** Whether something is asked at all. */
    boolean asks() {
        return perSecond > 0 || decisionP99Ms > 0;
    }

    /** Whether all is reached that is asked. */
    boolean reachedBy(Measured measured) {
        return measured.perSecond() >= perSecond && (decisionP99Ms == 0 || measured.decisionP99Ms() <= decisionP99Ms);
    }
}
