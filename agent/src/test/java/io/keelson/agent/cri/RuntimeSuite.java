package io.keelson.agent.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.keelson.agent.wire.cri.AttachRequest;
import io.keelson.agent.wire.cri.Capability;
import io.keelson.agent.wire.cri.ContainerState;
import io.keelson.agent.wire.cri.ContainerStats;
import io.keelson.agent.wire.cri.ContainerStatsRequest;
import io.keelson.agent.wire.cri.ContainerStatus;
import io.keelson.agent.wire.cri.ContainerStatusRequest;
import io.keelson.agent.wire.cri.ExecRequest;
import io.keelson.agent.wire.cri.ExecSyncRequest;
import io.keelson.agent.wire.cri.ExecSyncResponse;
import io.keelson.agent.wire.cri.IDMapping;
import io.keelson.agent.wire.cri.Int64Value;
import io.keelson.agent.wire.cri.KeyValue;
import io.keelson.agent.wire.cri.LinuxContainerResources;
import io.keelson.agent.wire.cri.LinuxContainerSecurityContext;
import io.keelson.agent.wire.cri.ListContainersRequest;
import io.keelson.agent.wire.cri.Mount;
import io.keelson.agent.wire.cri.NamespaceMode;
import io.keelson.agent.wire.cri.NamespaceOption;
import io.keelson.agent.wire.cri.PodSandboxState;
import io.keelson.agent.wire.cri.PodSandboxStatusRequest;
import io.keelson.agent.wire.cri.PortForwardRequest;
import io.keelson.agent.wire.cri.RemoveContainerRequest;
import io.keelson.agent.wire.cri.ReopenContainerLogRequest;
import io.keelson.agent.wire.cri.StopContainerRequest;
import io.keelson.agent.wire.cri.UpdateContainerResourcesRequest;
import io.keelson.agent.wire.cri.UserNamespace;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What any runtime must do behind CRI, whichever it is. The image has busybox as {@code /bin/sh} and the usual names.
 */
public abstract class RuntimeSuite {
    private static final int KILLED = 137;

    @TempDir
    private Path folder;

    private RuntimePlayground pods;

    /**
     * How all pods are run.
     *
     * @param users a user namespace for each; absent: none
     * @param handler the runtime's; empty: its usual one
     */
    public record Ways(Optional<UserNamespace> users, String handler) {
        /** As most pods are. */
        public static final Ways USUAL = new Ways(Optional.empty(), "");

        /** With as many users as most pods with their own have, from that one of the node on. */
        public static Ways withUsers(int first) {
            IDMapping range = IDMapping.newBuilder()
                    .setHostId(first)
                    .setContainerId(0)
                    .setLength(65_536)
                    .build();
            return new Ways(
                    Optional.of(UserNamespace.newBuilder()
                            .setMode(NamespaceMode.POD)
                            .addUids(range)
                            .addGids(range)
                            .build()),
                    "");
        }
    }

    /** How its pods are run. */
    protected Ways ways() {
        return Ways.USUAL;
    }

    /** The runtime under test. */
    protected abstract RuntimeConnection connection();

    /** An image of it with busybox. */
    protected abstract String image();

    /** A folder in the hierarchies of cgroups that the test owns. */
    protected abstract String cgroupParent();

    @BeforeEach
    void openPlayground() {
        pods = new RuntimePlayground(connection(), image(), cgroupParent(), folder, ways());
    }

    @AfterEach
    void removePods() {
        pods.removeAll();
    }

    /** For further tests of a runtime. */
    protected RuntimePlayground pods() {
        return pods;
    }

    @Test
    void containerRunsToItsEndAndTellsIts() throws Exception {
        String pod = pods.run();
        String id = pods.create(pod, pods.shell("echo out; echo err >&2; exit 3"));
        assertEquals(ContainerState.CONTAINER_CREATED, status(id).getState());
        pods.start(id);
        ContainerStatus ended = pods.awaitExit(id);
        assertEquals(3, ended.getExitCode());
        assertEquals("Error", ended.getReason());
        assertTrue(ended.getFinishedAt() >= ended.getStartedAt() && ended.getStartedAt() >= ended.getCreatedAt());
        List<String> log = Files.readAllLines(Path.of(ended.getLogPath()));
        assertTrue(log.stream().anyMatch(line -> line.matches("\\S+Z? stdout F out")), log.toString());
        assertTrue(log.stream().anyMatch(line -> line.matches("\\S+ stderr F err")), log.toString());
    }

