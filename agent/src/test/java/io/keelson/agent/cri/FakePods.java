package io.keelson.agent.cri;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.keelson.agent.wire.cri.AttachRequest;
import io.keelson.agent.wire.cri.AttachResponse;
import io.keelson.agent.wire.cri.CgroupDriver;
import io.keelson.agent.wire.cri.Container;
import io.keelson.agent.wire.cri.ContainerConfig;
import io.keelson.agent.wire.cri.ContainerEventResponse;
import io.keelson.agent.wire.cri.ContainerEventType;
import io.keelson.agent.wire.cri.ContainerFilter;
import io.keelson.agent.wire.cri.ContainerResources;
import io.keelson.agent.wire.cri.ContainerState;
import io.keelson.agent.wire.cri.ContainerStatus;
import io.keelson.agent.wire.cri.ContainerStatusRequest;
import io.keelson.agent.wire.cri.ContainerStatusResponse;
import io.keelson.agent.wire.cri.CreateContainerRequest;
import io.keelson.agent.wire.cri.CreateContainerResponse;
import io.keelson.agent.wire.cri.ExecRequest;
import io.keelson.agent.wire.cri.ExecResponse;
import io.keelson.agent.wire.cri.ExecSyncRequest;
import io.keelson.agent.wire.cri.ExecSyncResponse;
import io.keelson.agent.wire.cri.GetEventsRequest;
import io.keelson.agent.wire.cri.LinuxRuntimeConfiguration;
import io.keelson.agent.wire.cri.ListContainersRequest;
import io.keelson.agent.wire.cri.ListContainersResponse;
import io.keelson.agent.wire.cri.ListPodSandboxRequest;
import io.keelson.agent.wire.cri.ListPodSandboxResponse;
import io.keelson.agent.wire.cri.PodSandbox;
import io.keelson.agent.wire.cri.PodSandboxConfig;
import io.keelson.agent.wire.cri.PodSandboxFilter;
import io.keelson.agent.wire.cri.PodSandboxNetworkStatus;
import io.keelson.agent.wire.cri.PodSandboxState;
import io.keelson.agent.wire.cri.PodSandboxStatus;
import io.keelson.agent.wire.cri.PodSandboxStatusRequest;
import io.keelson.agent.wire.cri.PodSandboxStatusResponse;
import io.keelson.agent.wire.cri.PortForwardRequest;
import io.keelson.agent.wire.cri.PortForwardResponse;
import io.keelson.agent.wire.cri.RemoveContainerRequest;
import io.keelson.agent.wire.cri.RemoveContainerResponse;
import io.keelson.agent.wire.cri.RemovePodSandboxRequest;
import io.keelson.agent.wire.cri.RemovePodSandboxResponse;
import io.keelson.agent.wire.cri.ReopenContainerLogRequest;
import io.keelson.agent.wire.cri.ReopenContainerLogResponse;
import io.keelson.agent.wire.cri.RunPodSandboxRequest;
import io.keelson.agent.wire.cri.RunPodSandboxResponse;
import io.keelson.agent.wire.cri.RuntimeCondition;
import io.keelson.agent.wire.cri.RuntimeConfigRequest;
import io.keelson.agent.wire.cri.RuntimeConfigResponse;
import io.keelson.agent.wire.cri.RuntimeServiceGrpc;
import io.keelson.agent.wire.cri.RuntimeStatus;
import io.keelson.agent.wire.cri.StartContainerRequest;
import io.keelson.agent.wire.cri.StartContainerResponse;
import io.keelson.agent.wire.cri.StatusRequest;
import io.keelson.agent.wire.cri.StatusResponse;
import io.keelson.agent.wire.cri.StopContainerRequest;
import io.keelson.agent.wire.cri.StopContainerResponse;
import io.keelson.agent.wire.cri.StopPodSandboxRequest;
import io.keelson.agent.wire.cri.StopPodSandboxResponse;
import io.keelson.agent.wire.cri.UpdateContainerResourcesRequest;
import io.keelson.agent.wire.cri.UpdateContainerResourcesResponse;
import io.keelson.agent.wire.cri.UpdatePodSandboxResourcesRequest;
import io.keelson.agent.wire.cri.UpdatePodSandboxResourcesResponse;
import io.keelson.agent.wire.cri.VersionRequest;
import io.keelson.agent.wire.cri.VersionResponse;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;

