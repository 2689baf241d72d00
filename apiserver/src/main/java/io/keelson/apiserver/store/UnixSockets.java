package io.keelson.apiserver.store;

import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;

/**
 * Channels to stores at unix sockets. gRPC's own threads are for TCP; these are shared by all such channels, as those are, and
 * made with the first of them.
 */
final class UnixSockets {
    private static final EventLoopGroup THREADS =
            new MultiThreadIoEventLoopGroup(2, new DefaultThreadFactory("etcd-unix", true), NioIoHandler.newFactory());

    private UnixSockets() {}

    static NettyChannelBuilder channelTo(Path socket) {
        return NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
                .channelType(NioDomainSocketChannel.class)
                .eventLoopGroup(THREADS)
                .overrideAuthority("localhost");
    }
}
