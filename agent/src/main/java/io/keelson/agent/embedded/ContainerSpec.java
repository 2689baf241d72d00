package io.keelson.agent.embedded;

import io.keelson.agent.embedded.images.ImageConfig;
import io.keelson.agent.wire.cri.ContainerConfig;
import io.keelson.agent.wire.cri.KeyValue;
import io.keelson.agent.wire.cri.LinuxContainerSecurityContext;
import io.keelson.agent.wire.cri.NamespaceOption;
import io.keelson.agent.wire.cri.SecurityProfile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Says to a shim what to start: of a container, or of a further process in one. Reads, but changes nothing. */
final class ContainerSpec {
    private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private static final Path APPARMOR = Path.of("/sys/module/apparmor/parameters/enabled");
    private static final int OOM_MIN = -1000;
    private static final int OOM_MAX = 1000;

    private final CgroupLayout layout;
    private final SeccompFilters seccomp;
    private final long availableCapabilities;

    ContainerSpec(CgroupLayout layout, SeccompFilters seccomp, long availableCapabilities) {
        this.layout = layout;
        this.seccomp = seccomp;
        this.availableCapabilities = availableCapabilities;
    }

    /**
     * Refuses what a start would have to.
     *
     * @throws io.grpc.StatusRuntimeException if it makes no sense, or cannot be had here
     */
    void check(ContainerConfig config, ImageConfig image) throws IOException {
        if (command(config, image).isEmpty()) {
            throw RuntimeProblem.invalid("no command specified: neither the container nor its image has one");
        }
        LinuxContainerSecurityContext context = config.getLinux().getSecurityContext();
        Capabilities.of(context.getPrivileged(), context.getCapabilities(), availableCapabilities);
        seccomp(context);
        ContainerDevices.of(config);
        apparmor(context);
        if (config.getCDIDevicesCount() > 0) {
            throw RuntimeProblem.invalid("the embedded runtime has no CDI devices: use containerd for them");
        }
        for (KeyValue variable : config.getEnvsList()) {
            if (variable.getKey().isEmpty() || variable.getKey().contains("=")) {
                throw RuntimeProblem.invalid("\"" + variable.getKey() + "\" cannot be a variable's name");
            }
        }
    }

    /** What runs, and its arguments. */
    static List<String> command(ContainerConfig config, ImageConfig image) {
        List<String> command = new ArrayList<>();
        if (config.getCommandCount() > 0) {
            command.addAll(config.getCommandList());
            command.addAll(config.getArgsList());
            return command;
        }
        command.addAll(image.entrypoint());
        command.addAll(config.getArgsCount() > 0 ? config.getArgsList() : image.command());
        return command;
    }

    /** All that a shim is told to start a container. */
    ShimFields start(Container container, ImageConfig image, Path root, List<Path> sources) throws IOException {
        ContainerConfig config = container.config();
        LinuxContainerSecurityContext context = config.getLinux().getSecurityContext();
        boolean ownCgroups = !context.getPrivileged() || !layout.isVersionOne();
        ContainerDevices devices = ContainerDevices.of(config);
        boolean ownDevices = config.getMountsList().stream()
                .noneMatch(mount ->
                        Path.of(mount.getContainerPath()).normalize().toString().equals("/dev"));
        ShimFields spec = new ShimFields()
                .text(ShimTag.ID, container.id())
                .text(ShimTag.ROOT, root.toString())
                .texts(ShimTag.ARGUMENT, command(config, image));
        common(spec, container, image, config.getTty());
        for (ShimFields mount : ContainerMounts.of(
                config,
                PodFileWriter.files(container.sandbox()),
                container.sandbox().users(),
                layout,
                ownCgroups,
                sources)) {
            spec.fields(ShimTag.MOUNT, mount);
        }
        if (ownDevices) {
            devices.nodes().forEach(node -> spec.fields(ShimTag.DEVICE, node.fields()));
        }
        Path unified = layout.unified();
        if (!layout.isVersionOne() && unified != null && !devices.all()) {
            spec.text(
                    ShimTag.UNIFIED_CGROUP,
                    CgroupLayout.below(unified, container.cgroup()).toString());
            spec.bytes(ShimTag.DEVICE_FILTER, DeviceProgram.assemble(devices.rules()));
        }
        if (!context.getPrivileged()) {
            spec.texts(ShimTag.MASKED, context.getMaskedPathsList());
            spec.texts(ShimTag.READONLY, context.getReadonlyPathsList());
        }
        if (!container.logPath().isEmpty()) {
            spec.text(ShimTag.LOG, container.logPath());
        }
        processes(spec, context.getNamespaceOptions());
        long flags = flags(context);
        flags |= config.getTty() ? ShimTag.TERMINAL : 0;
        flags |= config.getStdin() ? ShimTag.INPUT : 0;
        flags |= config.getStdin() && config.getStdinOnce() ? ShimTag.INPUT_ONCE : 0;
        flags |= context.getReadonlyRootfs() ? ShimTag.READONLY_ROOT : 0;
        flags |= ownCgroups ? ShimTag.CGROUP_NAMESPACE : 0;
        flags |= ownDevices ? ShimTag.DEVICE_LINKS : 0;
        return spec.number(ShimTag.FLAGS, flags);
    }