/** Sandboxes and containers of a fake runtime. One lock, under which nothing waits. */
final class FakePods extends RuntimeServiceGrpc.RuntimeServiceImplBase {
    private final FakeCalls calls;
    private final FakeImages images;
    private final InstantSource time;
    private final FakeEvents events = new FakeEvents();
    private final Map<String, PodSandboxStatus> sandboxes = new LinkedHashMap<>();
    private final Map<String, ContainerStatus> containers = new LinkedHashMap<>();
    private final Map<String, String> sandboxOf = new LinkedHashMap<>();
    private final Map<String, RuntimeCondition> conditions = new TreeMap<>();
    private BiFunction<String, List<String>, ExecSyncResponse> exec =
            (_, _) -> ExecSyncResponse.getDefaultInstance();
    private int stopCode = 137;
    private String nextIp = "";
    private int number;

    FakePods(FakeCalls calls, FakeImages images, InstantSource time) {
        this.calls = calls;
        this.images = images;
        this.time = time;
        condition("RuntimeReady", true, "", "");
        condition("NetworkReady", true, "", "");
    }

    FakeEvents events() {
        return events;
    }

    synchronized Collection<PodSandboxStatus> sandboxes() {
        return List.copyOf(sandboxes.values());
    }

    synchronized Collection<ContainerStatus> containers() {
        return List.copyOf(containers.values());
    }

    synchronized void onExec(BiFunction<String, List<String>, ExecSyncResponse> answer) {
        exec = answer;
    }

    synchronized void stopCode(int code) {
        stopCode = code;
    }

    synchronized void nextIp(String ip) {
        nextIp = ip;
    }

    synchronized void condition(String type, boolean status, String reason, String message) {
        conditions.put(
                type,
                RuntimeCondition.newBuilder()
                        .setType(type)
                        .setStatus(status)
                        .setReason(reason)
                        .setMessage(message)
                        .build());
    }

    synchronized void exit(String containerId, int code, String reason) {
        ContainerStatus container = container(containerId);
        if (container.getState() != ContainerState.CONTAINER_RUNNING) {
            throw new IllegalStateException(containerId + " does not run");
        }
        containers.put(
                containerId,
                container.toBuilder()
                        .setState(ContainerState.CONTAINER_EXITED)
                        .setFinishedAt(now())
                        .setExitCode(code)
                        .setReason(reason)
                        .build());
        tell(containerId, ContainerEventType.CONTAINER_STOPPED_EVENT);
    }

    synchronized void killSandbox(String sandboxId) {
        PodSandboxStatus sandbox = sandbox(sandboxId);
        inSandbox(sandboxId).stream()
                .filter(container -> container.getState() == ContainerState.CONTAINER_RUNNING)
                .forEach(container -> exit(container.getId(), 137, "Error"));
        sandboxes.put(
                sandboxId,
                sandbox.toBuilder().setState(PodSandboxState.SANDBOX_NOTREADY).build());
        tell(sandboxId, ContainerEventType.CONTAINER_STOPPED_EVENT);
    }

    private long now() {
        Instant now = time.instant();
        return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
    }

    private String newId() {
        return HexFormat.of().toHexDigits(++number) + "0".repeat(56);
    }

    private List<ContainerStatus> inSandbox(String sandboxId) {
        return containers.values().stream()
                .filter(container -> sandboxId.equals(sandboxOf.get(container.getId())))
                .toList();
    }

    private PodSandboxStatus sandbox(String id) {
        PodSandboxStatus sandbox = sandboxes.get(id);
        if (sandbox == null) {
            throw refused(Status.NOT_FOUND, "an error occurred when try to find sandbox: " + id + ": not found");
        }
        return sandbox;
    }

    private ContainerStatus container(String id) {
        ContainerStatus container = containers.get(id);
        if (container == null) {
            throw refused(Status.NOT_FOUND, "an error occurred when try to find container \"" + id + "\": not found");
        }
        return container;
    }

    private static StatusRuntimeException refused(Status status, String why) {
        return status.withDescription(why).asRuntimeException();
    }

    private void tell(String id, ContainerEventType type) {
        String sandboxId = sandboxes.containsKey(id) ? id : sandboxOf.getOrDefault(id, "");
        ContainerEventResponse.Builder event = ContainerEventResponse.newBuilder()
                .setContainerId(id)
                .setContainerEventType(type)
                .setCreatedAt(now());
        PodSandboxStatus sandbox = sandboxes.get(sandboxId);
        if (sandbox != null) {
            event.setPodSandboxStatus(sandbox).addAllContainersStatuses(inSandbox(sandboxId));
        }
        events.tell(event.build());
    }

    @Override
    public void version(VersionRequest request, StreamObserver<VersionResponse> caller) {
        calls.answer("Version", caller, () -> VersionResponse.newBuilder()
                .setVersion("0.1.0")
                .setRuntimeName("fake")
                .setRuntimeVersion("1.2.3")
                .setRuntimeApiVersion("v1")
                .build());
    }

