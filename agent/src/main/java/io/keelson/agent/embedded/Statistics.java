package io.keelson.agent.embedded;

import io.keelson.agent.embedded.images.Snapshots;
import io.keelson.agent.mounts.CgroupMounts;
import io.keelson.agent.wire.cri.ContainerStats;
import io.keelson.agent.wire.cri.CpuUsage;
import io.keelson.agent.wire.cri.FilesystemIdentifier;
import io.keelson.agent.wire.cri.FilesystemUsage;
import io.keelson.agent.wire.cri.IoUsage;
import io.keelson.agent.wire.cri.LinuxPodSandboxStats;
import io.keelson.agent.wire.cri.MemoryUsage;
import io.keelson.agent.wire.cri.NetworkInterfaceUsage;
import io.keelson.agent.wire.cri.NetworkUsage;
import io.keelson.agent.wire.cri.PodSandboxStats;
import io.keelson.agent.wire.cri.ProcessUsage;
import io.keelson.agent.wire.cri.SwapUsage;
import io.keelson.agent.wire.cri.UInt64Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What containers and pods use, as their cgroups count it. */
final class Statistics {
    private static final long UNLIMITED = 1L << 60;
    private static final long RATE_WINDOW_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long LAYER_NANOS = Duration.ofSeconds(15).toNanos();
    private static final String DEFAULT_INTERFACE = "eth0";

    private final RuntimeSettings settings;
    private final Inventory inventory;
    private final CgroupFiles files;
    private final Map<String, Sample> samples = new ConcurrentHashMap<>();
    private final Map<String, LayerUsage> layers = new ConcurrentHashMap<>();

    /** The processor time used at a moment, and the rate that was found then. */
    private record Sample(long at, long nanos, long rate) {}

    private record LayerUsage(long at, Snapshots.Usage usage) {}

    Statistics(RuntimeSettings settings, Inventory inventory, CgroupMounts mounts) {
        this.settings = settings;
        this.inventory = inventory;
        this.files = new CgroupFiles(mounts);
    }

    ContainerStats of(Container container) {
        long now = Clocks.nanos(settings.time());
        ContainerStats.Builder stats = ContainerStats.newBuilder().setAttributes(Descriptions.attributes(container));
        if (container.run().isRunning()) {
            stats.setCpu(cpu(container.id(), container.cgroup(), now))
                    .setMemory(memory(container.cgroup(), now))
                    .setSwap(swap(container.cgroup(), now))
                    .setIo(IoUsage.newBuilder()
                            .setTimestamp(now)
                            .setPsi(files.pressure(container.cgroup(), "io.pressure")));
        }
        FilesystemUsage layer = layer(container, now);
        return layer == null ? stats.build() : stats.setWritableLayer(layer).build();
    }

    PodSandboxStats of(Sandbox sandbox) {
        long now = Clocks.nanos(settings.time());
        LinuxPodSandboxStats.Builder stats = LinuxPodSandboxStats.newBuilder();
        String cgroup = sandbox.config().getLinux().getCgroupParent();
        if (!cgroup.isEmpty()) {
            stats.setCpu(cpu(sandbox.id(), cgroup, now))
                    .setMemory(memory(cgroup, now))
                    .setIo(IoUsage.newBuilder().setTimestamp(now).setPsi(files.pressure(cgroup, "io.pressure")));
        }
        long processes = 0;
        for (Container container : sandbox.containers().values()) {
            if (container.run().isRunning()) {
                stats.addContainers(of(container));
                processes += files.processes(container.cgroup());
            }
        }
        stats.setProcess(ProcessUsage.newBuilder().setTimestamp(now).setProcessCount(value(processes)));
        if (sandbox.hasOwnNetwork() && sandbox.isReady()) {
            stats.setNetwork(network(sandbox, now));
        }
        return PodSandboxStats.newBuilder()
                .setAttributes(Descriptions.attributes(sandbox))
                .setLinux(stats)
                .build();
    }

    /** Forgets containers and sandboxes that are gone. */
    void forget(String id) {
        samples.remove(id);
        layers.remove(id);
    }

