package io.keelson.benchmarks.controllers;

import io.keelson.benchmarks.load.ProcessUsage;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * How long a case took, and what it took.
 *
 * @param apiCpuSeconds of the API server with its store
 * @param apiPeakMebibytes the most that was resident in that time
 */
record Timed(
        double seconds,
        double apiCpuSeconds,
        double managerCpuSeconds,
        double apiPeakMebibytes,
        double managerPeakMebibytes) {
    private static final double MEBIBYTE = 1 << 20;

    /** Does a case once, in a namespace that is gone after it. */
    static Timed run(ControllerCase controllerCase, Playground playground, String namespace, int size)
            throws IOException, InterruptedException {
        playground.objects().createNamespace(namespace);
        controllerCase.prepare(playground, namespace, size);
        playground.settle();
        ProcessUsage.resetPeak(playground.apiPids());
        ProcessUsage.resetPeak(playground.managerPids());
        long api = ProcessUsage.cpuMicros(playground.apiPids());
        long manager = ProcessUsage.cpuMicros(playground.managerPids());
        long start = System.nanoTime();
        controllerCase.run(playground, namespace, size);
        Timed timed = new Timed(
                (System.nanoTime() - start) / 1e9,
                (ProcessUsage.cpuMicros(playground.apiPids()) - api) / 1e6,
                (ProcessUsage.cpuMicros(playground.managerPids()) - manager) / 1e6,
                ProcessUsage.peakResidentBytes(playground.apiPids()) / MEBIBYTE,
                ProcessUsage.peakResidentBytes(playground.managerPids()) / MEBIBYTE);
        playground.deleteNamespace(namespace);
        playground.settle();
        return timed;
    }

    /** The median of each figure over some rounds. */
    static Timed median(List<Timed> rounds) {
        return new Timed(
                median(rounds, Timed::seconds),
                median(rounds, Timed::apiCpuSeconds),
                median(rounds, Timed::managerCpuSeconds),
                median(rounds, Timed::apiPeakMebibytes),
                median(rounds, Timed::managerPeakMebibytes));
    }

    private static double median(List<Timed> rounds, ToDoubleFunction<Timed> figure) {
        double[] sorted = rounds.stream().mapToDouble(figure).toArray();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
