package io.keelson.agent.embedded;

import io.keelson.agent.wire.cri.ContainerConfig;
import io.keelson.agent.wire.cri.Device;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The device nodes of a container, and the rules of who may be used.
 *
 * @param nodes to be made
 * @param rules as the kernel's device cgroups have them: {@code c 1:3 rwm}
 * @param all whether there are no limits
 */
record ContainerDevices(List<Node> nodes, List<String> rules, boolean all) {
    private static final int NODES_MAX = 4096;
    private static final Pattern ACCESS = Pattern.compile("[rwm]{1,3}");
    private static final Set<String> NOT_OF_CONTAINERS =
            Set.of("pts", "shm", "fd", "mqueue", ".lxc", ".lxd-mounts", ".udev");

    /** A device: its type is in the mode. */
    record Node(String path, long device, int mode, long user, long group) {
        ShimFields fields() {
            return new ShimFields()
                    .text(ShimTag.PATH, path)
                    .number(ShimTag.DEVICE_NUMBER, device)
                    .number(ShimTag.MODE, mode)
                    .number(ShimTag.USER, user)
                    .number(ShimTag.GROUP, group);
        }

        String rule(String access) {
            String type = (mode & Libc.S_IFMT) == Libc.S_IFBLK ? "b" : "c";
            return type + " " + major(device) + ":" + minor(device) + " " + access;
        }
    }

    static ContainerDevices of(ContainerConfig config) throws IOException {
        List<Node> nodes = new ArrayList<>();
        // Nodes may be made, but not used.
        List<String> rules = new ArrayList<>(List.of("c *:* m", "b *:* m", "c 136:* rwm", "c 5:2 rwm", "c 5:1 rwm"));
        for (Node node : List.of(
                plain("/dev/null", 1, 3),
                plain("/dev/zero", 1, 5),
                plain("/dev/full", 1, 7),
                plain("/dev/random", 1, 8),
                plain("/dev/urandom", 1, 9),
                plain("/dev/tty", 5, 0))) {
            nodes.add(node);
            rules.add(node.rule("rwm"));
        }
        boolean all = config.getLinux().getSecurityContext().getPrivileged();
        if (all) {
            addAll(nodes, Path.of("/dev"), "/dev", true);
        }
        for (Device device : config.getDevicesList()) {
            add(nodes, rules, device);
        }
        return new ContainerDevices(nodes, rules, all);
    }

    private static void add(List<Node> nodes, List<String> rules, Device device) throws IOException {
        String access = device.getPermissions().isEmpty() ? "rwm" : device.getPermissions();
        if (!ACCESS.matcher(access).matches()) {
            throw RuntimeProblem.invalid("device " + device.getHostPath() + ": \"" + access + "\" is none of r, w, m");
        }
        String inside = device.getContainerPath().isEmpty() ? device.getHostPath() : device.getContainerPath();
        Path host = Path.of(device.getHostPath());
        if (!Files.exists(host)) {
            throw RuntimeProblem.invalid("device " + host + ": not found on the node");
        }
        List<Node> found = new ArrayList<>();
        if (Files.isDirectory(host)) {
            addAll(found, host.toRealPath(), inside, false);
        } else if (!addNode(found, host.toRealPath(), inside)) {
            throw RuntimeProblem.invalid("device " + host + ": not a device node");
        }
        for (Node node : found) {
            nodes.removeIf(other -> other.path().equals(node.path()));
            nodes.add(node);
            rules.add(node.rule(access));
        }
    }

    private static void addAll(List<Node> nodes, Path folder, String inside, boolean top) throws IOException {
        try (DirectoryStream<Path> children = Files.newDirectoryStream(folder)) {
            for (Path child : children) {
                String name = Objects.requireNonNull(child.getFileName()).toString();
                String path = inside + "/" + name;
                if (nodes.size() >= NODES_MAX
                        || (top && (NOT_OF_CONTAINERS.contains(name) || name.equals("console")))) {
                    continue;
                }
                if (Files.isDirectory(child, LinkOption.NOFOLLOW_LINKS)) {
                    addAll(nodes, child, path, false);
                } else if (nodes.stream().noneMatch(node -> node.path().equals(path))) {
                    addNode(nodes, child, path);
                }
            }
        }
    }

    private static boolean addNode(List<Node> nodes, Path host, String inside) throws IOException {
        Map<String, Object> about = Files.readAttributes(host, "unix:mode,rdev,uid,gid", LinkOption.NOFOLLOW_LINKS);
        int mode = ((Number) about.getOrDefault("mode", 0)).intValue();
        int type = mode & Libc.S_IFMT;
        if (type != Libc.S_IFCHR && type != Libc.S_IFBLK) {
            return false;
        }
        nodes.add(new Node(
                inside,
                ((Number) about.getOrDefault("rdev", 0L)).longValue(),
                mode,
                ((Number) about.getOrDefault("uid", 0)).longValue(),
                ((Number) about.getOrDefault("gid", 0)).longValue()));
        return true;
    }

    private static Node plain(String path, long major, long minor) {
        return new Node(path, Libc.device(major, minor), Libc.S_IFCHR | 0666, 0, 0);
    }

    static long major(long device) {
        return ((device >>> 8) & 0xFFF) | ((device >>> 32) & 0xFFFFF000L);
    }

    static long minor(long device) {
        return (device & 0xFF) | ((device >>> 12) & 0xFFFFFF00L);
    }
}
