package io.keelson.apiserver.http;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollIoOps;
import org.jspecify.annotations.Nullable;

/**
 * Netty's epoll, without a fault it has in 4.2.18: a socket of which nothing is wanted at present (not read, its client
 * sends no more, nothing waits to be written) is taken out of epoll, but is not put back when something is wanted again, and
 * the next answer that does not fit into the socket's buffer is cut off. Here such a socket stays in, edge-triggered and
 * for nothing in particular.
 */
final class LastingEpoll implements IoHandler {
    private final IoHandler epoll;

    private LastingEpoll(IoHandler epoll) {
        this.epoll = epoll;
    }

    static IoHandlerFactory factory() {
        IoHandlerFactory epoll = EpollIoHandler.newFactory();
        return executor -> new LastingEpoll(epoll.newHandler(executor));
    }

    @Override
    public void initialize() {
        epoll.initialize();
    }

    @Override
    public int run(IoHandlerContext context) {
        return epoll.run(context);
    }

    @Override
    public void prepareToDestroy() {
        epoll.prepareToDestroy();
    }

    @Override
    public void destroy() {
        epoll.destroy();
    }

    @Override
    public IoRegistration register(IoHandle handle) throws Exception {
        return new Registration(epoll.register(handle));
    }

    @Override
    public void wakeup() {
        epoll.wakeup();
    }

    @Override
    public boolean isCompatible(Class<? extends IoHandle> type) {
        return epoll.isCompatible(type);
    }

    @SuppressWarnings("TypeParameterUnusedInFormals") // As the interface has it.
    private record Registration(IoRegistration of) implements IoRegistration {
        @Override
        public <T> @Nullable T attachment() {
            return of.attachment();
        }

        @Override
        public long submit(IoOps ops) {
            return of.submit(ops.equals(EpollIoOps.NONE) ? EpollIoOps.EPOLLET : ops);
        }

        @Override
        public boolean isValid() {
            return of.isValid();
        }

        @Override
        public boolean cancel() {
            return of.cancel();
        }
    }
}
