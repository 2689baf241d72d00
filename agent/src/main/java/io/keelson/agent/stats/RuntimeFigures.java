package io.keelson.agent.stats;

import io.keelson.agent.resources.CgroupUsage;
import io.keelson.agent.resources.CgroupUsage.Cpu;
import io.keelson.agent.resources.CgroupUsage.Memory;
import io.keelson.agent.resources.CgroupUsage.Tasks;
import io.keelson.agent.wire.cri.ContainerStats;
import io.keelson.agent.wire.cri.MemoryUsage;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** What a runtime tells of a container whose cgroup is not found here, as if it were. */
final class RuntimeFigures {
    private RuntimeFigures() {}

    /** Empty if it tells neither of processors nor of memory. */
    static Optional<CgroupUsage> usage(ContainerStats stats) {
        if (!stats.hasCpu() || !stats.hasMemory()) {
            return Optional.empty();
        }
        MemoryUsage memory = stats.getMemory();
        long workingSet = memory.getWorkingSetBytes().getValue();
        OptionalLong limit = memory.hasAvailableBytes()
                        && memory.getAvailableBytes().getValue() > 0
                ? OptionalLong.of(workingSet + memory.getAvailableBytes().getValue())
                : OptionalLong.empty();
        return Optional.of(new CgroupUsage(
                new Cpu(stats.getCpu().getUsageCoreNanoSeconds().getValue(), 0, 0, 0, 0, OptionalLong.empty(), 0, 0, 0),
                new Memory(
                        memory.getUsageBytes().getValue(),
                        workingSet,
                        memory.getRssBytes().getValue(),
                        0,
                        0,
                        0,
                        0,
                        0,
                        0,
                        0,
                        memory.getPageFaults().getValue(),
                        memory.getMajorPageFaults().getValue(),
                        limit,
                        stats.getSwap().getSwapUsageBytes().getValue(),
                        OptionalLong.empty(),
                        0),
                new Tasks(0, 0, OptionalLong.empty()),
                List.of(),
                Optional.empty()));
    }
}
