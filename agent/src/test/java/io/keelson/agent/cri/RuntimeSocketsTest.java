package io.keelson.agent.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.keelson.agent.wire.cri.ExecSyncRequest;
import io.keelson.agent.wire.cri.ExecSyncResponse;
import io.keelson.agent.wire.cri.VersionRequest;
import io.keelson.controllers.runtime.Time;
import io.keelson.controllers.testing.TestCluster;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RuntimeSocketsTest {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    @TempDir
    private Path folder;

    private final Time time = Time.system();
    private final FakeRuntime runtime = new FakeRuntime(InstantSource.system());
    private RuntimeSockets sockets;
    private RuntimeEndpoint endpoint;

    @BeforeEach
    void open() throws RuntimeUnusableException {
        sockets = new RuntimeSockets(time);
        endpoint = new RuntimeEndpoint(folder.resolve("cri.sock").toString());
    }

    @AfterEach
    void close() {
        sockets.close();
        runtime.close();
        time.close();
    }

    private RuntimeConnection connect() throws RuntimeUnusableException {
        return sockets.connect(endpoint, endpoint);
    }

    private String refusal() {
        RuntimeUnusableException refusal = assertThrows(RuntimeUnusableException.class, () -> {
            RuntimeConnection connection = connect();
            RuntimeProfile _ = new RuntimeCheck(connection, LIMIT).profile();
        });
        return String.valueOf(refusal.getMessage());
    }

    @Test
    void aRuntimeBehindASocketIsKnownByItsNameAndWhatItLacks() throws Exception {
        runtime.serve(Path.of(endpoint.path()));
        assertTrue(RuntimeSockets.isThere(endpoint) && RuntimeSockets.answers(endpoint));
        RuntimeProfile profile = new RuntimeCheck(connect(), LIMIT).profile();
        assertEquals("fake://1.2.3", profile.url());
        assertTrue(profile.lacks().stream().anyMatch(what -> what.contains("hostUsers: false")));
        assertFalse(profile.lacks().stream().anyMatch(what -> what.contains("cgroup driver")));
    }

    @Test
    void aMissingSocketIsCalledMissing() {
        assertTrue(refusal().contains("there is no such socket"));
    }

    @Test
    void aLinkThatLeadsNowhereIsCalledThat() throws IOException {
        Files.createSymbolicLink(Path.of(endpoint.path()), folder.resolve("nothing"));
        assertTrue(refusal().contains("a link that leads nowhere"));
    }

    @Test
    void aFileThatIsNoSocketIsCalledThat() throws IOException {
        Files.writeString(Path.of(endpoint.path()), "");
        assertTrue(refusal().contains("no socket but a file"));
    }

    @Test
    void aSocketThatItsOwnerLeftRefuses() throws IOException {
        // Closing a channel leaves its file.
        ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(endpoint.path()))
                .close();
        assertTrue(RuntimeSockets.isThere(endpoint));
        assertFalse(RuntimeSockets.answers(endpoint));
        assertTrue(refusal().contains("refuses connections"));
    }

    @Test
    void whoAnswersButIsNoServerOfGrpcIsFoundOut() throws Exception {
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(endpoint.path()))) {
            Thread _ = Thread.ofVirtual().start(() -> {
                while (server.isOpen()) {
                    try (SocketChannel caller = server.accept()) {
                        int _ = caller.write(StandardCharsets.UTF_8.encode("HTTP/1.1 400 Bad Request\r\n\r\n"));
                    } catch (IOException e) {
                        // This caller went first, or the test has ended.
                    }
                }
            });
            String refusal = refusal();
            assertTrue(refusal.startsWith("validate CRI v1 runtime API: the runtime does not answer"), refusal);
        }
    }

    @Test
    void aServerWithoutCriIsFoundOut() throws Exception {
        runtime.serve(Path.of(endpoint.path()));
        runtime.fail("Version", Status.UNIMPLEMENTED.withDescription("unknown service runtime.v1.RuntimeService"));
        assertTrue(refusal().contains("disabled_plugins"));
        runtime.mend("Version");
        runtime.fail("ImageFsInfo", Status.UNIMPLEMENTED.withDescription("unknown service"));
        assertTrue(refusal().startsWith("validate CRI v1 image API"));
    }

    @Test
    void aRuntimeThatDoesNotSayItsCgroupDriverIsUsedAllTheSame() throws Exception {
        runtime.fail("RuntimeConfig", Status.UNIMPLEMENTED);
        assertTrue(new RuntimeCheck(runtime.connection(), LIMIT)
                .profile()
                .cgroupDriver()
                .isEmpty());
    }

    @Test
    void aRuntimeThatComesBackIsThereAgainSoon() throws Exception {
        Server server = runtime.serve(Path.of(endpoint.path()));
        RuntimeConnection connection = connect();
        var _ = connection.runtime(LIMIT).version(VersionRequest.getDefaultInstance());
        server.shutdownNow().awaitTermination();
        StatusRuntimeException away = assertThrows(
                StatusRuntimeException.class,
                () -> connection.runtime(LIMIT).version(VersionRequest.getDefaultInstance()));
        assertEquals(Status.Code.UNAVAILABLE, away.getStatus().getCode());
        Files.deleteIfExists(Path.of(endpoint.path()));
        runtime.serve(Path.of(endpoint.path()));
        TestCluster.await("it answers", () -> {
            try {
                return connection
                        .runtime(LIMIT)
                        .version(VersionRequest.getDefaultInstance())
                        .getRuntimeName()
                        .equals("fake");
            } catch (StatusRuntimeException e) {
                return false;
            }
        });
    }

    @Test
    void answersOfUpTo16MebibytesAreTakenAndLargerOnesRefused() throws Exception {
        runtime.serve(Path.of(endpoint.path()));
        TestPods.run(runtime, "a", "main");
        RuntimeConnection connection = connect();
        ExecSyncRequest request = ExecSyncRequest.newBuilder()
                .setContainerId(runtime.last("main").getId())
                .build();
        runtime.onExec((_, _) -> output((16 << 20) - 100));
        assertEquals(
                (16 << 20) - 100,
                connection.runtime(LIMIT).execSync(request).getStdout().size());
        runtime.onExec((_, _) -> output(16 << 20));
        StatusRuntimeException tooLarge = assertThrows(
                StatusRuntimeException.class, () -> connection.runtime(LIMIT).execSync(request));
        assertEquals(Status.Code.RESOURCE_EXHAUSTED, tooLarge.getStatus().getCode());
    }

    private static ExecSyncResponse output(int bytes) {
        return ExecSyncResponse.newBuilder()
                .setStdout(ByteString.copyFrom(new byte[bytes]))
                .build();
    }

    @Test
    void theNodeIsNotReadyForTheReasonsThatTheRuntimeGives() {
        RuntimeCheck check = new RuntimeCheck(runtime.connection(), LIMIT);
        assertTrue(check.problems(true).isEmpty());
        runtime.condition("NetworkReady", false, "NetworkPluginNotReady", "cni plugin not initialized");
        assertEquals(
                List.of("container runtime network not ready: NetworkReady=false "
                        + "reason:NetworkPluginNotReady message:cni plugin not initialized"),
                check.problems(true));
        assertTrue(check.problems(false).isEmpty());
        runtime.fail("Status", Status.UNAVAILABLE.withDescription("gone"));
        assertEquals(List.of("container runtime is down: gone"), check.problems(false));
    }
}
