package io.keelson.agent.resources;

import io.keelson.agent.mounts.CgroupMounts;
import io.keelson.agent.resources.CgroupUsage.Cpu;
import io.keelson.agent.resources.CgroupUsage.DeviceUse;
import io.keelson.agent.resources.CgroupUsage.Memory;
import io.keelson.agent.resources.CgroupUsage.Pressure;
import io.keelson.agent.resources.CgroupUsage.Tasks;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Reads what cgroups use, of whatever version they are. A cgroup may go away at any moment; what cannot be read of it
 * then is zero. Any thread.
 */
public final class CgroupReader {
    /** More is what version 1 says for that there is no limit. */
    private static final long UNLIMITED = 1L << 60;

    /** Hundredths of a second, in which version 1 tells who used the processors. */
    private static final long TICK_NANOS = 10_000_000;

    private static final int DEPTH_MAX = 8;
    private static final int PROCESSES_MAX = 1 << 20;

    private final CgroupMounts mounts;
    private final CgroupTree tree;
    private final CgroupFiles files;
    private final boolean unified;

    CgroupReader(CgroupMounts mounts, CgroupFiles files) {
        this.mounts = mounts;
        this.files = files;
        tree = new CgroupTree(mounts, files);
        unified = mounts.isUnified();
    }

    /**
     * Of this machine.
     *
     * @throws IOException if it cannot be told where they are
     */
    public static CgroupReader ofMachine() throws IOException {
        return new CgroupReader(CgroupMounts.ofMachine(), CgroupFiles.KERNEL);
    }

    /** The names of the cgroups in one, {@code /kubepods} for one; none if it is not there. */
    public Set<String> children(String path) {
        try {
            return tree.children(path);
        } catch (IOException e) {
            // It went away meanwhile, with all that was in it.
            return Set.of();
        }
    }

    /** What a cgroup uses; empty if it is not there. */
    public Optional<CgroupUsage> read(String path) {
        Folders at = new Folders(path);
        if (!files.isFolder(at.memory) && !files.isFolder(at.cpu)) {
            return Optional.empty();
        }
        return Optional.of(new CgroupUsage(
                unified ? cpuUnified(at) : cpuEach(at),
                unified ? memoryUnified(at) : memoryEach(at),
                new Tasks(processes(at.pids, 0), number(at.pids, "pids.current"), limit(text(at.pids, "pids.max"))),
                unified ? devicesUnified(at) : devicesEach(at),
                pressure(at)));
    }

    /** A process in a cgroup, or in one below it. */
    public OptionalLong process(String path) {
        return process(new Folders(path).pids, 0);
    }

