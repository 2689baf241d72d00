package io.keelson.agent.devices;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.keelson.agent.plugins.UnixServer;
import io.keelson.agent.wire.deviceplugin.AllocateRequest;
import io.keelson.agent.wire.deviceplugin.AllocateResponse;
import io.keelson.agent.wire.deviceplugin.Device;
import io.keelson.agent.wire.deviceplugin.DevicePluginGrpc;
import io.keelson.agent.wire.deviceplugin.DevicePluginOptions;
import io.keelson.agent.wire.deviceplugin.DeviceSpec;
import io.keelson.agent.wire.deviceplugin.Empty;
import io.keelson.agent.wire.deviceplugin.ListAndWatchResponse;
import io.keelson.agent.wire.deviceplugin.NUMANode;
import io.keelson.agent.wire.deviceplugin.PreStartContainerRequest;
import io.keelson.agent.wire.deviceplugin.PreStartContainerResponse;
import io.keelson.agent.wire.deviceplugin.PreferredAllocationRequest;
import io.keelson.agent.wire.deviceplugin.PreferredAllocationResponse;
import io.keelson.agent.wire.deviceplugin.RegisterRequest;
import io.keelson.agent.wire.deviceplugin.RegistrationGrpc;
import io.keelson.agent.wire.deviceplugin.TopologyInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** A plugin with devices that are only names. */
final class FakeDevices extends DevicePluginGrpc.DevicePluginImplBase implements AutoCloseable {
    final List<String> calls = new CopyOnWriteArrayList<>();
    private final Path socket;
    private final UnixServer server;
    private final List<StreamObserver<ListAndWatchResponse>> watching = new ArrayList<>();
    private List<Device> devices = List.of();
    private volatile String refusal = "";
    private volatile boolean isSilent;

    FakeDevices(Path socket, String... healthy) throws IOException {
        this.socket = socket;
        tell(healthy, new String[0]);
        server = UnixServer.start(socket, List.of(this));
    }

    /** Registers; the answer is the refusal, or empty. */
    String register(Function<Path, ManagedChannel> connector, String resource, boolean optional) throws Exception {
        return register(
                connector,
                RegisterRequest.newBuilder()
                        .setVersion("v1beta1")
                        .setEndpoint(socket.getFileName().toString())
                        .setResourceName(resource)
                        .setOptions(DevicePluginOptions.newBuilder()
                                .setPreStartRequired(optional)
                                .setGetPreferredAllocationAvailable(optional))
                        .build());
    }

    String register(Function<Path, ManagedChannel> connector, RegisterRequest request) throws Exception {
        ManagedChannel channel = connector.apply(socket.resolveSibling("kubelet.sock"));
        try {
            var _ = RegistrationGrpc.newBlockingV2Stub(channel).register(request);
            return "";
        } catch (StatusException e) {
            return String.valueOf(e.getStatus().getDescription());
        } finally {
            channel.shutdownNow();
        }
    }

    /** From now on it has these. */
    synchronized void tell(String[] healthy, String[] ill) {
        List<Device> all = new ArrayList<>();
        for (String id : healthy) {
            all.add(Device.newBuilder().setID(id).setHealth("Healthy").build());
        }
        for (String id : ill) {
            all.add(Device.newBuilder().setID(id).setHealth("Unhealthy").build());
        }
        devices = all;
        watching.forEach(answer -> answer.onNext(told()));
    }

    /** From now on it has these, which are near to these nodes. */
    synchronized void tell(Map<String, List<Integer>> nodes) {
        List<Device> all = new ArrayList<>();
        nodes.forEach((id, near) -> {
            TopologyInfo.Builder topology = TopologyInfo.newBuilder();
            near.forEach(node -> topology.addNodes(NUMANode.newBuilder().setID(node)));
            all.add(Device.newBuilder()
                    .setID(id)
                    .setHealth("Healthy")
                    .setTopology(topology)
                    .build());
        });
        devices = all;
        watching.forEach(answer -> answer.onNext(told()));
    }

    /** Each allocation is refused so; empty for none. */
    void refuse(String message) {
        refusal = message;
    }

    /** Allocations are not answered any more. */
    void fallSilent() {
        isSilent = true;
    }

    private ListAndWatchResponse told() {
        return ListAndWatchResponse.newBuilder().addAllDevices(devices).build();
    }

    @Override
    public synchronized void listAndWatch(Empty request, StreamObserver<ListAndWatchResponse> answer) {
        // Who has left is told nothing.
        ((ServerCallStreamObserver<ListAndWatchResponse>) answer).setOnCancelHandler(() -> leave(answer));
        watching.add(answer);
        answer.onNext(told());
    }

    private synchronized void leave(StreamObserver<ListAndWatchResponse> answer) {
        watching.remove(answer);
    }

    @Override
    public void getDevicePluginOptions(Empty request, StreamObserver<DevicePluginOptions> answer) {
        answer.onNext(DevicePluginOptions.getDefaultInstance());
        answer.onCompleted();
    }

    /** The last ones by name. */
    @Override
    public void getPreferredAllocation(
            PreferredAllocationRequest request, StreamObserver<PreferredAllocationResponse> answer) {
        PreferredAllocationResponse.Builder response = PreferredAllocationResponse.newBuilder();
        request.getContainerRequestsList().forEach(wish -> {
            List<String> ids = new ArrayList<>(wish.getAvailableDeviceIDsList());
            Collections.sort(ids, Collections.reverseOrder());
            response.addContainerResponsesBuilder()
                    .addAllDeviceIDs(ids.subList(0, Math.min(ids.size(), wish.getAllocationSize())));
        });
        answer.onNext(response.build());
        answer.onCompleted();
    }

    @Override
    public void allocate(AllocateRequest request, StreamObserver<AllocateResponse> answer) {
        if (isSilent) {
            return;
        }
        if (!refusal.isEmpty()) {
            answer.onError(Status.INTERNAL.withDescription(refusal).asException());
            return;
        }
        AllocateResponse.Builder response = AllocateResponse.newBuilder();
        request.getContainerRequestsList().forEach(wish -> {
            List<String> ids = wish.getDevicesIdsList().stream().sorted().toList();
            calls.add("allocate " + ids);
            var one = response.addContainerResponsesBuilder().putEnvs("IDS", String.join(",", ids));
            ids.forEach(id -> one.addDevices(DeviceSpec.newBuilder()
                    .setHostPath("/dev/" + id)
                    .setContainerPath("/dev/" + id)
                    .setPermissions("rw")));
            one.addMountsBuilder()
                    .setHostPath("/opt/lib")
                    .setContainerPath("/lib/x")
                    .setReadOnly(true);
            one.addCdiDevicesBuilder().setName("example.com/device=" + ids.getFirst());
            one.putAnnotations("example.com/ids", String.join(",", ids));
        });
        answer.onNext(response.build());
        answer.onCompleted();
    }

    @Override
    public void preStartContainer(PreStartContainerRequest request, StreamObserver<PreStartContainerResponse> answer) {
        calls.add("start " + request.getDevicesIdsList().stream().sorted().toList());
        answer.onNext(PreStartContainerResponse.getDefaultInstance());
        answer.onCompleted();
    }

    @Override
    public void close() {
        server.close();
    }
}
