package io.keelson.agent.volumes;

import io.grpc.Server;
import io.grpc.Status;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import io.keelson.agent.embedded.Libc;
import io.keelson.agent.mounts.MountTable;
import io.keelson.agent.wire.csi.NodeExpandVolumeRequest;
import io.keelson.agent.wire.csi.NodeExpandVolumeResponse;
import io.keelson.agent.wire.csi.NodeGetCapabilitiesRequest;
import io.keelson.agent.wire.csi.NodeGetCapabilitiesResponse;
import io.keelson.agent.wire.csi.NodeGetVolumeStatsRequest;
import io.keelson.agent.wire.csi.NodeGetVolumeStatsResponse;
import io.keelson.agent.wire.csi.NodeGrpc;
import io.keelson.agent.wire.csi.NodePublishVolumeRequest;
import io.keelson.agent.wire.csi.NodePublishVolumeResponse;
import io.keelson.agent.wire.csi.NodeServiceCapability;
import io.keelson.agent.wire.csi.NodeStageVolumeRequest;
import io.keelson.agent.wire.csi.NodeStageVolumeResponse;
import io.keelson.agent.wire.csi.NodeUnpublishVolumeRequest;
import io.keelson.agent.wire.csi.NodeUnpublishVolumeResponse;
import io.keelson.agent.wire.csi.NodeUnstageVolumeRequest;
import io.keelson.agent.wire.csi.NodeUnstageVolumeResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A storage plugin whose volumes are in memory: staging mounts one, publishing binds it. It can refuse a call before
 * or after it has done what it was asked, as one that crashes does.
 */
final class FakeDriver extends NodeGrpc.NodeImplBase implements AutoCloseable {
    final List<String> calls = Collections.synchronizedList(new ArrayList<>());
    private final Server server;
    private final Set<NodeServiceCapability.RPC.Type> capabilities;
    private @Nullable NodePublishVolumeRequest published;
    private String failing = "";
    private @Nullable NodeExpandVolumeRequest expanded;
    private @Nullable NodeGetVolumeStatsRequest measured;
    private @Nullable NodeGetVolumeStatsResponse usage;
    private Status.Code expansion = Status.Code.OK;

    FakeDriver(Path socket, NodeServiceCapability.RPC.Type... capabilities) throws IOException {
        this.capabilities = Set.of(capabilities);
        server = InProcessServerBuilder.forName(socket.toString())
                .addService(this)
                .build()
                .start();
    }

    /** @param call {@code before publish} or {@code after stage}, for one; empty for none */
    synchronized void failAt(String call) {
        failing = call;
    }

    synchronized @Nullable NodePublishVolumeRequest lastPublished() {
        return published;
    }

    /** The last request for a larger volume. */
    synchronized @Nullable NodeExpandVolumeRequest lastExpanded() {
        return expanded;
    }

    /** How requests for larger volumes are answered from now on. */
    synchronized void expansionEnds(Status.Code code) {
        expansion = code;
    }

    /** What is said of the use of volumes from now on. */
    synchronized void says(NodeGetVolumeStatsResponse said) {
        usage = said;
    }

    /** The last request for the use of a volume. */
    synchronized @Nullable NodeGetVolumeStatsRequest lastMeasured() {
        return measured;
    }

    private interface Work {
        void run() throws IOException;
    }

    private synchronized <T> void answer(String call, Work work, T answer, StreamObserver<T> observer) {
        calls.add(call);
        try {
            if (failing.equals("before " + call)) {
                throw new IOException("it was asked to fail");
            }
            work.run();
            if (failing.equals("after " + call)) {
                throw new IOException("it was asked to fail");
            }
        } catch (IOException e) {
            observer.onError(Status.INTERNAL.withDescription(e.getMessage()).asException());
            return;
        }
        observer.onNext(answer);
        observer.onCompleted();
    }

    @Override
    public void nodeGetCapabilities(
            NodeGetCapabilitiesRequest request, StreamObserver<NodeGetCapabilitiesResponse> observer) {
        NodeGetCapabilitiesResponse.Builder answer = NodeGetCapabilitiesResponse.newBuilder();
        capabilities.forEach(
                type -> answer.addCapabilitiesBuilder().getRpcBuilder().setType(type));
        observer.onNext(answer.build());
        observer.onCompleted();
    }

    @Override
    public void nodeStageVolume(NodeStageVolumeRequest request, StreamObserver<NodeStageVolumeResponse> observer) {
        Path staging = Path.of(request.getStagingTargetPath());
        answer(
                "stage",
                () -> {
                    if (!MountTable.isMounted(staging)) {
                        EmptyDirs.memory(staging, 1 << 20);
                    }
                },
                NodeStageVolumeResponse.getDefaultInstance(),
                observer);
    }

    @Override
    public void nodeUnstageVolume(
            NodeUnstageVolumeRequest request, StreamObserver<NodeUnstageVolumeResponse> observer) {
        Path staging = Path.of(request.getStagingTargetPath());
        answer("unstage", () -> unmount(staging), NodeUnstageVolumeResponse.getDefaultInstance(), observer);
    }

    @Override
    public void nodePublishVolume(
            NodePublishVolumeRequest request, StreamObserver<NodePublishVolumeResponse> observer) {
        Path target = Path.of(request.getTargetPath());
        synchronized (this) {
            published = request;
        }
        answer(
                "publish",
                () -> {
                    if (request.getVolumeCapability().hasBlock()) {
                        if (!Files.exists(target)) {
                            Files.createFile(target);
                            Libc.mount("/dev/null", target.toString(), "", Libc.MS_BIND, "");
                        }
                        return;
                    }
                    Files.createDirectories(target);
                    if (!MountTable.isMounted(target)) {
                        if (request.getStagingTargetPath().isEmpty()) {
                            EmptyDirs.memory(target, 1 << 20);
                        } else {
                            Libc.mount(request.getStagingTargetPath(), target.toString(), "", Libc.MS_BIND, "");
                        }
                    }
                },
                NodePublishVolumeResponse.getDefaultInstance(),
                observer);
    }

    @Override
    public void nodeUnpublishVolume(
            NodeUnpublishVolumeRequest request, StreamObserver<NodeUnpublishVolumeResponse> observer) {
        Path target = Path.of(request.getTargetPath());
        answer(
                "unpublish",
                () -> {
                    unmount(target);
                    Files.deleteIfExists(target);
                },
                NodeUnpublishVolumeResponse.getDefaultInstance(),
                observer);
    }

    @Override
    public synchronized void nodeExpandVolume(
            NodeExpandVolumeRequest request, StreamObserver<NodeExpandVolumeResponse> observer) {
        calls.add("expand");
        expanded = request;
        if (expansion != Status.Code.OK) {
            observer.onError(
                    expansion.toStatus().withDescription("it does not grow").asException());
            return;
        }
        observer.onNext(NodeExpandVolumeResponse.getDefaultInstance());
        observer.onCompleted();
    }

    @Override
    public synchronized void nodeGetVolumeStats(
            NodeGetVolumeStatsRequest request, StreamObserver<NodeGetVolumeStatsResponse> observer) {
        measured = request;
        if (usage == null) {
            observer.onError(Status.NOT_FOUND.withDescription("it is gone").asException());
            return;
        }
        observer.onNext(usage);
        observer.onCompleted();
    }

    private static void unmount(Path place) throws IOException {
        if (MountTable.isMounted(place)) {
            Libc.unmount(place.toString(), 0);
        }
    }

    @Override
    public void close() {
        server.shutdownNow();
    }
}