    private OptionalLong process(Path folder, int depth) {
        for (String line : text(folder, "cgroup.procs").split("\n", -1)) {
            if (number(line) > 0) {
                return OptionalLong.of(number(line));
            }
        }
        if (depth < DEPTH_MAX) {
            for (Path child : folders(folder)) {
                OptionalLong found = process(child, depth + 1);
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        return OptionalLong.empty();
    }

    /** Where the files of a cgroup are, by controller; all the same on version 2. */
    private final class Folders {
        private final Path cpu;
        private final Path accounting;
        private final Path memory;
        private final Path pids;
        private final Path io;
        private final Optional<Path> pressures;

        Folders(String path) {
            cpu = of("cpu", path);
            accounting = of("cpuacct", path);
            memory = of("memory", path);
            pids = of("pids", path);
            io = of("blkio", path);
            pressures = mounts.unified().map(root -> root.resolve(path.substring(1)));
        }

        private Path of(String controller, String path) {
            Path root = unified
                    ? mounts.unified().orElseThrow()
                    : mounts.of(controller).orElse(Path.of("/proc/self/no-such-controller"));
            return root.resolve(path.substring(1));
        }
    }

    private Cpu cpuEach(Folders at) {
        Map<String, Long> used = table(at.accounting, "cpuacct.stat");
        Map<String, Long> held = table(at.cpu, "cpu.stat");
        long quota = number(at.cpu, "cpu.cfs_quota_us");
        return new Cpu(
                number(at.accounting, "cpuacct.usage"),
                used.getOrDefault("user", 0L) * TICK_NANOS,
                used.getOrDefault("system", 0L) * TICK_NANOS,
                number(at.cpu, "cpu.shares"),
                number(at.cpu, "cpu.cfs_period_us"),
                quota > 0 ? OptionalLong.of(quota) : OptionalLong.empty(),
                held.getOrDefault("nr_periods", 0L),
                held.getOrDefault("nr_throttled", 0L),
                held.getOrDefault("throttled_time", 0L));
    }

    private Cpu cpuUnified(Folders at) {
        Map<String, Long> used = table(at.cpu, "cpu.stat");
        String[] quota = text(at.cpu, "cpu.max").split(" ", -1);
        long weight = number(at.cpu, "cpu.weight");
        return new Cpu(
                nanos(used.get("usage_usec")),
                nanos(used.get("user_usec")),
                nanos(used.get("system_usec")),
                weight == 0 ? 0 : CpuShares.ofWeight(weight),
                quota.length > 1 ? number(quota[1]) : 0,
                limit(quota[0]),
                used.getOrDefault("nr_periods", 0L),
                used.getOrDefault("nr_throttled", 0L),
                nanos(used.get("throttled_usec")));
    }

    private static long nanos(@Nullable Long micros) {
        return micros == null ? 0 : TimeUnit.MICROSECONDS.toNanos(micros);
    }

    private Memory memoryEach(Folders at) {
        Map<String, Long> parts = table(at.memory, "memory.stat");
        long bytes = number(at.memory, "memory.usage_in_bytes");
        long inactive = parts.getOrDefault("total_inactive_file", 0L);
        OptionalLong limit = limit(text(at.memory, "memory.limit_in_bytes"));
        OptionalLong both = limit(text(at.memory, "memory.memsw.limit_in_bytes"));
        return new Memory(
                bytes,
                Math.max(0, bytes - inactive),
                parts.getOrDefault("total_rss", 0L),
                parts.getOrDefault("total_cache", 0L),
                parts.getOrDefault("total_mapped_file", 0L),
                parts.getOrDefault("total_active_file", 0L),
                inactive,
                number(at.memory, "memory.kmem.usage_in_bytes"),
                number(at.memory, "memory.max_usage_in_bytes"),
                number(at.memory, "memory.failcnt"),
                parts.getOrDefault("total_pgfault", 0L),
                parts.getOrDefault("total_pgmajfault", 0L),
                limit,
                parts.getOrDefault("total_swap", 0L),
                limit.isPresent() && both.isPresent()
                        ? OptionalLong.of(Math.max(0, both.getAsLong() - limit.getAsLong()))
                        : OptionalLong.empty(),
                table(at.memory, "memory.oom_control").getOrDefault("oom_kill", 0L));
    }

    private Memory memoryUnified(Folders at) {
        Map<String, Long> parts = table(at.memory, "memory.stat");
        Map<String, Long> events = table(at.memory, "memory.events");
        long bytes = number(at.memory, "memory.current");
        long inactive = parts.getOrDefault("inactive_file", 0L);
        return new Memory(
                bytes,
                Math.max(0, bytes - inactive),
                parts.getOrDefault("anon", 0L),
                parts.getOrDefault("file", 0L),
                parts.getOrDefault("file_mapped", 0L),
                parts.getOrDefault("active_file", 0L),
                inactive,
                parts.getOrDefault("kernel", 0L),
                number(at.memory, "memory.peak"),
                events.getOrDefault("max", 0L),
                parts.getOrDefault("pgfault", 0L),
                parts.getOrDefault("pgmajfault", 0L),
                limit(text(at.memory, "memory.max")),
                number(at.memory, "memory.swap.current"),
                limit(text(at.memory, "memory.swap.max")),
                events.getOrDefault("oom_kill", 0L));
    }

    private long processes(Path folder, int depth) {
        long count = text(folder, "cgroup.procs")
                .lines()
                .filter(line -> !line.isEmpty())
                .count();
        if (depth < DEPTH_MAX) {
            for (Path child : folders(folder)) {
                count += processes(child, depth + 1);
                if (count > PROCESSES_MAX) {
                    return count;
                }
            }
        }
        return count;
    }

    private List<Path> folders(Path folder) {
        try {
            return files.folders(folder);
        } catch (IOException e) {
            // It went away meanwhile.
            return List.of();
        }
    }

    private List<DeviceUse> devicesEach(Folders at) {
        Map<String, long[]> devices = new TreeMap<>();
        sum(devices, text(at.io, "blkio.throttle.io_serviced_recursive"), 0);
        sum(devices, text(at.io, "blkio.throttle.io_service_bytes_recursive"), 1);
        return uses(devices);
    }

    /** @param first 0 for how often, 1 for how many bytes */
    private static void sum(Map<String, long[]> devices, String text, int first) {
        for (String line : text.split("\n", -1)) {
            String[] words = line.split(" ", -1);
            int kind = words.length < 3 ? -1 : words[1].equals("Read") ? 0 : words[1].equals("Write") ? 2 : -1;
            if (kind >= 0) {
                devices.computeIfAbsent(words[0], _ -> new long[4])[kind + first] += number(words[2]);
            }
        }
    }

    private List<DeviceUse> devicesUnified(Folders at) {
        Map<String, long[]> devices = new TreeMap<>();
        for (String line : text(at.io, "io.stat").split("\n", -1)) {
            String[] words = line.split(" ", -1);
            for (int i = 1; i < words.length; i++) {
                int equals = words[i].indexOf('=');
                int place = equals < 0
                        ? -1
                        : List.of("rios", "rbytes", "wios", "wbytes").indexOf(words[i].substring(0, equals));
                if (place >= 0) {
                    devices.computeIfAbsent(words[0], _ -> new long[4])[place] = number(words[i].substring(equals + 1));
                }
            }
        }
        return uses(devices);
    }

    private static List<DeviceUse> uses(Map<String, long[]> devices) {
        List<DeviceUse> uses = new ArrayList<>();
        devices.forEach(
                (device, counts) -> uses.add(new DeviceUse(device, counts[0], counts[1], counts[2], counts[3])));
        return uses;
    }

    private Optional<Pressure> pressure(Folders at) {
        if (at.pressures.isEmpty()) {
            return Optional.empty();
        }
        String cpu = text(at.pressures.get(), "cpu.pressure");
        return cpu.isEmpty()
                ? Optional.empty()
                : Optional.of(new Pressure(
                        PressureText.of(cpu),
                        PressureText.of(text(at.pressures.get(), "memory.pressure")),
                        PressureText.of(text(at.pressures.get(), "io.pressure"))));
    }

    private String text(Path folder, String name) {
        try {
            return files.read(folder.resolve(name)).orElse("");
        } catch (IOException e) {
            // The cgroup went away while the file was open, or the kernel does not count this now.
            return "";
        }
    }

    private long number(Path folder, String name) {
        return number(text(folder, name));
    }

    private static long number(String text) {
        try {
            return text.isEmpty() ? 0 : Long.parseLong(text.strip());
        } catch (NumberFormatException e) {
            // max, or more than there is.
            return 0;
        }
    }

    private static OptionalLong limit(String text) {
        long limit = number(text);
        boolean isNone = text.isEmpty() || text.equals("max") || limit < 0 || limit >= UNLIMITED;
        return isNone ? OptionalLong.empty() : OptionalLong.of(limit);
    }

    private Map<String, Long> table(Path folder, String name) {
        Map<String, Long> table = new HashMap<>();
        for (String line : text(folder, name).split("\n", -1)) {
            int space = line.indexOf(' ');
            if (space > 0) {
                table.put(line.substring(0, space), number(line.substring(space + 1)));
            }
        }
        return table;
    }
}
