package io.keelson.dist.up.check;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** How much of the machine a pod may have is said to its cgroup. */
final class CgroupJudge {
    private static final Set<String> NEEDED = Set.of("cpu", "cpuset", "memory", "pids");

    private CgroupJudge() {}

    static List<Finding> judge(Facts.Cgroups cgroups, boolean isRoot) {
        boolean limitsByFirst =
                cgroups.first().contains("memory") || cgroups.first().contains("cpu");
        if (cgroups.first().isEmpty() && !cgroups.hasSecond()) {
            return List.of(Finding.missing(
                    "cgroups",
                    "none are mounted",
                    "mount -t cgroup2 none /sys/fs/cgroup, as systemd does at its start"));
        }
        String version =
                !limitsByFirst ? "version 2" : cgroups.hasSecond() ? "version 1, with 2 beside it" : "version 1";
        Set<String> there = limitsByFirst ? cgroups.first() : cgroups.second();
        Set<String> missing = new TreeSet<>(NEEDED);
        missing.removeAll(there);
        if (!missing.isEmpty()) {
            return List.of(Finding.missing(
                    "cgroups",
                    version + ", without " + String.join(", ", missing),
                    missing.contains("memory")
                            ? "start the kernel with cgroup_enable=memory"
                            : "take a kernel with these controllers"));
        }
        if (isRoot && !cgroups.isWritable()) {
            return List.of(Finding.missing(
                    "cgroups",
                    version + ", and none can be made",
                    "this is a container: start it with --privileged and --cgroupns=host"));
        }
        return List.of(Finding.ok("cgroups", version));
    }
}