    @Override
    public void status(StatusRequest request, StreamObserver<StatusResponse> caller) {
        calls.answer("Status", caller, () -> {
            synchronized (this) {
                return StatusResponse.newBuilder()
                        .setStatus(RuntimeStatus.newBuilder().addAllConditions(conditions.values()))
                        .build();
            }
        });
    }

    @Override
    public void runtimeConfig(RuntimeConfigRequest request, StreamObserver<RuntimeConfigResponse> caller) {
        calls.answer("RuntimeConfig", caller, () -> RuntimeConfigResponse.newBuilder()
                .setLinux(LinuxRuntimeConfiguration.newBuilder().setCgroupDriver(CgroupDriver.CGROUPFS))
                .build());
    }

    @Override
    public void getContainerEvents(GetEventsRequest request, StreamObserver<ContainerEventResponse> caller) {
        events.add(caller);
    }

    @Override
    public void runPodSandbox(RunPodSandboxRequest request, StreamObserver<RunPodSandboxResponse> caller) {
        calls.answer("RunPodSandbox", caller, () -> RunPodSandboxResponse.newBuilder()
                .setPodSandboxId(newSandbox(request))
                .build());
    }

    private synchronized String newSandbox(RunPodSandboxRequest request) {
        PodSandboxConfig config = request.getConfig();
        if (sandboxes.values().stream().anyMatch(other -> other.getMetadata().equals(config.getMetadata()))) {
            throw refused(Status.UNKNOWN, "failed to reserve sandbox name \"" + config.getMetadata().getName() + '"');
        }
        String id = newId();
        sandboxes.put(
                id,
                PodSandboxStatus.newBuilder()
                        .setId(id)
                        .setMetadata(config.getMetadata())
                        .setState(PodSandboxState.SANDBOX_READY)
                        .setCreatedAt(now())
                        .setNetwork(PodSandboxNetworkStatus.newBuilder()
                                .setIp(nextIp.isEmpty() ? "10.0.0." + (sandboxes.size() + 1) : nextIp))
                        .putAllLabels(config.getLabelsMap())
                        .putAllAnnotations(config.getAnnotationsMap())
                        .setRuntimeHandler(request.getRuntimeHandler())
                        .build());
        tell(id, ContainerEventType.CONTAINER_CREATED_EVENT);
        tell(id, ContainerEventType.CONTAINER_STARTED_EVENT);
        return id;
    }

    @Override
    public void stopPodSandbox(StopPodSandboxRequest request, StreamObserver<StopPodSandboxResponse> caller) {
        calls.answer("StopPodSandbox", caller, () -> {
            synchronized (this) {
                if (sandboxes.containsKey(request.getPodSandboxId())) {
                    killSandbox(request.getPodSandboxId());
                }
                return StopPodSandboxResponse.getDefaultInstance();
            }
        });
    }

    @Override
    public void removePodSandbox(RemovePodSandboxRequest request, StreamObserver<RemovePodSandboxResponse> caller) {
        calls.answer("RemovePodSandbox", caller, () -> {
            synchronized (this) {
                String id = request.getPodSandboxId();
                PodSandboxStatus sandbox = sandboxes.get(id);
                if (sandbox != null) {
                    if (sandbox.getState() == PodSandboxState.SANDBOX_READY) {
                        throw refused(Status.UNKNOWN, "sandbox \"" + id + "\" is not fully stopped");
                    }
                    inSandbox(id).forEach(container -> remove(container.getId()));
                    sandboxes.remove(id);
                    tell(id, ContainerEventType.CONTAINER_DELETED_EVENT);
                }
                return RemovePodSandboxResponse.getDefaultInstance();
            }
        });
    }

    private void remove(String containerId) {
        if (containers.remove(containerId) != null) {
            tell(containerId, ContainerEventType.CONTAINER_DELETED_EVENT);
            sandboxOf.remove(containerId);
        }
    }

    @Override
    public void podSandboxStatus(PodSandboxStatusRequest request, StreamObserver<PodSandboxStatusResponse> caller) {
        calls.answer("PodSandboxStatus", caller, () -> {
            synchronized (this) {
                return PodSandboxStatusResponse.newBuilder()
                        .setStatus(sandbox(request.getPodSandboxId()))
                        .build();
            }
        });
    }

