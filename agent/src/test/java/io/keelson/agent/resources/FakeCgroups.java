package io.keelson.agent.resources;

import io.keelson.agent.mounts.CgroupMounts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Files of cgroups in memory: a new folder has the files that the kernel would make. */
final class FakeCgroups implements CgroupFiles {
    private final Map<Path, String> files = new HashMap<>();
    private final Set<Path> folders = new HashSet<>();
    private final Set<Path> busy = new HashSet<>();
    private final List<String> writes = new ArrayList<>();

    /** What a folder of version 2 has, by the controllers enabled above it. */
    private static final Map<String, List<String>> UNIFIED = Map.of(
            "cpu", List.of("cpu.weight=100", "cpu.max=max 100000"),
            "memory", List.of("memory.max=max", "memory.min=0"),
            "pids", List.of("pids.max=max"),
            "hugetlb", List.of("hugetlb.2MB.max=max"));

    private static final Map<String, List<String>> OLD = Map.of(
            "cpu", List.of("cpu.shares=1024", "cpu.cfs_period_us=100000", "cpu.cfs_quota_us=-1"),
            "cpuset", List.of("cpuset.cpus=", "cpuset.mems="),
            "memory", List.of("memory.limit_in_bytes=9223372036854771712"),
            "pids", List.of("pids.max=max"));

    /** The usual trees of version 1, one for each controller. */
    CgroupMounts old() {
        List<CgroupMounts.Hierarchy> hierarchies = new ArrayList<>();
        for (String controller : List.of("cpu", "cpuset", "memory", "pids", "freezer")) {
            Path root = Path.of("/cg", controller);
            folders.add(root);
            hierarchies.add(new CgroupMounts.Hierarchy(root, Set.of(controller)));
        }
        files.put(Path.of("/cg/cpuset/cpuset.cpus"), "0-3");
        files.put(Path.of("/cg/cpuset/cpuset.mems"), "0");
        return new CgroupMounts(hierarchies, Optional.empty());
    }

    /** Version 2 with controllers. */
    CgroupMounts unified(String controllers) {
        Path root = Path.of("/cg");
        folders.add(root);
        files.put(root.resolve("cgroup.controllers"), controllers);
        files.put(root.resolve("cgroup.subtree_control"), "");
        return new CgroupMounts(List.of(), Optional.of(root));
    }

    Optional<String> at(String path) {
        return Optional.ofNullable(files.get(Path.of(path)));
    }

    /** All that was written, as {@code /cg/cpu/a/cpu.shares=2}. */
    List<String> writes() {
        return writes;
    }

    boolean has(String path) {
        return folders.contains(Path.of(path));
    }

    /** Somebody else makes a cgroup. */
    void make(String path) {
        makeFolder(Path.of(path));
    }

    /** Whether processes are in a cgroup, which then cannot be removed. */
    void busy(String path, boolean isBusy) {
        if (isBusy) {
            busy.add(Path.of(path));
        } else {
            busy.remove(Path.of(path));
        }
    }

    @Override
    public boolean isFolder(Path folder) {
        return folders.contains(folder);
    }

    @Override
    public void makeFolder(Path folder) {
        Path parent = folder.getParent();
        if (parent == null || !folders.contains(parent)) {
            throw new IllegalStateException("no parent: " + folder);
        }
        if (!folders.add(folder)) {
            return;
        }
        String control = files.get(parent.resolve("cgroup.subtree_control"));
        if (control == null) {
            for (String file : OLD.getOrDefault(folder.getName(1).toString(), List.of())) {
                put(folder, file);
            }
        } else {
            put(folder, "cgroup.controllers=" + control);
            put(folder, "cgroup.subtree_control=");
            for (String controller : control.split(" ", -1)) {
                UNIFIED.getOrDefault(controller, List.of()).forEach(file -> put(folder, file));
            }
        }
    }

    private void put(Path folder, String file) {
        files.put(folder.resolve(file.substring(0, file.indexOf('='))), file.substring(file.indexOf('=') + 1));
    }

    @Override
    public boolean removeFolder(Path folder) {
        if (busy.contains(folder)) {
            return false;
        }
        if (folders.stream().anyMatch(other -> folder.equals(other.getParent()))) {
            return false;
        }
        folders.remove(folder);
        files.keySet().removeIf(file -> folder.equals(file.getParent()));
        return true;
    }

    @Override
    public List<Path> folders(Path folder) {
        return folders.stream()
                .filter(other -> folder.equals(other.getParent()))
                .sorted()
                .toList();
    }

    @Override
    public Optional<String> read(Path file) {
        return Optional.ofNullable(files.get(file));
    }

    @Override
    public void write(Path file, String text) throws IOException {
        if (!files.containsKey(file)) {
            throw new IOException("no such file: " + file);
        }
        writes.add(file + "=" + text);
        if (String.valueOf(file.getFileName()).equals("cgroup.subtree_control")) {
            String before = files.getOrDefault(file, "");
            files.put(file, (before + " " + text.substring(1)).strip());
        } else {
            files.put(file, text);
        }
    }
}
