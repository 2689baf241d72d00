package io.keelson.agent.resources;

import io.keelson.agent.mounts.CgroupMounts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The cgroups of the machine, whatever version they are of. A cgroup is named by its path, {@code /kubepods/burstable},
 * and is in all trees of version 1, or in the one of version 2. Any thread, but each cgroup by one at a time.
 */
final class CgroupTree {
    private static final List<String> WANTED = List.of("cpuset", "cpu", "io", "memory", "hugetlb", "pids");
    private static final List<String> NEEDED = List.of("cpu", "cpuset", "memory", "pids");
    private static final int REMOVAL_TRIES = 100;
    private static final int REMOVAL_PAUSE_MS = 20;
    private static final int DEPTH_MAX = 64;

    private final CgroupMounts mounts;
    private final CgroupFiles files;
    private final boolean unified;

    CgroupTree(CgroupMounts mounts, CgroupFiles files) {
        this.mounts = mounts;
        this.files = files;
        unified = mounts.isUnified();
    }

    /** Whether it is of version 2. */
    boolean unified() {
        return unified;
    }

    /** The controllers that pods need and that are not there. */
    List<String> lacks() throws IOException {
        Set<String> there = new TreeSet<>();
        if (unified) {
            there.addAll(controllers(mounts.unified().orElseThrow()));
        } else {
            mounts.hierarchies().forEach(hierarchy -> there.addAll(hierarchy.controllers()));
        }
        return NEEDED.stream().filter(controller -> !there.contains(controller)).toList();
    }

    private List<String> controllers(Path folder) throws IOException {
        return List.of(
                files.read(folder.resolve("cgroup.controllers")).orElse("").split(" ", -1));
    }

    private static Path in(Path root, String path) {
        return root.resolve(path.substring(1));
    }

    boolean exists(String path) {
        return mounts.roots().stream().allMatch(root -> files.isFolder(in(root, path)));
    }

    /** Makes a cgroup, and those above it that are missing; right when repeated. */
    void create(String path) throws IOException {
        for (Path root : mounts.roots()) {
            Path folder = root;
            for (Path part : Path.of(path.substring(1))) {
                if (unified) {
                    enable(folder);
                }
                Path parent = folder;
                folder = folder.resolve(part);
                files.makeFolder(folder);
                // On version 1 a new cgroup has no processor and no memory node, and takes no process.
                inherit(parent, folder, "cpuset.cpus");
                inherit(parent, folder, "cpuset.mems");
            }
        }
    }

    private void inherit(Path parent, Path folder, String name) throws IOException {
        if (!unified && files.read(folder.resolve(name)).orElse("?").isEmpty()) {
            Optional<String> value = files.read(parent.resolve(name));
            if (value.isPresent() && !value.get().isEmpty()) {
                files.write(folder.resolve(name), value.get());
            }
        }
    }

    /** Lets the cgroups below one of version 2 have controllers. */
    private void enable(Path folder) throws IOException {
        List<String> there = controllers(folder);
        List<String> enabled = List.of(
                files.read(folder.resolve("cgroup.subtree_control")).orElse("").split(" ", -1));
        for (String controller : WANTED) {
            if (there.contains(controller) && !enabled.contains(controller)) {
                // One after the other: one that cannot be had does not take the others with it.
                try {
                    files.write(folder.resolve("cgroup.subtree_control"), "+" + controller);
                } catch (IOException e) {
                    if (NEEDED.contains(controller)) {
                        throw e;
                    }
                }
            }
        }
    }

    /** Limits a cgroup. Controllers that the machine lacks limit nothing. */
    void apply(String path, CgroupLimits limits) throws IOException {
        if (unified) {
            applyUnified(in(mounts.unified().orElseThrow(), path), limits);
        } else {
            applyEach(path, limits);
        }
    }

    private void applyEach(String path, CgroupLimits limits) throws IOException {
        Optional<Path> cpu = folder("cpu", path);
        if (cpu.isPresent()) {
            if (limits.cpuShares().isPresent()) {
                files.write(
                        cpu.get().resolve("cpu.shares"),
                        Long.toString(limits.cpuShares().getAsLong()));
            }
            if (limits.cpuPeriodMicros().isPresent()) {
                quota(
                        cpu.get(),
                        limits.cpuQuotaMicros().orElse(CgroupLimits.UNLIMITED),
                        limits.cpuPeriodMicros().getAsLong());
            }
        }
        Optional<Path> memory = folder("memory", path);
        if (memory.isPresent() && limits.memoryBytes().isPresent()) {
            files.write(
                    memory.get().resolve("memory.limit_in_bytes"),
                    Long.toString(limits.memoryBytes().getAsLong()));
        }
        Optional<Path> pids = folder("pids", path);
        if (pids.isPresent() && limits.pids().isPresent()) {
            files.write(pids.get().resolve("pids.max"), orMax(limits.pids().getAsLong()));
        }
        Optional<Path> hugepages = folder("hugetlb", path);
        if (hugepages.isPresent()) {
            for (Map.Entry<Long, Long> size : limits.hugepageBytes().entrySet()) {
                String name = "hugetlb." + Hugepages.name(size.getKey());
                files.write(hugepages.get().resolve(name + ".limit_in_bytes"), Long.toString(size.getValue()));
                writeIfThere(hugepages.get().resolve(name + ".rsvd.limit_in_bytes"), Long.toString(size.getValue()));
            }
        }
    }

