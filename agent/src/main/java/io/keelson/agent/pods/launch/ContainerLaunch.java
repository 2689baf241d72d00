package io.keelson.agent.pods.launch;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.grpc.StatusRuntimeException;
import io.keelson.agent.cri.RuntimeContainer;
import io.keelson.agent.cri.RuntimePod;
import io.keelson.agent.pods.ContainerImages.Image;
import io.keelson.agent.pods.PodContainer;
import io.keelson.agent.pods.PodProblem;
import io.keelson.agent.pods.PodResources.Devices;
import io.keelson.agent.wire.cri.ContainerConfig;
import io.keelson.agent.wire.cri.CreateContainerRequest;
import io.keelson.agent.wire.cri.IDMapping;
import io.keelson.agent.wire.cri.ImageSpec;
import io.keelson.agent.wire.cri.ImageStatusRequest;
import io.keelson.agent.wire.cri.LinuxContainerSecurityContext;
import io.keelson.agent.wire.cri.Mount;
import io.keelson.agent.wire.cri.PodSandboxConfig;
import io.keelson.agent.wire.cri.PodSandboxStatus;
import io.keelson.agent.wire.cri.StartContainerRequest;
import io.keelson.controllers.runtime.Events;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Creates and starts containers in a sandbox that is there. */
public final class ContainerLaunch {
    private static final Logger LOG = LoggerFactory.getLogger(ContainerLaunch.class);
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final LaunchRooms rooms;
    private final ContainerFiles files;
    private final SandboxLaunch sandboxes;

    /** With all that it needs. */
    public ContainerLaunch(LaunchRooms rooms, SandboxLaunch sandboxes) {
        this.rooms = rooms;
        this.sandboxes = sandboxes;
        files = new ContainerFiles(rooms.folders());
    }

    /**
     * Has the image at hand, creates the container, and starts it.
     *
     * @param attempt how many runs came before, as far as the runtime knows; those that left logs count as well
     * @param runtime what there is of the pod; its newest sandbox is the one
     * @param podIps the pod's addresses
     * @return the id of the run
     * @throws PodProblem if it cannot run now; the pod's events tell it already if that was to be told
     */
    public String start(Pod pod, PodContainer container, int attempt, RuntimePod runtime, List<String> podIps)
            throws PodProblem, InterruptedException {
        PodSandboxStatus sandbox = runtime.sandboxes().getFirst();
        PodSandboxConfig sandboxConfig =
                sandboxes.config(pod, sandbox.getMetadata().getAttempt());
        Image image = rooms.images().ensure(pod, container.container(), sandboxConfig);
        int number =
                attempt > 0 ? attempt : LogFiles.runs(rooms.folders().logs(pod).resolve(container.name()));
        ContainerConfig config;
        try {
            config = config(pod, container, number, image, runtime, podIps);
        } catch (IllegalArgumentException e) {
            throw new PodProblem("CreateContainerConfigError", "Failed", String.valueOf(e.getMessage()), e);
        }
        String id = create(sandbox.getId(), config, sandboxConfig);
        Events events = rooms.events().inField(container.fieldPath());
        events.normal(pod, "Created", "Container created");
        run(id);
        link(pod, config, id);
        events.normal(pod, "Started", "Container started");
        return id;
    }

    /** For who collects logs; a container runs as well without it. */
    private void link(Pod pod, ContainerConfig config, String id) {
        try {
            rooms.logLinks()
                    .set(
                            pod.getMetadata().getNamespace(),
                            pod.getMetadata().getName(),
                            config.getMetadata().getName(),
                            id,
                            rooms.folders().logs(pod).resolve(config.getLogPath()));
        } catch (IOException e) {
            LOG.warn("the log of container {} has no link: {}", id, e.toString());
        }
    }

