package io.keelson.agent.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.keelson.agent.cri.RuntimePlayground;
import io.keelson.agent.cri.RuntimeSuite.Ways;
import io.keelson.agent.wire.cri.ContainerState;
import io.keelson.agent.wire.cri.ExecSyncRequest;
import io.keelson.agent.wire.cri.ListContainersRequest;
import io.keelson.agent.wire.cri.ListPodSandboxRequest;
import io.keelson.agent.wire.cri.PodSandboxState;
import io.keelson.agent.wire.cri.RemovePodSandboxRequest;
import io.keelson.agent.wire.cri.RunPodSandboxRequest;
import io.keelson.agent.wire.cri.StopPodSandboxRequest;
import io.keelson.controllers.process.WholeFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agent ends and begins again, or a shim is killed: what runs goes on, what does not is told, nothing is left. */
@Tag("root")
class RecoveryTest {
    @TempDir
    private Path folder;

    private TestRuntime runtime;
    private RuntimePlayground pods;

    @BeforeEach
    void begin() throws Exception {
        assumeTrue(FolderImages.canBeMade(), "busybox-static is missing");
        runtime = new TestRuntime(folder);
        pods = playground();
    }

    private RuntimePlayground playground() {
        return playground(Ways.USUAL);
    }

    private RuntimePlayground playground(Ways ways) {
        return new RuntimePlayground(runtime.connection(), "busybox", runtime.cgroup + "/pods", folder, ways);
    }

    @AfterEach
    void end() throws Exception {
        pods = playground();
        for (var sandbox : pods.calls()
                .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                .getItemsList()) {
            var _ = pods.calls()
                    .stopPodSandbox(StopPodSandboxRequest.newBuilder()
                            .setPodSandboxId(sandbox.getId())
                            .build());
            var _ = pods.calls()
                    .removePodSandbox(RemovePodSandboxRequest.newBuilder()
                            .setPodSandboxId(sandbox.getId())
                            .build());
        }
        runtime.close();
    }

    @Test
    void containersGoOnWhileTheAgentIsAwayAndTheirEndIsNotLost() throws Exception {
        String pod = pods.run();
        String runs = pods.create(pod, pods.shell("n=0; while :; do echo $n; n=$((n+1)); sleep 0.02; done"));
        String ends = pods.create(pod, pods.shell("while [ ! -e /go ]; do sleep 0.02; done; exit 6"));
        String waits = pods.create(pod, pods.shell("exit 2"));
        pods.start(runs);
        pods.start(ends);
        Path go = Path.of("/proc/" + pods.pid(ends) + "/root/go");
        int before = pods.output(runs).length();
        String log = pods.status(runs).getLogPath();
        runtime.end();
        Files.createFile(go);
        pods.awaitTrue(() -> Files.size(Path.of(log)) > before + 2000);
        runtime.begin();
        pods = playground();
        assertEquals(ContainerState.CONTAINER_RUNNING, pods.status(runs).getState());
        assertEquals(6, pods.awaitExit(ends).getExitCode());
        assertEquals(ContainerState.CONTAINER_CREATED, pods.status(waits).getState());
        pods.start(waits);
        assertEquals(2, pods.awaitExit(waits).getExitCode());
        assertEquals(
                PodSandboxState.SANDBOX_READY,
                pods.calls()
                        .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                        .getItems(0)
                        .getState());
    }

    @Test
    void containersWithUsersOfTheirOwnGoOnAndAreReached() throws Exception {
        isTakenUpAgain(Ways.withUsers(131_072));
    }

    @Test
    void containersOfAnOciRuntimeGoOnAndAreReached() throws Exception {
        assumeTrue(OciRuntime.found().containsKey("runc"), "runc is not installed");
        isTakenUpAgain(new Ways(Optional.empty(), "runc"));
    }

