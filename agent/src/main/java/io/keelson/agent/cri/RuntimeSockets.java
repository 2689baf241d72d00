package io.keelson.agent.cri;

import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.keelson.controllers.runtime.Time;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Connections to runtimes behind Unix sockets; one thread does the input and output of all. A runtime that goes away and
 * comes back is there again a second later at most; calls in between fail with {@code UNAVAILABLE} at once.
 */
public final class RuntimeSockets implements AutoCloseable {
    /** As much as the kubelet takes: the list of all containers of a large node. */
    static final int MESSAGE_BYTES_MAX = 16 << 20;

    private static final Duration BETWEEN_TRIES = Duration.ofSeconds(1);

    private final Time time;
    private final EventLoopGroup threads;
    private final List<ManagedChannel> channels = new ArrayList<>();

    /**
     * No connection yet.
     *
     * @param time when a lost connection is tried again
     * @throws RuntimeUnusableException if this machine has no native code for it
     */
    public RuntimeSockets(Time time) throws RuntimeUnusableException {
        if (!Epoll.isAvailable()) {
            throw new RuntimeUnusableException(
                    "Unix sockets need Netty's native epoll code, which does not load here: use the embedded runtime with "
                            + "--container-runtime-endpoint=" + RuntimeChoice.EMBEDDED,
                    Epoll.unavailabilityCause());
        }
        this.time = time;
        threads = new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("runtime-io", true), EpollIoHandler.newFactory());
    }

    /** Whether there is a file that is a socket, or leads to one. */
    public static boolean isThere(RuntimeEndpoint endpoint) {
        return problemOfFile(endpoint).isEmpty();
    }

    /** Whether somebody accepts connections. */
    public static boolean answers(RuntimeEndpoint endpoint) {
        return problemOfConnecting(endpoint).isEmpty();
    }

    /**
     * Connects to a runtime, whose two services may have sockets of their own.
     *
     * @throws RuntimeUnusableException if there is no socket, or nobody accepts connections there
     */
    public RuntimeConnection connect(RuntimeEndpoint runtime, RuntimeEndpoint images) throws RuntimeUnusableException {
        ManagedChannel channel = channel(runtime);
        return new RuntimeConnection(channel, images.equals(runtime) ? channel : channel(images));
    }

    private synchronized ManagedChannel channel(RuntimeEndpoint endpoint) throws RuntimeUnusableException {
        String problem = problemOfFile(endpoint);
        if (problem.isEmpty()) {
            problem = problemOfConnecting(endpoint);
        }
        if (!problem.isEmpty()) {
            throw new RuntimeUnusableException("no container runtime at " + endpoint + ": " + problem);
        }
        ManagedChannel channel = NettyChannelBuilder.forAddress(new DomainSocketAddress(endpoint.path()))
                .eventLoopGroup(threads)
                .channelType(EpollDomainSocketChannel.class, DomainSocketAddress.class)
                // Go's servers refuse the path that would be sent otherwise.
                .overrideAuthority("localhost")
                .usePlaintext()
                .disableRetry()
                .maxInboundMessageSize(MESSAGE_BYTES_MAX)
                .build();
        channels.add(channel);
        watch(channel);
        return channel;
    }

    /** The library would wait for up to two minutes before it tries again; a runtime is restarted within a second. */
    private void watch(ManagedChannel channel) {
        ConnectivityState state = channel.getState(false);
        switch (state) {
            case SHUTDOWN -> {
                return;
            }
            case TRANSIENT_FAILURE -> time.after(BETWEEN_TRIES, channel::resetConnectBackoff);
            default -> {}
        }
        channel.notifyWhenStateChanged(state, () -> watch(channel));
    }

    private static String problemOfFile(RuntimeEndpoint endpoint) {
        Path path = Path.of(endpoint.path());
        if (!Files.exists(path)) {
            return Files.exists(path, LinkOption.NOFOLLOW_LINKS)
                    ? "the socket is a link that leads nowhere; start the runtime"
                    : "there is no such socket; start the runtime, or name its socket with --container-runtime-endpoint";
        }
        // What is neither of these is a socket, a pipe or a device: connecting tells them apart.
        if (Files.isRegularFile(path) || Files.isDirectory(path)) {
            return "this is no socket but a " + (Files.isDirectory(path) ? "folder" : "file");
        }
        return "";
    }

    private static String problemOfConnecting(RuntimeEndpoint endpoint) {
        // A connection to a Unix socket is made, or refused, without waiting, but for a full queue, which says so.
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.configureBlocking(false);
            boolean _ = channel.connect(UnixDomainSocketAddress.of(endpoint.path()));
            return "";
        } catch (IOException e) {
            return "the socket refuses connections (" + e.getMessage() + "); the runtime may have ended: start it";
        } catch (UnsupportedOperationException e) {
            return "this machine has no Unix sockets (" + e.getMessage() + ")";
        }
    }

    /** Ends all connections. */
    @Override
    public synchronized void close() {
        channels.forEach(ManagedChannel::shutdownNow);
        channels.clear();
        var _ = threads.shutdownGracefully(0, 2, TimeUnit.SECONDS);
        boolean _ = threads.terminationFuture().awaitUninterruptibly(5, TimeUnit.SECONDS);
    }
}
