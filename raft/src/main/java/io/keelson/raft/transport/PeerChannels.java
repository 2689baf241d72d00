package io.keelson.raft.transport;

import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NegotiationType;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Makes connections to members. */
final class PeerChannels {
    private static final int CONNECT_TIMEOUT_MS = 2_000;

    private final IoThreads io;
    private final Executor callbacks;
    private final @Nullable PeerTlsContexts tls;

    PeerChannels(IoThreads io, Executor callbacks, @Nullable PeerTlsContexts tls) {
        this.io = io;
        this.callbacks = callbacks;
        this.tls = tls;
    }

    /** A channel to one address, which connects when its first call is made. */
    ManagedChannel open(PeerAddress address) throws IOException {
        NettyChannelBuilder builder = NettyChannelBuilder.forAddress(address.socketAddress())
                .eventLoopGroup(io.group())
                .channelType(io.clientChannel())
                .directExecutor()
                .offloadExecutor(callbacks)
                .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MS)
                .withOption(ChannelOption.TCP_NODELAY, true)
                .flowControlWindow(TransportLimits.FLOW_CONTROL_WINDOW_BYTES)
                .maxInboundMessageSize(TransportLimits.FRAME_BYTES_MAX)
                .keepAliveTime(TransportLimits.KEEP_ALIVE_MS, TimeUnit.MILLISECONDS)
                .keepAliveTimeout(TransportLimits.KEEP_ALIVE_MS, TimeUnit.MILLISECONDS)
                .disableRetry();
        if (address.tls()) {
            SslContext context;
            String name = address.host();
            if (tls == null) {
                context = GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK)
                        .build();
            } else {
                context = tls.client();
                if (tls.serverName() != null) {
                    name = tls.serverName();
                }
            }
            String authority = name.contains(":") ? "[" + name + "]:" + address.port() : name + ":" + address.port();
            builder.negotiationType(NegotiationType.TLS).sslContext(context).overrideAuthority(authority);
        } else {
            builder.negotiationType(NegotiationType.PLAINTEXT);
        }
        return builder.build();
    }
}
