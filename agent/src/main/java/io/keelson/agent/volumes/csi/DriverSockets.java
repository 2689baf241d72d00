package io.keelson.agent.volumes.csi;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Connections to storage plugins behind Unix sockets; one thread does the input and output of all. Each is made when
 * it is first used, and again when a plugin that went away is asked anew.
 */
public final class DriverSockets implements Function<Path, ManagedChannel>, AutoCloseable {
    private static final int MESSAGE_BYTES_MAX = 4 << 20;

    private final EventLoopGroup threads =
            new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("csi-io", true), EpollIoHandler.newFactory());

    @Override
    public ManagedChannel apply(Path socket) {
        return NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
                .eventLoopGroup(threads)
                .channelType(EpollDomainSocketChannel.class, DomainSocketAddress.class)
                // Go's servers refuse the path that would be sent otherwise.
                .overrideAuthority("localhost")
                .usePlaintext()
                .disableRetry()
                .maxInboundMessageSize(MESSAGE_BYTES_MAX)
                .build();
    }

    /** Ends all connections. */
    @Override
    public void close() {
        var _ = threads.shutdownGracefully(0, 2, TimeUnit.SECONDS);
    }
}
