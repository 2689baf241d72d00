package io.keelson.agent.embedded;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.keelson.agent.embedded.images.ImageProblem;
import io.keelson.agent.embedded.streaming.StreamingServer;
import io.keelson.agent.mounts.CgroupMounts;
import io.keelson.agent.wire.cri.AttachRequest;
import io.keelson.agent.wire.cri.AttachResponse;
import io.keelson.agent.wire.cri.CgroupDriver;
import io.keelson.agent.wire.cri.ContainerEventResponse;
import io.keelson.agent.wire.cri.ContainerEventType;
import io.keelson.agent.wire.cri.ContainerStatsFilter;
import io.keelson.agent.wire.cri.ContainerStatsRequest;
import io.keelson.agent.wire.cri.ContainerStatsResponse;
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
import io.keelson.agent.wire.cri.ListContainerStatsRequest;
import io.keelson.agent.wire.cri.ListContainerStatsResponse;
import io.keelson.agent.wire.cri.ListContainersRequest;
import io.keelson.agent.wire.cri.ListContainersResponse;
import io.keelson.agent.wire.cri.ListPodSandboxRequest;
import io.keelson.agent.wire.cri.ListPodSandboxResponse;
import io.keelson.agent.wire.cri.ListPodSandboxStatsRequest;
import io.keelson.agent.wire.cri.ListPodSandboxStatsResponse;
import io.keelson.agent.wire.cri.PodSandboxStatsRequest;
import io.keelson.agent.wire.cri.PodSandboxStatsResponse;
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
import io.keelson.agent.wire.cri.RuntimeFeatures;
import io.keelson.agent.wire.cri.RuntimeHandler;
import io.keelson.agent.wire.cri.RuntimeHandlerFeatures;
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
import io.keelson.agent.wire.cri.UpdateRuntimeConfigRequest;
import io.keelson.agent.wire.cri.UpdateRuntimeConfigResponse;
import io.keelson.agent.wire.cri.VersionRequest;
import io.keelson.agent.wire.cri.VersionResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/**
 * The runtime service of CRI v1 without a daemon. Calls may wait, so they are to be made on virtual threads. Closing it
 * leaves all pods as they are: another one on the same folders takes them up.
 *
 * <p>What it does not have answers {@code UNIMPLEMENTED}, as with containerd: checkpoints and the metrics of sandboxes;
 * the streamed lists of 1.36, for which kubelets take the plain ones then.
 */
public final class EmbeddedRuntime extends RuntimeServiceGrpc.RuntimeServiceImplBase implements AutoCloseable {
    private static final String NAME = "keelson";

    private final RuntimeSettings settings;
    private final Inventory inventory = new Inventory();
    private final ContainerEvents events = new ContainerEvents();
    private final ContainerCgroups cgroups;
    private final String userNamespaceProblem;
    private final Map<String, OciRuntime> handlers;
    private final Sandboxes sandboxes;
    private final Containers containers;
    private final ShimWatch watch;
    private final Statistics statistics;
    private final StreamingServer streaming;

    /**
     * Takes up what a former process left, and is ready.
     *
     * @throws IOException if the machine lacks something, with what it is
     */
    public EmbeddedRuntime(RuntimeSettings given) throws IOException, InterruptedException {
        Files.createDirectories(given.root());
        Files.createDirectories(given.run());
        settings = given.withRealFolders();
        CgroupMounts mounts = CgroupMounts.ofMachine();
        cgroups = new ContainerCgroups(mounts);
        SeccompFilters seccomp = new SeccompFilters(SyscallTable.ofMachine());
        handlers = OciRuntime.of(settings.handlers());
        ContainerSpec specs = new ContainerSpec(mounts, seccomp, Capabilities.available());
        ContainerStart starts = new ContainerStart(
                specs, new ShimSpec(mounts, seccomp), new OciConfig(seccomp, Capabilities.available()), handlers);
        containers = new Containers(settings, inventory, cgroups, specs, starts, this::stepped);
        watch = new ShimWatch(settings.time(), cgroups, containers::ended);
        ShimProgram program = ShimProgram.install(settings.root().resolve("bin"));
        userNamespaceProblem = program.userNamespaceProblem(settings.root());
        sandboxes = new Sandboxes(settings, inventory, cgroups, program, watch, userNamespaceProblem, handlers);
        statistics = new Statistics(settings, inventory, mounts);
        new Recovery(settings, inventory, sandboxes, containers, watch, cgroups).run();
        streaming = new StreamingServer(new PodStreams(inventory, containers), settings.time());
    }

    private void stepped(Container container, ContainerEventType type) {
        if (events.isHeard()) {
            events.tell(Descriptions.event(container, type, Clocks.nanos(settings.time())));
        }
    }

