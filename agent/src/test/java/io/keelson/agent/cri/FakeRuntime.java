package io.keelson.agent.cri;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.keelson.agent.wire.cri.ContainerStatus;
import io.keelson.agent.wire.cri.ExecSyncResponse;
import io.keelson.agent.wire.cri.PodSandboxStatus;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;

/**
 * A container runtime in this process that runs nothing: sandboxes and containers are kept in memory, and containers
 * start, exit and fail when a test says so. It answers over a channel inside the process and, if asked to, over a Unix
 * socket. Strict where runtimes are: no container without its image and its sandbox, no start of what has started, no
 * second sandbox or container of the same names and attempt. Any thread.
 *
 * <pre>{@code
 * try (FakeRuntime runtime = new FakeRuntime(time)) {
 *     runtime.images().have("docker.io/library/busybox:1", 4_000_000);
 *     RuntimeConnection connection = runtime.connection();
 *     ...
 *     runtime.exit(runtime.last("web").getId(), 1);
 * }
 * }</pre>
 */
public final class FakeRuntime implements AutoCloseable {
    private final FakeCalls calls = new FakeCalls();
    private final FakeImages images = new FakeImages(calls);
    private final FakePods pods;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Server> servers = new ArrayList<>();
    private final List<EventLoopGroup> loops = new ArrayList<>();
    private final ManagedChannel channel;

    /** A runtime that has nothing, and gives events. */
    public FakeRuntime(InstantSource time) {
        pods = new FakePods(calls, images, time);
        String name = "fake-runtime-" + UUID.randomUUID();
        try {
            servers.add(InProcessServerBuilder.forName(name)
                    .executor(threads)
                    .addService(pods)
                    .addService(images)
                    .build()
                    .start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        channel = InProcessChannelBuilder.forName(name).build();
    }

    /** The way to it inside the process. */
    public RuntimeConnection connection() {
        return new RuntimeConnection(channel, channel);
    }

    /** Answers on a Unix socket, too, until the server is shut down. */
    public Server serve(Path socket) throws IOException {
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        loops.add(loop);
        Server server = NettyServerBuilder.forAddress(new DomainSocketAddress(socket.toString()))
                .channelType(EpollServerDomainSocketChannel.class)
                .bossEventLoopGroup(loop)
                .workerEventLoopGroup(loop)
                .executor(threads)
                .addService(pods)
                .addService(images)
                .build()
                .start();
        servers.add(server);
        return server;
    }

    /** Its images, and the registry it pulls from. */
    public FakeImages images() {
        return images;
    }

    /** All calls so far, by their names: {@code RunPodSandbox}, {@code PullImage}, … */
    public List<String> calls() {
        return calls.made();
    }

    /** How many calls of a name there were. */
    public int calls(String call) {
        return (int) calls.made().stream().filter(call::equals).count();
    }

    /** Lets the next call of this name fail. */
    public void failOnce(String call, Status status) {
        calls.failOnce(call, status);
    }

    /** Lets calls of this name fail until they are mended. */
    public void fail(String call, Status status) {
        calls.fail(call, status);
    }

    /** Lets calls of this name go well again. */
    public void mend(String call) {
        calls.mend(call);
    }

    /** Lets calls of this name wait until the latch is at zero. */
    public void hold(String call, CountDownLatch until) {
        calls.hold(call, until);
    }

    /** All sandboxes. */
    public Collection<PodSandboxStatus> sandboxes() {
        return pods.sandboxes();
    }

    /** All containers. */
    public Collection<ContainerStatus> containers() {
        return pods.containers();
    }

    /** All runs of containers of this name, the oldest first. */
    public List<ContainerStatus> runs(String container) {
        return containers().stream()
                .filter(run -> run.getMetadata().getName().equals(container))
                .toList();
    }

    /** The last run of the container of this name. */
    public ContainerStatus last(String container) {
        return runs(container).getLast();
    }

    /** A container's process ends by itself. */
    public void exit(String containerId, int code) {
        pods.exit(containerId, code, code == 0 ? "Completed" : "Error");
    }

    /** A container's process ends, with a reason: {@code OOMKilled}. */
    public void exit(String containerId, int code, String reason) {
        pods.exit(containerId, code, reason);
    }

    /** A sandbox, and all that runs in it, ends by itself. */
    public void killSandbox(String sandboxId) {
        pods.killSandbox(sandboxId);
    }

    /** What {@code ExecSync} answers, from the container's id and the command; by default, nothing with code 0. */
    public void onExec(BiFunction<String, List<String>, ExecSyncResponse> answer) {
        pods.onExec(answer);
    }

    /** With which code processes end that are stopped; 137 by default, as if they took no notice of a signal. */
    public void stopCode(int code) {
        pods.stopCode(code);
    }

    /** Where the logs of containers to come are said to be, whatever their sandboxes say. */
    public void logs(Path folder) {
        pods.logs(folder.toString());
    }

    /** The address of sandboxes to come; 10.0.0.1 and so on by default. */
    public void nextIp(String ip) {
        pods.nextIp(ip);
    }

    /** Sets a condition of its status, {@code NetworkReady} for one. */
    public void condition(String type, boolean status, String reason, String message) {
        pods.condition(type, status, reason, message);
    }

    /** Whether it gives events; what has no events refuses the call. */
    public void events(boolean given) {
        pods.events().given(given);
    }

    /** Ends the streams of events, and has something happen before anybody can look. */
    public void loseEvents(Runnable happens) {
        synchronized (pods) {
            pods.events().lose();
            happens.run();
        }
    }

    /** How many listen to its events. */
    public int listeners() {
        return pods.events().listeners();
    }

    @Override
    public void close() {
        pods.events().lose();
        channel.shutdownNow();
        servers.forEach(Server::shutdownNow);
        threads.shutdownNow();
        loops.forEach(loop -> {
            var _ = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        });
    }
}
