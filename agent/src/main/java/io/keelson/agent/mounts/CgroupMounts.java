package io.keelson.agent.mounts;

import io.keelson.agent.mounts.MountTable.Mount;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Where the machine has its cgroups: those of version 1, of version 2, or of both beside each other.
 *
 * @param hierarchies those of version 1
 * @param unified where version 2 is, if it is anywhere
 */
public record CgroupMounts(List<Hierarchy> hierarchies, Optional<Path> unified) {
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

    /**
     * A tree of version 1.
     *
     * @param controllers a tree without any has none
     * @param name of a tree that has one, as {@code systemd}; else empty
     */
    public record Hierarchy(Path root, Set<String> controllers, String name) {
        public Hierarchy {
            controllers = Set.copyOf(controllers);
        }

        public Hierarchy(Path root, Set<String> controllers) {
            this(root, controllers, "");
        }
    }

    public CgroupMounts {
        hierarchies = List.copyOf(hierarchies);
    }

    /** Those of this process. */
    public static CgroupMounts ofMachine() throws IOException {
        return of(MountTable.read());
    }

    /** Of several mounts of the same tree the first counts. */
    public static CgroupMounts of(MountTable table) {
        List<Hierarchy> hierarchies = new ArrayList<>();
        Set<Set<String>> known = new HashSet<>();
        Optional<Path> unified = Optional.empty();
        for (Mount mount : table.mounts()) {
            Path root = Path.of(mount.point());
            switch (mount.type()) {
                case "cgroup2" -> unified = unified.isPresent() ? unified : Optional.of(root);
                case "cgroup" -> {
                    Set<String> controllers = new TreeSet<>();
                    String name = "";
                    for (String option : mount.superOptions()) {
                        if (CONTROLLERS.contains(option)) {
                            controllers.add(option);
                        } else if (option.startsWith("name=")) {
                            name = option.substring("name=".length());
                        }
                    }
                    Set<String> identity = new TreeSet<>(controllers);
                    identity.add("name=" + name);
                    if (known.add(identity)) {
                        hierarchies.add(new Hierarchy(root, controllers, name));
                    }
                }
                default -> {}
            }
        }
        return new CgroupMounts(hierarchies, unified);
    }

    /** Whether limits are those of version 2: they are of version 1 as long as that has the memory. */
    public boolean isUnified() {
        return unified.isPresent() && of("memory").isEmpty();
    }

    /** The tree with a controller of version 1. */
    public Optional<Path> of(String controller) {
        return hierarchies.stream()
                .filter(hierarchy -> hierarchy.controllers().contains(controller))
                .map(Hierarchy::root)
                .findFirst();
    }

    /** All trees, whatever they are for: runtimes put containers into each. */
    public List<Path> roots() {
        List<Path> roots = new ArrayList<>();
        hierarchies.forEach(hierarchy -> roots.add(hierarchy.root()));
        unified.ifPresent(roots::add);
        return roots;
    }

    /**
     * The folders of a cgroup in all trees.
     *
     * @param path from the root of each, as {@code /a/b}
     */
    public List<Path> folders(String path) {
        return roots().stream().map(root -> below(root, path)).toList();
    }

    /** A cgroup's folder in version 2, whether limits are there or not. */
    public Optional<Path> unified(String path) {
        return unified.map(root -> below(root, path));
    }

    /**
     * A file of a controller in a cgroup.
     *
     * @param versionOne its name if the controller is of version 1
     * @param versionTwo its name otherwise
     * @return empty if the machine has not that controller
     */
    public Optional<Path> file(String path, String controller, String versionOne, String versionTwo) {
        Optional<Path> root = of(controller);
        if (root.isPresent()) {
            return Optional.of(below(root.get(), path).resolve(versionOne));
        }
        return isUnified() ? unified(path).map(folder -> folder.resolve(versionTwo)) : Optional.empty();
    }

    /** A cgroup's folder in a tree. */
    public static Path below(Path root, String path) {
        return root.resolve(path.startsWith("/") ? path.substring(1) : path);
    }
}