    private Optional<Path> folder(String controller, String path) {
        return mounts.of(controller).map(root -> in(root, path));
    }

    /**
     * Neither of both files may ask for more than the cgroup above at any moment, which of them comes first depends.
     */
    private void quota(Path cpu, long quotaMicros, long periodMicros) throws IOException {
        String quota = Long.toString(quotaMicros);
        String period = Long.toString(periodMicros);
        try {
            files.write(cpu.resolve("cpu.cfs_period_us"), period);
            files.write(cpu.resolve("cpu.cfs_quota_us"), quota);
        } catch (IOException e) {
            files.write(cpu.resolve("cpu.cfs_quota_us"), quota);
            files.write(cpu.resolve("cpu.cfs_period_us"), period);
        }
    }

    private void applyUnified(Path folder, CgroupLimits limits) throws IOException {
        if (limits.cpuShares().isPresent()) {
            writeIfThere(
                    folder.resolve("cpu.weight"),
                    Long.toString(CpuShares.weight(limits.cpuShares().getAsLong())));
        }
        if (limits.cpuPeriodMicros().isPresent()) {
            writeIfThere(
                    folder.resolve("cpu.max"),
                    orMax(limits.cpuQuotaMicros().orElse(CgroupLimits.UNLIMITED)) + " "
                            + limits.cpuPeriodMicros().getAsLong());
        }
        if (limits.memoryBytes().isPresent()) {
            writeIfThere(
                    folder.resolve("memory.max"), orMax(limits.memoryBytes().getAsLong()));
        }
        if (limits.pids().isPresent()) {
            writeIfThere(folder.resolve("pids.max"), orMax(limits.pids().getAsLong()));
        }
        for (Map.Entry<Long, Long> size : limits.hugepageBytes().entrySet()) {
            String name = "hugetlb." + Hugepages.name(size.getKey());
            writeIfThere(folder.resolve(name + ".max"), orMax(size.getValue()));
            writeIfThere(folder.resolve(name + ".rsvd.max"), orMax(size.getValue()));
        }
        for (Map.Entry<String, String> file : limits.unified().entrySet()) {
            files.write(folder.resolve(file.getKey()), file.getValue());
        }
    }

    private static String orMax(long limit) {
        return limit == CgroupLimits.UNLIMITED ? "max" : Long.toString(limit);
    }

    private void writeIfThere(Path file, String text) throws IOException {
        if (files.read(file).isPresent()) {
            files.write(file, text);
        }
    }

    /** The share of a cgroup, as version 1 has it; the least one if it has none. */
    long cpuShares(String path) throws IOException {
        Optional<Path> file = unified
                ? mounts.unified().map(root -> in(root, path).resolve("cpu.weight"))
                : folder("cpu", path).map(folder -> folder.resolve("cpu.shares"));
        Optional<String> text = file.isEmpty() ? Optional.empty() : files.read(file.get());
        try {
            long value = Long.parseLong(text.orElse(""));
            return unified ? CpuShares.ofWeight(value) : value;
        } catch (NumberFormatException e) {
            return CpuShares.SHARES_MIN;
        }
    }

    /** The names of the cgroups in one, in whichever tree they are. */
    Set<String> children(String path) throws IOException {
        Set<String> names = new TreeSet<>();
        for (Path root : mounts.roots()) {
            for (Path folder : files.folders(in(root, path))) {
                names.add(String.valueOf(folder.getFileName()));
            }
        }
        return names;
    }

    /**
     * Removes a cgroup and all in it. Processes that are still there are killed. Right when repeated.
     *
     * @throws IOException if they do not die
     */
    void remove(String path) throws IOException, InterruptedException {
        for (int tries = 0; ; tries++) {
            List<Path> left = new ArrayList<>();
            for (Path root : mounts.roots()) {
                remove(in(root, path), left, 0);
            }
            if (left.isEmpty()) {
                return;
            }
            if (tries == REMOVAL_TRIES) {
                throw new IOException("processes in " + left.getFirst() + " do not end");
            }
            for (Path folder : left) {
                kill(folder);
            }
            Thread.sleep(REMOVAL_PAUSE_MS);
        }
    }

    private void remove(Path folder, List<Path> left, int depth) throws IOException {
        if (depth > DEPTH_MAX || !files.isFolder(folder)) {
            return;
        }
        for (Path child : files.folders(folder)) {
            remove(child, left, depth + 1);
        }
        if (!files.removeFolder(folder)) {
            left.add(folder);
        }
    }

    private void kill(Path folder) throws IOException {
        // What is frozen does not die on version 1.
        writeIfThere(folder.resolve("freezer.state"), "THAWED");
        for (String line : files.read(folder.resolve("cgroup.procs")).orElse("").split("\n", -1)) {
            try {
                long pid = Long.parseLong(line);
                // 0 is one that cannot be seen from here.
                if (pid > 0 && pid != ProcessHandle.current().pid()) {
                    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
                }
            } catch (NumberFormatException e) {
                // No process, or the file is not there any more.
            }
        }
    }
}