    @Test
    void sandboxIsReadyUntilItIsStoppedAndGoesAtOnceWithItsContainers() throws Exception {
        String pod = pods.run();
        assertEquals(PodSandboxState.SANDBOX_READY, sandboxState(pod));
        String id = pods.create(pod, pods.shell("exec sleep 1000"));
        pods.start(id);
        pods.stopSandbox(pod);
        assertEquals(PodSandboxState.SANDBOX_NOTREADY, sandboxState(pod));
        assertEquals(ContainerState.CONTAINER_EXITED, status(id).getState());
        pods.stopSandbox(pod);
        pods.removeSandbox(pod);
        pods.removeSandbox(pod);
        var gone = assertThrows(StatusRuntimeException.class, () -> sandboxState(pod));
        assertEquals(Status.Code.NOT_FOUND, gone.getStatus().getCode());
        assertTrue(pods.calls().listContainers(ListContainersRequest.getDefaultInstance()).getContainersList().stream()
                .noneMatch(container -> container.getId().equals(id)));
    }

    @Test
    void processSeesItsEnvironmentFolderUserAndHostName() throws Exception {
        String pod = pods.run();
        var config = pods.shell("echo $A-$(pwd)-$(id -u)-$(id -g)-$(id -G)-$(hostname)-$$")
                .addEnvs(KeyValue.newBuilder().setKey("A").setValue(ByteString.copyFromUtf8("b c")))
                .setWorkingDir("/new/folder");
        config.getLinuxBuilder()
                .getSecurityContextBuilder()
                .setRunAsUser(Int64Value.newBuilder().setValue(1234))
                .setRunAsGroup(Int64Value.newBuilder().setValue(55))
                .addSupplementalGroups(77);
        String id = pods.create(pod, config);
        pods.start(id);
        pods.awaitExit(id);
        assertEquals("b c-/new/folder-1234-55-55 77-the-host-1", pods.output(id).strip());
        assertEquals(1234, status(id).getUser().getLinux().getUid());
    }

    @Test
    void stopAsksFirstAndKillsWhoDoesNotHear() throws Exception {
        String pod = pods.run();
        String polite = pods.create(pod, pods.shell("trap 'exit 7' TERM; echo up; while :; do sleep 0.1; done"));
        String deaf = pods.create(pod, pods.shell("trap '' TERM; echo up; while :; do sleep 0.1; done"));
        for (String id : List.of(polite, deaf)) {
            pods.start(id);
            pods.awaitOutput(id, "up");
        }
        var _ = pods.calls()
                .stopContainer(StopContainerRequest.newBuilder()
                        .setContainerId(polite)
                        .setTimeout(60)
                        .build());
        assertEquals(7, status(polite).getExitCode());
        var _ = pods.calls()
                .stopContainer(StopContainerRequest.newBuilder()
                        .setContainerId(deaf)
                        .setTimeout(1)
                        .build());
        assertEquals(KILLED, status(deaf).getExitCode());
        var _ = pods.calls()
                .stopContainer(
                        StopContainerRequest.newBuilder().setContainerId(deaf).build());
    }

    @Test
    void execSyncGivesOutputsAndCodeAndEndsWhatTakesTooLong() throws Exception {
        String pod = pods.run();
        String id = pods.create(pod, pods.shell("exec sleep 1000"));
        pods.start(id);
        ExecSyncResponse answer = exec(id, 60, "sh", "-c", "echo out; echo err >&2; exit 5");
        assertEquals("out\n", answer.getStdout().toStringUtf8());
        assertEquals("err\n", answer.getStderr().toStringUtf8());
        assertEquals(5, answer.getExitCode());
        var late = assertThrows(StatusRuntimeException.class, () -> exec(id, 1, "sleep", "100"));
        assertEquals(Status.Code.DEADLINE_EXCEEDED, late.getStatus().getCode());
        pods.awaitTrue(() -> !exec(id, 60, "ps").getStdout().toStringUtf8().contains("sleep 100\n"));
        assertThrows(StatusRuntimeException.class, () -> exec(id, 60, "no-such-program"));
    }

