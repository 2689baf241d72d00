package io.keelson.agent.resources;

import java.time.Duration;

/**
 * What an administrator says about cgroups.
 *
 * @param root the cgroup under which that of all pods is, {@code /} or {@code /a/b} ({@code --cgroup-root})
 * @param cpuQuota whether limits of processors are enforced ({@code cpuCFSQuota})
 * @param cpuPeriod over which they are ({@code cpuCFSQuotaPeriod})
 * @param pidsMax processes and threads of a pod; not positive for any number ({@code podPidsLimit})
 * @param memoryQos whether version 2 of cgroups protects what is asked for and throttles before the limit ({@code
 *     MemoryQoS})
 * @param memoryThrottling which part of the way to the limit is free ({@code memoryThrottlingFactor})
 * @param singleProcessOomKill whether only the process dies that is out of memory, and not its container
 */
public record ResourceSettings(
        String root,
        boolean cpuQuota,
        Duration cpuPeriod,
        long pidsMax,
        boolean memoryQos,
        double memoryThrottling,
        boolean singleProcessOomKill) {
    /** Those of the kubelet. */
    public static final ResourceSettings DEFAULTS =
            new ResourceSettings("/", true, Duration.ofMillis(100), -1, false, 0.9, false);

    /** Checks them. */
    public ResourceSettings {
        if (!root.startsWith("/") || root.contains("//") || root.contains("/../") || root.endsWith("/..")) {
            throw new IllegalArgumentException(
                    "invalid configuration: cgroup-root \"" + root + "\" must be an absolute path");
        }
        if (cpuPeriod.compareTo(Duration.ofMillis(1)) < 0 || cpuPeriod.compareTo(Duration.ofSeconds(1)) > 0) {
            throw new IllegalArgumentException(
                    "invalid configuration: cpuCFSQuotaPeriod must be between 1ms and 1sec, inclusive");
        }
        if (memoryQos && (memoryThrottling <= 0 || memoryThrottling > 1)) {
            throw new IllegalArgumentException("invalid configuration: memoryThrottlingFactor " + memoryThrottling
                    + " must be greater than 0 and " + "less than or equal to 1.0");
        }
    }

    /** The cgroup of all pods, {@code /kubepods}. */
    public String podsCgroup() {
        return root.replaceFirst("/+$", "") + "/kubepods";
    }

    long cpuPeriodMicros() {
        return cpuPeriod.toNanos() / 1000;
    }
}