    private void stepped(Sandbox sandbox, ContainerEventType type) {
        if (events.isHeard()) {
            events.tell(Descriptions.event(sandbox, type, Clocks.nanos(settings.time())));
        }
    }

    @Override
    public void version(VersionRequest request, StreamObserver<VersionResponse> out) {
        answer(
                out,
                () -> VersionResponse.newBuilder()
                        .setVersion("0.1.0")
                        .setRuntimeName(NAME)
                        .setRuntimeVersion(settings.version())
                        .setRuntimeApiVersion("v1")
                        .build());
    }

    @Override
    public void status(StatusRequest request, StreamObserver<StatusResponse> out) {
        answer(out, () -> {
            String problem = settings.network().problem();
            StatusResponse.Builder response = StatusResponse.newBuilder()
                    .setStatus(RuntimeStatus.newBuilder()
                            .addConditions(RuntimeCondition.newBuilder()
                                    .setType("RuntimeReady")
                                    .setStatus(true))
                            .addConditions(RuntimeCondition.newBuilder()
                                    .setType("NetworkReady")
                                    .setStatus(problem.isEmpty())
                                    .setReason(problem.isEmpty() ? "" : "NetworkPluginNotReady")
                                    .setMessage(problem)))
                    .addRuntimeHandlers(RuntimeHandler.newBuilder()
                            .setFeatures(RuntimeHandlerFeatures.newBuilder()
                                    .setRecursiveReadOnlyMounts(true)
                                    .setUserNamespaces(userNamespaceProblem.isEmpty())))
                    .setFeatures(RuntimeFeatures.newBuilder().setSupplementalGroupsPolicy(true));
            handlers.forEach((name, handler) -> response.addRuntimeHandlers(RuntimeHandler.newBuilder()
                    .setName(name)
                    .setFeatures(RuntimeHandlerFeatures.newBuilder()
                            .setRecursiveReadOnlyMounts(handler.recursiveReadOnly()))));
            if (request.getVerbose()) {
                response.putInfo(
                        "config",
                        Json.object(Map.of(
                                "root", settings.root().toString(),
                                "run", settings.run().toString())));
            }
            return response.build();
        });
    }

    @Override
    public void runtimeConfig(RuntimeConfigRequest request, StreamObserver<RuntimeConfigResponse> out) {
        answer(
                out,
                () -> RuntimeConfigResponse.newBuilder()
                        .setLinux(LinuxRuntimeConfiguration.newBuilder().setCgroupDriver(CgroupDriver.CGROUPFS))
                        .build());
    }

    @Override
    public void updateRuntimeConfig(
            UpdateRuntimeConfigRequest request, StreamObserver<UpdateRuntimeConfigResponse> out) {
        answer(out, () -> {
            String ranges =
                    request.getRuntimeConfig().getNetworkConfig().getPodCidr().strip();
            if (!ranges.isEmpty()) {
                tell(List.of(ranges.split("\\s*,\\s*", -1)));
            }
            return UpdateRuntimeConfigResponse.getDefaultInstance();
        });
    }