    @Override
    public void listPodSandbox(ListPodSandboxRequest request, StreamObserver<ListPodSandboxResponse> caller) {
        calls.answer("ListPodSandbox", caller, () -> {
            PodSandboxFilter filter = request.getFilter();
            ListPodSandboxResponse.Builder answer = ListPodSandboxResponse.newBuilder();
            sandboxes().stream()
                    .filter(sandbox -> filter.getId().isEmpty() || sandbox.getId().equals(filter.getId()))
                    .filter(sandbox -> !filter.hasState()
                            || sandbox.getState() == filter.getState().getState())
                    .filter(sandbox -> sandbox.getLabelsMap()
                            .entrySet()
                            .containsAll(filter.getLabelSelectorMap().entrySet()))
                    .forEach(sandbox -> answer.addItems(PodSandbox.newBuilder()
                            .setId(sandbox.getId())
                            .setMetadata(sandbox.getMetadata())
                            .setState(sandbox.getState())
                            .setCreatedAt(sandbox.getCreatedAt())
                            .putAllLabels(sandbox.getLabelsMap())
                            .putAllAnnotations(sandbox.getAnnotationsMap())
                            .setRuntimeHandler(sandbox.getRuntimeHandler())));
            return answer.build();
        });
    }

    @Override
    public void createContainer(CreateContainerRequest request, StreamObserver<CreateContainerResponse> caller) {
        calls.answer("CreateContainer", caller, () -> CreateContainerResponse.newBuilder()
                .setContainerId(newContainer(request))
                .build());
    }

    private synchronized String newContainer(CreateContainerRequest request) {
        String sandboxId = request.getPodSandboxId();
        if (sandbox(sandboxId).getState() != PodSandboxState.SANDBOX_READY) {
            throw refused(Status.UNKNOWN, "sandbox \"" + sandboxId + "\" is not ready");
        }
        ContainerConfig config = request.getConfig();
        String image = config.getImage().getImage();
        if (!images.has(image)) {
            throw refused(Status.UNKNOWN, "failed to resolve image \"" + image + "\": not found");
        }
        if (inSandbox(sandboxId).stream().anyMatch(other -> other.getMetadata().equals(config.getMetadata()))) {
            throw refused(
                    Status.UNKNOWN, "failed to reserve container name \"" + config.getMetadata().getName() + '"');
        }
        String id = newId();
        containers.put(
                id,
                ContainerStatus.newBuilder()
                        .setId(id)
                        .setMetadata(config.getMetadata())
                        .setState(ContainerState.CONTAINER_CREATED)
                        .setCreatedAt(now())
                        .setImage(config.getImage())
                        .setImageRef(image)
                        .setImageId(images.images().values().stream()
                                .filter(known -> known.getId().equals(image)
                                        || known.getRepoTagsList().contains(image)
                                        || known.getRepoDigestsList().contains(image))
                                .findFirst()
                                .orElseThrow()
                                .getId())
                        .putAllLabels(config.getLabelsMap())
                        .putAllAnnotations(config.getAnnotationsMap())
                        .addAllMounts(config.getMountsList())
                        .setLogPath(request.getSandboxConfig().getLogDirectory() + '/' + config.getLogPath())
                        .setResources(ContainerResources.newBuilder()
                                .setLinux(config.getLinux().getResources()))
                        .build());
        sandboxOf.put(id, sandboxId);
        tell(id, ContainerEventType.CONTAINER_CREATED_EVENT);
        return id;
    }

    @Override
    public void startContainer(StartContainerRequest request, StreamObserver<StartContainerResponse> caller) {
        calls.answer("StartContainer", caller, () -> {
            synchronized (this) {
                ContainerStatus container = container(request.getContainerId());
                if (container.getState() != ContainerState.CONTAINER_CREATED) {
                    throw refused(
                            Status.UNKNOWN,
                            "container is in " + container.getState() + " state, want CONTAINER_CREATED");
                }
                containers.put(
                        container.getId(),
                        container.toBuilder()
                                .setState(ContainerState.CONTAINER_RUNNING)
                                .setStartedAt(now())
                                .build());
                tell(container.getId(), ContainerEventType.CONTAINER_STARTED_EVENT);
                return StartContainerResponse.getDefaultInstance();
            }
        });
    }

    @Override
    public void stopContainer(StopContainerRequest request, StreamObserver<StopContainerResponse> caller) {
        calls.answer("StopContainer", caller, () -> {
            synchronized (this) {
                ContainerStatus container = containers.get(request.getContainerId());
                if (container != null && container.getState() == ContainerState.CONTAINER_RUNNING) {
                    exit(container.getId(), stopCode, stopCode == 0 ? "Completed" : "Error");
                }
                return StopContainerResponse.getDefaultInstance();
            }
        });
    }

