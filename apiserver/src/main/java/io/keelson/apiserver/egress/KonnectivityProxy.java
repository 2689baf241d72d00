package io.keelson.apiserver.egress;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.netty.NettyChannelBuilder;
import io.keelson.apiserver.plugin.PluginChannel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A konnectivity server, spoken to over a unix socket with gRPC. Each connection has a stream in a channel of its own, so that
 * one that is not read holds up no other.
 */
final class KonnectivityProxy implements EgressProxy {
    private static final MethodDescriptor<byte[], byte[]> PROXY = PluginChannel.streaming("ProxyService", "Proxy");
    private static final int PACKET_BYTES_MAX = 1 << 20;

    private final Path path;
    private final DialMetrics.Way metrics;
    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("konnectivity", true), NioIoHandler.newFactory());

    KonnectivityProxy(Path path, DialMetrics metrics) {
        this.path = path;
        this.metrics = metrics.over("grpc", "uds");
    }

    @Override
    public Tunnel dial(String host, int port, Duration timeout) throws IOException {
        metrics.started();
        long begin = System.nanoTime();
        ManagedChannel channel = NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(path))
                .channelType(NioDomainSocketChannel.class)
                .eventLoopGroup(group)
                .directExecutor()
                .overrideAuthority("localhost")
                .usePlaintext()
                .disableRetry()
                .maxInboundMessageSize(PACKET_BYTES_MAX)
                .build();
        KonnectivitySocket socket =
                new KonnectivitySocket(channel.newCall(PROXY, CallOptions.DEFAULT), channel::shutdownNow);
        String target = EgressProxy.target(host, port);
        try {
            socket.dial(target, timeout);
        } catch (IOException e) {
            boolean heard = socket.heard();
            metrics.failed(heard ? DialMetrics.Stage.PROXY : DialMetrics.Stage.CONNECT);
            throw new IOException("proxy error from " + path + " while dialing " + target + ": " + e.getMessage(), e);
        }
        metrics.made(System.nanoTime() - begin);
        return new Tunnel(socket, socket);
    }

    @Override
    public void close() {
        var _ = group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    /** Where it listens. */
    @Override
    public String toString() {
        return path.toString();
    }
}
