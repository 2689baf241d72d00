package io.keelson.agent.embedded;

import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.keelson.agent.cri.RuntimeConnection;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Where a runtime's services answer: inside the process, and on a Unix socket for {@code crictl} and kubelets if asked
 * for.
 */
public final class RuntimeServer implements AutoCloseable {
    private static final int MESSAGE_BYTES_MAX = 16 << 20;
    private static final int CALLS_MAX = 1000;
    private static final int CLOSE_SECONDS = 5;

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Server inside;
    private final ManagedChannel channel;
    private @Nullable Server outside;
    private @Nullable EventLoopGroup loop;
    private @Nullable Path socket;

    private RuntimeServer(List<BindableService> services) throws IOException {
        String name = InProcessServerBuilder.generateName();
        InProcessServerBuilder builder = InProcessServerBuilder.forName(name).executor(threads);
        services.forEach(builder::addService);
        inside = builder.build().start();
        channel = InProcessChannelBuilder.forName(name).executor(threads).build();
    }

    /** Answers inside the process. */
    public static RuntimeServer start(List<BindableService> services) throws IOException {
        return new RuntimeServer(services);
    }

    /**
     * Answers on a socket, too, which only this user may use.
     *
     * @throws IOException if someone answers there already, or it cannot be made
     */
    public static RuntimeServer start(List<BindableService> services, Path socket) throws IOException {
        RuntimeServer server = new RuntimeServer(services);
        try {
            server.listen(services, socket);
            return server;
        } catch (IOException | RuntimeException failure) {
            server.close();
            throw failure;
        }
    }

    private void listen(List<BindableService> services, Path path) throws IOException {
        Path folder = Objects.requireNonNull(path.toAbsolutePath().getParent());
        Files.createDirectories(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        if (Files.exists(path)) {
            requireNobody(path);
            Files.delete(path);
        }
        loop = new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("runtime-server", true), EpollIoHandler.newFactory());
        NettyServerBuilder builder = NettyServerBuilder.forAddress(new DomainSocketAddress(path.toFile()))
                .channelType(EpollServerDomainSocketChannel.class)
                .bossEventLoopGroup(loop)
                .workerEventLoopGroup(loop)
                .executor(threads)
                .maxInboundMessageSize(MESSAGE_BYTES_MAX)
                .maxConcurrentCallsPerConnection(CALLS_MAX);
        services.forEach(builder::addService);
        outside = builder.build().start();
        socket = path;
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
    }

    private static void requireNobody(Path path) throws IOException {
        ShimConnection other;
        try {
            other = ShimConnection.open(path);
        } catch (IOException nobody) {
            // Left by one that ended early.
            return;
        }
        other.close();
        throw new IOException("another runtime answers at " + path + ": stop it, or take another socket");
    }

    /** The runtime as the agent's other parts speak to it. */
    public RuntimeConnection connection() {
        return new RuntimeConnection(channel, channel);
    }

    /** Ends calls that run after a while. */
    @Override
    public void close() {
        var _ = channel.shutdownNow();
        end(inside);
        if (outside != null) {
            end(outside);
        }
        if (loop != null) {
            var _ = loop.shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS);
        }
        if (socket != null) {
            try {
                Files.deleteIfExists(socket);
            } catch (IOException ignored) {
                // The next one on that socket removes it.
            }
        }
        var _ = threads.shutdownNow();
    }

    private static void end(Server server) {
        try {
            if (!server.shutdown().awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                var _ = server.shutdownNow();
            }
        } catch (InterruptedException stop) {
            var _ = server.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