    @Test
    void longLinesAreLoggedInPiecesAndARotatedLogIsBegunAnew() throws Exception {
        String pod = pods.run();
        String id = pods.create(pod, pods.shell("head -c 40000 /dev/zero | tr '\\0' x; echo; read line; echo after"));
        pods.start(id);
        Path log = Path.of(status(id).getLogPath());
        pods.awaitTrue(() -> Files.readAllLines(log).size() >= 3);
        List<String> lines = Files.readAllLines(log);
        assertTrue(lines.get(0).contains(" stdout P xxx"), lines.get(0).substring(0, 60));
        assertTrue(lines.get(2).contains(" stdout F xxx"));
        assertEquals(
                40000,
                lines.subList(0, 3).stream()
                        .mapToInt(line -> line.split(" ", 4)[3].length())
                        .sum());
        pods.awaitExit(id);
        assertTrue(Files.readString(log).endsWith(" stdout F after\n"));

        String next =
                pods.create(pod, pods.shell("echo one; while [ ! -e /go ]; do sleep 0.05; done; echo two; sleep 100"));
        pods.start(next);
        pods.awaitOutput(next, "one");
        Path second = Path.of(status(next).getLogPath());
        Path rotated = second.resolveSibling("rotated");
        Files.move(second, rotated);
        var _ = pods.calls()
                .reopenContainerLog(ReopenContainerLogRequest.newBuilder()
                        .setContainerId(next)
                        .build());
        exec(next, 60, "touch", "/go");
        pods.awaitOutput(next, "two");
        assertEquals(1, Files.readAllLines(rotated).size());
        assertEquals(1, Files.readAllLines(second).size());
    }

    @Test
    void memoryLimitKillsAndSaysSo() throws Exception {
        String pod = pods.run();
        var config = pods.shell("exec dd if=/dev/zero of=/dev/null bs=64M count=1");
        config.getLinuxBuilder()
                .getResourcesBuilder()
                .setMemoryLimitInBytes(16L << 20)
                .setMemorySwapLimitInBytes(16L << 20);
        String id = pods.create(pod, config);
        pods.start(id);
        ContainerStatus ended = pods.awaitExit(id);
        assertEquals(KILLED, ended.getExitCode());
        assertEquals("OOMKilled", ended.getReason());
    }

    @Test
    void mountsAreSeenAndReadOnlyOnesCannotBeWritten() throws Exception {
        Path data = Files.createDirectories(folder.resolve("data"));
        Files.writeString(data.resolve("file"), "content");
        String pod = pods.run();
        var config = pods.shell("cat /data/file; echo x > /data/new && echo w >> /rw/file; echo x > /data/file")
                .addMounts(Mount.newBuilder()
                        .setContainerPath("/data")
                        .setHostPath(data.toString())
                        .setReadonly(true))
                .addMounts(Mount.newBuilder().setContainerPath("/rw").setHostPath(data.toString()));
        String id = pods.create(pod, config);
        pods.start(id);
        assertEquals(1, pods.awaitExit(id).getExitCode());
        assertTrue(pods.output(id).startsWith("content"));
        assertEquals("content", Files.readString(data.resolve("file")));
    }

    @Test
    void privilegesAreWhatTheSecurityContextSays() throws Exception {
        String pod = pods.run();
        var config =
                pods.shell("grep -e CapEff -e CapBnd -e NoNewPrivs /proc/self/status; touch /x; cat /proc/keys | wc -c;"
                        + " echo 1 > /proc/sys/net/ipv4/ip_forward");
        config.getLinuxBuilder()
                .getSecurityContextBuilder()
                .setReadonlyRootfs(true)
                .setNoNewPrivs(true)
                .addMaskedPaths("/proc/keys")
                .addReadonlyPaths("/proc/sys")
                .setCapabilities(
                        Capability.newBuilder().addDropCapabilities("ALL").addAddCapabilities("NET_BIND_SERVICE"));
        String id = pods.create(pod, config);
        pods.start(id);
        assertEquals(1, pods.awaitExit(id).getExitCode());
        List<String> lines = pods.output(id).lines().toList();
        assertTrue(lines.contains("CapEff:\t0000000000000400"), lines.toString());
        assertTrue(lines.contains("CapBnd:\t0000000000000400"), lines.toString());
        assertTrue(lines.contains("NoNewPrivs:\t1"), lines.toString());
        assertEquals("0", lines.getLast());
        assertTrue(Files.readString(Path.of(status(id).getLogPath())).contains("Read-only file system"));
    }

