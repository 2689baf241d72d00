package io.keelson.agent.embedded;

import static io.keelson.agent.embedded.ContainerMount.BIND;
import static io.keelson.agent.embedded.ContainerMount.FOLLOWS;
import static io.keelson.agent.embedded.ContainerMount.MAPPED;
import static io.keelson.agent.embedded.ContainerMount.NO_DEVICES;
import static io.keelson.agent.embedded.ContainerMount.NO_EXEC;
import static io.keelson.agent.embedded.ContainerMount.NO_SUID;
import static io.keelson.agent.embedded.ContainerMount.READONLY;
import static io.keelson.agent.embedded.ContainerMount.READONLY_BELOW;
import static io.keelson.agent.embedded.ContainerMount.RECURSIVE;
import static io.keelson.agent.embedded.ContainerMount.SHARED;

import io.keelson.agent.mounts.CgroupMounts;
import io.keelson.agent.mounts.MountTable;
import io.keelson.agent.wire.cri.ContainerConfig;
import io.keelson.agent.wire.cri.Mount;
import io.keelson.agent.wire.cri.MountPropagation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;

/** What is mounted into a container, in this order: what every one has, and on it what this one was asked for. */
final class ContainerMounts {
    private static final long NOTHING = NO_SUID | NO_DEVICES | NO_EXEC;

    private final List<ContainerMount> mounts = new ArrayList<>();
    private final List<String> wanted;

    private ContainerMounts(ContainerConfig config) {
        wanted = config.getMountsList().stream()
                .map(mount -> Path.of(mount.getContainerPath()).normalize().toString())
                .toList();
    }

    /** Where the pod's own small files are. */
    record PodFiles(Path shm, Path hostname, Path hosts, Path resolv) {}

    /**
     * All of them.
     *
     * @param users the pod's, whose files those of the node are to be; absent: the node's
     * @param ownCgroups whether the container sees its own cgroup as the root of all
     * @param sources the folders or files of the config's mounts, in their order
     */
    static List<ContainerMount> of(
            ContainerConfig config,
            PodFiles files,
            Optional<PodUsers> users,
            CgroupMounts cgroups,
            boolean ownCgroups,
            List<Path> sources)
            throws IOException {
        ContainerMounts mounts = new ContainerMounts(config);
        long mapped = users.isPresent() ? MAPPED : 0;
        boolean privileged = config.getLinux().getSecurityContext().getPrivileged();
        mounts.addBasics(files, privileged, mapped);
        if (ownCgroups) {
            mounts.addCgroups(cgroups, privileged ? 0 : READONLY);
        } else {
            mounts.bind("/sys/fs/cgroup", Path.of("/sys/fs/cgroup"), BIND | RECURSIVE | NOTHING);
        }
        long readonly = config.getLinux().getSecurityContext().getReadonlyRootfs() ? READONLY : 0;
        mounts.bind("/etc/hostname", files.hostname(), BIND | mapped | readonly);
        mounts.bind("/etc/hosts", files.hosts(), BIND | mapped | readonly);
        mounts.bind("/etc/resolv.conf", files.resolv(), BIND | mapped | readonly);
        mounts.addWanted(config.getMountsList(), users, sources);
        return mounts.mounts;
    }

    private void addBasics(PodFiles files, boolean privileged, long mapped) {
        fileSystem("/proc", "proc", "", NOTHING);
        fileSystem("/dev", "tmpfs", "mode=755,size=65536k", NO_SUID);
        fileSystem("/dev/pts", "devpts", "newinstance,ptmxmode=0666,mode=0620,gid=5", NO_SUID | NO_EXEC);
        bind("/dev/shm", files.shm(), BIND | mapped | NOTHING);
        fileSystem("/dev/mqueue", "mqueue", "", NOTHING);
        fileSystem("/sys", "sysfs", "", NOTHING | (privileged ? 0 : READONLY));
    }

