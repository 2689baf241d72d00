package io.keelson.agent.claims;

import io.grpc.BindableService;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCalls;
import io.keelson.agent.plugins.UnixServer;
import io.keelson.agent.wire.dra.DRAPluginGrpc;
import io.keelson.agent.wire.dra.Device;
import io.keelson.agent.wire.dra.NodePrepareResourceResponse;
import io.keelson.agent.wire.dra.NodePrepareResourcesRequest;
import io.keelson.agent.wire.dra.NodePrepareResourcesResponse;
import io.keelson.agent.wire.dra.NodeUnprepareResourceResponse;
import io.keelson.agent.wire.dra.NodeUnprepareResourcesRequest;
import io.keelson.agent.wire.dra.NodeUnprepareResourcesResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A driver that makes ready one device of each claim, for its request {@code gpu}. */
final class FakeDra implements AutoCloseable {
    final List<String> calls = new CopyOnWriteArrayList<>();
    private final UnixServer server;
    private volatile String refusal = "";

    /**
     * Serves.
     *
     * @param serviceName {@code k8s.io.kubelet.pkg.apis.dra.v1.DRAPlugin} or that of v1beta1
     * @param others what it serves besides
     */
    FakeDra(Path socket, String serviceName, BindableService... others) throws IOException {
        BindableService service = () -> ServerServiceDefinition.builder(serviceName)
                .addMethod(
                        DRAPluginGrpc.getNodePrepareResourcesMethod().toBuilder()
                                .setFullMethodName(serviceName + "/NodePrepareResources")
                                .build(),
                        ServerCalls.asyncUnaryCall((request, answer) -> {
                            answer.onNext(prepare(request));
                            answer.onCompleted();
                        }))
                .addMethod(
                        DRAPluginGrpc.getNodeUnprepareResourcesMethod().toBuilder()
                                .setFullMethodName(serviceName + "/NodeUnprepareResources")
                                .build(),
                        ServerCalls.asyncUnaryCall((request, answer) -> {
                            answer.onNext(unprepare(request));
                            answer.onCompleted();
                        }))
                .build();
        List<BindableService> all = new ArrayList<>(List.of(others));
        all.add(service);
        server = UnixServer.start(socket, all);
    }

    /** Each claim is refused so; empty for none. */
    void refuse(String message) {
        refusal = message;
    }

    private NodePrepareResourcesResponse prepare(NodePrepareResourcesRequest request) {
        NodePrepareResourcesResponse.Builder answer = NodePrepareResourcesResponse.newBuilder();
        request.getClaimsList().forEach(claim -> {
            calls.add("+" + claim.getName());
            answer.putClaims(
                    claim.getUid(),
                    NodePrepareResourceResponse.newBuilder()
                            .setError(refusal)
                            .addDevices(Device.newBuilder()
                                    .addRequestNames("gpu")
                                    .setPoolName("pool")
                                    .setDeviceName("d0")
                                    .addCdiDeviceIds("example.com/gpu=" + claim.getName()))
                            .build());
        });
        return answer.build();
    }

    private NodeUnprepareResourcesResponse unprepare(NodeUnprepareResourcesRequest request) {
        NodeUnprepareResourcesResponse.Builder answer = NodeUnprepareResourcesResponse.newBuilder();
        request.getClaimsList().forEach(claim -> {
            calls.add("-" + claim.getName());
            answer.putClaims(
                    claim.getUid(),
                    NodeUnprepareResourceResponse.newBuilder().setError(refusal).build());
        });
        return answer.build();
    }

    @Override
    public void close() {
        server.close();
    }
}
