package io.keelson.agent.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.grpc.StatusRuntimeException;
import io.keelson.agent.cri.RuntimeConnection;
import io.keelson.agent.cri.RuntimeSuite;
import io.keelson.agent.wire.cri.Capability;
import io.keelson.agent.wire.cri.PodSandboxConfig;
import io.keelson.agent.wire.cri.PodSandboxMetadata;
import io.keelson.agent.wire.cri.RunPodSandboxRequest;
import io.keelson.agent.wire.cri.SecurityProfile;
import io.keelson.agent.wire.cri.StatusRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The suite of all runtimes with pods of a runtime class, whose containers a real runc starts. */
@Tag("root")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OciRuntimeTest extends RuntimeSuite {
    @TempDir
    private static Path folder;

    private TestRuntime runtime;

    @BeforeAll
    void begin() throws Exception {
        assumeTrue(FolderImages.canBeMade(), "busybox-static is missing");
        assumeTrue(OciRuntime.found().containsKey("runc"), "runc is not installed");
        runtime = new TestRuntime(folder);
    }

    @AfterAll
    void end() throws Exception {
        if (runtime != null) {
            runtime.close();
        }
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

    @Override
    protected Ways ways() {
        return new Ways(Optional.empty(), "runc");
    }

    @Test
    void handlersAreTold() {
        var handlers = pods().calls().status(StatusRequest.getDefaultInstance()).getRuntimeHandlersList();
        assertEquals("", handlers.getFirst().getName());
        assertTrue(handlers.stream()
                .anyMatch(handler -> handler.getName().equals("runc")
                        && handler.getFeatures().getRecursiveReadOnlyMounts()
                        && !handler.getFeatures().getUserNamespaces()));
    }

    @Test
    void aHandlerThatIsNotThereIsRefused() {
        var request = RunPodSandboxRequest.newBuilder()
                .setRuntimeHandler("kata")
                .setConfig(PodSandboxConfig.newBuilder()
                        .setMetadata(
                                PodSandboxMetadata.newBuilder().setName("p").setUid("u")))
                .build();
        var failure =
                assertThrows(StatusRuntimeException.class, () -> pods().calls().runPodSandbox(request));
        String text = String.valueOf(failure.getMessage());
        assertTrue(text.contains("no runtime for \"kata\" is configured"), text);
        assertTrue(text.contains("--runtime-handler kata=PATH"), text);
    }

    @Test
    void runcHasTheContainersAndForgetsThem() throws Exception {
        String pod = pods().run();
        String id = pods().create(pod, pods().shell("exec sleep 1000"));
        pods().start(id);
        Path state = runtime.root
                .toRealPath()
                .resolve("sandboxes")
                .resolve(pod)
                .resolve("oci")
                .resolve(id);
        assertTrue(Files.readString(state.resolve("state.json")).contains(id));
        assertTrue(
                Files.readString(Path.of("/proc/" + pods().pid(id) + "/cgroup")).contains(id));
        pods().stopSandbox(pod);
        pods().removeSandbox(pod);
        assertTrue(Files.notExists(state));
    }

    @Test
    void theOwnProfileOfSystemCallsIsTakenAndHasNoEffectOnPlainPrograms() throws Exception {
        var config = pods().shell("unshare -m true || echo refused; grep Seccomp: /proc/self/status; exit 5");
        config.getLinuxBuilder()
                .getSecurityContextBuilder()
                .setSeccomp(SecurityProfile.newBuilder().setProfileType(SecurityProfile.ProfileType.RuntimeDefault));
        String id = pods().create(pods().run(), config);
        pods().start(id);
        assertEquals(5, pods().awaitExit(id).getExitCode());
        assertEquals("refused\nSeccomp:\t2\n", pods().output(id));
    }

    @Test
    void privilegedOnesMayDoAll() throws Exception {
        var config = pods().shell("mknod /disk b 8 0 && echo made; mount -t tmpfs none /srv && echo mounted");
        config.getLinuxBuilder()
                .getSecurityContextBuilder()
                .setPrivileged(true)
                .setCapabilities(Capability.newBuilder().addAddCapabilities("ALL"));
        config.setWorkingDir("/srv");
        String id = pods().create(pods().run(), config);
        pods().start(id);
        assertEquals(0, pods().awaitExit(id).getExitCode());
        assertEquals("made\nmounted\n", pods().output(id));
    }

    @Test
    void shortLivedOnesTellTheirEnd() throws Exception {
        String pod = pods().run();
        for (int code : List.of(0, 1, 42)) {
            String id = pods().create(pod, pods().shell("exit " + code));
            pods().start(id);
            assertEquals(code, pods().awaitExit(id).getExitCode());
        }
    }

    @Test
    void onlyProgramsAreHandlers() {
        assertThrows(IOException.class, () -> OciRuntime.of(Map.of("x", folder)));
        assertThrows(IOException.class, () -> OciRuntime.of(Map.of("x", Path.of("runc"))));
        assertThrows(IOException.class, () -> OciRuntime.of(Map.of("X Y", Path.of("/bin/sh"))));
    }
}
