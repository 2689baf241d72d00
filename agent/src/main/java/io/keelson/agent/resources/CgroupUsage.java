package io.keelson.agent.resources;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a cgroup uses, with all that is in it. What the machine does not count is zero, and counters go on from when the
 * cgroup was made. Limits are empty where there are none.
 *
 * @param devices what was read from disks and written to them, by device
 * @param pressure how long its tasks waited; empty where the kernel does not count that for cgroups
 */
public record CgroupUsage(Cpu cpu, Memory memory, Tasks tasks, List<DeviceUse> devices, Optional<Pressure> pressure) {
    /** Keeps a copy. */
    public CgroupUsage {
        devices = List.copyOf(devices);
    }

    /**
     * Time of processors, in nanoseconds.
     *
     * @param shares as version 1 has them
     * @param periodMicros over which a quota counts
     * @param quotaMicros how much of each period it may have
     * @param periods how many there were in which it wanted to run
     * @param throttledPeriods in how many of these it was held up
     */
    public record Cpu(
            long nanos,
            long userNanos,
            long systemNanos,
            long shares,
            long periodMicros,
            OptionalLong quotaMicros,
            long periods,
            long throttledPeriods,
            long throttledNanos) {}

    /**
     * Memory, in bytes.
     *
     * @param bytes all of it, files that are kept in memory among them
     * @param workingSetBytes the same without files that nobody has read again
     * @param anonymousBytes what is no file
     * @param peakBytes the most there ever was
     * @param failures how often the limit was met
     * @param swapLimitBytes of swap alone
     */
    public record Memory(
            long bytes,
            long workingSetBytes,
            long anonymousBytes,
            long cacheBytes,
            long mappedBytes,
            long activeFileBytes,
            long inactiveFileBytes,
            long kernelBytes,
            long peakBytes,
            long failures,
            long faults,
            long majorFaults,
            OptionalLong limitBytes,
            long swapBytes,
            OptionalLong swapLimitBytes,
            long oomKills) {
        /** What is left of the limit. */
        public OptionalLong availableBytes() {
            return limitBytes.isEmpty()
                    ? OptionalLong.empty()
                    : OptionalLong.of(Math.max(0, limitBytes.getAsLong() - workingSetBytes));
        }
    }

    /**
     * What runs.
     *
     * @param processes those of cgroups in it among them
     * @param threads of these
     * @param threadsMax how many there may be
     */
    public record Tasks(long processes, long threads, OptionalLong threadsMax) {}

    /** @param device its numbers, {@code 8:0} */
    public record DeviceUse(String device, long reads, long readBytes, long writes, long writtenBytes) {}

    /** For what tasks waited: some of them, or all. */
    public record Pressure(Stall cpu, Stall memory, Stall io) {}

    /** Waiting of some tasks, and of all at once. */
    public record Stall(Share some, Share full) {}

    /**
     * Waiting.
     *
     * @param avg10 percent of the last ten seconds, as the others
     * @param totalMicros all of it
     */
    public record Share(double avg10, double avg60, double avg300, long totalMicros) {
        /** None. */
        public static final Share NONE = new Share(0, 0, 0, 0);
    }
}
