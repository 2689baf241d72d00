package io.keelson.agent.volumes.csi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.keelson.agent.volumes.VolumeException;
import io.keelson.agent.wire.csi.NodeGetCapabilitiesRequest;
import io.keelson.agent.wire.csi.NodeGetCapabilitiesResponse;
import io.keelson.agent.wire.csi.NodeGrpc;
import io.keelson.agent.wire.csi.NodeServiceCapability;
import io.keelson.agent.wire.csi.NodeUnpublishVolumeRequest;
import io.keelson.agent.wire.csi.NodeUnpublishVolumeResponse;
import io.keelson.agent.wire.csi.VolumeCapability;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CsiDriversTest {
    @TempDir
    private Path folder;

    @Test
    void aDriverIsAskedOverItsSocket() throws Exception {
        Path socket = folder.resolve("csi.sock");
        EventLoopGroup threads = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        Server server = NettyServerBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
                .channelType(EpollServerDomainSocketChannel.class)
                .bossEventLoopGroup(threads)
                .workerEventLoopGroup(threads)
                .addService(new NodeGrpc.NodeImplBase() {
                    @Override
                    public void nodeGetCapabilities(
                            NodeGetCapabilitiesRequest request, StreamObserver<NodeGetCapabilitiesResponse> answer) {
                        NodeGetCapabilitiesResponse.Builder known = NodeGetCapabilitiesResponse.newBuilder();
                        known.addCapabilitiesBuilder()
                                .getRpcBuilder()
                                .setType(NodeServiceCapability.RPC.Type.SINGLE_NODE_MULTI_WRITER);
                        answer.onNext(known.build());
                        answer.onCompleted();
                    }

                    @Override
                    public void nodeUnpublishVolume(
                            NodeUnpublishVolumeRequest request, StreamObserver<NodeUnpublishVolumeResponse> answer) {
                        answer.onError(Status.FAILED_PRECONDITION
                                .withDescription("in use")
                                .asException());
                    }
                })
                .build()
                .start();
        try (DriverSockets sockets = new DriverSockets();
                CsiDrivers drivers = new CsiDrivers(sockets)) {
            drivers.register("csi.example.com", socket);
            drivers.register("csi.example.com", socket);
            CsiDriver driver = drivers.get("csi.example.com");
            assertTrue(driver.can(NodeServiceCapability.RPC.Type.SINGLE_NODE_MULTI_WRITER));
            assertFalse(driver.can(NodeServiceCapability.RPC.Type.STAGE_UNSTAGE_VOLUME));
            assertEquals(
                    VolumeCapability.AccessMode.Mode.SINGLE_NODE_SINGLE_WRITER,
                    driver.accessMode("ReadWriteOncePod").getMode());
            assertEquals(
                    "rpc error: code = FailedPrecondition desc = in use",
                    assertThrows(VolumeException.class, () -> driver.unpublish("h", folder))
                            .message());
            server.shutdownNow();
            assertTrue(server.awaitTermination(5, TimeUnit.SECONDS));
            assertTrue(assertThrows(VolumeException.class, () -> driver.unpublish("h", folder))
                    .message()
                    .startsWith("rpc error: code = Unavailable desc = "));
            drivers.unregister("csi.example.com");
            assertEquals(
                    "driver name csi.example.com not found in the list of registered CSI drivers",
                    assertThrows(VolumeException.class, () -> drivers.get("csi.example.com"))
                            .message());
        } finally {
            server.shutdownNow();
            var _ = threads.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    @Test
    void namesThatAreNoneAreRefused() {
        try (CsiDrivers drivers = new CsiDrivers(socket -> {
            throw new AssertionError("nobody connects");
        })) {
            for (String name : Set.of("", "../x", "a/b", "-x", "x".repeat(64))) {
                assertThrows(IllegalArgumentException.class, () -> drivers.register(name, folder), name);
            }
        }
    }
}
