package io.keelson.agent.embedded;

import io.keelson.agent.wire.cri.ContainerAttributes;
import io.keelson.agent.wire.cri.ContainerConfig;
import io.keelson.agent.wire.cri.ContainerEventResponse;
import io.keelson.agent.wire.cri.ContainerEventType;
import io.keelson.agent.wire.cri.ContainerFilter;
import io.keelson.agent.wire.cri.ContainerResources;
import io.keelson.agent.wire.cri.ContainerStatus;
import io.keelson.agent.wire.cri.ContainerUser;
import io.keelson.agent.wire.cri.LinuxContainerUser;
import io.keelson.agent.wire.cri.LinuxPodSandboxStatus;
import io.keelson.agent.wire.cri.Namespace;
import io.keelson.agent.wire.cri.PodIP;
import io.keelson.agent.wire.cri.PodSandbox;
import io.keelson.agent.wire.cri.PodSandboxAttributes;
import io.keelson.agent.wire.cri.PodSandboxFilter;
import io.keelson.agent.wire.cri.PodSandboxNetworkStatus;
import io.keelson.agent.wire.cri.PodSandboxState;
import io.keelson.agent.wire.cri.PodSandboxStatus;
import java.util.List;
import java.util.Map;

/** Sandboxes and containers in the words of CRI. */
final class Descriptions {
    private Descriptions() {}

    static PodSandboxState state(Sandbox sandbox) {
        return sandbox.isReady() ? PodSandboxState.SANDBOX_READY : PodSandboxState.SANDBOX_NOTREADY;
    }

    static PodSandbox entry(Sandbox sandbox) {
        return PodSandbox.newBuilder()
                .setId(sandbox.id())
                .setMetadata(sandbox.config().getMetadata())
                .setState(state(sandbox))
                .setCreatedAt(sandbox.createdAt())
                .putAllLabels(sandbox.config().getLabelsMap())
                .putAllAnnotations(sandbox.config().getAnnotationsMap())
                .setRuntimeHandler(sandbox.handler())
                .build();
    }

    static PodSandboxStatus status(Sandbox sandbox) {
        PodSandboxNetworkStatus.Builder network = PodSandboxNetworkStatus.newBuilder();
        List<String> addresses = sandbox.addresses();
        if (!addresses.isEmpty() && sandbox.isReady()) {
            network.setIp(addresses.getFirst());
            for (String other : addresses.subList(1, addresses.size())) {
                network.addAdditionalIps(PodIP.newBuilder().setIp(other));
            }
        }
        return PodSandboxStatus.newBuilder()
                .setId(sandbox.id())
                .setMetadata(sandbox.config().getMetadata())
                .setState(state(sandbox))
                .setCreatedAt(sandbox.createdAt())
                .setNetwork(network)
                .setLinux(LinuxPodSandboxStatus.newBuilder()
                        .setNamespaces(Namespace.newBuilder().setOptions(sandbox.namespaces())))
                .putAllLabels(sandbox.config().getLabelsMap())
                .putAllAnnotations(sandbox.config().getAnnotationsMap())
                .setRuntimeHandler(sandbox.handler())
                .build();
    }

    static PodSandboxAttributes attributes(Sandbox sandbox) {
        return PodSandboxAttributes.newBuilder()
                .setId(sandbox.id())
                .setMetadata(sandbox.config().getMetadata())
                .putAllLabels(sandbox.config().getLabelsMap())
                .putAllAnnotations(sandbox.config().getAnnotationsMap())
                .build();
    }

    static io.keelson.agent.wire.cri.Container entry(Container container) {
        ContainerConfig config = container.config();
        return io.keelson.agent.wire.cri.Container.newBuilder()
                .setId(container.id())
                .setPodSandboxId(container.sandbox().id())
                .setMetadata(config.getMetadata())
                .setImage(config.getImage())
                .setImageRef(container.fact("imageId"))
                .setImageId(container.fact("imageId"))
                .setState(container.run().state())
                .setCreatedAt(container.createdAt())
                .putAllLabels(config.getLabelsMap())
                .putAllAnnotations(config.getAnnotationsMap())
                .build();
    }

