package io.keelson.agent.embedded;

import io.keelson.agent.embedded.ContainerPlan.ProcessPlan;
import io.keelson.agent.embedded.images.ImageConfig;
import io.keelson.agent.mounts.CgroupMounts;
import io.keelson.agent.wire.cri.ContainerConfig;
import io.keelson.agent.wire.cri.KeyValue;
import io.keelson.agent.wire.cri.LinuxContainerSecurityContext;
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

/** Finds out what is to be started: of a container, or of a further process in one. Reads, but changes nothing. */
final class ContainerSpec {
    private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private static final Path APPARMOR = Path.of("/sys/module/apparmor/parameters/enabled");
    private static final int OOM_MIN = -1000;
    private static final int OOM_MAX = 1000;

    private final CgroupMounts mounts;
    private final SeccompFilters seccomp;
    private final long availableCapabilities;

    ContainerSpec(CgroupMounts mounts, SeccompFilters seccomp, long availableCapabilities) {
        this.mounts = mounts;
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
        seccomp.filter(context, capabilities(context));
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

    /**
     * What a container is to be.
     *
     * @param sources the folders or files of the config's mounts, in their order
     */
    ContainerPlan start(Container container, ImageConfig image, Path root, List<Path> sources) throws IOException {
        ContainerConfig config = container.config();
        LinuxContainerSecurityContext context = config.getLinux().getSecurityContext();
        boolean ownCgroups = !context.getPrivileged() || mounts.isUnified();
        boolean ownDevices = config.getMountsList().stream()
                .noneMatch(mount ->
                        Path.of(mount.getContainerPath()).normalize().toString().equals("/dev"));
        return new ContainerPlan(
                container,
                root.toString(),
                process(container, image, command(config, image), config.getTty()),
                ContainerMounts.of(
                        config,
                        PodFileWriter.files(container.sandbox()),
                        container.sandbox().users(),
                        mounts,
                        ownCgroups,
                        sources),
                ContainerDevices.of(config),
                ownDevices,
                ownCgroups,
                context.getReadonlyRootfs(),
                context.getPrivileged() ? List.of() : context.getMaskedPathsList(),
                context.getPrivileged() ? List.of() : context.getReadonlyPathsList(),
                context.getNamespaceOptions().getPid(),
                context.getNamespaceOptions().getTargetId(),
                container.logPath(),
                config.getStdin(),
                config.getStdinOnce());
    }

    /** What a process of a container is to be. */
    ProcessPlan process(Container container, ImageConfig image, List<String> command, boolean terminal)
            throws IOException {
        ContainerConfig config = container.config();
        LinuxContainerSecurityContext context = config.getLinux().getSecurityContext();
        String folder = config.getWorkingDir().isEmpty() ? image.workingFolder() : config.getWorkingDir();
        List<Long> groups = new ArrayList<>();
        for (String group : container.fact("groups").split(",", -1)) {
            if (!group.isEmpty()) {
                groups.add(Long.parseLong(group));
            }
        }
        return new ProcessPlan(
                command,
                environment(container, image, terminal),
                folder.isEmpty() ? "/" : folder,
                Long.parseLong(container.fact("user")),
                Long.parseLong(container.fact("group")),
                groups,
                capabilities(context),
                context.getNoNewPrivs(),
                apparmor(context),
                Math.clamp(config.getLinux().getResources().getOomScoreAdj(), OOM_MIN, OOM_MAX),
                terminal);
    }

    private Capabilities capabilities(LinuxContainerSecurityContext context) {
        return Capabilities.of(context.getPrivileged(), context.getCapabilities(), availableCapabilities);
    }

    /** The profile that confines a container; empty: none. The machine's own profiles are not loaded here. */
    private static String apparmor(LinuxContainerSecurityContext context) throws IOException {
        SecurityProfile profile = context.getApparmor();
        if (profile.getProfileType() != SecurityProfile.ProfileType.Localhost || context.getPrivileged()) {
            return "";
        }
        if (!Files.exists(APPARMOR) || !Files.readString(APPARMOR).startsWith("Y")) {
            throw RuntimeProblem.invalid("the AppArmor profile " + profile.getLocalhostRef()
                    + " cannot be used: AppArmor is not enabled on this node");
        }
        return profile.getLocalhostRef();
    }

    private static List<byte[]> environment(Container container, ImageConfig image, boolean terminal)
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
        List<byte[]> lines = new ArrayList<>();
        variables.forEach((name, value) -> {
            byte[] start = bytes(name + "=");
            byte[] whole = Arrays.copyOf(start, start.length + value.length);
            System.arraycopy(value, 0, whole, start.length, value.length);
            lines.add(whole);
        });
        return lines;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
