package io.keelson.kvstore.metrics;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What Prometheus clients tell of their process, read from the JDK and from {@code /proc} where there is one. */
public final class ProcessMetrics {
    private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");
    private static final Pattern VIRTUAL = Pattern.compile("VmSize:\\s+(\\d+) kB");

    private static final Pattern ADDRESS_SPACE = Pattern.compile("Max address space\\s+(\\S+)");

    private ProcessMetrics() {}

    public static void addTo(Metrics metrics) {
        OperatingSystemMXBean system = ManagementFactory.getOperatingSystemMXBean();
        double startSeconds = ManagementFactory.getRuntimeMXBean().getStartTime() / 1000.0;
        metrics.gauge(
                "process_start_time_seconds",
                "Start time of the process since unix epoch in seconds.",
                () -> startSeconds);
        metrics.gauge(
                "process_resident_memory_bytes", "Resident memory size in bytes.", () -> kilobytes(RESIDENT) * 1024);
        metrics.gauge("process_virtual_memory_bytes", "Virtual memory size in bytes.", () -> kilobytes(VIRTUAL) * 1024);
        metrics.gauge(
                "process_virtual_memory_max_bytes",
                "Maximum amount of virtual memory available in bytes.",
                ProcessMetrics::addressSpaceMax);
        metrics.counter(
                "process_network_receive_bytes_total",
                "Number of bytes received by the process over the network.",
                () -> internetBytes("InOctets"));
        metrics.counter(
                "process_network_transmit_bytes_total",
                "Number of bytes sent by the process over the network.",
                () -> internetBytes("OutOctets"));
        if (system instanceof UnixOperatingSystemMXBean unix) {
            metrics.counter(
                    "process_cpu_seconds_total",
                    "Total user and system CPU time spent in seconds.",
                    () -> unix.getProcessCpuTime() / 1e9);
            metrics.gauge("process_open_fds", "Number of open file descriptors.", unix::getOpenFileDescriptorCount);
            metrics.gauge(
                    "process_max_fds", "Maximum number of open file descriptors.", unix::getMaxFileDescriptorCount);
            metrics.gauge("os_fd_used", "The number of used file descriptors.", unix::getOpenFileDescriptorCount);
            metrics.gauge("os_fd_limit", "The file descriptor limit.", unix::getMaxFileDescriptorCount);
        }
        metrics.gauge(
                "jvm_memory_used_bytes",
                "Used heap of the Java process.",
                () -> ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        metrics.gauge(
                "jvm_threads_live",
                "Live platform threads of the Java process.",
                () -> ManagementFactory.getThreadMXBean().getThreadCount());
        metrics.counter(
                "jvm_gc_seconds_total",
                "Time spent in garbage collection in seconds.",
                () -> ManagementFactory.getGarbageCollectorMXBeans().stream()
                                .mapToLong(GarbageCollectorMXBean::getCollectionTime)
                                .sum()
                        / 1000.0);
    }

    /** As the figure for "unlimited", the largest number of 64 bits, as in Go's client. */
    private static double addressSpaceMax() {
        try {
            Matcher matcher = ADDRESS_SPACE.matcher(Files.readString(Path.of("/proc/self/limits")));
            return matcher.find() && !matcher.group(1).equals("unlimited")
                    ? Double.parseDouble(matcher.group(1))
                    : 0x1p64;
        } catch (IOException e) {
            // Not on Linux: nothing is known of a limit.
            return 0x1p64;
        }
    }

    /** What the network namespace of this process has counted; Go's client calls that the process. */
    private static double internetBytes(String column) {
        try {
            List<String[]> rows = Files.readAllLines(Path.of("/proc/self/net/netstat")).stream()
                    .filter(line -> line.startsWith("IpExt:"))
                    .map(line -> line.split(" "))
                    .toList();
            int place = rows.size() < 2 ? -1 : List.of(rows.get(0)).indexOf(column);
            return place < 0 || place >= rows.get(1).length ? 0 : Double.parseDouble(rows.get(1)[place]);
        } catch (IOException e) {
            // Not on Linux: the figure is not to be had.
            return 0;
        }
    }

    private static double kilobytes(Pattern pattern) {
        try {
            Matcher matcher = pattern.matcher(Files.readString(Path.of("/proc/self/status")));
            return matcher.find() ? Double.parseDouble(matcher.group(1)) : 0;
        } catch (IOException e) {
            // Not on Linux: the figure is not to be had.
            return 0;
        }
    }
}
