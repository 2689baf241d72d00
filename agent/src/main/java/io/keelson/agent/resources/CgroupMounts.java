package io.keelson.agent.resources;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Where the machine has its cgroups.
 *
 * @param hierarchies those of version 1, each with its controllers; a named one has none
 * @param unified where version 2 is, if it is anywhere
 */
record CgroupMounts(List<Hierarchy> hierarchies, Optional<Path> unified) {
    private static final Set<String> CONTROLLERS = Set.of(
            "cpu",
            "cpuacct",
            "cpuset",
            "memory",
            "pids",
            "hugetlb",
            "freezer",
            "devices",
            "blkio",
            "net_cls",
            "net_prio",
            "perf_event",
            "rdma",
            "misc");

    /** A tree of version 1. */
    record Hierarchy(Path root, Set<String> controllers) {}

    /** Those of this process. */
    static CgroupMounts ofMachine() throws IOException {
        return parse(Files.readAllLines(Path.of("/proc/self/mountinfo")));
    }

    /** Reads {@code /proc/self/mountinfo}; lines that are none are passed over. */
    static CgroupMounts parse(List<String> lines) {
        List<Hierarchy> hierarchies = new ArrayList<>();
        Set<Set<String>> known = new HashSet<>();
        Optional<Path> unified = Optional.empty();
        for (String line : lines) {
            int separator = line.indexOf(" - ");
            if (separator < 0) {
                continue;
            }
            String[] place = line.substring(0, separator).split(" ", -1);
            String[] system = line.substring(separator + 3).split(" ", -1);
            if (place.length < 5 || system.length < 3) {
                continue;
            }
            Path root = Path.of(unescaped(place[4]));
            switch (system[0]) {
                case "cgroup2" -> unified = unified.isPresent() ? unified : Optional.of(root);
                case "cgroup" -> {
                    Set<String> controllers = new TreeSet<>();
                    Set<String> identity = new TreeSet<>();
                    for (String option : system[2].split(",", -1)) {
                        if (CONTROLLERS.contains(option)) {
                            controllers.add(option);
                            identity.add(option);
                        } else if (option.startsWith("name=")) {
                            identity.add(option);
                        }
                    }
                    // The same tree may be mounted in several places.
                    if (known.add(identity)) {
                        hierarchies.add(new Hierarchy(root, controllers));
                    }
                }
                default -> {}
            }
        }
        return new CgroupMounts(List.copyOf(hierarchies), unified);
    }

    /** Spaces and the like are written as three digits to the base of eight. */
    private static String unescaped(String text) {
        StringBuilder result = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) == '\\'
                    && i + 3 < text.length()
                    && text.substring(i + 1, i + 4).matches("[0-3][0-7]{2}")) {
                result.append((char) Integer.parseInt(text.substring(i + 1, i + 4), 8));
                i += 3;
            } else {
                result.append(text.charAt(i));
            }
        }
        return result.toString();
    }

    /** Whether limits are those of version 2: they are of version 1 as long as that has the memory. */
    boolean isUnified() {
        return unified.isPresent()
                && hierarchies.stream()
                        .noneMatch(hierarchy -> hierarchy.controllers().contains("memory"));
    }

    /** The tree with a controller of version 1. */
    Optional<Path> of(String controller) {
        return hierarchies.stream()
                .filter(hierarchy -> hierarchy.controllers().contains(controller))
                .map(Hierarchy::root)
                .findFirst();
    }

    /** All trees, whatever they are for: runtimes put containers into each. */
    List<Path> roots() {
        List<Path> roots = new ArrayList<>();
        hierarchies.forEach(hierarchy -> roots.add(hierarchy.root()));
        unified.ifPresent(roots::add);
        return roots;
    }
}
