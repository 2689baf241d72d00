package io.keelson.agent.resources;

import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * Limits of a cgroup. What is empty is left as it is; {@link #UNLIMITED} takes a limit away.
 *
 * @param cpuShares 2 to 262,144
 * @param cpuQuotaMicros how long its processes may run in each period
 * @param cpuPeriodMicros the period
 * @param memoryBytes of all its processes together
 * @param pids processes and threads
 * @param hugepageBytes by the size of pages
 * @param unified files of version 2 and what to write there
 */
record CgroupLimits(
        OptionalLong cpuShares,
        OptionalLong cpuQuotaMicros,
        OptionalLong cpuPeriodMicros,
        OptionalLong memoryBytes,
        OptionalLong pids,
        Map<Long, Long> hugepageBytes,
        Map<String, String> unified) {
    /** No limit. */
    static final long UNLIMITED = -1;

    static final CgroupLimits NONE = new CgroupLimits(
            OptionalLong.empty(),
            OptionalLong.empty(),
            OptionalLong.empty(),
            OptionalLong.empty(),
            OptionalLong.empty(),
            Map.of(),
            Map.of());

    CgroupLimits {
        hugepageBytes = new TreeMap<>(hugepageBytes);
        unified = new TreeMap<>(unified);
    }

    CgroupLimits withShares(long shares) {
        return new CgroupLimits(
                OptionalLong.of(shares), cpuQuotaMicros, cpuPeriodMicros, memoryBytes, pids, hugepageBytes, unified);
    }

    CgroupLimits withQuota(long micros, long periodMicros) {
        return new CgroupLimits(
                cpuShares,
                OptionalLong.of(micros),
                OptionalLong.of(periodMicros),
                memoryBytes,
                pids,
                hugepageBytes,
                unified);
    }

    CgroupLimits withMemory(long bytes) {
        return new CgroupLimits(
                cpuShares, cpuQuotaMicros, cpuPeriodMicros, OptionalLong.of(bytes), pids, hugepageBytes, unified);
    }

    CgroupLimits withPids(long max) {
        return new CgroupLimits(
                cpuShares, cpuQuotaMicros, cpuPeriodMicros, memoryBytes, OptionalLong.of(max), hugepageBytes, unified);
    }

    CgroupLimits withHugepages(Map<Long, Long> bytes) {
        return new CgroupLimits(cpuShares, cpuQuotaMicros, cpuPeriodMicros, memoryBytes, pids, bytes, unified);
    }

    CgroupLimits withUnified(Map<String, String> files) {
        return new CgroupLimits(cpuShares, cpuQuotaMicros, cpuPeriodMicros, memoryBytes, pids, hugepageBytes, files);
    }
}