    /** All that a shim is told to run a further process in a container. */
    ShimFields exec(Container container, ImageConfig image, List<String> command, long flags) throws IOException {
        ShimFields spec = new ShimFields().text(ShimTag.ID, container.id()).texts(ShimTag.ARGUMENT, command);
        common(spec, container, image, (flags & ShimTag.TERMINAL) != 0);
        return spec.number(
                ShimTag.FLAGS, flags | flags(container.config().getLinux().getSecurityContext()));
    }

    private void common(ShimFields spec, Container container, ImageConfig image, boolean terminal) throws IOException {
        ContainerConfig config = container.config();
        LinuxContainerSecurityContext context = config.getLinux().getSecurityContext();
        environment(spec, container, image, terminal);
        String folder = config.getWorkingDir().isEmpty() ? image.workingFolder() : config.getWorkingDir();
        spec.text(ShimTag.DIRECTORY, folder.isEmpty() ? "/" : folder);
        long user = Long.parseLong(container.fact("user"));
        spec.number(ShimTag.USER, user);
        container.sandbox().users().ifPresent(users -> spec.number(ShimTag.OWNER, users.userOutside(user)));
        spec.number(ShimTag.GROUP, Long.parseLong(container.fact("group")));
        for (String group : container.fact("groups").split(",", -1)) {
            if (!group.isEmpty()) {
                spec.number(ShimTag.OTHER_GROUP, Long.parseLong(group));
            }
        }
        Capabilities capabilities =
                Capabilities.of(context.getPrivileged(), context.getCapabilities(), availableCapabilities);
        spec.bytes(ShimTag.CAPABILITIES, capabilities.toBytes());
        byte[] filter = seccomp(context);
        if (filter.length > 0) {
            spec.bytes(ShimTag.SECCOMP, filter);
        }
        String confinement = apparmor(context);
        if (!confinement.isEmpty()) {
            spec.text(ShimTag.APPARMOR, confinement);
        }
        for (Path cgroup : layout.folders(container.cgroup())) {
            spec.text(ShimTag.CGROUP, cgroup.toString());
        }
        Path events = new ContainerCgroups(layout).memoryEvents(container.cgroup());
        if (events != null) {
            spec.text(ShimTag.MEMORY_EVENTS, events.toString());
        }
        spec.number(
                ShimTag.OOM_SCORE, Math.clamp(config.getLinux().getResources().getOomScoreAdj(), OOM_MIN, OOM_MAX));
    }

    /**
     * What the kernel is told to confine the next program with; empty: nothing. The machine's own profiles are not
     * loaded here.
     */
    private static String apparmor(LinuxContainerSecurityContext context) throws IOException {
        SecurityProfile profile = context.getApparmor();
        if (profile.getProfileType() != SecurityProfile.ProfileType.Localhost || context.getPrivileged()) {
            return "";
        }
        if (!Files.exists(APPARMOR) || !Files.readString(APPARMOR).startsWith("Y")) {
            throw RuntimeProblem.invalid("the AppArmor profile " + profile.getLocalhostRef()
                    + " cannot be used: AppArmor is not enabled on this node");
        }
        return "exec " + profile.getLocalhostRef();
    }

    private byte[] seccomp(LinuxContainerSecurityContext context) throws IOException {
        Capabilities capabilities =
                Capabilities.of(context.getPrivileged(), context.getCapabilities(), availableCapabilities);
        return seccomp.filter(context, capabilities);
    }

    private static long flags(LinuxContainerSecurityContext context) {
        return context.getNoNewPrivs() ? ShimTag.NO_NEW_PRIVILEGES : 0;
    }

    private static void processes(ShimFields spec, NamespaceOption namespaces) {
        switch (namespaces.getPid()) {
            case POD -> spec.number(ShimTag.PROCESSES, ShimTag.PROCESSES_POD);
            case NODE -> spec.number(ShimTag.PROCESSES, ShimTag.PROCESSES_NODE);
            case TARGET ->
                spec.number(ShimTag.PROCESSES, ShimTag.PROCESSES_TARGET).text(ShimTag.TARGET, namespaces.getTargetId());
            default -> spec.number(ShimTag.PROCESSES, ShimTag.PROCESSES_OWN);
        }
    }

    private static void environment(ShimFields spec, Container container, ImageConfig image, boolean terminal)
            throws IOException {
        Map<String, byte[]> variables = new LinkedHashMap<>();
        variables.put("PATH", bytes(PATH));
        if (terminal) {
            variables.put("TERM", bytes("xterm"));
        }
        variables.put(
                "HOSTNAME", bytes(PodFileWriter.hostname(container.sandbox().config())));
        for (String variable : image.environment()) {
            int equals = variable.indexOf('=');
            if (equals > 0) {
                variables.put(variable.substring(0, equals), bytes(variable.substring(equals + 1)));
            }
        }
        for (KeyValue variable : container.config().getEnvsList()) {
            variables.put(variable.getKey(), variable.getValue().toByteArray());
        }
        variables.putIfAbsent("HOME", bytes(container.fact("home")));
        variables.forEach((name, value) -> {
            byte[] start = bytes(name + "=");
            byte[] whole = Arrays.copyOf(start, start.length + value.length);
            System.arraycopy(value, 0, whole, start.length, value.length);
            spec.text(ShimTag.ENVIRONMENT, whole);
        });
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
