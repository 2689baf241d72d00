package io.keelson.agent.server;

import io.keelson.agent.cri.RuntimeConnection;
import io.keelson.agent.pods.AgentPods;
import io.keelson.agent.stats.StatisticsPages;
import io.keelson.controllers.manager.DelegatedAccess;
import io.keelson.controllers.manager.PortSettings;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.IdentityCipherSuiteFilter;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The node's HTTPS server. Of connections there are {@link #CONNECTIONS_MAX} at most, later ones are closed; each holds
 * one request at a time, whose head and body are small, and is closed when nothing is asked for a while.
 */
@SuppressWarnings("FutureReturnValueIgnored") // What fails to be written closes the channel, and that is seen.
public final class NodeServer implements AutoCloseable {
    /** A node has a few hundred containers, each of which some people follow. */
    static final int CONNECTIONS_MAX = 2048;

    private static final int HEADER_BYTES_MAX = 64 << 10;
    private static final int BODY_BYTES_MAX = 64 << 10;
    private static final int LINE_BYTES_MAX = 64 << 10;
    private static final int IDLE_SECONDS_MAX = 90;

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final NodeAccess access;
    private final Routes routes;
    private final Relay.Settings relays;
    private final SslContext tls;
    private final Channel listening;

    /**
     * Listens.
     *
     * @param access to whom
     * @param checks what has to be so for the agent to be healthy, by name
     * @param configuration JSON of the kubelet's configuration, for {@code /configz}
     * @throws IOException if the address is taken or is none of this machine's
     */
    public NodeServer(
            NodeServerSettings settings,
            DelegatedAccess access,
            AgentPods pods,
            RuntimeConnection runtime,
            InstantSource time,
            Map<String, BooleanSupplier> checks,
            Supplier<String> configuration,
            PrometheusRegistry metrics)
            throws IOException {
        this(settings, access, pods, runtime, time, checks, configuration, metrics, null);
    }

    /**
     * The same, with what is used.
     *
     * @param statistics null if nobody looks
     * @throws IOException if the address is taken or is none of this machine's
     */
    public NodeServer(
            NodeServerSettings settings,
            DelegatedAccess access,
            AgentPods pods,
            RuntimeConnection runtime,
            InstantSource time,
            Map<String, BooleanSupplier> checks,
            Supplier<String> configuration,
            PrometheusRegistry metrics,
            @Nullable StatisticsPages statistics)
            throws IOException {
        this.access = new NodeAccess(access, settings.node(), settings.anonymous());
        routes = new Routes(pods, runtime, time, checks, configuration, metrics, statistics);
        relays = new Relay.Settings(loops, settings.streamIdleMax());
        tls = tls(settings.port());
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        accept(channel);
                    }
                });
        ChannelFuture bound = bootstrap.bind(settings.address()).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            close(null);
            throw new IOException(
                    "the node's server cannot listen at " + settings.address() + ": "
                            + bound.cause().getMessage(),
                    bound.cause());
        }
        listening = bound.channel();
    }

    private SslContext tls(PortSettings port) {
        return new JdkSslContext(
                port.tls(),
                false,
                port.cipherSuites().isEmpty() ? null : port.cipherSuites(),
                IdentityCipherSuiteFilter.INSTANCE,
                ApplicationProtocolConfig.DISABLED,
                // Whose they are is looked at with each request.
                access.asksForCertificates() ? ClientAuth.OPTIONAL : ClientAuth.NONE,
                port.protocols().toArray(String[]::new),
                false);
    }

    private void accept(Channel channel) {
        if (connections.size() >= CONNECTIONS_MAX) {
            channel.close();
            return;
        }
        connections.add(channel);
        channel.pipeline()
                .addLast("tls", tls.newHandler(channel.alloc()))
                .addLast("idle", new IdleStateHandler(0, 0, IDLE_SECONDS_MAX))
                .addLast(
                        "http",
                        new HttpServerCodec(new HttpDecoderConfig()
                                .setMaxInitialLineLength(LINE_BYTES_MAX)
                                .setMaxHeaderSize(HEADER_BYTES_MAX)))
                .addLast("whole", new HttpObjectAggregator(BODY_BYTES_MAX))
                .addLast("requests", new Connection(access, routes, relays, workers));
    }

    /** The port it listens on. */
    public int port() {
        return ((InetSocketAddress) listening.localAddress()).getPort();
    }

    /** Stops listening, and ends what is being answered. */
    @Override
    public void close() {
        close(listening);
    }

    private void close(@Nullable Channel listener) {
        if (listener != null) {
            listener.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
        }
        connections.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
        workers.shutdownNow();
        var _ = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
