package io.keelson.agent.plugins;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** Services of gRPC behind a Unix socket that only this user may use; each call on a virtual thread. */
public final class UnixServer implements AutoCloseable {
    private static final int MESSAGE_BYTES_MAX = 16 << 20;
    private static final int CALLS_MAX = 1000;
    private static final int CLOSE_SECONDS = 2;

    private final Path socket;
    private final ExecutorService calls = Executors.newVirtualThreadPerTaskExecutor();
    private final EventLoopGroup loop;
    private final Server server;

    private UnixServer(Path socket, List<BindableService> services) throws IOException {
        this.socket = socket;
        loop = new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("server-" + socket.getFileName(), true), EpollIoHandler.newFactory());
        NettyServerBuilder builder = NettyServerBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
                .channelType(EpollServerDomainSocketChannel.class)
                .bossEventLoopGroup(loop)
                .workerEventLoopGroup(loop)
                .executor(calls)
                .maxInboundMessageSize(MESSAGE_BYTES_MAX)
                .maxConcurrentCallsPerConnection(CALLS_MAX);
        services.forEach(builder::addService);
        server = builder.build();
        try {
            server.start();
            Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * Answers from now on. A socket that somebody who ended early left behind is taken away.
     *
     * @param socket its folder is made if it is not there
     * @throws IOException if somebody answers there already, or the socket cannot be made
     */
    public static UnixServer start(Path socket, List<BindableService> services) throws IOException {
        Path folder = socket.toAbsolutePath().getParent();
        if (folder == null) {
            throw new IOException("no name of a socket: " + socket);
        }
        Files.createDirectories(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-x---")));
        if (Files.exists(socket)) {
            if (answers(socket)) {
                throw new IOException("somebody answers at " + socket + " already: end it, or take another folder");
            }
            Files.delete(socket);
        }
        return new UnixServer(socket, services);
    }

    private static boolean answers(Path socket) {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return channel.connect(UnixDomainSocketAddress.of(socket));
        } catch (IOException e) {
            return false;
        }
    }

    /** Answers no more, and takes the socket away. */
    @Override
    public void close() {
        server.shutdownNow();
        try {
            boolean _ = server.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
            Files.deleteIfExists(socket);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            // The next one there takes it away.
        }
        var _ = loop.shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS);
        calls.shutdownNow();
    }
}
