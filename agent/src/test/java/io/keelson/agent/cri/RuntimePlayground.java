package io.keelson.agent.cri;

import static org.junit.jupiter.api.Assertions.fail;

import io.keelson.agent.wire.cri.ContainerConfig;
import io.keelson.agent.wire.cri.ContainerMetadata;
import io.keelson.agent.wire.cri.ContainerState;
import io.keelson.agent.wire.cri.ContainerStatus;
import io.keelson.agent.wire.cri.ContainerStatusRequest;
import io.keelson.agent.wire.cri.CreateContainerRequest;
import io.keelson.agent.wire.cri.ImageSpec;
import io.keelson.agent.wire.cri.LinuxContainerConfig;
import io.keelson.agent.wire.cri.LinuxPodSandboxConfig;
import io.keelson.agent.wire.cri.LinuxSandboxSecurityContext;
import io.keelson.agent.wire.cri.NamespaceMode;
import io.keelson.agent.wire.cri.NamespaceOption;
import io.keelson.agent.wire.cri.PodSandboxConfig;
import io.keelson.agent.wire.cri.PodSandboxMetadata;
import io.keelson.agent.wire.cri.RemovePodSandboxRequest;
import io.keelson.agent.wire.cri.RunPodSandboxRequest;
import io.keelson.agent.wire.cri.RuntimeServiceGrpc;
import io.keelson.agent.wire.cri.StartContainerRequest;
import io.keelson.agent.wire.cri.StopPodSandboxRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Makes small pods in a runtime for a test, and takes them all away after it. */
public final class RuntimePlayground {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final RuntimeConnection connection;
    private final String image;
    private final String cgroupParent;
    private final Path logs;
    private final RuntimeSuite.Ways ways;
    private final Map<String, PodSandboxConfig> pods = new HashMap<>();
    private int containers;

    public RuntimePlayground(RuntimeConnection connection, String image, String cgroupParent, Path folder) {
        this(connection, image, cgroupParent, folder, RuntimeSuite.Ways.USUAL);
    }

    /** @param ways in which all pods are run */
    public RuntimePlayground(
            RuntimeConnection connection, String image, String cgroupParent, Path folder, RuntimeSuite.Ways ways) {
        this.ways = ways;
        this.connection = connection;
        this.image = image;
        this.cgroupParent = cgroupParent;
        this.logs = folder.resolve("logs");
    }

    /** The runtime; calls that take longer than two minutes fail. */
    public RuntimeServiceGrpc.RuntimeServiceBlockingStub calls() {
        return connection.runtime(LIMIT);
    }

    /** Runs a sandbox, and returns its id. */
    public String run() {
        return run(_ -> {});
    }

    /** The same with something changed. */
    public String run(Consumer<PodSandboxConfig.Builder> change) {
        String name = "pod" + pods.size();
        PodSandboxConfig.Builder config = PodSandboxConfig.newBuilder()
                .setMetadata(PodSandboxMetadata.newBuilder()
                        .setName(name)
                        .setNamespace("test")
                        .setUid(UUID.randomUUID().toString()))
                .setHostname("the-host")
                .setLogDirectory(logs.resolve(name).toString())
                .setLinux(LinuxPodSandboxConfig.newBuilder()
                        .setCgroupParent(cgroupParent)
                        .setSecurityContext(LinuxSandboxSecurityContext.newBuilder()
                                .setNamespaceOptions(
                                        NamespaceOption.newBuilder().setPid(NamespaceMode.CONTAINER))));
        change.accept(config);
        ways.users()
                .ifPresent(users -> config.getLinuxBuilder()
                        .getSecurityContextBuilder()
                        .getNamespaceOptionsBuilder()
                        .setUsernsOptions(users));
        String id = calls().runPodSandbox(RunPodSandboxRequest.newBuilder()
                        .setConfig(config)
                        .setRuntimeHandler(ways.handler())
                        .build())
                .getPodSandboxId();
        pods.put(id, config.build());
        return id;
    }

    /** A container that runs a script. */
    public ContainerConfig.Builder shell(String script) {
        return command("sh", "-c", script);
    }

