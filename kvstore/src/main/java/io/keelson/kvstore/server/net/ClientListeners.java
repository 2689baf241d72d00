package io.keelson.kvstore.server.net;

import com.sun.management.UnixOperatingSystemMXBean;
import io.grpc.Server;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServerStreamTracer;
import io.grpc.netty.NettyServerBuilder;
import io.keelson.kvstore.gateway.HttpHandler;
import io.keelson.kvstore.server.config.ListenUrl;
import io.keelson.kvstore.server.config.ServerConfig;
import io.keelson.kvstore.server.config.ServerConfig.Connections;
import io.keelson.kvstore.server.config.TlsFiles;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.unix.UnixChannelOption;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Every place where the server listens for clients, as the flags say: gRPC and HTTP together, or apart, and metrics. */
public final class ClientListeners implements AutoCloseable {
    /** What etcd allows a message on top of the largest request. */
    private static final int MESSAGE_OVERHEAD_BYTES = 512 * 1024;

    private static final int CONNECTIONS_MAX = 65_536;
    private static final int HEADER_BYTES_MAX = 64 * 1024;
    private static final int RESETS_MAX = 400;
    private static final int RESETS_WINDOW_SECONDS = 10;
    private static final int OVERDUE_LOOK_MS = 1_000;

    /** Bytes a client may send ahead on one stream and on its connection. */
    private static final int FLOW_CONTROL_WINDOW_BYTES = 1 << 20;

    private final ServerConfig config;
    private final EventLoops loops;
    private final List<ServerServiceDefinition> services;
    private final List<ServerInterceptor> interceptors;
    private final List<ServerStreamTracer.Factory> tracers;
    private final HalfSentRequests halfSent;
    private final Set<String> streamingPaths;
    private final AtomicInteger open = new AtomicInteger();
    private final ExchangesUnderWay exchanges = new ExchangesUnderWay();
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final List<Server> servers = new ArrayList<>();
    private final List<ListenUrl> clientUrls = new ArrayList<>();
    private final List<ListenUrl> httpUrls = new ArrayList<>();
    private final List<ListenUrl> metricsUrls = new ArrayList<>();
    private @Nullable ServerTls tls;
    private @Nullable Future<?> overdue;

    /**
     * @param services offered over gRPC
     * @param interceptors around every call, the first outermost
     * @param tracers told of every call's start, messages and end
     * @param unread bounds the answers that clients do not read
     * @param halfSent bounds the requests that clients do not complete
     */
    public ClientListeners(
            ServerConfig config,
            EventLoops loops,
            List<ServerServiceDefinition> services,
            List<ServerInterceptor> interceptors,
            List<ServerStreamTracer.Factory> tracers,
            UnreadAnswers unread,
            HalfSentRequests halfSent) {
        this.config = config;
        this.loops = loops;
        this.services = services;
        this.interceptors = interceptors;
        this.tracers = Stream.concat(tracers.stream(), Stream.of(unread)).toList();
        this.halfSent = halfSent;
        this.streamingPaths = services.stream()
                .flatMap(service -> service.getServiceDescriptor().getMethods().stream())
                .filter(method -> !method.getType().clientSendsOneMessage())
                .map(method -> "/" + method.getFullMethodName())
                .collect(Collectors.toUnmodifiableSet());
        unread.closeThrough(this::closeConnectionFrom);
    }

    private void closeConnectionFrom(SocketAddress client) {
        var _ = connections.close(channel -> client.equals(channel.remoteAddress()));
    }

    /**
     * Begins to listen for whom only the health of this member matters, which is before it serves anybody else.
     *
     * @throws IOException naming the address that cannot be listened on
     */
    public void startMetrics(HttpHandler metrics) throws IOException {
        for (ListenUrl url : config.listeners().metrics()) {
            metricsUrls.add(start(url, metrics, false));
        }
    }

    /**
     * Begins to listen for clients.
     *
     * @param http answers what is not gRPC
     * @throws IOException naming the address that cannot be listened on
     */
    public void startClients(HttpHandler http) throws IOException {
        overdue = loops.serving()
                .next()
                .scheduleWithFixedDelay(
                        halfSent::giveUpOverdue, OVERDUE_LOOK_MS, OVERDUE_LOOK_MS, TimeUnit.MILLISECONDS);
        boolean apart = !config.listeners().clientHttp().isEmpty();
        for (ListenUrl url : config.listeners().client()) {
            clientUrls.add(start(url, apart ? null : http, true));
        }
        for (ListenUrl url : config.listeners().clientHttp()) {
            httpUrls.add(start(url, http, false));
        }
    }

    /** Where gRPC is served, with the ports that were really taken. */
    public List<ListenUrl> clientUrls() {
        return List.copyOf(clientUrls);
    }

    /** Where only HTTP is served, with the ports that were really taken. */
    public List<ListenUrl> httpUrls() {
        return List.copyOf(httpUrls);
    }

    /** Where only metrics are served, with the ports that were really taken. */
    public List<ListenUrl> metricsUrls() {
        return List.copyOf(metricsUrls);
    }

