package io.keelson.agent.embedded.assembly;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.keelson.agent.cri.RuntimePlayground;
import io.keelson.agent.embedded.images.bundled.BundledImages;
import io.keelson.agent.wire.cri.ContainerConfig;
import io.keelson.agent.wire.cri.ContainerState;
import io.keelson.agent.wire.cri.ExecSyncRequest;
import io.keelson.agent.wire.cri.ImageSpec;
import io.keelson.agent.wire.cri.NetworkConfig;
import io.keelson.agent.wire.cri.RuntimeConfig;
import io.keelson.agent.wire.cri.StopContainerRequest;
import io.keelson.agent.wire.cri.UpdateRuntimeConfigRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The runtime with real images and a real network. */
@Tag("root")
@Timeout(120)
class EmbeddedNodeTest {
    private static final List<String> RANGES = List.of("10.244.9.0/24", "fd00:9::/64");

    @TempDir
    private Path folder;

    private TestMachine machine;
    private EmbeddedNode node;
    private RuntimePlayground pods;

    @BeforeEach
    void start() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/bin/busybox")), "busybox-static is missing");
        assumeTrue(Files.isExecutable(Path.of("/usr/sbin/nft")), "nft is not there");
        machine = new TestMachine(folder);
        begin();
    }

    private void begin() throws Exception {
        node = EmbeddedNode.start(machine.settings(), () -> RANGES, InstantSource.system());
        pods = new RuntimePlayground(node.connection(), "keelson/web:1", machine.cgroup + "/pods", folder);
    }

    @AfterEach
    void close() throws Exception {
        if (machine != null) {
            try {
                TestMachine.removeAll(node.connection());
                node.close();
            } finally {
                machine.close();
            }
        }
    }

    /** What its image says is run, as the user that its image says. */
    private ContainerConfig.Builder web(int version) {
        return pods.command().setImage(ImageSpec.newBuilder().setImage("keelson/web:" + version));
    }

    private String run(String container, String... command) {
        var said = pods.calls()
                .execSync(ExecSyncRequest.newBuilder()
                        .setContainerId(container)
                        .addAllCmd(List.of(command))
                        .setTimeout(10)
                        .build());
        return said.getStdout().toStringUtf8() + said.getStderr().toStringUtf8();
    }

    @Test
    void bundledImagesServeOnBothFamiliesAndHaveAShell() throws Exception {
        var _ = BundledImages.addTo(node.images());
        String pod = pods.run();
        String id = pods.create(pod, web(1));
        pods.start(id);
        pods.awaitOutput(id, "listening");
        List<String> addresses = TestMachine.addresses(node.connection(), pod);
        assertEquals(2, addresses.size());
        for (String address : addresses) {
            assertEquals("keelson/web version 1 on the-host: /hello?x=1\n", machine.get(address, "/hello?x=1"));
        }
        pods.awaitOutput(id, " GET /hello?x=1 200\n");
        assertEquals("ok\n", machine.get(addresses.getFirst(), "/healthz"));
        assertEquals("65532\nthe-host\n", run(id, "sh", "-c", "id -u; hostname"));
        assertTrue(run(id, "sh", "-c", "grep VmRSS /proc/1/status").matches("VmRSS:\\s+\\d{1,3} kB\n"), "above 1 MB");
        long before = System.nanoTime();
        var _ = pods.calls()
                .stopContainer(StopContainerRequest.newBuilder()
                        .setContainerId(id)
                        .setTimeout(30)
                        .build());
        assertTrue(System.nanoTime() - before < 10_000_000_000L, "it did not end when it was told to");
        assertEquals(0, pods.awaitExit(id).getExitCode());
        String second = pods.create(pod, web(2));
        pods.start(second);
        pods.awaitOutput(second, "listening");
        assertEquals("keelson/web version 2 on the-host: /\n", machine.get(addresses.getFirst(), "/"));
    }

    @Test
    void nobodyElseSeesWhatContainersAreMadeOf() throws Exception {
        Path root = machine.settings().root();
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(root)));
        node.close();
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
        begin();
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(root)));
    }

    @Test
    void podsAreReachedByTheNextOneOnTheSameFolders() throws Exception {
        var _ = BundledImages.addTo(node.images());
        String pod = pods.run();
        String id = pods.create(pod, web(1));
        pods.start(id);
        pods.awaitOutput(id, "listening");
        String address = TestMachine.addresses(node.connection(), pod).getFirst();
        IOException refused = assertThrows(
                IOException.class, () -> EmbeddedNode.start(machine.settings(), () -> RANGES, InstantSource.system()));
        assertEquals(
                "another runtime has the pods in " + machine.root + ": stop it, or take another folder",
                refused.getMessage());
        node.close();
        assertTrue(machine.get(address, "/").contains("version 1"));
        begin();
        assertEquals(ContainerState.CONTAINER_RUNNING, pods.status(id).getState());
        String other = pods.run();
        assertTrue(!TestMachine.addresses(node.connection(), other).contains(address));
        assertTrue(machine.get(address, "/").contains("version 1"));
    }

    @Test
    void rangesThatTheKubeletTellsAreUsedAndKept() throws Exception {
        node.close();
        Path file = machine.root.resolve("network/pod-ranges");
        node = EmbeddedNode.start(machine.settings(), new ToldPodRanges(file), InstantSource.system());
        pods = new RuntimePlayground(node.connection(), "keelson/web:1", machine.cgroup + "/pods", folder);
        StatusRuntimeException early = assertThrows(StatusRuntimeException.class, pods::run);
        assertTrue(early.toString().contains("the node has no podCIDR yet"), early.toString());
        assertEquals(
                Status.Code.INVALID_ARGUMENT,
                assertThrows(StatusRuntimeException.class, () -> tell("10.0.0.0/24,nothing"))
                        .getStatus()
                        .getCode());
        tell("10.244.3.0/24");
        node.close();
        node = EmbeddedNode.start(machine.settings(), new ToldPodRanges(file), InstantSource.system());
        pods = new RuntimePlayground(node.connection(), "keelson/web:1", machine.cgroup + "/pods", folder);
        String pod = pods.run();
        assertTrue(TestMachine.addresses(node.connection(), pod).getFirst().startsWith("10.244.3."));
    }

    private void tell(String ranges) {
        var _ = pods.calls()
                .updateRuntimeConfig(UpdateRuntimeConfigRequest.newBuilder()
                        .setRuntimeConfig(RuntimeConfig.newBuilder()
                                .setNetworkConfig(NetworkConfig.newBuilder().setPodCidr(ranges)))
                        .build());
    }
}
