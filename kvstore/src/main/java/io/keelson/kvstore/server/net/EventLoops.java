package io.keelson.kvstore.server.net;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The threads that do the listeners' input and output: one that accepts, and one per processor that reads and writes. */
public final class EventLoops implements AutoCloseable {
    private final boolean epoll = Epoll.isAvailable();
    private final EventLoopGroup accepting =
            new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("client-accept", true), handlers());
    private final EventLoopGroup serving = new MultiThreadIoEventLoopGroup(
            Math.max(2, Runtime.getRuntime().availableProcessors()),
            new DefaultThreadFactory("client-io", true),
            handlers());

    private IoHandlerFactory handlers() {
        return epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    }

    boolean epoll() {
        return epoll;
    }

    /** The one of the threads that read and write which the caller runs on; null on any other thread. */
    public @Nullable Executor current() {
        for (EventExecutor loop : serving) {
            if (loop.inEventLoop()) {
                return loop;
            }
        }
        return null;
    }

    EventLoopGroup accepting() {
        return accepting;
    }

    EventLoopGroup serving() {
        return serving;
    }

    Class<? extends ServerChannel> channelType() {
        return epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    }

    @Override
    public void close() {
        var _ = accepting.shutdownGracefully(0, 2, TimeUnit.SECONDS);
        var _ = serving.shutdownGracefully(0, 2, TimeUnit.SECONDS);
        boolean _ = serving.terminationFuture().awaitUninterruptibly(5, TimeUnit.SECONDS);
    }
}
