package io.keelson.agent.plugins;

import io.grpc.stub.StreamObserver;
import io.keelson.agent.wire.csi.NodeGetInfoRequest;
import io.keelson.agent.wire.csi.NodeGetInfoResponse;
import io.keelson.agent.wire.csi.NodeGrpc;
import io.keelson.agent.wire.registration.InfoRequest;
import io.keelson.agent.wire.registration.PluginInfo;
import io.keelson.agent.wire.registration.RegistrationGrpc;
import io.keelson.agent.wire.registration.RegistrationStatus;
import io.keelson.agent.wire.registration.RegistrationStatusResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A plugin that registers, and notes what it is told. */
final class FakePlugin extends RegistrationGrpc.RegistrationImplBase implements AutoCloseable {
    final List<String> told = new CopyOnWriteArrayList<>();
    private final PluginInfo info;
    private final UnixServer server;

    FakePlugin(Path socket, PluginInfo info) throws IOException {
        this(socket, info, NodeGetInfoResponse.getDefaultInstance());
    }

    FakePlugin(Path socket, PluginInfo info, NodeGetInfoResponse node) throws IOException {
        this.info = info;
        server = UnixServer.start(socket, List.of(this, new NodeGrpc.NodeImplBase() {
            @Override
            public void nodeGetInfo(NodeGetInfoRequest request, StreamObserver<NodeGetInfoResponse> answer) {
                answer.onNext(node);
                answer.onCompleted();
            }
        }));
    }

    @Override
    public void getInfo(InfoRequest request, StreamObserver<PluginInfo> answer) {
        answer.onNext(info);
        answer.onCompleted();
    }

    @Override
    public void notifyRegistrationStatus(
            RegistrationStatus request, StreamObserver<RegistrationStatusResponse> answer) {
        told.add(request.getPluginRegistered() ? "registered" : request.getError());
        answer.onNext(RegistrationStatusResponse.getDefaultInstance());
        answer.onCompleted();
    }

    @Override
    public void close() {
        server.close();
    }
}