    @Test
    void containersOfAPodMaySeeEachOther() throws Exception {
        String pod = pods.run(sandbox -> sandbox.getLinuxBuilder()
                .getSecurityContextBuilder()
                .setNamespaceOptions(NamespaceOption.newBuilder().setPid(NamespaceMode.POD)));
        NamespaceOption shared =
                NamespaceOption.newBuilder().setPid(NamespaceMode.POD).build();
        var first = pods.shell("exec sleep 1234");
        first.getLinuxBuilder().getSecurityContextBuilder().setNamespaceOptions(shared);
        String one = pods.create(pod, first);
        pods.start(one);
        var second = pods.shell("ps | grep -c '[s]leep 1234'; sleep 1000 & exit 4");
        second.getLinuxBuilder().getSecurityContextBuilder().setNamespaceOptions(shared);
        String two = pods.create(pod, second);
        pods.start(two);
        assertEquals(4, pods.awaitExit(two).getExitCode());
        assertEquals("1", pods.output(two).strip());
        assertEquals(ContainerState.CONTAINER_RUNNING, status(one).getState());
        assertFalse(exec(one, 60, "ps").getStdout().toStringUtf8().contains("sleep 1000"));
    }

    @Test
    void whatCannotStartSaysWhyAndHasEnded() throws Exception {
        String pod = pods.run();
        String id = pods.create(pod, pods.command("/no/such/program"));
        var failure = assertThrows(StatusRuntimeException.class, () -> pods.start(id));
        assertTrue(String.valueOf(failure.getMessage()).contains("no such file or directory"), failure.getMessage());
        ContainerStatus ended = status(id);
        assertEquals(ContainerState.CONTAINER_EXITED, ended.getState());
        assertEquals(128, ended.getExitCode());
        assertEquals("StartError", ended.getReason());
    }

    @Test
    void statisticsCountProcessorAndMemory() throws Exception {
        String pod = pods.run();
        String id = pods.create(pod, pods.shell("while :; do :; done"));
        pods.start(id);
        pods.awaitTrue(() -> statistics(id).getCpu().getUsageCoreNanoSeconds().getValue() > 0
                && statistics(id).getMemory().getUsageBytes().getValue() > 0);
        ContainerStats stats = statistics(id);
        assertEquals(id, stats.getAttributes().getId());
        assertTrue(stats.getMemory().getWorkingSetBytes().getValue() > 0);
    }

    @Test
    void limitsMayChangeWhileAContainerRuns() throws Exception {
        String pod = pods.run();
        String id = pods.create(pod, pods.shell("exec sleep 1000"));
        pods.start(id);
        var _ = pods.calls()
                .updateContainerResources(UpdateContainerResourcesRequest.newBuilder()
                        .setContainerId(id)
                        .setLinux(LinuxContainerResources.newBuilder()
                                .setMemoryLimitInBytes(64L << 20)
                                .setCpuShares(512)
                                .setCpuPeriod(100_000)
                                .setCpuQuota(50_000))
                        .build());
        LinuxContainerResources resources = status(id).getResources().getLinux();
        assertEquals(64 << 20, resources.getMemoryLimitInBytes());
        assertEquals(50_000, resources.getCpuQuota());
        String limits = exec(
                        id, 60, "sh", "-c", "cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max")
                .getStdout()
                .toStringUtf8();
        assertEquals("67108864", limits.strip());
    }

    @Test
    void removeTakesAContainerAwayThatRuns() throws Exception {
        String pod = pods.run();
        String id = pods.create(pod, pods.shell("exec sleep 1000"));
        pods.start(id);
        var _ = pods.calls()
                .removeContainer(
                        RemoveContainerRequest.newBuilder().setContainerId(id).build());
        assertThrows(StatusRuntimeException.class, () -> status(id));
        var _ = pods.calls()
                .removeContainer(
                        RemoveContainerRequest.newBuilder().setContainerId(id).build());
    }

    @Test
    void execStreamsInputOutputAndTheCode() throws Exception {
        String pod = pods.run();
        String id = pods.create(pod, pods.shell("exec sleep 1000"));
        pods.start(id);
        String url = pods.calls()
                .exec(ExecRequest.newBuilder()
                        .setContainerId(id)
                        .addAllCmd(List.of("sh", "-c", "read line; echo got $line; echo bad >&2; exit 9"))
                        .setStdin(true)
                        .setStdout(true)
                        .setStderr(true)
                        .build())
                .getUrl();
        try (ChannelClient client = ChannelClient.open(url)) {
            client.send(ChannelClient.STDIN, "hello\n");
            client.awaitEnd();
            assertEquals("got hello\n", client.text(ChannelClient.STDOUT));
            assertEquals("bad\n", client.text(ChannelClient.STDERR));
            assertTrue(
                    client.text(ChannelClient.ERROR).contains("\"message\":\"9\""), client.text(ChannelClient.ERROR));
        }
        assertThrows(Exception.class, () -> ChannelClient.open(url).close());
    }

