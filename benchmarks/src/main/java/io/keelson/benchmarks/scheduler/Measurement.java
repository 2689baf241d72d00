package io.keelson.benchmarks.scheduler;

import io.keelson.benchmarks.cluster.MetricsText;
import io.keelson.benchmarks.load.ProcessUsage;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** From its beginning to its end: how fast the pods of some namespaces get nodes, and what that takes. */
final class Measurement implements AutoCloseable {
    private static final String DECISION = "scheduler_scheduling_algorithm_duration_seconds";
    private static final String ATTEMPT = "scheduler_scheduling_attempt_duration_seconds";
    private static final String SCHEDULED = "result=\"scheduled\"";
    private static final List<Long> SELF = List.of(ProcessHandle.current().pid());
    private static final double MEBIBYTE = 1 << 20;

    private final TestedCluster cluster;
    private final ScheduledPods pods;
    private final Set<String> namespaces;
    private final MetricsText metrics;
    private final long apiMicros;
    private final long schedulerMicros;
    private final long clientMicros;
    private final long startNanos;
    private final long startPods;
    private final Rates rates;
    private final Thread clock;
    private volatile boolean ended;

    private Measurement(TestedCluster cluster, ScheduledPods pods, Collection<String> namespaces)
            throws IOException, InterruptedException {
        this.cluster = cluster;
        this.pods = pods;
        this.namespaces = Set.copyOf(namespaces);
        this.metrics = cluster.metrics();
        ProcessUsage.resetPeak(cluster.api().pids());
        ProcessUsage.resetPeak(cluster.schedulerPids());
        this.apiMicros = ProcessUsage.cpuMicros(cluster.api().pids());
        this.schedulerMicros = ProcessUsage.cpuMicros(cluster.schedulerPids());
        this.clientMicros = ProcessUsage.cpuMicros(SELF);
        this.startPods = pods.in(namespaces).pods();
        this.startNanos = System.nanoTime();
        this.rates = new Rates(startNanos, startPods);
        this.clock = Thread.ofPlatform().daemon().name("rates").unstarted(this::countSeconds);
    }

    /** Begins now. */
    static Measurement begin(TestedCluster cluster, ScheduledPods pods, Collection<String> namespaces)
            throws IOException, InterruptedException {
        Measurement measurement = new Measurement(cluster, pods, namespaces);
        measurement.clock.start();
        return measurement;
    }

    private void countSeconds() {
        try {
            for (long next = startNanos; !ended; ) {
                next += TimeUnit.SECONDS.toNanos(1);
                TimeUnit.NANOSECONDS.sleep(next - System.nanoTime());
                addRate(System.nanoTime(), pods.in(namespaces).pods());
            }
        } catch (InterruptedException e) {
            // It has ended.
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void addRate(long nanos, long count) {
        if (!ended) {
            rates.add(nanos, count);
        }
    }

    /** Ends now; what came of it. */
    Measured end() throws IOException, InterruptedException {
        ScheduledPods.Count count = pods.in(namespaces);
        double apiCpu = ProcessUsage.cpuMicros(cluster.api().pids()) - apiMicros;
        double schedulerCpu = ProcessUsage.cpuMicros(cluster.schedulerPids()) - schedulerMicros;
        double clientCpu = ProcessUsage.cpuMicros(SELF) - clientMicros;
        synchronized (this) {
            rates.end(count.lastNanos(), count.pods());
            ended = true;
        }
        close();
        long done = count.pods() - startPods;
        double each = Math.max(1, done);
        boolean local = !cluster.api().pids().isEmpty();
        MetricsText now = cluster.metrics();
        MetricsText.Histogram decisions = now.histogram(DECISION, "").since(metrics.histogram(DECISION, ""));
        MetricsText.Histogram attempts = now.histogram(ATTEMPT, SCHEDULED).since(metrics.histogram(ATTEMPT, SCHEDULED));
        return new Measured(
                done,
                done == 0 ? 0 : done * 1e9 / Math.max(1, count.lastNanos() - startNanos),
                rates.percentile(50),
                rates.percentile(95),
                decisions.quantile(0.5) * 1e3,
                decisions.quantile(0.99) * 1e3,
                decisions.finest() * 1e3,
                attempts.quantile(0.5) * 1e3,
                attempts.quantile(0.99) * 1e3,
                local ? apiCpu / each : Double.NaN,
                schedulerCpu / each,
                clientCpu / each,
                local ? ProcessUsage.peakResidentBytes(cluster.api().pids()) / MEBIBYTE : Double.NaN,
                ProcessUsage.peakResidentBytes(cluster.schedulerPids()) / MEBIBYTE);
    }

    @Override
    public void close() {
        ended = true;
        clock.interrupt();
    }
}
