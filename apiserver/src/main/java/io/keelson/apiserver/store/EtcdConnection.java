package io.keelson.apiserver.store;

import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.keelson.apiserver.egress.ConnectProxy;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Where the store is and how it is reached, as the flags of a kube-apiserver say it.
 *
 * @param servers {@code --etcd-servers}: {@code http://host:port} or {@code https://host:port} each, all with the same
 *     scheme, at least one; or {@code unix://path} alone
 * @param caFile {@code --etcd-cafile}; null for the authorities that the JDK trusts
 * @param certFile {@code --etcd-certfile}; null, together with {@code keyFile}, to show no certificate
 * @param keyFile {@code --etcd-keyfile}
 * @param prefix {@code --etcd-prefix}, with a leading slash and without one at the end
 */
public record EtcdConnection(
        List<String> servers,
        @Nullable Path caFile,
        @Nullable Path certFile,
        @Nullable Path keyFile,
        String prefix) {
    public static final String DEFAULT_PREFIX = "/registry";

    private static final Duration KEEPALIVE = Duration.ofSeconds(30);
    private static final Duration KEEPALIVE_TIMEOUT = Duration.ofSeconds(10);
    /** Lists are large; the protocol's own 64 KiB would have them wait for the network's round trips. */
    private static final int FLOW_CONTROL_WINDOW_BYTES = 4 << 20;

    /** @throws IllegalArgumentException naming the flag that cannot be used */
    public EtcdConnection {
        servers = List.copyOf(servers);
        if (servers.isEmpty()) {
            throw new IllegalArgumentException("--etcd-servers must be specified");
        }
        if ((certFile == null) != (keyFile == null)) {
            throw new IllegalArgumentException("--etcd-certfile and --etcd-keyfile must be given together");
        }
        prefix = "/" + strip(prefix);
        var _ = Endpoints.parse(servers);
    }

    private static String strip(String prefix) {
        int begin = 0;
        int end = prefix.length();
        while (begin < end && prefix.charAt(begin) == '/') {
            begin++;
        }
        while (end > begin && prefix.charAt(end - 1) == '/') {
            end--;
        }
        return prefix.substring(begin, end);
    }

    /** Without TLS files, with the prefix that is usual. */
    public static EtcdConnection to(List<String> servers) {
        return new EtcdConnection(servers, null, null, null, DEFAULT_PREFIX);
    }

    /** Other servers that are reached in the same way. */
    public EtcdConnection withServers(List<String> others) {
        return new EtcdConnection(others, caFile, certFile, keyFile, prefix);
    }

    /**
     * A channel to all servers, over which calls take turns; those that cannot be reached are left out and tried again.
     * Does not wait for a connection.
     *
     * @throws IllegalArgumentException naming the flag whose file cannot be used
     */
    public ManagedChannel open() {
        return open(null);
    }

    /**
     * The same through a proxy.
     *
     * @param proxy outlives the channel; null for none. A unix socket is on this machine and is reached without it
     */
    public ManagedChannel open(@Nullable ConnectProxy proxy) {
        Endpoints endpoints = Endpoints.parse(servers);
        Path socket = endpoints.socket();
        NettyChannelBuilder reached = socket == null ? overTcp(endpoints, proxy) : UnixSockets.channelTo(socket);
        NettyChannelBuilder builder = reached.disableRetry()
                .keepAliveTime(KEEPALIVE.toNanos(), TimeUnit.NANOSECONDS)
                .keepAliveTimeout(KEEPALIVE_TIMEOUT.toNanos(), TimeUnit.NANOSECONDS)
                .flowControlWindow(FLOW_CONTROL_WINDOW_BYTES)
                .maxInboundMessageSize(Integer.MAX_VALUE);
        if (endpoints.secured()) {
            builder.sslContext(sslContext());
        } else {
            builder.usePlaintext();
        }
        return builder.build();
    }

    private static NettyChannelBuilder overTcp(Endpoints endpoints, @Nullable ConnectProxy proxy) {
        if (proxy == null) {
            return NettyChannelBuilder.forTarget(endpoints.target()).defaultLoadBalancingPolicy("round_robin");
        }
        NettyChannelBuilder builder =
                NettyChannelBuilder.forTarget(endpoints.targetBehindProxy()).defaultLoadBalancingPolicy("round_robin");
        proxy.carry(builder);
        return builder;
    }

    private SslContext sslContext() {
        SslContextBuilder builder = GrpcSslContexts.forClient();
        String flag = "--etcd-cafile";
        try {
            if (caFile != null) {
                builder.trustManager(caFile.toFile());
            }
            flag = "--etcd-certfile";
            if (certFile != null && keyFile != null) {
                builder.keyManager(certFile.toFile(), keyFile.toFile());
            }
            return builder.build();
        } catch (SSLException | IllegalArgumentException e) {
            throw new IllegalArgumentException(flag + " cannot be used: " + e.getMessage(), e);
        }
    }
}