    private void addCgroups(CgroupMounts cgroups, long readonly) {
        if (cgroups.isUnified()) {
            fileSystem("/sys/fs/cgroup", "cgroup2", "", NOTHING | readonly);
            return;
        }
        fileSystem("/sys/fs/cgroup", "tmpfs", "mode=755", NOTHING);
        for (CgroupMounts.Hierarchy tree : cgroups.hierarchies()) {
            String controllers = String.join(",", new TreeSet<>(tree.controllers()));
            String name = tree.controllers().isEmpty() ? tree.name() : controllers;
            String options = tree.controllers().isEmpty() ? "none" : controllers;
            options += tree.name().isEmpty() ? "" : ",name=" + tree.name();
            fileSystem("/sys/fs/cgroup/" + name, "cgroup", options, NOTHING | readonly);
        }
        if (cgroups.unified().isPresent()) {
            fileSystem("/sys/fs/cgroup/unified", "cgroup2", "", NOTHING | readonly);
        }
    }

    private void addWanted(List<Mount> asked, Optional<PodUsers> users, List<Path> sources) throws IOException {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < asked.size(); i++) {
            order.add(i);
        }
        order.sort(Comparator.comparingInt(i -> Path.of(wanted.get(i)).getNameCount()));
        for (int i : order) {
            Mount mount = asked.get(i);
            if (!mount.getContainerPath().startsWith("/")) {
                throw RuntimeProblem.invalid("mount " + mount.getContainerPath() + ": not an absolute path");
            }
            add(wanted.get(i), sources.get(i), flags(mount, sources.get(i)) | mapping(mount, users));
        }
    }

    /** An image's files are its users' already. */
    private static long mapping(Mount mount, Optional<PodUsers> users) {
        if (mount.hasImage() || (mount.getUidMappingsCount() == 0 && mount.getGidMappingsCount() == 0)) {
            return 0;
        }
        PodUsers asked = new PodUsers(mount.getUidMappingsList(), mount.getGidMappingsList());
        if (!asked.equals(users.orElse(null))) {
            throw RuntimeProblem.invalid(
                    "mount " + mount.getContainerPath() + ": its users are to be others than those of the pod");
        }
        return MAPPED;
    }

    private static long flags(Mount mount, Path source) throws IOException {
        long flags = BIND | RECURSIVE;
        flags |= mount.getReadonly() ? READONLY : 0;
        if (mount.getRecursiveReadOnly()) {
            if (!mount.getReadonly() || mount.getPropagation() != MountPropagation.PROPAGATION_PRIVATE) {
                throw RuntimeProblem.invalid("mount " + mount.getContainerPath()
                        + ": recursive_read_only needs readonly, and private propagation");
            }
            flags |= READONLY_BELOW;
        }
        if (mount.getPropagation() == MountPropagation.PROPAGATION_BIDIRECTIONAL) {
            if (!isOn(source, MountTable.Mount::isShared)) {
                throw RuntimeProblem.invalid(
                        "path \"" + source + "\" is not on a shared mount: run mount --make-rshared"
                                + " on it, or take the mount propagation from the volume");
            }
            flags |= SHARED;
        } else if (mount.getPropagation() == MountPropagation.PROPAGATION_HOST_TO_CONTAINER) {
            if (!isOn(source, on -> on.isShared() || on.isFollowing())) {
                throw RuntimeProblem.invalid("path \"" + source + "\" is not on a shared or slave mount: run mount"
                        + " --make-rshared on it, or take the mount propagation from the volume");
            }
            flags |= FOLLOWS;
        }
        return flags;
    }

    private static boolean isOn(Path source, Predicate<MountTable.Mount> kind) throws IOException {
        return MountTable.read().covering(source.toRealPath()).filter(kind).isPresent();
    }

    private boolean isCovered(String path) {
        return wanted.stream()
                .anyMatch(other ->
                        path.equals(other) || (path.startsWith("/sys/fs/cgroup/") && other.equals("/sys/fs/cgroup")));
    }

    private void fileSystem(String path, String type, String options, long flags) {
        if (isCovered(path)) {
            return;
        }
        mounts.add(new ContainerMount(path, type, type, options, flags));
    }

    private void bind(String path, Path source, long flags) {
        if (!isCovered(path) && Files.exists(source)) {
            add(path, source, flags);
        }
    }

    private void add(String path, Path source, long flags) {
        mounts.add(new ContainerMount(path, source.toString(), "", "", flags));
    }
}
