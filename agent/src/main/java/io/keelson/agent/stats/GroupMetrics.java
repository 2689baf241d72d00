package io.keelson.agent.stats;

import io.keelson.agent.resources.CgroupUsage;
import io.keelson.agent.resources.CgroupUsage.DeviceUse;
import io.keelson.agent.resources.CgroupUsage.Pressure;
import io.keelson.agent.resources.CgroupUsage.Share;
import io.prometheus.metrics.model.snapshots.Labels;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/** What cAdvisor tells of a cgroup. */
final class GroupMetrics {
    private static final double MICROS = 1e6;

    private static final List<Metric> NUMBERS = List.of(
            metric(
                    "memory_cache",
                    "Number of bytes of page cache memory.",
                    used -> used.memory().cacheBytes()),
            metric("memory_rss", "Size of RSS in bytes.", used -> used.memory().anonymousBytes()),
            metric(
                    "memory_kernel_usage",
                    "Size of kernel memory allocated in bytes.",
                    used -> used.memory().kernelBytes()),
            metric(
                    "memory_mapped_file",
                    "Size of memory mapped files in bytes.",
                    used -> used.memory().mappedBytes()),
            metric(
                    "memory_swap",
                    "Container swap usage in bytes.",
                    used -> used.memory().swapBytes()),
            // A counter, whose name no library takes for one.
            metric(
                    "memory_failcnt",
                    "Number of memory usage hits limits",
                    used -> used.memory().failures()),
            metric(
                    "memory_usage_bytes",
                    "Current memory usage in bytes, including all memory regardless of when it was accessed",
                    used -> used.memory().bytes()),
            metric(
                    "memory_max_usage_bytes",
                    "Maximum memory usage recorded in bytes",
                    used -> used.memory().peakBytes()),
            metric(
                    "memory_working_set_bytes",
                    "Current working set in bytes.",
                    used -> used.memory().workingSetBytes()),
            metric(
                    "memory_total_active_file_bytes",
                    "Current total active file in bytes.",
                    used -> used.memory().activeFileBytes()),
            metric(
                    "memory_total_inactive_file_bytes",
                    "Current total inactive file in bytes.",
                    used -> used.memory().inactiveFileBytes()),
            metric(
                    "oom_events_total",
                    "Count of out of memory events observed for the container",
                    used -> used.memory().oomKills()),
            metric(
                    "processes",
                    "Number of processes running inside the container.",
                    used -> used.tasks().processes()),
            metric(
                    "threads",
                    "Number of threads running inside the container",
                    used -> used.tasks().threads()),
            metric(
                    "threads_max",
                    "Maximum number of threads allowed inside the container, infinity if value is zero",
                    used -> used.tasks().threadsMax().orElse(0)),
            metric(
                    "spec_cpu_period",
                    "CPU period of the container.",
                    used -> used.cpu().periodMicros()),
            metric(
                    "spec_cpu_shares",
                    "CPU share of the container.",
                    used -> used.cpu().shares()),
            metric(
                    "spec_memory_limit_bytes",
                    "Memory limit for the container.",
                    used -> used.memory().limitBytes().orElse(0)),
            metric(
                    "spec_memory_swap_limit_bytes",
                    "Memory swap limit for the container.",
                    used -> used.memory().swapLimitBytes().orElse(0)),
            metric("spec_memory_reservation_limit_bytes", "Memory reservation limit for the container.", _ -> 0));

    /** What there is only of those that have a quota. */
    private static final List<Metric> QUOTA = List.of(
            metric(
                    "spec_cpu_quota",
                    "CPU quota of the container.",
                    used -> used.cpu().quotaMicros().orElse(0)),
            metric(
                    "cpu_cfs_periods_total",
                    "Number of elapsed enforcement period intervals.",
                    used -> used.cpu().periods()),
            metric(
                    "cpu_cfs_throttled_periods_total",
                    "Number of throttled period intervals.",
                    used -> used.cpu().throttledPeriods()));

    private static final List<Metric> NANOSECONDS = List.of(
            metric(
                    "cpu_user_seconds_total",
                    "Cumulative user cpu time consumed in seconds.",
                    used -> used.cpu().userNanos()),
            metric(
                    "cpu_system_seconds_total",
                    "Cumulative system cpu time consumed in seconds.",
                    used -> used.cpu().systemNanos()));