    @Test
    void execHasATerminalOfTheSizeThatItIsTold() throws Exception {
        String pod = pods.run();
        String id = pods.create(pod, pods.shell("exec sleep 1000"));
        pods.start(id);
        String url = pods.calls()
                .exec(ExecRequest.newBuilder()
                        .setContainerId(id)
                        .addCmd("sh")
                        .setTty(true)
                        .setStdin(true)
                        .setStdout(true)
                        .build())
                .getUrl();
        try (ChannelClient client = ChannelClient.open(url)) {
            client.send(ChannelClient.RESIZE, "{\"Width\":99,\"Height\":33}");
            client.send(
                    ChannelClient.STDIN,
                    "while [ \"$(stty size)\" != '33 99' ]; do sleep 0.05; done; echo si''ze; exit\n");
            client.awaitEnd();
            assertTrue(client.text(ChannelClient.STDOUT).contains("size\r\n"), client.text(ChannelClient.STDOUT));
            assertTrue(client.text(ChannelClient.ERROR).contains("Success"));
        }
    }

    @Test
    void whoIsAttachedSpeaksWithTheFirstProcess() throws Exception {
        String pod = pods.run();
        String id = pods.create(
                pod,
                pods.shell("read line; echo heard $line; exec sleep 1000")
                        .setStdin(true)
                        .setStdinOnce(true));
        pods.start(id);
        String url = pods.calls()
                .attach(AttachRequest.newBuilder()
                        .setContainerId(id)
                        .setStdin(true)
                        .setStdout(true)
                        .setStderr(true)
                        .build())
                .getUrl();
        try (ChannelClient client = ChannelClient.open(url)) {
            client.send(ChannelClient.STDIN, "me\n");
            client.awaitText(ChannelClient.STDOUT, "heard me\n");
        }
        pods.awaitOutput(id, "heard me");
    }

    @Test
    void portsOfAPodAreReachedOverItsLoopback() throws Exception {
        String pod = pods.run();
        String id = pods.create(pod, pods.shell("echo answer | nc -l -p 8080; sleep 1000"));
        pods.start(id);
        pods.awaitTrue(() -> exec(id, 60, "cat", "/proc/net/tcp", "/proc/net/tcp6")
                .getStdout()
                .toStringUtf8()
                .contains(":1F90"));
        String url = pods.calls()
                .portForward(PortForwardRequest.newBuilder()
                        .setPodSandboxId(pod)
                        .addPort(8080)
                        .build())
                .getUrl();
        try (ChannelClient client = ChannelClient.open(url)) {
            client.awaitText(0, new String(new byte[] {(byte) 0x90, 0x1F}, StandardCharsets.ISO_8859_1) + "answer\n");
        }
    }

    private ContainerStatus status(String id) {
        return pods.calls()
                .containerStatus(
                        ContainerStatusRequest.newBuilder().setContainerId(id).build())
                .getStatus();
    }

    private ContainerStats statistics(String id) {
        return pods.calls()
                .containerStats(
                        ContainerStatsRequest.newBuilder().setContainerId(id).build())
                .getStats();
    }

    private PodSandboxState sandboxState(String id) {
        return pods.calls()
                .podSandboxStatus(
                        PodSandboxStatusRequest.newBuilder().setPodSandboxId(id).build())
                .getStatus()
                .getState();
    }

    private ExecSyncResponse exec(String id, int seconds, String... command) {
        return pods.calls()
                .execSync(ExecSyncRequest.newBuilder()
                        .setContainerId(id)
                        .addAllCmd(List.of(command))
                        .setTimeout(seconds)
                        .build());
    }

    /** As a pod's containers have it. */
    protected static LinuxContainerSecurityContext.Builder plain() {
        return LinuxContainerSecurityContext.newBuilder()
                .setNamespaceOptions(NamespaceOption.newBuilder().setPid(NamespaceMode.CONTAINER));
    }
}
