package io.keelson.kvstore.server;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who has started this process and waits for it, by systemd's protocol: {@code NOTIFY_SOCKET} names a socket that takes one
 * line per datagram. Units of etcd have {@code Type=notify}: what says nothing to it is ended after a while, and what is
 * started after it never is.
 */
final class ServiceManager {
    private static final Logger log = LoggerFactory.getLogger(ServiceManager.class);
    private static final String VARIABLE = "NOTIFY_SOCKET";
    private static final long PATIENCE_MS = 5_000;

    private final String socket;

    private ServiceManager(String socket) {
        this.socket = socket;
    }

    /** The one that the environment names, or one that nobody is behind. */
    static ServiceManager of(Map<String, String> environment) {
        return new ServiceManager(environment.getOrDefault(VARIABLE, ""));
    }

    /** Says that the service has started. What goes wrong with it is logged: the service is there all the same. */
    void tellReady() throws InterruptedException {
        if (socket.isEmpty()) {
            return;
        }
        if (!Epoll.isAvailable()) {
            // Java's own sockets of this kind are streams only.
            log.error("failed to notify systemd for readiness: no native transport on this machine");
            return;
        }
        // A first @ stands for the byte 0, with which names begin that are in no directory.
        String path = socket.startsWith("@") ? "\0" + socket.substring(1) : socket;
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("service-manager", true), EpollIoHandler.newFactory());
        try {
            ChannelFuture connected = new Bootstrap()
                    .group(loop)
                    .channel(EpollDomainDatagramChannel.class)
                    .handler(new ChannelInboundHandlerAdapter())
                    .connect(new DomainSocketAddress(path));
            if (!done(connected)) {
                return;
            }
            Channel channel = connected.channel();
            boolean _ = done(channel.writeAndFlush(Unpooled.copiedBuffer("READY=1\n", StandardCharsets.US_ASCII)));
        } finally {
            var _ = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    private boolean done(ChannelFuture step) throws InterruptedException {
        if (step.await(PATIENCE_MS) && step.isSuccess()) {
            return true;
        }
        log.error(
                "failed to notify systemd for readiness at {}: {}",
                socket,
                step.cause() == null ? "it takes nothing" : step.cause().toString());
        return false;
    }
}