    /** A container that runs a program. */
    public ContainerConfig.Builder command(String... words) {
        String name = "c" + containers++;
        return ContainerConfig.newBuilder()
                .setMetadata(ContainerMetadata.newBuilder().setName(name))
                .setImage(ImageSpec.newBuilder().setImage(image))
                .addAllCommand(List.of(words))
                .setLogPath(name + "/0.log")
                .setLinux(LinuxContainerConfig.newBuilder().setSecurityContext(RuntimeSuite.plain()));
    }

    /** Creates it, and returns its id. */
    public String create(String pod, ContainerConfig.Builder config) throws IOException {
        PodSandboxConfig sandbox = pods.getOrDefault(pod, PodSandboxConfig.getDefaultInstance());
        Path log = Path.of(sandbox.getLogDirectory(), config.getLogPath()).getParent();
        if (log != null) {
            Files.createDirectories(log);
        }
        ways.users().ifPresent(users -> {
            config.getLinuxBuilder()
                    .getSecurityContextBuilder()
                    .getNamespaceOptionsBuilder()
                    .setUsernsOptions(users);
            config.getMountsBuilderList()
                    .forEach(mount ->
                            mount.addAllUidMappings(users.getUidsList()).addAllGidMappings(users.getGidsList()));
        });
        return calls().createContainer(CreateContainerRequest.newBuilder()
                        .setPodSandboxId(pod)
                        .setConfig(config)
                        .setSandboxConfig(sandbox)
                        .build())
                .getContainerId();
    }

    public void start(String id) {
        var _ = calls().startContainer(
                        StartContainerRequest.newBuilder().setContainerId(id).build());
    }

    public void stopSandbox(String id) {
        var _ = calls().stopPodSandbox(
                        StopPodSandboxRequest.newBuilder().setPodSandboxId(id).build());
    }

    public void removeSandbox(String id) {
        var _ = calls().removePodSandbox(
                        RemovePodSandboxRequest.newBuilder().setPodSandboxId(id).build());
        pods.remove(id);
    }

    /** Takes all pods away that were run here. */
    public void removeAll() {
        for (String id : new ArrayList<>(pods.keySet())) {
            stopSandbox(id);
            removeSandbox(id);
        }
    }

    public ContainerStatus status(String id) {
        return calls().containerStatus(
                        ContainerStatusRequest.newBuilder().setContainerId(id).build())
                .getStatus();
    }

    /** Waits for a container's end. */
    public ContainerStatus awaitExit(String id) throws Exception {
        awaitTrue(() -> status(id).getState() == ContainerState.CONTAINER_EXITED);
        return status(id);
    }

    /** Waits until a text is in the output. */
    public void awaitOutput(String id, String text) throws Exception {
        awaitTrue(() -> output(id).contains(text));
    }

    /** What a container has written to its standard output, as its log has it. */
    public String output(String id) throws IOException {
        Path log = Path.of(status(id).getLogPath());
        if (!Files.exists(log)) {
            return "";
        }
        return Files.readAllLines(log).stream()
                .map(line -> line.split(" ", 4))
                .filter(parts -> parts.length == 4 && parts[1].equals("stdout"))
                .map(parts -> parts[3] + (parts[2].equals("F") ? "\n" : ""))
                .collect(Collectors.joining());
    }

    /** Waits until something holds. */
    public void awaitTrue(Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!condition.call()) {
            if (System.nanoTime() > end) {
                fail("it did not come true within " + LIMIT);
            }
            Thread.sleep(Duration.ofMillis(20));
        }
    }

    /** A container's first process, by a runtime that says so in what it tells besides. */
    public long pid(String container) {
        return calls().containerStatus(ContainerStatusRequest.newBuilder()
                        .setContainerId(container)
                        .setVerbose(true)
                        .build())
                .getInfoOrThrow("info")
                .lines()
                .map(line -> line.replaceAll(".*\"pid\":\"(\\d+)\".*", "$1"))
                .mapToLong(Long::parseLong)
                .findFirst()
                .orElseThrow();
    }
}
