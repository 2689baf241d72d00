package io.keelson.kvstore.client;

import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NegotiationType;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** One endpoint and its channel, which is opened when it is first needed. Safe for any thread. */
final class Connection implements AutoCloseable {
    private final Endpoint endpoint;
    private final ClientConfig config;
    private final Transport transport;
    private @Nullable ManagedChannel channel;

    Connection(Endpoint endpoint, ClientConfig config, Transport transport) {
        this.endpoint = endpoint;
        this.config = config;
        this.transport = transport;
    }

    Endpoint endpoint() {
        return endpoint;
    }

    synchronized ManagedChannel channel() {
        if (channel == null) {
            channel = open();
        }
        return channel;
    }

    boolean isReady() {
        return channel().getState(false) == ConnectivityState.READY;
    }

    /** Connects, waiting at most this long; false when the endpoint cannot be reached (for now). */
    boolean awaitReady(long timeoutNs) throws InterruptedException {
        long endNs = System.nanoTime() + timeoutNs;
        ManagedChannel open = channel();
        if (open.getState(true) == ConnectivityState.TRANSIENT_FAILURE) {
            open.resetConnectBackoff();
        }
        ConnectivityState first = open.getState(true);
        for (ConnectivityState state = first; state != ConnectivityState.READY; state = open.getState(true)) {
            if (state == ConnectivityState.SHUTDOWN
                    || (state == ConnectivityState.TRANSIENT_FAILURE && state != first)) {
                return false;
            }
            CountDownLatch changed = new CountDownLatch(1);
            open.notifyWhenStateChanged(state, changed::countDown);
            if (!changed.await(endNs - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                return false;
            }
        }
        return true;
    }

    private ManagedChannel open() {
        NettyChannelBuilder builder = builder();
        boolean secured = endpoint.secured(config.tls() != null);
        if (secured) {
            builder.negotiationType(NegotiationType.TLS).sslContext(sslContext(config.tls()));
        } else {
            builder.negotiationType(NegotiationType.PLAINTEXT);
        }
        EventLoopGroup loops = transport.eventLoops(endpoint.isSocketFile());
        Class<? extends Channel> type = transport.channelType(endpoint.isSocketFile());
        return builder.overrideAuthority(endpoint.authority())
                .eventLoopGroup(loops)
                .channelType(type)
                .directExecutor()
                .offloadExecutor(Runnable::run)
                .disableRetry()
                .proxyDetector(address -> null)
                .keepAliveTime(config.keepAliveTime().toNanos(), TimeUnit.NANOSECONDS)
                .keepAliveTimeout(config.keepAliveTimeout().toNanos(), TimeUnit.NANOSECONDS)
                .maxInboundMessageSize(config.responseBytesMax())
                .build();
    }

    private NettyChannelBuilder builder() {
        if (endpoint.isSocketFile()) {
            return NettyChannelBuilder.forAddress(transport.socketFile(endpoint.path()));
        }
        if (endpoint.isNumeric()) {
            try {
                return NettyChannelBuilder.forAddress(
                        new InetSocketAddress(InetAddress.getByName(endpoint.host()), endpoint.port()));
            } catch (UnknownHostException e) {
                throw new IllegalArgumentException("endpoint \"" + endpoint.text() + "\" has no usable address", e);
            }
        }
        return NettyChannelBuilder.forTarget("dns:///" + endpoint.authority());
    }

    private static SslContext sslContext(@Nullable TlsFiles files) {
        try {
            SslContextBuilder builder = GrpcSslContexts.forClient();
            if (files != null) {
                if (!files.verifyServer()) {
                    builder.trustManager(InsecureTrustManagerFactory.INSTANCE);
                } else if (files.trusted() != null) {
                    builder.trustManager(files.trusted().toFile());
                }
                if (files.certificate() != null && files.key() != null) {
                    builder.keyManager(files.certificate().toFile(), files.key().toFile());
                }
            }
            return builder.build();
        } catch (SSLException e) {
            throw new IllegalArgumentException("TLS cannot be set up: " + e.getMessage(), e);
        }
    }

    @Override
    public synchronized void close() {
        if (channel != null) {
            channel.shutdownNow();
        }
    }
}