    private ListenUrl start(ListenUrl url, @Nullable HttpHandler http, boolean grpc) throws IOException {
        HttpLimits limits =
                HttpLimits.forRequests(connectionsMax(), config.limits().requestBytesMax());
        HttpHandler counted = http == null ? null : exchanges.counting(http);
        ConnectionFront front = new ConnectionFront(
                url.secure() ? tls() : null, counted, grpc, limits, halfSent, streamingPaths, connections, open);
        Connections kept = config.connections();
        NettyServerBuilder builder = NettyServerBuilder.forAddress(url.address())
                .channelType(loops.channelType())
                .bossEventLoopGroup(loops.accepting())
                .workerEventLoopGroup(loops.serving())
                .protocolNegotiator(front)
                .directExecutor()
                .maxInboundMessageSize((int)
                        Math.min(Integer.MAX_VALUE, (long) config.limits().requestBytesMax() + MESSAGE_OVERHEAD_BYTES))
                .maxInboundMetadataSize(HEADER_BYTES_MAX)
                .maxConcurrentCallsPerConnection(config.limits().concurrentStreamsMax())
                .maxRstFramesPerWindow(RESETS_MAX, RESETS_WINDOW_SECONDS)
                .flowControlWindow(FLOW_CONTROL_WINDOW_BYTES)
                .permitKeepAliveTime(kept.keepaliveMinTime().toNanos(), TimeUnit.NANOSECONDS)
                .permitKeepAliveWithoutCalls(false)
                .handshakeTimeout(2L * limits.handshakeTimeoutMs(), TimeUnit.MILLISECONDS)
                .withOption(ChannelOption.SO_BACKLOG, 4096)
                .withOption(ChannelOption.SO_REUSEADDR, true)
                .withChildOption(ChannelOption.TCP_NODELAY, true);
        if (positive(kept.keepaliveInterval()) && positive(kept.keepaliveTimeout())) {
            builder.keepAliveTime(kept.keepaliveInterval().toNanos(), TimeUnit.NANOSECONDS)
                    .keepAliveTimeout(kept.keepaliveTimeout().toNanos(), TimeUnit.NANOSECONDS);
        }
        if (kept.reusePort() && loops.epoll()) {
            builder.withOption(UnixChannelOption.SO_REUSEPORT, true);
        }
        if (grpc) {
            services.forEach(builder::addService);
            // gRPC runs the interceptor added last first.
            interceptors.reversed().forEach(builder::intercept);
            tracers.forEach(builder::addStreamTracerFactory);
        }
        Server server = builder.build();
        try {
            server.start();
        } catch (IOException e) {
            throw new IOException("listen tcp " + url.host() + ":" + url.port() + ": " + reason(e), e);
        }
        servers.add(server);
        int port = server.getListenSockets().getFirst() instanceof InetSocketAddress address
                ? address.getPort()
                : url.port();
        return url.withPort(port);
    }

    private static String reason(IOException e) {
        Throwable at = e;
        while (at.getCause() != null) {
            at = at.getCause();
        }
        String message = at.getMessage();
        return message != null && message.contains("Address already in use")
                ? "bind: address already in use"
                : String.valueOf(message);
    }

    private static boolean positive(Duration duration) {
        return !duration.isZero() && !duration.isNegative();
    }

    private static int connectionsMax() {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system) {
            // A quarter of the files stays for the store, the log and the other members.
            return Math.clamp(system.getMaxFileDescriptorCount() / 4 * 3, 64, CONNECTIONS_MAX);
        }
        return CONNECTIONS_MAX;
    }

    private ServerTls tls() throws IOException {
        ServerTls made = tls;
        if (made != null) {
            return made;
        }
        TlsFiles files = config.clientTls();
        if (files == null) {
            throw new IllegalStateException("https without certificates should have been refused");
        }
        Path cert = files.certFile();
        Path key = files.keyFile();
        if (cert == null || key == null) {
            List<String> hosts = Stream.concat(
                            config.listeners().client().stream(), config.listeners().clientHttp().stream())
                    .map(ListenUrl::host)
                    .distinct()
                    .toList();
            SelfSigned generated = SelfSigned.in(
                    config.dataDir().resolve("fixtures").resolve("client"), hosts, files.selfSignedYears());
            cert = generated.certFile();
            key = generated.keyFile();
        }
        made = new ServerTls(files, cert, key);
        tls = made;
        return made;
    }

    /** Stops taking new calls and lets those under way finish for a while; then closes every connection. */
    public void drain(Duration patience) {
        servers.forEach(Server::shutdown);
        long deadline = System.nanoTime() + patience.toNanos();
        for (Server server : servers) {
            try {
                if (!server.awaitTermination(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS)) {
                    server.shutdownNow();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                server.shutdownNow();
            }
        }
        try {
            exchanges.awaitNone(deadline);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        if (overdue != null) {
            overdue.cancel(false);
        }
        servers.forEach(Server::shutdownNow);
        connections.forEach(ClientListeners::closeNow);
        connections.newCloseFuture().awaitUninterruptibly(2, TimeUnit.SECONDS);
    }

    /** Closes below all handlers, some of which put a close off until their requests have been answered. */
    private static void closeNow(Channel channel) {
        channel.eventLoop().execute(() -> {
            ChannelHandlerContext lowest = channel.pipeline().firstContext();
            if (lowest == null) {
                var _ = channel.close();
            } else {
                var _ = lowest.close();
            }
        });
    }
}
