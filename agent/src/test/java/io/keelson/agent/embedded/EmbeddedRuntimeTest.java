package io.keelson.agent.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.keelson.agent.cri.RuntimeConnection;
import io.keelson.agent.cri.RuntimeSuite;
import io.keelson.agent.wire.cri.CheckpointContainerRequest;
import io.keelson.agent.wire.cri.ContainerEventResponse;
import io.keelson.agent.wire.cri.ContainerEventType;
import io.keelson.agent.wire.cri.ContainerStatus;
import io.keelson.agent.wire.cri.GetEventsRequest;
import io.keelson.agent.wire.cri.Int64Value;
import io.keelson.agent.wire.cri.LinuxContainerResources;
import io.keelson.agent.wire.cri.Mount;
import io.keelson.agent.wire.cri.PodSandboxConfig;
import io.keelson.agent.wire.cri.PodSandboxMetadata;
import io.keelson.agent.wire.cri.PodSandboxStats;
import io.keelson.agent.wire.cri.PodSandboxStatsRequest;
import io.keelson.agent.wire.cri.PodSandboxStatusRequest;
import io.keelson.agent.wire.cri.VersionRequest;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * The suite of all runtimes on the embedded one, and what only that one promises. Nothing is left of it when it is
 * done.
 */
@Tag("root")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EmbeddedRuntimeTest extends RuntimeSuite {
    @TempDir
    private static Path folder;

    private TestRuntime runtime;

    @BeforeAll
    void begin() throws Exception {
        assumeTrue(FolderImages.canBeMade(), "busybox-static is missing");
        runtime = new TestRuntime(folder);
    }

    @AfterAll
    void end() throws Exception {
        runtime.close();
    }

    @Override
    protected RuntimeConnection connection() {
        return runtime.connection();
    }

    @Override
    protected String image() {
        return "busybox";
    }

    @Override
    protected String cgroupParent() {
        return runtime.cgroup + "/pods";
    }

    @Test
    void saysWhoItIs() {
        var version = pods().calls().version(VersionRequest.getDefaultInstance());
        assertEquals("keelson", version.getRuntimeName());
        assertEquals("1.2.3", version.getRuntimeVersion());
        assertEquals("v1", version.getRuntimeApiVersion());
    }

    @Test
    void answersOnItsSocketToo() throws Exception {
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(runtime.socket())));
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        ManagedChannel channel = NettyChannelBuilder.forAddress(
                        new DomainSocketAddress(runtime.socket().toFile()))
                .channelType(EpollDomainSocketChannel.class)
                .eventLoopGroup(loop)
                .usePlaintext()
                .build();
        try {
            var calls = new RuntimeConnection(channel, channel).runtime(Duration.ofMinutes(1));
            assertEquals(
                    "keelson",
                    calls.version(VersionRequest.getDefaultInstance()).getRuntimeName());
        } finally {
            var _ = channel.shutdownNow();
            var _ = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    @Test
    void stepsOfContainersAreToldAsTheyHappen() throws Exception {
        Queue<ContainerEventResponse> events = new ConcurrentLinkedQueue<>();
        connection().events().getContainerEvents(GetEventsRequest.getDefaultInstance(), new StreamObserver<>() {
            @Override
            public void onNext(ContainerEventResponse event) {
                events.add(event);
            }

            @Override
            public void onError(Throwable failure) {
                // The runtime ends at some time.
            }

            @Override
            public void onCompleted() {
                // As before.
            }
        });
        // Who listens is known a moment later; a sandbox of before that is not told.
        pods().awaitTrue(() -> {
            String early = pods().run();
            pods().removeSandbox(early);
            return !events.isEmpty();
        });
        String pod = pods().run();
        String id = pods().create(pod, pods().shell("exit 4"));
        pods().start(id);
        pods().awaitTrue(() -> events.stream()
                .anyMatch(event -> event.getContainerId().equals(id)
                        && event.getContainerEventType() == ContainerEventType.CONTAINER_STOPPED_EVENT));
        List<ContainerEventResponse> told = events.stream()
                .filter(event -> event.getContainerId().equals(id))
                .toList();
        assertEquals(
                List.of(
                        ContainerEventType.CONTAINER_CREATED_EVENT,
                        ContainerEventType.CONTAINER_STARTED_EVENT,
                        ContainerEventType.CONTAINER_STOPPED_EVENT),
                told.stream().map(ContainerEventResponse::getContainerEventType).toList());
        assertEquals(4, told.getLast().getContainersStatuses(0).getExitCode());
        assertEquals(pod, told.getLast().getPodSandboxStatus().getId());
    }

    @Test
    void whatItHasNotIsUnimplemented() {
        var failure = assertThrows(
                StatusRuntimeException.class,
                () -> pods().calls().checkpointContainer(CheckpointContainerRequest.getDefaultInstance()));
        assertEquals(Status.Code.UNIMPLEMENTED, failure.getStatus().getCode());
    }

    @Test
    void sandboxThatIsAskedForTwiceIsMadeOnce() {
        PodSandboxConfig config = PodSandboxConfig.newBuilder()
                .setMetadata(PodSandboxMetadata.newBuilder().setName("twice").setUid("u"))
                .build();
        String first = pods().run(sandbox -> sandbox.mergeFrom(config));
        var failure =
                assertThrows(StatusRuntimeException.class, () -> pods().run(sandbox -> sandbox.mergeFrom(config)));
        assertTrue(String.valueOf(failure.getMessage()).contains("reserved for \"" + first), failure.getMessage());
        pods().removeSandbox(first);
        pods().removeSandbox(pods().run(sandbox -> sandbox.mergeFrom(config)));
    }

    @Test
    void sandboxHasTheAddressesThatItsNetworkGave() {
        String pod = pods().run();
        var network = pods().calls()
                .podSandboxStatus(PodSandboxStatusRequest.newBuilder()
                        .setPodSandboxId(pod)
                        .build())
                .getStatus()
                .getNetwork();
        assertEquals("192.0.2.7", network.getIp());
        assertEquals("2001:db8::7", network.getAdditionalIps(0).getIp());
    }

    @Test
    void shimIsSmall() throws Exception {
        String pod = pods().run();
        String id = pods().create(pod, pods().shell("exec sleep 1000"));
        pods().start(id);
        long shim = runtime.shims().getFirst();
        long kibibytes = Files.readAllLines(Path.of("/proc/" + shim + "/status")).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
        assertTrue(kibibytes <= 4096, "a shim takes " + kibibytes + " KiB");
    }

    @Test
    void outputThatNobodyCouldKeepUpWithCostsTheShimNoMemory() throws Exception {
        String pod = pods().run();
        String id = pods().create(pod, pods().shell("head -c 60000000 /dev/zero | tr '\\0' y; echo; echo done"));
        pods().start(id);
        ContainerStatus ended = pods().awaitExit(id);
        assertEquals(0, ended.getExitCode());
        Path log = Path.of(ended.getLogPath());
        assertTrue(Files.size(log) > 60_000_000);
        Files.delete(log);
        for (long shim : runtime.shims()) {
            long kibibytes = Files.readAllLines(Path.of("/proc/" + shim + "/status")).stream()
                    .filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElseThrow();
            assertTrue(kibibytes <= 4096, "a shim takes " + kibibytes + " KiB");
        }
    }

    @Test
    void linksOfAnImageLeadNowhereElse() throws Exception {
        Path secret = Files.createDirectories(folder.resolve("secret"));
        Path data = Files.createDirectories(folder.resolve("volume"));
        String pod = pods().run();
        var config = pods().shell("ls /escape/..; exec sleep 1000");
        config.addMounts(Mount.newBuilder().setContainerPath("/escape/inner").setHostPath(data.toString()));
        String id = pods().create(pod, config);
        Path root = runtime.images.prepare(FolderImages.ID, id);
        Files.createSymbolicLink(root.resolve("escape"), secret);
        pods().start(id);
        try (var inside = Files.list(secret)) {
            assertEquals(List.of(), inside.toList());
        }
    }

    @Test
    void userAndGroupsComeFromTheImagesFiles() throws Exception {
        String pod = pods().run();
        var config = pods().shell("id -u; id -g; id -G; echo $HOME");
        config.getLinuxBuilder().getSecurityContextBuilder().setRunAsUsername("web");
        String id = pods().create(pod, config);
        pods().start(id);
        pods().awaitExit(id);
        assertEquals("101\n102\n102 300\n/srv\n", pods().output(id));
        var unknown = pods().shell("true");
        unknown.getLinuxBuilder().getSecurityContextBuilder().setRunAsUsername("nobody-here");
        var failure = assertThrows(StatusRuntimeException.class, () -> pods().create(pod, unknown));
        assertTrue(String.valueOf(failure.getMessage()).contains("no matching entries in passwd file"));
    }

    @Test
    void processesOfAPodAreCountedAndTimed() throws Exception {
        String pod = pods().run();
        var config = pods().shell("sleep 1000 & exec sleep 1000");
        config.getLinuxBuilder()
                .setResources(LinuxContainerResources.newBuilder().setCpuShares(100));
        config.getLinuxBuilder()
                .getSecurityContextBuilder()
                .setRunAsUser(Int64Value.newBuilder().setValue(5));
        String id = pods().create(pod, config);
        pods().start(id);
        pods().awaitTrue(() ->
                stats(pod).getLinux().getProcess().getProcessCount().getValue() == 2);
        assertEquals(1, stats(pod).getLinux().getContainersCount());
    }

    private PodSandboxStats stats(String pod) {
        return pods().calls()
                .podSandboxStats(
                        PodSandboxStatsRequest.newBuilder().setPodSandboxId(pod).build())
                .getStats();
    }
}
