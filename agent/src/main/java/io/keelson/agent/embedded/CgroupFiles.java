package io.keelson.agent.embedded;

import io.keelson.agent.mounts.CgroupMounts;
import io.keelson.agent.wire.cri.PsiData;
import io.keelson.agent.wire.cri.PsiStats;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Reads what cgroups count; what the machine does not count is zero. */
final class CgroupFiles {
    private final CgroupMounts mounts;

    CgroupFiles(CgroupMounts mounts) {
        this.mounts = mounts;
    }

    /**
     * Bytes, and counts of page faults.
     *
     * @param limit 0 if there is none
     * @param swapLimit -1 if there is none
     */
    record Memory(
            long usage,
            long workingSet,
            long anonymous,
            long faults,
            long majorFaults,
            long limit,
            long swap,
            long swapLimit) {}

    long cpuNanos(String cgroup) {
        if (mounts.of("cpuacct").isPresent()) {
            return number(mounts.file(cgroup, "cpuacct", "cpuacct.usage", ""));
        }
        return TimeUnit.MICROSECONDS.toNanos(
                table(mounts.file(cgroup, "cpu", "", "cpu.stat")).getOrDefault("usage_usec", 0L));
    }

    Memory memory(String cgroup) {
        Map<String, Long> table = table(mounts.file(cgroup, "memory", "memory.stat", "memory.stat"));
        long usage = number(mounts.file(cgroup, "memory", "memory.usage_in_bytes", "memory.current"));
        long limit = number(mounts.file(cgroup, "memory", "memory.limit_in_bytes", "memory.max"));
        boolean one = !mounts.isUnified();
        String prefix = one ? "total_" : "";
        long swapLimit = -1;
        long swap;
        if (one) {
            swap = table.getOrDefault("total_swap", 0L);
            long both = number(mounts.file(cgroup, "memory", "memory.memsw.limit_in_bytes", ""));
            swapLimit = both > 0 && limit > 0 ? Math.max(0, both - limit) : -1;
        } else {
            swap = number(mounts.file(cgroup, "memory", "", "memory.swap.current"));
            Optional<Path> file = mounts.file(cgroup, "memory", "", "memory.swap.max");
            String text = file.map(CgroupFiles::text).orElse("");
            swapLimit = text.equals("max") || text.isEmpty() ? -1 : number(file);
        }
        return new Memory(
                usage,
                Math.max(0, usage - table.getOrDefault(prefix + "inactive_file", 0L)),
                table.getOrDefault(one ? "total_rss" : "anon", 0L),
                table.getOrDefault(prefix + "pgfault", 0L),
                table.getOrDefault(prefix + "pgmajfault", 0L),
                limit,
                swap,
                swapLimit);
    }

    /** How many processes are in a cgroup, those in cgroups below it not counted. */
    int processes(String cgroup) {
        for (Path folder : mounts.folders(cgroup)) {
            String text = text(folder.resolve("cgroup.procs"));
            if (!text.isEmpty()) {
                return text.split("\n", -1).length;
            }
        }
        return 0;
    }

    /** What waits for a resource; only version 2 counts it. */
    PsiStats pressure(String cgroup, String name) {
        PsiStats.Builder stats = PsiStats.newBuilder();
        Optional<Path> unified = mounts.unified(cgroup);
        if (unified.isEmpty()) {
            return stats.build();
        }
        for (String line : text(unified.get().resolve(name)).split("\n", -1)) {
            PsiData.Builder data = PsiData.newBuilder();
            for (String part : line.split(" ", -1)) {
                int equals = part.indexOf('=');
                String value = part.substring(equals + 1);
                switch (equals < 0 ? "" : part.substring(0, equals)) {
                    case "avg10" -> data.setAvg10(Double.parseDouble(value));
                    case "avg60" -> data.setAvg60(Double.parseDouble(value));
                    case "avg300" -> data.setAvg300(Double.parseDouble(value));
                    case "total" -> data.setTotal(TimeUnit.MICROSECONDS.toNanos(Long.parseLong(value)));
                    default -> {
                        // The word that the line begins with, or what a newer kernel adds.
                    }
                }
            }
            if (line.startsWith("some")) {
                stats.setSome(data);
            } else if (line.startsWith("full")) {
                stats.setFull(data);
            }
        }
        return stats.build();
    }

    private static long number(Optional<Path> file) {
        String text = file.map(CgroupFiles::text).orElse("");
        try {
            return text.isEmpty() || text.equals("max") ? 0 : Long.parseLong(text);
        } catch (NumberFormatException tooLarge) {
            return 0;
        }
    }

    private static Map<String, Long> table(Optional<Path> file) {
        Map<String, Long> table = new HashMap<>();
        for (String line : file.map(CgroupFiles::text).orElse("").lines().toList()) {
            String[] parts = line.split(" ", -1);
            if (parts.length == 2) {
                try {
                    table.put(parts[0], Long.parseLong(parts[1]));
                } catch (NumberFormatException other) {
                    // A line of a kind that is not counted here.
                }
            }
        }
        return table;
    }

    private static String text(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException gone) {
            return "";
        }
    }
}