    static ContainerStatus status(Container container) {
        ContainerConfig config = container.config();
        Run run = container.run();
        LinuxContainerUser.Builder user = LinuxContainerUser.newBuilder()
                .setUid(number(container.fact("user")))
                .setGid(number(container.fact("group")));
        for (String group : container.fact("groups").split(",", -1)) {
            if (!group.isEmpty()) {
                user.addSupplementalGroups(number(group));
            }
        }
        return ContainerStatus.newBuilder()
                .setId(container.id())
                .setMetadata(config.getMetadata())
                .setState(run.state())
                .setCreatedAt(container.createdAt())
                .setStartedAt(run.startedAt())
                .setFinishedAt(run.finishedAt())
                .setExitCode(run.exitCode())
                .setImage(config.getImage())
                .setImageRef(container.fact("imageId"))
                .setImageId(container.fact("imageId"))
                .setReason(run.reason())
                .setMessage(run.message())
                .putAllLabels(config.getLabelsMap())
                .putAllAnnotations(config.getAnnotationsMap())
                .addAllMounts(config.getMountsList())
                .setLogPath(container.logPath())
                .setResources(ContainerResources.newBuilder().setLinux(container.resources()))
                .setUser(ContainerUser.newBuilder().setLinux(user))
                .setStopSignal(Signals.named(Signals.stop(config.getStopSignal(), container.fact("stopSignal"))))
                .build();
    }

    static ContainerAttributes attributes(Container container) {
        return ContainerAttributes.newBuilder()
                .setId(container.id())
                .setMetadata(container.config().getMetadata())
                .putAllLabels(container.config().getLabelsMap())
                .putAllAnnotations(container.config().getAnnotationsMap())
                .build();
    }

    /** What listeners hear of a container's step: with all that its pod has then. */
    static ContainerEventResponse event(Container container, ContainerEventType type, long now) {
        return ContainerEventResponse.newBuilder()
                .setContainerId(container.id())
                .setContainerEventType(type)
                .setCreatedAt(now)
                .setPodSandboxStatus(status(container.sandbox()))
                .addAllContainersStatuses(container.sandbox().containers().values().stream()
                        .map(Descriptions::status)
                        .toList())
                .build();
    }

    /** The same of a sandbox, which is told as if it were a container. */
    static ContainerEventResponse event(Sandbox sandbox, ContainerEventType type, long now) {
        return ContainerEventResponse.newBuilder()
                .setContainerId(sandbox.id())
                .setContainerEventType(type)
                .setCreatedAt(now)
                .setPodSandboxStatus(status(sandbox))
                .addAllContainersStatuses(sandbox.containers().values().stream()
                        .map(Descriptions::status)
                        .toList())
                .build();
    }

    static boolean matches(Sandbox sandbox, PodSandboxFilter filter) {
        return sandbox.id().startsWith(filter.getId())
                && (!filter.hasState() || filter.getState().getState() == state(sandbox))
                && hasLabels(sandbox.config().getLabelsMap(), filter.getLabelSelectorMap());
    }

    static boolean matches(Container container, ContainerFilter filter) {
        return container.id().startsWith(filter.getId())
                && container.sandbox().id().startsWith(filter.getPodSandboxId())
                && (!filter.hasState()
                        || filter.getState().getState() == container.run().state())
                && hasLabels(container.config().getLabelsMap(), filter.getLabelSelectorMap());
    }

    static boolean hasLabels(Map<String, String> labels, Map<String, String> wanted) {
        return labels.entrySet().containsAll(wanted.entrySet());
    }

    private static long number(String text) {
        return text.isEmpty() ? 0 : Long.parseLong(text);
    }
}
