package io.keelson.benchmarks.load;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/**
 * Measures workloads on several targets in turn, round after round, so that a drift of the machine's speed meets all of
 * them alike, and gives the median of the rounds.
 */
final class KvComparison {
    private final List<Target> targets;
    private final ClusterAccess access;
    private final KvWorkloads.Sizes sizes;
    private final int connectionCount;
    private final int rounds;
    private final long roundNanos;
    private final long warmUpOperations;
    private final PrintWriter progress;

    KvComparison(
            List<Target> targets,
            ClusterAccess access,
            KvWorkloads.Sizes sizes,
            int connectionCount,
            int rounds,
            int roundSeconds,
            long warmUpOperations,
            PrintWriter progress) {
        this.targets = targets;
        this.access = access;
        this.sizes = sizes;
        this.connectionCount = connectionCount;
        this.rounds = rounds;
        this.roundNanos = TimeUnit.SECONDS.toNanos(roundSeconds);
        this.warmUpOperations = warmUpOperations;
        this.progress = progress;
    }

    /** Measures one workload; the results stand by the targets' names, in their order. */
    Map<String, Result> measure(KvWorkloads.Entry entry) throws InterruptedException {
        List<EtcdConnections> connections = new ArrayList<>();
        List<Workload> workloads = new ArrayList<>();
        List<List<Result>> results = new ArrayList<>();
        try {
            for (Target target : targets) {
                progress.println(entry.title() + ": warming " + target.name());
                progress.flush();
                EtcdConnections opened = new EtcdConnections(target, connectionCount, access);
                connections.add(opened);
                Workload workload = entry.make().apply(opened, sizes);
                workloads.add(workload);
                workload.prepare(warmUpOperations);
                results.add(new ArrayList<>());
            }
            for (int round = 0; round < rounds; round++) {
                for (int i = 0; i < targets.size(); i++) {
                    Result result = once(targets.get(i), workloads.get(i));
                    results.get(i).add(result);
                    progress.printf(
                            "%s: round %d, %s: %,.0f %s/s%n",
                            entry.title(), round + 1, targets.get(i).name(), result.perSecond(), entry.unit());
                    progress.flush();
                }
            }
            for (Workload workload : workloads) {
                workload.finish();
            }
        } finally {
            connections.forEach(EtcdConnections::close);
        }
        Map<String, Result> medians = new LinkedHashMap<>();
        for (int i = 0; i < targets.size(); i++) {
            medians.put(targets.get(i).name(), median(results.get(i)));
        }
        return medians;
    }

    private Result once(Target target, Workload workload) throws InterruptedException {
        Usage before = Usage.of(target.pids());
        return before.result(workload.run(roundNanos));
    }

    private static Result median(List<Result> rounds) {
        return new Result(
                median(rounds, Result::perSecond),
                median(rounds, Result::p50Ms),
                median(rounds, Result::p99Ms),
                median(rounds, Result::p999Ms),
                median(rounds, Result::serverCpuMicros),
                median(rounds, Result::clientCpuMicros),
                median(rounds, Result::peakMebibytes),
                rounds.stream().mapToLong(Result::failures).sum(),
                rounds.stream()
                        .map(Result::firstFailure)
                        .filter(text -> !text.isEmpty())
                        .findFirst()
                        .orElse(""));
    }

    private static double median(List<Result> rounds, ToDoubleFunction<Result> figure) {
        List<Double> sorted = rounds.stream()
                .map(figure::applyAsDouble)
                .sorted(Comparator.naturalOrder())
                .toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