    private CpuUsage cpu(String id, String cgroup, long now) {
        long nanos = files.cpuNanos(cgroup);
        Sample sample = samples.merge(id, new Sample(now, nanos, -1), (before, fresh) -> {
            long passed = fresh.at() - before.at();
            if (passed < RATE_WINDOW_NANOS && before.rate() >= 0) {
                return before;
            }
            long used = Math.max(0, fresh.nanos() - before.nanos());
            return passed <= 0 ? fresh : new Sample(fresh.at(), fresh.nanos(), (long) (used * 1e9 / passed));
        });
        CpuUsage.Builder usage = CpuUsage.newBuilder()
                .setTimestamp(now)
                .setUsageCoreNanoSeconds(value(nanos))
                .setPsi(files.pressure(cgroup, "cpu.pressure"));
        return sample.rate() < 0
                ? usage.build()
                : usage.setUsageNanoCores(value(sample.rate())).build();
    }

    private MemoryUsage memory(String cgroup, long now) {
        CgroupFiles.Memory memory = files.memory(cgroup);
        MemoryUsage.Builder usage = MemoryUsage.newBuilder()
                .setTimestamp(now)
                .setUsageBytes(value(memory.usage()))
                .setWorkingSetBytes(value(memory.workingSet()))
                .setRssBytes(value(memory.anonymous()))
                .setPageFaults(value(memory.faults()))
                .setMajorPageFaults(value(memory.majorFaults()))
                .setPsi(files.pressure(cgroup, "memory.pressure"));
        return memory.limit() > 0 && memory.limit() < UNLIMITED
                ? usage.setAvailableBytes(value(Math.max(0, memory.limit() - memory.workingSet())))
                        .build()
                : usage.build();
    }

    private SwapUsage swap(String cgroup, long now) {
        CgroupFiles.Memory memory = files.memory(cgroup);
        SwapUsage.Builder usage = SwapUsage.newBuilder().setTimestamp(now).setSwapUsageBytes(value(memory.swap()));
        return memory.swapLimit() >= 0 && memory.swapLimit() < UNLIMITED
                ? usage.setSwapAvailableBytes(value(Math.max(0, memory.swapLimit() - memory.swap())))
                        .build()
                : usage.build();
    }

    /** Looking through a large layer takes long, so it is not done at each question. */
    private @Nullable FilesystemUsage layer(Container container, long now) {
        LayerUsage known = layers.get(container.id());
        if (known == null || now - known.at() > LAYER_NANOS || now < known.at()) {
            try {
                known = new LayerUsage(now, settings.images().snapshots().usage(container.id()));
                if (inventory.findContainer(container.id()) != null) {
                    layers.put(container.id(), known);
                }
            } catch (IOException gone) {
                return null;
            }
        }
        return FilesystemUsage.newBuilder()
                .setTimestamp(known.at())
                .setFsId(FilesystemIdentifier.newBuilder()
                        .setMountpoint(settings.root().toString()))
                .setUsedBytes(value(known.usage().bytes()))
                .setInodesUsed(value(known.usage().inodes()))
                .build();
    }

    private static NetworkUsage network(Sandbox sandbox, long now) {
        NetworkUsage.Builder usage = NetworkUsage.newBuilder().setTimestamp(now);
        List<String> lines;
        try {
            lines = Files.readAllLines(Path.of("/proc/" + sandbox.shimPid() + "/net/dev"));
        } catch (IOException gone) {
            return usage.build();
        }
        for (String line : lines) {
            int colon = line.indexOf(':');
            String[] counts = line.substring(colon + 1).strip().split("\\s+", -1);
            String name = colon < 0 ? "" : line.substring(0, colon).strip();
            if (counts.length < 11 || name.isEmpty() || name.equals("lo")) {
                continue;
            }
            NetworkInterfaceUsage one = NetworkInterfaceUsage.newBuilder()
                    .setName(name)
                    .setRxBytes(value(Long.parseUnsignedLong(counts[0])))
                    .setRxErrors(value(Long.parseUnsignedLong(counts[2])))
                    .setTxBytes(value(Long.parseUnsignedLong(counts[8])))
                    .setTxErrors(value(Long.parseUnsignedLong(counts[10])))
                    .build();
            if (name.equals(DEFAULT_INTERFACE)) {
                usage.setDefaultInterface(one);
            } else {
                usage.addInterfaces(one);
            }
        }
        return usage.build();
    }

    private static UInt64Value value(long number) {
        return UInt64Value.newBuilder().setValue(number).build();
    }
}
