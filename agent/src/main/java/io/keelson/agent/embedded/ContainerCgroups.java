package io.keelson.agent.embedded;

import io.keelson.agent.mounts.CgroupMounts;
import io.keelson.agent.wire.cri.HugepageLimit;
import io.keelson.agent.wire.cri.LinuxContainerResources;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The cgroups of containers: made, limited, and taken away. What the machine has is used: version 1, version 2, or
 * version 1 with 2 beside it for what only that can, as killing all of a cgroup at once.
 */
final class ContainerCgroups {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]*");
    private static final int REMOVE_TRIES = 200;

    private final CgroupMounts mounts;

    ContainerCgroups(CgroupMounts mounts) {
        this.mounts = mounts;
    }

    CgroupMounts mounts() {
        return mounts;
    }

    /** A path below the root of the hierarchies; nothing in it leads upwards. */
    static String checked(String path) {
        if (!path.startsWith("/") || Path.of(path).normalize().toString().length() != path.length()) {
            throw RuntimeProblem.invalid("cgroup_parent " + path + " is no absolute, clean path");
        }
        return path;
    }

    /** Makes a cgroup in all hierarchies, with its parents; right when it is there. */
    List<Path> make(String path) throws IOException {
        List<Path> folders = mounts.folders(path);
        for (Path folder : folders) {
            Files.createDirectories(folder);
        }
        Optional<Path> cpuset = mounts.of("cpuset");
        if (cpuset.isPresent()) {
            inheritCpuset(cpuset.get(), path);
        } else if (mounts.isUnified()) {
            enableControllers(mounts.unified().orElseThrow(), path);
        }
        return folders;
    }

    private static void inheritCpuset(Path mount, String path) throws IOException {
        Path parent = mount;
        for (Path name : Path.of(path)) {
            Path folder = parent.resolve(name);
            for (String file : List.of("cpuset.cpus", "cpuset.mems")) {
                if (read(folder.resolve(file)).isEmpty()) {
                    write(folder.resolve(file), read(parent.resolve(file)));
                }
            }
            parent = folder;
        }
    }

    private static void enableControllers(Path mount, String path) throws IOException {
        Path parent = mount;
        for (Path name : Path.of(path)) {
            String enabled = " " + read(parent.resolve("cgroup.subtree_control")) + " ";
            for (String controller : read(parent.resolve("cgroup.controllers")).split(" ", -1)) {
                if (!controller.isEmpty() && !enabled.contains(" " + controller + " ")) {
                    try {
                        write(parent.resolve("cgroup.subtree_control"), "+" + controller);
                    } catch (IOException unusable) {
                        // One controller less; what needs it fails with the file's name.
                    }
                }
            }
            parent = parent.resolve(name);
        }
    }

    /** Sets what is not zero or empty. */
    void limit(String path, LinuxContainerResources resources) throws IOException {
        if (mounts.isUnified()) {
            limitVersionTwo(path, resources);
        } else {
            limitVersionOne(path, resources);
        }
        for (HugepageLimit limit : resources.getHugepageLimitsList()) {
            String name = "hugetlb." + name(limit.getPageSize());
            Optional<Path> file = mounts.file(path, "hugetlb", name + ".limit_in_bytes", name + ".max")
                    .or(() -> mounts.unified(path).map(folder -> folder.resolve(name + ".max")));
            // Containers are told a limit of zero for sizes that the machine may not have.
            if (file.isPresent() && (limit.getLimit() != 0 || Files.exists(file.get()))) {
                write(file.get(), Long.toUnsignedString(limit.getLimit()));
            }
        }
        set(path, "cpuset", "cpuset.cpus", "cpuset.cpus", resources.getCpusetCpus());
        set(path, "cpuset", "cpuset.mems", "cpuset.mems", resources.getCpusetMems());
        for (var entry : resources.getUnifiedMap().entrySet()) {
            if (mounts.isUnified()) {
                write(mounts.unified(path).orElseThrow().resolve(name(entry.getKey())), entry.getValue());
            }
        }
    }

    private void limitVersionOne(String path, LinuxContainerResources resources) throws IOException {
        if (resources.getCpuShares() > 0) {
            set(path, "cpu", "cpu.shares", "", Long.toString(resources.getCpuShares()));
        }
        setQuotaVersionOne(path, resources);
        long memory = resources.getMemoryLimitInBytes();
        long swap = resources.getMemorySwapLimitInBytes();
        if (memory == 0) {
            return;
        }
        Path limit = mounts.file(path, "memory", "memory.limit_in_bytes", "")
                .orElseThrow(() -> new IOException("this machine cannot limit memory: it has no memory cgroups"));
        Path both = limit.resolveSibling("memory.memsw.limit_in_bytes");
        if (swap == 0 || !Files.exists(both)) {
            write(limit, Long.toString(memory));
            return;
        }
        // Memory with swap must not be less than memory alone at any moment.
        try {
            write(limit, Long.toString(memory));
            write(both, Long.toString(swap));
        } catch (IOException aboveTheOther) {
            write(both, Long.toString(swap));
            write(limit, Long.toString(memory));
        }
    }

    /**
     * The quota must fit the period at any moment, and the pod's: which of them may go first depends on what is there.
     */
    private void setQuotaVersionOne(String path, LinuxContainerResources resources) throws IOException {
        String period = resources.getCpuPeriod() > 0 ? Long.toString(resources.getCpuPeriod()) : "";
        String quota = resources.getCpuQuota() != 0 ? Long.toString(resources.getCpuQuota()) : "";
        try {
            set(path, "cpu", "cpu.cfs_period_us", "", period);
        } catch (IOException tooShort) {
            set(path, "cpu", "cpu.cfs_quota_us", "", quota);
            set(path, "cpu", "cpu.cfs_period_us", "", period);
        }
        set(path, "cpu", "cpu.cfs_quota_us", "", quota);
    }

    private void limitVersionTwo(String path, LinuxContainerResources resources) throws IOException {
        if (resources.getCpuShares() > 0) {
            set(path, "cpu", "", "cpu.weight", Long.toString(weight(resources.getCpuShares())));
        }
        if (resources.getCpuQuota() != 0 || resources.getCpuPeriod() > 0) {
            long period = resources.getCpuPeriod() > 0 ? resources.getCpuPeriod() : 100_000;
            String quota = resources.getCpuQuota() > 0 ? Long.toString(resources.getCpuQuota()) : "max";
            set(path, "cpu", "", "cpu.max", quota + " " + period);
        }
        long memory = resources.getMemoryLimitInBytes();
        long both = resources.getMemorySwapLimitInBytes();
        if (memory != 0) {
            set(path, "memory", "", "memory.max", memory < 0 ? "max" : Long.toString(memory));
        }
        Optional<Path> swap = mounts.file(path, "memory", "", "memory.swap.max").filter(Files::exists);
        if (both != 0 && swap.isPresent()) {
            write(swap.get(), both < 0 ? "max" : Long.toString(Math.max(0, both - Math.max(0, memory))));
        }
    }

    /** Shares of version 1, 2 to 262144, as weight of version 2, 1 to 10000. */
    static long weight(long shares) {
        return 1 + (Math.clamp(shares, 2L, 262_144L) - 2) * 9999L / 262_142L;
    }

    /** Which devices may be used, by version 1's controller; nothing where it is missing. */
    void allowDevices(String path, boolean all, List<String> rules) throws IOException {
        Optional<Path> mount = mounts.of("devices");
        if (mount.isEmpty()) {
            return;
        }
        Path folder = CgroupMounts.below(mount.get(), path);
        if (all) {
            write(folder.resolve("devices.allow"), "a");
            return;
        }
        write(folder.resolve("devices.deny"), "a");
        for (String rule : rules) {
            write(folder.resolve("devices.allow"), rule);
        }
    }

    /** The file with the line {@code oom_kill}; empty if the machine does not count. */
    Optional<Path> memoryEvents(String path) {
        return mounts.file(path, "memory", "memory.oom_control", "memory.events");
    }

    /** Kills all processes in a cgroup, again until there are none, for two seconds at most. */
    void kill(String path) throws InterruptedException {
        Optional<Path> unified = mounts.unified(path);
        if (unified.isPresent()) {
            try {
                write(unified.get().resolve("cgroup.kill"), "1");
            } catch (IOException olderKernel) {
                // One by one, below.
            }
        }
        for (int i = 0; i < REMOVE_TRIES; i++) {
            List<Long> processes = processes(path);
            if (processes.isEmpty()) {
                return;
            }
            for (long process : processes) {
                ProcessHandle.of(process).ifPresent(ProcessHandle::destroyForcibly);
            }
            Thread.sleep(Duration.ofMillis(10));
        }
    }

    /** The processes in a cgroup, in any hierarchy. */
    List<Long> processes(String path) {
        List<Long> processes = new ArrayList<>();
        for (Path folder : mounts.folders(path)) {
            String text;
            try {
                text = Files.readString(folder.resolve("cgroup.procs"));
            } catch (IOException gone) {
                continue;
            }
            for (String line : text.split("\n", -1)) {
                if (!line.isEmpty() && !line.equals("0") && !processes.contains(Long.valueOf(line))) {
                    processes.add(Long.valueOf(line));
                }
            }
        }
        return processes;
    }

    /** Removes a cgroup in all hierarchies; what processes are left in it are killed. Right when it is gone. */
    void remove(String path) throws IOException, InterruptedException {
        IOException busy = null;
        for (int i = 0; i < REMOVE_TRIES; i++) {
            busy = null;
            for (Path folder : mounts.folders(path)) {
                try {
                    Files.delete(folder);
                } catch (NoSuchFileException gone) {
                    // As it is to be.
                } catch (DirectoryNotEmptyException nested) {
                    busy = nested;
                    removeInside(folder);
                } catch (IOException failure) {
                    busy = failure;
                }
            }
            if (busy == null) {
                return;
            }
            kill(path);
            Thread.sleep(Duration.ofMillis(10));
        }
        throw new IOException("the cgroup " + path + " cannot be removed: processes are left in it", busy);
    }

    /** Removes a cgroup if nobody is in it. */
    void discard(String path) {
        for (Path folder : mounts.folders(path)) {
            try {
                Files.deleteIfExists(folder);
            } catch (IOException used) {
                // Whoever uses it may keep it.
            }
        }
    }

    /** Cgroups that a container made inside its own. */
    private static void removeInside(Path folder) {
        try (var children = Files.newDirectoryStream(folder, Files::isDirectory)) {
            for (Path child : children) {
                removeInside(child);
                Files.deleteIfExists(child);
            }
        } catch (IOException later) {
            // Tried again by remove, which tells if it never works.
        }
    }

    private static String name(String text) {
        if (!NAME.matcher(text).matches()) {
            throw RuntimeProblem.invalid("\"" + text + "\" is no name of a cgroup's file");
        }
        return text;
    }

    private void set(String path, String controller, String one, String two, String value) throws IOException {
        if (value.isEmpty()) {
            return;
        }
        Path file = mounts.file(path, controller, one, two)
                .orElseThrow(
                        () -> new IOException("this machine cannot limit by cgroups of the controller " + controller));
        write(file, value);
    }

    private static String read(Path file) throws IOException {
        return Files.readString(file).strip();
    }

    private static void write(Path file, String value) throws IOException {
        try (var out = FileChannel.open(file, StandardOpenOption.WRITE)) {
            out.write(ByteBuffer.wrap(value.getBytes(StandardCharsets.US_ASCII)));
        } catch (IOException failure) {
            throw new IOException("write \"" + value + "\" to " + file + ": " + failure.getMessage(), failure);
        }
    }
}
