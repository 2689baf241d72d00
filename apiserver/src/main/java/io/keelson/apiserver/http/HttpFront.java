package io.keelson.apiserver.http;

import io.keelson.apiserver.request.Handler;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A server of HTTP/1.1 and HTTP/2 that hands every request to one handler. Thread-safe. */
public final class HttpFront implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(HttpFront.class);
    private static final int BACKLOG = 4_096;
    private static final int KEEP_ALIVE_IDLE_SECONDS = 15;
    private static final int KEEP_ALIVE_INTERVAL_SECONDS = 15;
    private static final int KEEP_ALIVE_PROBES = 4;
    private static final int UNACKNOWLEDGED_MILLIS_MAX = 60_000;
    /** How late an answer of which nothing is taken may be given up. */
    private static final int IDLE_LOOK_SECONDS = 5;

    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(64 << 10, 256 << 10);

    private final Serving serving;
    private final @Nullable ServerCertificates certificates;
    private final EventLoopGroup loops;
    private final Channel listener;
    private final InetSocketAddress address;
    private final AtomicBoolean ended = new AtomicBoolean();

    private HttpFront(
            Serving serving, @Nullable ServerCertificates certificates, EventLoopGroup loops, Channel listener) {
        this.serving = serving;
        this.certificates = certificates;
        this.loops = loops;
        this.listener = listener;
        this.address = (InetSocketAddress) listener.localAddress();
    }

    /**
     * Begins to listen.
     *
     * @throws IOException if the address cannot be bound or certificates cannot be read
     */
    public static HttpFront start(HttpSettings settings, Handler handler) throws IOException {
        return start(settings, handler, InstantSource.system(), UnreadAnswers.inThisJvm());
    }

    static HttpFront start(HttpSettings settings, Handler handler, InstantSource clock, UnreadAnswers unread)
            throws IOException {
        ServerCertificates certificates = certificates(settings);
        ResponseSender sender = new ResponseSender(clock, unread);
        RequestRunner runner = new RequestRunner(handler, sender, new GoAway(settings.goAwayChance()), clock);
        Connections connections = new Connections(settings.limits().connectionsMax());
        Serving serving = new Serving(settings.limits(), runner, connections);
        boolean epoll = Epoll.isAvailable();
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(
                settings.eventLoops(),
                new DefaultThreadFactory("http", true),
                epoll ? LastingEpoll.factory() : NioIoHandler.newFactory());
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loops)
                .channel(epoll ? EpollServerSocketChannel.class : serverChannel())
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                .childHandler(new ConnectionSetup(serving, certificates));
        if (epoll) {
            bootstrap
                    .childOption(EpollChannelOption.TCP_KEEPIDLE, KEEP_ALIVE_IDLE_SECONDS)
                    .childOption(EpollChannelOption.TCP_KEEPINTVL, KEEP_ALIVE_INTERVAL_SECONDS)
                    .childOption(EpollChannelOption.TCP_KEEPCNT, KEEP_ALIVE_PROBES)
                    .childOption(EpollChannelOption.TCP_USER_TIMEOUT, UNACKNOWLEDGED_MILLIS_MAX);
        }
        if (settings.sharesPort()) {
            bootstrap.option(
                    epoll ? EpollChannelOption.SO_REUSEPORT : NioChannelOption.of(StandardSocketOptions.SO_REUSEPORT),
                    true);
        }
        try {
            Channel listener =
                    bootstrap.bind(settings.address()).syncUninterruptibly().channel();
            var _ = loops.scheduleWithFixedDelay(
                    unread::giveUpIdle, IDLE_LOOK_SECONDS, IDLE_LOOK_SECONDS, TimeUnit.SECONDS);
            return new HttpFront(serving, certificates, loops, listener);
        } catch (Exception e) {
            loops.shutdownGracefully(0, 0, TimeUnit.MILLISECONDS).awaitUninterruptibly(1, TimeUnit.SECONDS);
            if (certificates != null) {
                certificates.close();
            }
            throw new IOException("cannot listen on " + settings.address(), e);
        }
    }

    private static Class<? extends ServerChannel> serverChannel() {
        return NioServerSocketChannel.class;
    }

    private static @Nullable ServerCertificates certificates(HttpSettings settings) throws IOException {
        TlsSettings tls = settings.tls();
        try {
            return tls == null ? null : new ServerCertificates(tls, settings.http2());
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot use the server's certificate", e);
        }
    }

    /** The address that it listens on, with the port it got. */
    public InetSocketAddress address() {
        return address;
    }

    public int port() {
        return address().getPort();
    }

    /** Open connections. */
    public int connections() {
        return serving.connections().size();
    }

    /** Connections so far that ended because their clients and the server did not agree on TLS. */
    public long failedHandshakes() {
        return serving.connections().failedHandshakes();
    }

    /** Requests under way. */
    public int requests() {
        return serving.runner().running();
    }

    /** Reads the certificate files again now if they have changed. */
    public void refreshCertificates() {
        if (certificates != null) {
            certificates.refresh();
        }
    }

    /** Takes no more connections, and asks clients to go elsewhere with their next request. */
    public void stopListening() {
        listener.close().syncUninterruptibly();
        serving.connections().drain();
    }

    /**
     * Ends. Takes no more connections and requests, lets those under way come to an end, and cuts what has not after so
     * long. Watches do not end by themselves: who has some ends them first. Once; after the first time it does nothing.
     */
    public void shutdown(Duration longest) {
        if (ended.getAndSet(true)) {
            return;
        }
        boolean interrupted = false;
        stopListening();
        try {
            if (!serving.connections().awaitNone(longest)) {
                log.info("Closing {} connections that are still open", connections());
            }
            serving.connections().cut();
            serving.connections().awaitNone(Duration.ofSeconds(5));
            awaitRequests();
        } catch (InterruptedException e) {
            interrupted = true;
            serving.connections().cut();
        }
        if (certificates != null) {
            certificates.close();
        }
        loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Gives the threads of requests, whose clients are all gone now, a moment to end before the event loops do. */
    private void awaitRequests() throws InterruptedException {
        for (int i = 0; i < 100 && requests() > 0; i++) {
            Thread.sleep(5);
        }
    }

    /** Ends without waiting for anything. */
    @Override
    public void close() {
        shutdown(Duration.ZERO);
    }
}