    private void isTakenUpAgain(Ways ways) throws Exception {
        pods = playground(ways);
        String pod = pods.run();
        String runs = pods.create(pod, pods.shell("exec sleep 1000"));
        String waits = pods.create(pod, pods.shell("exit 2"));
        pods.start(runs);
        runtime.end();
        runtime.begin();
        pods = playground(ways);
        var answer = pods.calls()
                .execSync(ExecSyncRequest.newBuilder()
                        .setContainerId(runs)
                        .addAllCmd(List.of("sh", "-c", "cat /proc/self/uid_map; kill -9 1; exit 4"))
                        .setTimeout(60)
                        .build());
        assertEquals(4, answer.getExitCode());
        ways.users()
                .ifPresent(users -> assertTrue(answer.getStdout()
                        .toStringUtf8()
                        .contains(Integer.toString(users.getUids(0).getHostId()))));
        pods.start(waits);
        assertEquals(2, pods.awaitExit(waits).getExitCode());
        assertEquals(ContainerState.CONTAINER_RUNNING, pods.status(runs).getState());
    }

    @Test
    void shimThatIsKilledTakesItsContainersWithItAndSaysSo() throws Exception {
        String pod = pods.run();
        String id = pods.create(pod, pods.shell("exec sleep 1000"));
        pods.start(id);
        long process = pods.pid(id);
        assertTrue(ProcessHandle.of(runtime.shims().getFirst()).orElseThrow().destroyForcibly());
        assertEquals(137, pods.awaitExit(id).getExitCode());
        assertTrue(pods.status(id).getMessage().contains("shim"));
        pods.awaitTrue(() -> !Files.exists(Path.of("/proc/" + process + "/root/bin")));
        pods.awaitTrue(() -> pods.calls()
                        .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                        .getItems(0)
                        .getState()
                == PodSandboxState.SANDBOX_NOTREADY);
    }

    @Test
    void shimThatWasKilledWhileTheAgentWasAwayIsFound() throws Exception {
        String pod = pods.run();
        String id = pods.create(pod, pods.shell("exec sleep 1000"));
        pods.start(id);
        runtime.end();
        ProcessHandle shim = ProcessHandle.of(runtime.shims().getFirst()).orElseThrow();
        assertTrue(shim.destroyForcibly());
        var _ = shim.onExit().get();
        runtime.begin();
        pods = playground();
        assertEquals(137, pods.awaitExit(id).getExitCode());
    }

    @Test
    void whatWasHalfMadeIsTakenAway() throws Exception {
        String pod = pods.run();
        String id = pods.create(pod, pods.shell("exec sleep 1000"));
        pods.start(id);
        String half = pods.create(pod, pods.shell("true"));
        runtime.end();
        Path sandbox = runtime.root.resolve("sandboxes").resolve(pod);
        Files.delete(sandbox.resolve("containers").resolve(half).resolve("record"));
        // As if the agent had been killed right after it started the shim of another sandbox.
        Path other = runtime.root.resolve("sandboxes").resolve("0".repeat(64));
        Files.createDirectories(other.resolve("containers"));
        WholeFile.write(
                other.resolve("request"),
                RunPodSandboxRequest.getDefaultInstance().toByteArray());
        var _ = ShimProgram.install(runtime.root.resolve("bin"))
                .start(
                        other,
                        new ShimFields()
                                .text(
                                        ShimTag.SOCKET,
                                        folder.resolve("other.sock").toString())
                                .text(ShimTag.NETWORK, other.resolve("netns").toString())
                                .number(ShimTag.FLAGS, ShimTag.NEW_NETWORK | ShimTag.NEW_IPC));
        assertEquals(2, runtime.shims().size());
        runtime.begin();
        pods = playground();
        assertEquals(1, runtime.shims().size());
        assertEquals(
                1,
                pods.calls()
                        .listContainers(ListContainersRequest.getDefaultInstance())
                        .getContainersCount());
        assertEquals(ContainerState.CONTAINER_RUNNING, pods.status(id).getState());
    }
}