    private void tell(List<String> podRanges) throws IOException {
        try {
            settings.network().podRanges(podRanges);
        } catch (IllegalArgumentException e) {
            throw RuntimeProblem.invalid(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public void runPodSandbox(RunPodSandboxRequest request, StreamObserver<RunPodSandboxResponse> out) {
        answer(out, () -> {
            Sandbox sandbox = sandboxes.run(request);
            stepped(sandbox, ContainerEventType.CONTAINER_CREATED_EVENT);
            stepped(sandbox, ContainerEventType.CONTAINER_STARTED_EVENT);
            return RunPodSandboxResponse.newBuilder()
                    .setPodSandboxId(sandbox.id())
                    .build();
        });
    }

    @Override
    public void stopPodSandbox(StopPodSandboxRequest request, StreamObserver<StopPodSandboxResponse> out) {
        answer(out, () -> {
            Sandbox sandbox = inventory.findSandbox(request.getPodSandboxId());
            if (sandbox != null && sandbox.step() != Sandbox.Step.STOPPED) {
                sandboxes.stop(sandbox);
                stepped(sandbox, ContainerEventType.CONTAINER_STOPPED_EVENT);
            }
            return StopPodSandboxResponse.getDefaultInstance();
        });
    }

    @Override
    public void removePodSandbox(RemovePodSandboxRequest request, StreamObserver<RemovePodSandboxResponse> out) {
        answer(out, () -> {
            Sandbox sandbox = inventory.findSandbox(request.getPodSandboxId());
            if (sandbox != null) {
                sandboxes.stop(sandbox);
                for (Container container : List.copyOf(sandbox.containers().values())) {
                    containers.remove(container);
                    statistics.forget(container.id());
                }
                sandboxes.remove(sandbox);
                statistics.forget(sandbox.id());
                stepped(sandbox, ContainerEventType.CONTAINER_DELETED_EVENT);
            }
            return RemovePodSandboxResponse.getDefaultInstance();
        });
    }

    @Override
    public void podSandboxStatus(PodSandboxStatusRequest request, StreamObserver<PodSandboxStatusResponse> out) {
        answer(out, () -> {
            Sandbox sandbox = inventory.sandbox(request.getPodSandboxId());
            PodSandboxStatusResponse.Builder response = PodSandboxStatusResponse.newBuilder()
                    .setStatus(Descriptions.status(sandbox))
                    .setTimestamp(Clocks.nanos(settings.time()));
            sandbox.containers().values().forEach(c -> response.addContainersStatuses(Descriptions.status(c)));
            if (request.getVerbose()) {
                response.putInfo("info", Json.object(Sandboxes.facts(sandbox)));
            }
            return response.build();
        });
    }

    @Override
    public void listPodSandbox(ListPodSandboxRequest request, StreamObserver<ListPodSandboxResponse> out) {
        answer(
                out,
                () -> ListPodSandboxResponse.newBuilder()
                        .addAllItems(inventory.sandboxes().stream()
                                .filter(sandbox -> Descriptions.matches(sandbox, request.getFilter()))
                                .map(Descriptions::entry)
                                .toList())
                        .build());
    }

    @Override
    public void createContainer(CreateContainerRequest request, StreamObserver<CreateContainerResponse> out) {
        answer(
                out,
                () -> CreateContainerResponse.newBuilder()
                        .setContainerId(containers.create(request).id())
                        .build());
    }

    @Override
    public void startContainer(StartContainerRequest request, StreamObserver<StartContainerResponse> out) {
        answer(out, () -> {
            containers.start(inventory.container(request.getContainerId()));
            return StartContainerResponse.getDefaultInstance();
        });
    }

    @Override
    public void stopContainer(StopContainerRequest request, StreamObserver<StopContainerResponse> out) {
        answer(out, () -> {
            Container container = inventory.findContainer(request.getContainerId());
            if (container != null) {
                containers.stop(container, request.getTimeout());
            }
            return StopContainerResponse.getDefaultInstance();
        });
    }

    @Override
    public void removeContainer(RemoveContainerRequest request, StreamObserver<RemoveContainerResponse> out) {
        answer(out, () -> {
            Container container = inventory.findContainer(request.getContainerId());
            if (container != null) {
                containers.remove(container);
                statistics.forget(container.id());
            }
            return RemoveContainerResponse.getDefaultInstance();
        });
    }

    @Override
    public void listContainers(ListContainersRequest request, StreamObserver<ListContainersResponse> out) {
        answer(
                out,
                () -> ListContainersResponse.newBuilder()
                        .addAllContainers(inventory.containers().stream()
                                .filter(container -> Descriptions.matches(container, request.getFilter()))
                                .map(Descriptions::entry)
                                .toList())
                        .build());
    }

    @Override
    public void containerStatus(ContainerStatusRequest request, StreamObserver<ContainerStatusResponse> out) {
        answer(out, () -> {
            Container container = inventory.container(request.getContainerId());
            ContainerStatusResponse.Builder response =
                    ContainerStatusResponse.newBuilder().setStatus(Descriptions.status(container));
            if (request.getVerbose()) {
                response.putInfo(
                        "info",
                        Json.object(Map.of(
                                "sandboxID", container.sandbox().id(),
                                "pid", Long.toString(container.run().pid()),
                                "cgroup", container.cgroup(),
                                "root", container.fact("root"))));
            }
            return response.build();
        });
    }

    @Override
    public void updateContainerResources(
            UpdateContainerResourcesRequest request, StreamObserver<UpdateContainerResourcesResponse> out) {
        answer(out, () -> {
            containers.update(inventory.container(request.getContainerId()), request.getLinux());
            return UpdateContainerResourcesResponse.getDefaultInstance();
        });
    }

    /** The pod's own cgroup is the kubelet's, so there is nothing to do. */
    @Override
    public void updatePodSandboxResources(
            UpdatePodSandboxResourcesRequest request, StreamObserver<UpdatePodSandboxResourcesResponse> out) {
        answer(out, () -> {
            inventory.sandbox(request.getPodSandboxId());
            return UpdatePodSandboxResourcesResponse.getDefaultInstance();
        });
    }

    @Override
    public void reopenContainerLog(ReopenContainerLogRequest request, StreamObserver<ReopenContainerLogResponse> out) {
        answer(out, () -> {
            containers.reopenLog(inventory.container(request.getContainerId()));
            return ReopenContainerLogResponse.getDefaultInstance();
        });
    }

    @Override
    public void execSync(ExecSyncRequest request, StreamObserver<ExecSyncResponse> out) {
        answer(out, () -> new SyncExec(containers).run(inventory.container(request.getContainerId()), request));
    }

    @Override
    public void exec(ExecRequest request, StreamObserver<ExecResponse> out) {
        answer(out, () -> {
            Containers.requireRunning(inventory.container(request.getContainerId()));
            return ExecResponse.newBuilder().setUrl(streaming.url(request)).build();
        });
    }

    @Override
    public void attach(AttachRequest request, StreamObserver<AttachResponse> out) {
        answer(out, () -> {
            Containers.requireRunning(inventory.container(request.getContainerId()));
            return AttachResponse.newBuilder().setUrl(streaming.url(request)).build();
        });
    }

    @Override
    public void portForward(PortForwardRequest request, StreamObserver<PortForwardResponse> out) {
        answer(out, () -> {
            if (!inventory.sandbox(request.getPodSandboxId()).isReady()) {
                throw RuntimeProblem.refused("sandbox container is not running");
            }
            return PortForwardResponse.newBuilder()
                    .setUrl(streaming.url(request))
                    .build();
        });
    }

    @Override
    public void containerStats(ContainerStatsRequest request, StreamObserver<ContainerStatsResponse> out) {
        answer(
                out,
                () -> ContainerStatsResponse.newBuilder()
                        .setStats(statistics.of(inventory.container(request.getContainerId())))
                        .build());
    }

    @Override
    public void listContainerStats(ListContainerStatsRequest request, StreamObserver<ListContainerStatsResponse> out) {
        answer(out, () -> {
            ContainerStatsFilter filter = request.getFilter();
            return ListContainerStatsResponse.newBuilder()
                    .addAllStats(inventory.containers().stream()
                            .filter(container -> container.id().startsWith(filter.getId())
                                    && container.sandbox().id().startsWith(filter.getPodSandboxId())
                                    && Descriptions.hasLabels(
                                            container.config().getLabelsMap(), filter.getLabelSelectorMap()))
                            .filter(container -> !container.run().isExited())
                            .map(statistics::of)
                            .toList())
                    .build();
        });
    }

    @Override
    public void podSandboxStats(PodSandboxStatsRequest request, StreamObserver<PodSandboxStatsResponse> out) {
        answer(
                out,
                () -> PodSandboxStatsResponse.newBuilder()
                        .setStats(statistics.of(inventory.sandbox(request.getPodSandboxId())))
                        .build());
    }

    @Override
    public void listPodSandboxStats(
            ListPodSandboxStatsRequest request, StreamObserver<ListPodSandboxStatsResponse> out) {
        answer(
                out,
                () -> ListPodSandboxStatsResponse.newBuilder()
                        .addAllStats(inventory.sandboxes().stream()
                                .filter(sandbox -> sandbox.isReady()
                                        && sandbox.id()
                                                .startsWith(request.getFilter().getId())
                                        && Descriptions.hasLabels(
                                                sandbox.config().getLabelsMap(),
                                                request.getFilter().getLabelSelectorMap()))
                                .map(statistics::of)
                                .toList())
                        .build());
    }

    @Override
    public void getContainerEvents(GetEventsRequest request, StreamObserver<ContainerEventResponse> out) {
        events.add((ServerCallStreamObserver<ContainerEventResponse>) out);
    }

    private static <T> void answer(StreamObserver<T> out, Callable<T> work) {
        T answer;
        try {
            answer = work.call();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            out.onError(
                    Status.CANCELLED.withDescription("the runtime is stopping").asRuntimeException());
            return;
        } catch (Exception failure) {
            out.onError(told(failure));
            return;
        }
        out.onNext(answer);
        out.onCompleted();
    }

    private static StatusRuntimeException told(Exception failure) {
        return switch (failure) {
            case StatusRuntimeException status -> status;
            case ImageProblem problem
            when problem.kind() == ImageProblem.Kind.NOT_FOUND ->
                RuntimeProblem.notFound(String.valueOf(problem.getMessage()));
            default -> RuntimeProblem.failed(String.valueOf(failure.getMessage()), failure);
        };
    }

    /** Answers no more; pods go on. */
    @Override
    public void close() {
        streaming.close();
        events.close();
        watch.close();
        if (!settings.shimCgroup().isEmpty()) {
            cgroups.discard(settings.shimCgroup());
        }
    }
}