    private static final List<Device> DEVICES = List.of(
            new Device("fs_reads_total", "Cumulative count of reads completed", DeviceUse::reads),
            new Device("fs_reads_bytes_total", "Cumulative count of bytes read", DeviceUse::readBytes),
            new Device("fs_writes_total", "Cumulative count of writes completed", DeviceUse::writes),
            new Device("fs_writes_bytes_total", "Cumulative count of bytes written", DeviceUse::writtenBytes));

    private final MetricTable table;
    private final Labels labels;
    private final Instant at;

    /** @param name without {@code container_} before it */
    private record Metric(String name, String help, ToLongFunction<CgroupUsage> value) {}

    private record Device(String name, String help, ToLongFunction<DeviceUse> value) {}

    private GroupMetrics(MetricTable table, Labels labels, Instant at) {
        this.table = table;
        this.labels = labels;
        this.at = at;
    }

    private static Metric metric(String name, String help, ToLongFunction<CgroupUsage> value) {
        return new Metric(name, help, value);
    }

    /** Adds what there is to tell of one. */
    static void add(MetricTable table, Labels labels, CgroupUsage used, Instant at) {
        GroupMetrics metrics = new GroupMetrics(table, labels, at);
        NUMBERS.forEach(metric -> metrics.add(labels, metric.name, metric.help, metric.value.applyAsLong(used)));
        NANOSECONDS.forEach(metric ->
                metrics.add(labels, metric.name, metric.help, MetricTable.seconds(metric.value.applyAsLong(used))));
        metrics.add(
                labels.add("cpu", "total"),
                "cpu_usage_seconds_total",
                "Cumulative cpu time consumed in seconds.",
                MetricTable.seconds(used.cpu().nanos()));
        if (used.cpu().quotaMicros().isPresent()) {
            QUOTA.forEach(metric -> metrics.add(labels, metric.name, metric.help, metric.value.applyAsLong(used)));
            metrics.add(
                    labels,
                    "cpu_cfs_throttled_seconds_total",
                    "Total time duration the container has been throttled.",
                    MetricTable.seconds(used.cpu().throttledNanos()));
        }
        metrics.failures("pgfault", used.memory().faults());
        metrics.failures("pgmajfault", used.memory().majorFaults());
        used.devices().forEach(metrics::device);
        used.pressure().ifPresent(pressure -> {
            metrics.stalls("cpu", "CPU", pressure, Pressure::cpu);
            metrics.stalls("memory", "memory", pressure, Pressure::memory);
            metrics.stalls("io", "IO", pressure, Pressure::io);
        });
    }

    private void add(Labels all, String name, String help, long value) {
        add(all, name, help, (double) value);
    }

    private void add(Labels all, String name, String help, double value) {
        if (name.endsWith("_total")) {
            table.counter("container_" + name, help, all, value, at);
        } else {
            table.gauge("container_" + name, help, all, value, name.startsWith("spec_") ? null : at);
        }
    }

    private void failures(String type, long count) {
        for (String scope : List.of("container", "hierarchy")) {
            add(
                    labels.merge(Labels.of("failure_type", type, "scope", scope)),
                    "memory_failures_total",
                    "Cumulative count of memory allocation failures.",
                    count);
        }
    }

    private void device(DeviceUse use) {
        Labels own = labels.add("device", BlockDevices.name(use.device()));
        DEVICES.forEach(metric -> add(own, metric.name, metric.help, metric.value.applyAsLong(use)));
        int colon = use.device().indexOf(':');
        Labels numbered = own.merge(Labels.of(
                "major",
                use.device().substring(0, Math.max(0, colon)),
                "minor",
                use.device().substring(colon + 1)));
        String help = "Blkio Device bytes usage";
        add(numbered.add("operation", "Read"), "blkio_device_usage_total", help, use.readBytes());
        add(numbered.add("operation", "Write"), "blkio_device_usage_total", help, use.writtenBytes());
    }

    private void stalls(String what, String word, Pressure pressure, Function<Pressure, CgroupUsage.Stall> of) {
        stall(
                what + "_stalled",
                "Total time duration no tasks in the container could make progress due to " + word + " congestion.",
                of.apply(pressure).full());
        stall(
                what + "_waiting",
                "Total time duration tasks in the container have waited due to " + word + " congestion.",
                of.apply(pressure).some());
    }

    private void stall(String what, String help, Share share) {
        add(labels, "pressure_" + what + "_seconds_total", help, share.totalMicros() / MICROS);
    }
}
