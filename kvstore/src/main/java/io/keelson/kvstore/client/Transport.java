package io.keelson.kvstore.client;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The event loops of one client: one thread of NIO, or epoll with as many threads as processors. */
final class Transport implements AutoCloseable {
    private final boolean epoll;
    private @Nullable EventLoopGroup loops;
    private @Nullable EventLoopGroup socketFileLoops;

    Transport(boolean nativeTransport) {
        this.epoll = nativeTransport && Epoll.available();
    }

    /** The JDK's own Unix sockets are used with either transport. */
    synchronized EventLoopGroup eventLoops(boolean socketFile) {
        if (socketFile && epoll) {
            if (socketFileLoops == null) {
                socketFileLoops = nio();
            }
            return socketFileLoops;
        }
        if (loops == null) {
            loops = epoll ? Epoll.eventLoops() : nio();
        }
        return loops;
    }

    Class<? extends Channel> channelType(boolean socketFile) {
        if (socketFile) {
            return NioDomainSocketChannel.class;
        }
        return epoll ? Epoll.channelType() : NioSocketChannel.class;
    }

    SocketAddress socketFile(String path) {
        return UnixDomainSocketAddress.of(path);
    }

    private static EventLoopGroup nio() {
        return new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("etcd-client", true), NioIoHandler.newFactory());
    }

    @Override
    public synchronized void close() {
        shutDown(loops);
        shutDown(socketFileLoops);
    }

    private static void shutDown(@Nullable EventLoopGroup group) {
        if (group != null) {
            // Its threads are daemons: nobody waits for them.
            var _ = group.shutdownGracefully(0, 0, TimeUnit.MILLISECONDS);
        }
    }

    /** Apart, so that its classes are loaded only by those who ask for epoll. */
    private static final class Epoll {
        private Epoll() {}

        static boolean available() {
            return io.netty.channel.epoll.Epoll.isAvailable();
        }

        static EventLoopGroup eventLoops() {
            return new MultiThreadIoEventLoopGroup(
                    Runtime.getRuntime().availableProcessors(),
                    new DefaultThreadFactory("etcd-client", true),
                    io.netty.channel.epoll.EpollIoHandler.newFactory());
        }

        static Class<? extends Channel> channelType() {
            return io.netty.channel.epoll.EpollSocketChannel.class;
        }
    }
}