    private String create(String sandboxId, ContainerConfig config, PodSandboxConfig sandboxConfig)
            throws PodProblem, InterruptedException {
        try {
            return rooms.runtime()
                    .runtime(LIMIT)
                    .createContainer(CreateContainerRequest.newBuilder()
                            .setPodSandboxId(sandboxId)
                            .setConfig(config)
                            .setSandboxConfig(sandboxConfig)
                            .build())
                    .getContainerId();
        } catch (StatusRuntimeException e) {
            RuntimeErrors.throwIfInterrupted(e);
            throw new PodProblem("CreateContainerError", "Failed", RuntimeErrors.message(e), e);
        }
    }

    private void run(String id) throws PodProblem, InterruptedException {
        try {
            var _ = rooms.runtime()
                    .runtime(LIMIT)
                    .startContainer(StartContainerRequest.newBuilder()
                            .setContainerId(id)
                            .build());
        } catch (StatusRuntimeException e) {
            RuntimeErrors.throwIfInterrupted(e);
            throw new PodProblem("RunContainerError", "Failed", RuntimeErrors.message(e), e);
        }
    }

    private ContainerConfig config(
            Pod pod, PodContainer container, int attempt, Image image, RuntimePod runtime, List<String> podIps)
            throws PodProblem, InterruptedException {
        Container wanted = container.container();
        List<IDMapping> users = rooms.users().of(pod);
        Devices devices = rooms.resources().devices(pod, wanted);
        Map<String, String> variables = new LinkedHashMap<>(rooms.environment().variables(pod, wanted, podIps));
        // What is said of devices a container may say in another way.
        devices.variables().forEach(variables::putIfAbsent);
        List<Mount> mounts = new ArrayList<>(rooms.volumes().mounts(pod, wanted, variables));
        if (!podIps.isEmpty()) {
            files.hosts(pod, wanted, rooms.names().hostsFile(pod, podIps), mounts)
                    .ifPresent(mounts::add);
        }
        mounts.add(files.terminationLog(pod, container, attempt));
        mounts.addAll(devices.mounts());
        if (!users.isEmpty()) {
            mounts.replaceAll(mount -> mount.toBuilder()
                    .addAllUidMappings(users)
                    .addAllGidMappings(users)
                    .build());
        }
        ContainerConfigs.Parts parts = new ContainerConfigs.Parts(
                image,
                variables,
                mounts,
                rooms.volumes().devices(pod, wanted),
                devices,
                rooms.resources().ofContainer(pod, wanted),
                security(pod, container, image, runtime, users));
        return ContainerConfigs.of(pod, container, attempt, parts, rooms.environment(), rooms.json());
    }

    private LinuxContainerSecurityContext security(
            Pod pod, PodContainer container, Image image, RuntimePod runtime, List<IDMapping> users)
            throws PodProblem, InterruptedException {
        String target = "";
        if (!container.target().isEmpty()) {
            target = runtime.newest(container.target())
                    .filter(RuntimeContainer::running)
                    .map(RuntimeContainer::id)
                    .orElseThrow(() -> new PodProblem(
                            "CreateContainerError", "Failed", "unable to find target container " + container.target()));
        }
        SecurityContexts.Surroundings surroundings = new SecurityContexts.Surroundings(
                rooms.folders().root().resolve("seccomp"),
                rooms.profileByDefault(),
                rooms.volumes().supplementalGroups(pod),
                users,
                target);
        return SecurityContexts.of(pod, container, imageUser(image), surroundings);
    }

    private SecurityContexts.ImageUser imageUser(Image image) throws PodProblem, InterruptedException {
        io.keelson.agent.wire.cri.Image found;
        try {
            found = rooms.runtime()
                    .images(LIMIT)
                    .imageStatus(ImageStatusRequest.newBuilder()
                            .setImage(ImageSpec.newBuilder().setImage(image.reference()))
                            .build())
                    .getImage();
        } catch (StatusRuntimeException e) {
            RuntimeErrors.throwIfInterrupted(e);
            throw new PodProblem("CreateContainerConfigError", "Failed", RuntimeErrors.message(e), e);
        }
        return new SecurityContexts.ImageUser(found.hasUid() ? found.getUid().getValue() : null, found.getUsername());
    }
}
