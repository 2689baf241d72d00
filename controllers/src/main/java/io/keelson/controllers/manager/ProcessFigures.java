package io.keelson.controllers.manager;

import com.sun.management.UnixOperatingSystemMXBean;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What each component tells of its process under the names that dashboards look for: its version, and what it takes of the
 * machine. Several components in one process tell the same.
 */
public final class ProcessFigures {
    private static final double NANOS = 1e9;
    private static final double MILLIS = 1e3;
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");
    private static final Pattern VIRTUAL = Pattern.compile("VmSize:\\s+(\\d+) kB");

    private ProcessFigures() {}

    /** Tells of this process in a registry, whenever it is asked. */
    public static void register(PrometheusRegistry registry) {
        String[] version = KubernetesVersion.NUMBER.substring(1).split("\\.", -1);
        GaugeWithCallback.builder()
                .name("kubernetes_build_info")
                .help("Which version is running: always 1")
                .labelNames("git_version", "major", "minor", "platform")
                .callback(callback -> callback.call(
                        1, KubernetesVersion.NUMBER, version[0], version[1], "linux/" + System.getProperty("os.arch")))
                .register(registry);
        double start = ManagementFactory.getRuntimeMXBean().getStartTime() / MILLIS;
        gauge(registry, "process_start_time_seconds", "When the process was started, since 1970", () -> start);
        gauge(registry, "process_resident_memory_bytes", "Memory that is held", () -> status(RESIDENT));
        gauge(registry, "process_virtual_memory_bytes", "Memory that is addressed", () -> status(VIRTUAL));
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix) {
            CounterWithCallback.builder()
                    .name("process_cpu_seconds_total")
                    .help("Time on processors")
                    .callback(callback -> callback.call(unix.getProcessCpuTime() / NANOS))
                    .register(registry);
            gauge(registry, "process_open_fds", "Files that are open", unix::getOpenFileDescriptorCount);
            gauge(registry, "process_max_fds", "Files that may be open", unix::getMaxFileDescriptorCount);
        }
    }

    /** Whether the process holds a lease. */
    static void leads(PrometheusRegistry registry, String lease, BooleanSupplier leads) {
        GaugeWithCallback.builder()
                .name("leader_election_master_status")
                .help("Whether this process holds the lease: 1 if it does, 0 if it waits for it")
                .labelNames("name")
                .callback(callback -> callback.call(leads.getAsBoolean() ? 1 : 0, lease))
                .register(registry);
    }

    private static void gauge(PrometheusRegistry registry, String name, String help, DoubleSupplier value) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .callback(callback -> callback.call(value.getAsDouble()))
                .register(registry);
    }

    /** In bytes; 0 where the kernel does not say. */
    private static double status(Pattern line) {
        try {
            Matcher matcher = line.matcher(Files.readString(STATUS));
            return matcher.find() ? Double.parseDouble(matcher.group(1)) * 1024 : 0;
        } catch (IOException e) {
            return 0;
        }
    }
}