    @Override
    public void removeContainer(RemoveContainerRequest request, StreamObserver<RemoveContainerResponse> caller) {
        calls.answer("RemoveContainer", caller, () -> {
            synchronized (this) {
                remove(request.getContainerId());
                return RemoveContainerResponse.getDefaultInstance();
            }
        });
    }

    @Override
    public void containerStatus(ContainerStatusRequest request, StreamObserver<ContainerStatusResponse> caller) {
        calls.answer("ContainerStatus", caller, () -> {
            synchronized (this) {
                return ContainerStatusResponse.newBuilder()
                        .setStatus(container(request.getContainerId()))
                        .build();
            }
        });
    }

    @Override
    public void listContainers(ListContainersRequest request, StreamObserver<ListContainersResponse> caller) {
        calls.answer("ListContainers", caller, () -> {
            ContainerFilter filter = request.getFilter();
            ListContainersResponse.Builder answer = ListContainersResponse.newBuilder();
            for (ContainerStatus container : containers()) {
                String sandboxId = sandboxId(container.getId());
                if ((filter.getId().isEmpty() || container.getId().equals(filter.getId()))
                        && (filter.getPodSandboxId().isEmpty() || sandboxId.equals(filter.getPodSandboxId()))
                        && (!filter.hasState()
                                || container.getState() == filter.getState().getState())
                        && container.getLabelsMap()
                                .entrySet()
                                .containsAll(filter.getLabelSelectorMap().entrySet())) {
                    answer.addContainers(Container.newBuilder()
                            .setId(container.getId())
                            .setPodSandboxId(sandboxId)
                            .setMetadata(container.getMetadata())
                            .setImage(container.getImage())
                            .setImageRef(container.getImageRef())
                            .setImageId(container.getImageId())
                            .setState(container.getState())
                            .setCreatedAt(container.getCreatedAt())
                            .putAllLabels(container.getLabelsMap())
                            .putAllAnnotations(container.getAnnotationsMap()));
                }
            }
            return answer.build();
        });
    }

    private synchronized String sandboxId(String containerId) {
        return sandboxOf.getOrDefault(containerId, "");
    }

    @Override
    public void updateContainerResources(
            UpdateContainerResourcesRequest request, StreamObserver<UpdateContainerResourcesResponse> caller) {
        calls.answer("UpdateContainerResources", caller, () -> {
            synchronized (this) {
                ContainerStatus container = container(request.getContainerId());
                containers.put(
                        container.getId(),
                        container.toBuilder()
                                .setResources(ContainerResources.newBuilder().setLinux(request.getLinux()))
                                .build());
                return UpdateContainerResourcesResponse.getDefaultInstance();
            }
        });
    }

    @Override
    public void updatePodSandboxResources(
            UpdatePodSandboxResourcesRequest request, StreamObserver<UpdatePodSandboxResourcesResponse> caller) {
        calls.answer("UpdatePodSandboxResources", caller, UpdatePodSandboxResourcesResponse::getDefaultInstance);
    }

    @Override
    public void reopenContainerLog(
            ReopenContainerLogRequest request, StreamObserver<ReopenContainerLogResponse> caller) {
        calls.answer("ReopenContainerLog", caller, ReopenContainerLogResponse::getDefaultInstance);
    }

    @Override
    public void execSync(ExecSyncRequest request, StreamObserver<ExecSyncResponse> caller) {
        calls.answer("ExecSync", caller, () -> {
            BiFunction<String, List<String>, ExecSyncResponse> answer;
            synchronized (this) {
                if (container(request.getContainerId()).getState() != ContainerState.CONTAINER_RUNNING) {
                    throw refused(Status.UNKNOWN, "container is in CONTAINER_EXITED state");
                }
                answer = exec;
            }
            return answer.apply(request.getContainerId(), new ArrayList<>(request.getCmdList()));
        });
    }

    @Override
    public void exec(ExecRequest request, StreamObserver<ExecResponse> caller) {
        calls.answer("Exec", caller, () -> ExecResponse.newBuilder()
                .setUrl("http://127.0.0.1:1/exec/" + request.getContainerId())
                .build());
    }

    @Override
    public void attach(AttachRequest request, StreamObserver<AttachResponse> caller) {
        calls.answer("Attach", caller, () -> AttachResponse.newBuilder()
                .setUrl("http://127.0.0.1:1/attach/" + request.getContainerId())
                .build());
    }

    @Override
    public void portForward(PortForwardRequest request, StreamObserver<PortForwardResponse> caller) {
        calls.answer("PortForward", caller, () -> PortForwardResponse.newBuilder()
                .setUrl("http://127.0.0.1:1/portforward/" + request.getPodSandboxId())
                .build());
    }
}
