package io.keelson.agent.embedded;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.agent.embedded.ContainerPlan.ProcessPlan;
import io.keelson.agent.wire.cri.LinuxContainerSecurityContext;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * Writes down for an OCI runtime what a container is to be, as {@code config.json} of a bundle, and a process, as
 * {@code exec} takes it. Namespaces that are the pod's are not in it: the runtime is started in them, by the shim.
 * Neither are limits: they are set on the cgroup already.
 */
final class OciConfig {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String CGROUPS = "/sys/fs/cgroup";
    private static final Path OWN_OOM_SCORE = Path.of("/proc/self/oom_score_adj");

    private final SeccompFilters seccomp;
    private final long availableCapabilities;

    OciConfig(SeccompFilters seccomp, long availableCapabilities) {
        this.seccomp = seccomp;
        this.availableCapabilities = availableCapabilities;
    }

    /** A container's {@code config.json}. */
    byte[] container(ContainerPlan plan) throws IOException {
        ObjectNode root = JSON.createObjectNode();
        root.put("ociVersion", "1.0.2");
        root.set("process", process(plan.process()));
        root.putObject("root").put("path", plan.root()).put("readonly", plan.readonlyRoot());
        ArrayNode mounts = root.putArray("mounts");
        boolean cgroups = false;
        for (ContainerMount mount : plan.mounts()) {
            boolean made = !mount.is(ContainerMount.BIND);
            if (made && (mount.path().equals(CGROUPS) || mount.path().startsWith(CGROUPS + "/"))) {
                // It knows of one file system for all hierarchies.
                cgroups = true;
                continue;
            }
            mount(mounts, mount, made ? mount.type() : "bind", mount.ociOptions());
        }
        if (cgroups) {
            boolean readonly = plan.mounts().stream()
                    .anyMatch(mount -> mount.type().startsWith("cgroup") && mount.is(ContainerMount.READONLY));
            mount(
                    mounts,
                    new ContainerMount(CGROUPS, "cgroup", "cgroup", "", 0),
                    "cgroup",
                    List.of("nosuid", "noexec", "nodev", readonly ? "ro" : "rw"));
        }
        root.set("linux", linux(plan));
        return JSON.writeValueAsBytes(root);
    }

    private static void mount(ArrayNode mounts, ContainerMount mount, String type, List<String> options) {
        ObjectNode node = mounts.addObject();
        node.put("destination", mount.path()).put("type", type).put("source", mount.source());
        options.forEach(node.putArray("options")::add);
    }

    private ObjectNode linux(ContainerPlan plan) throws IOException {
        ObjectNode linux = JSON.createObjectNode();
        ArrayNode namespaces = linux.putArray("namespaces");
        namespaces.addObject().put("type", "mount");
        if (plan.ownCgroups()) {
            namespaces.addObject().put("type", "cgroup");
        }
        Sandbox sandbox = plan.container().sandbox();
        switch (plan.processes()) {
            case NODE -> {
                // The node's, as the shim.
            }
            case POD -> namespaces.addObject().put("type", "pid").put("path", "/proc/" + sandbox.initPid() + "/ns/pid");
            case TARGET -> {
                Container target = Objects.requireNonNull(sandbox.containers().get(plan.target()));
                namespaces
                        .addObject()
                        .put("type", "pid")
                        .put("path", "/proc/" + target.run().pid() + "/ns/pid");
            }
            default -> namespaces.addObject().put("type", "pid");
        }
        linux.put("cgroupsPath", plan.container().cgroup());
        devices(linux, plan);
        plan.masked().forEach(linux.putArray("maskedPaths")::add);
        plan.readonly().forEach(linux.putArray("readonlyPaths")::add);
        if (plan.mounts().stream().anyMatch(mount -> mount.is(ContainerMount.SHARED))) {
            linux.put("rootfsPropagation", "rshared");
        }
        LinuxContainerSecurityContext context =
                plan.container().config().getLinux().getSecurityContext();
        ObjectNode profile = seccomp.oci(context, plan.process().capabilities());
        if (!profile.isEmpty()) {
            linux.set("seccomp", profile);
        }
        return linux;
    }

    private static void devices(ObjectNode linux, ContainerPlan plan) {
        ArrayNode nodes = linux.putArray("devices");
        if (plan.ownDevices()) {
            for (ContainerDevices.Node node : plan.devices().nodes()) {
                nodes.addObject()
                        .put("path", node.path())
                        .put("type", (node.mode() & Libc.S_IFMT) == Libc.S_IFBLK ? "b" : "c")
                        .put("major", ContainerDevices.major(node.device()))
                        .put("minor", ContainerDevices.minor(node.device()))
                        .put("fileMode", node.mode() & 0777)
                        .put("uid", node.user())
                        .put("gid", node.group());
            }
        }
        ArrayNode rules = linux.putObject("resources").putArray("devices");
        rules.addObject().put("allow", plan.devices().all()).put("access", "rwm");
        if (plan.devices().all()) {
            return;
        }
        for (String rule : plan.devices().rules()) {
            // As c 1:3 rwm, where * stands for any number.
            String[] parts = rule.split("[ :]", -1);
            ObjectNode node = rules.addObject().put("allow", true).put("type", parts[0]);
            if (!parts[1].equals("*")) {
                node.put("major", Long.parseLong(parts[1]));
            }
            if (!parts[2].equals("*")) {
                node.put("minor", Long.parseLong(parts[2]));
            }
            node.put("access", parts[3]);
        }
    }

    /** A process, as a file for {@code exec} has it. */
    byte[] exec(ProcessPlan process) throws IOException {
        return JSON.writeValueAsBytes(process(process));
    }

    private ObjectNode process(ProcessPlan process) throws IOException {
        ObjectNode node = JSON.createObjectNode();
        node.put("terminal", process.terminal());
        ObjectNode user = node.putObject("user");
        user.put("uid", process.user()).put("gid", process.group());
        process.groups().forEach(user.putArray("additionalGids")::add);
        process.command().forEach(node.putArray("args")::add);
        ArrayNode environment = node.putArray("env");
        process.environment().forEach(variable -> environment.add(new String(variable, StandardCharsets.UTF_8)));
        node.put("cwd", process.folder());
        ObjectNode capabilities = node.putObject("capabilities");
        for (String set : List.of("bounding", "effective", "permitted")) {
            process.capabilities().heldNames().forEach(capabilities.putArray(set)::add);
        }
        for (String set : List.of("inheritable", "ambient")) {
            process.capabilities().ambientNames().forEach(capabilities.putArray(set)::add);
        }
        node.put("noNewPrivileges", process.noNewPrivileges());
        if (!process.apparmor().isEmpty()) {
            node.put("apparmorProfile", process.apparmor());
        }
        return node.put("oomScoreAdj", oomScore(process.oomScore()));
    }

    /** Who may not make a process less likely to be killed than itself leaves it as it is; OCI runtimes would fail. */
    private long oomScore(long wanted) throws IOException {
        if (new Capabilities(availableCapabilities, 0).has("SYS_RESOURCE")) {
            return wanted;
        }
        return Math.max(wanted, Long.parseLong(Files.readString(OWN_OOM_SCORE).strip()));
    }
}
