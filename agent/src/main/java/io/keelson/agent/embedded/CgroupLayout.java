package io.keelson.agent.embedded;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where the machine has its cgroups.
 *
 * @param controllers of version 1, each with the folder that it is mounted at; a named hierarchy as
 *     {@code name=systemd}
 * @param unified where version 2 is mounted, alone or beside version 1; null if nowhere
 */
record CgroupLayout(Map<String, Path> controllers, @Nullable Path unified) {
    private static final Set<String> VERSION_ONE = Set.of(
            "cpu",
            "cpuacct",
            "cpuset",
            "memory",
            "devices",
            "freezer",
            "blkio",
            "pids",
            "hugetlb",
            "net_cls",
            "net_prio",
            "perf_event",
            "rdma",
            "misc");

    /** What this process sees. */
    static CgroupLayout ofMachine() throws IOException {
        return parse(Files.readAllLines(Path.of("/proc/self/mountinfo"), StandardCharsets.ISO_8859_1));
    }

    /** From the lines of {@code /proc/self/mountinfo}; of several mounts of a controller the first counts. */
    static CgroupLayout parse(List<String> mounts) {
        Map<String, Path> controllers = new LinkedHashMap<>();
        Path unified = null;
        for (String line : mounts) {
            int dash = line.indexOf(" - ");
            String[] before = dash < 0 ? new String[0] : line.substring(0, dash).split(" ", -1);
            String[] after = dash < 0 ? new String[0] : line.substring(dash + 3).split(" ", -1);
            if (before.length < 6 || after.length < 3) {
                continue;
            }
            Path at = Path.of(before[4]);
            if (after[0].equals("cgroup2") && unified == null) {
                unified = at;
            } else if (after[0].equals("cgroup")) {
                for (String option : after[2].split(",", -1)) {
                    if (VERSION_ONE.contains(option) || option.startsWith("name=")) {
                        controllers.putIfAbsent(option, at);
                    }
                }
            }
        }
        return new CgroupLayout(controllers, unified);
    }

    /** Whether limits are those of version 1. */
    boolean isVersionOne() {
        return controllers.containsKey("memory") || controllers.containsKey("cpu");
    }

    /** The folders of a cgroup in all hierarchies, each once. */
    List<Path> folders(String path) {
        Set<Path> folders = new LinkedHashSet<>();
        controllers.values().forEach(mount -> folders.add(below(mount, path)));
        if (unified != null) {
            folders.add(below(unified, path));
        }
        return new ArrayList<>(folders);
    }

    /** A file of a controller, of version 1 or 2; null if the machine has not that controller. */
    @Nullable
    Path file(String path, String controller, String versionOne, String versionTwo) {
        Path mount = controllers.get(controller);
        if (mount != null) {
            return below(mount, path).resolve(versionOne);
        }
        return isVersionOne() || unified == null ? null : below(unified, path).resolve(versionTwo);
    }

    static Path below(Path mount, String path) {
        return mount.resolve(path.startsWith("/") ? path.substring(1) : path);
    }
}
