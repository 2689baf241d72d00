package io.keelson.agent.hooks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.LifecycleHandler;
import io.fabric8.kubernetes.api.model.LifecycleHandlerBuilder;
import io.keelson.agent.cri.FakeRuntime;
import io.keelson.agent.cri.TestPods;
import io.keelson.agent.hooks.Hooks.Hook;
import io.keelson.agent.pods.Samples;
import io.keelson.agent.wire.cri.ExecSyncResponse;
import io.keelson.controllers.testing.ManualTime;
import io.keelson.controllers.testing.TestCluster;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HooksTest {
    private static final Duration SECONDS = Duration.ofSeconds(5);

    private final ManualTime time = new ManualTime(Samples.NOW);
    private final FakeRuntime runtime = new FakeRuntime(time);
    private final Hooks hooks = new Hooks(runtime.connection(), time);

    @AfterEach
    void close() {
        runtime.close();
    }

    private static Hook hook(LifecycleHandler handler, String id) {
        return new Hook(handler, "web_default(uid-1)", "a", id, List.of(), "127.0.0.1");
    }

    private String run() {
        String _ = TestPods.run(runtime, "uid-1", "a");
        return runtime.last("a").getId();
    }

    @Test
    void aCommandRunsInTheContainerAndItsFailureIsTold() throws InterruptedException {
        runtime.onExec((id, command) -> ExecSyncResponse.newBuilder()
                .setExitCode(command.contains("bad") ? 3 : 0)
                .setStderr(ByteString.copyFromUtf8("oh"))
                .build());
        String id = run();
        LifecycleHandler good = new LifecycleHandlerBuilder()
                .withNewExec()
                .withCommand("good")
                .endExec()
                .build();
        LifecycleHandler bad = new LifecycleHandlerBuilder()
                .withNewExec()
                .withCommand("bad")
                .endExec()
                .build();
        assertEquals(Optional.empty(), hooks.run(hook(good, id), Duration.ofSeconds(5)));
        assertEquals(
                Optional.of("Exec lifecycle hook ([bad]) for Container \"a\" in Pod \"web_default(uid-1)\" failed"
                        + " - error: command 'bad' exited with 3, message: \"oh\""),
                hooks.run(hook(bad, id), Duration.ofSeconds(5)));
    }

    @Test
    void aPauseTakesItsTimeAndNoMoreThanThereIs() throws InterruptedException {
        LifecycleHandler pause = new LifecycleHandlerBuilder().withNewSleep(10L).build();
        AtomicBoolean done = new AtomicBoolean();
        CompletableFuture<Optional<String>> result = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                result.complete(hooks.run(hook(pause, "x"), Duration.ofSeconds(30)));
                done.set(true);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        Thread.sleep(50);
        time.advance(Duration.ofSeconds(9));
        assertFalse(done.get());
        time.advance(Duration.ofSeconds(1));
        TestCluster.await("it is over", done::get);
        assertEquals(Optional.empty(), result.join());
        CompletableFuture<Optional<String>> cut = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                cut.complete(hooks.run(hook(pause, "x"), Duration.ofSeconds(2)));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        TestCluster.await("it is cut off", () -> {
            time.advance(Duration.ofSeconds(1));
            return cut.isDone();
        });
        assertTrue(cut.join().orElse("").contains("container terminated before sleep hook completed"));
    }

    @Test
    void aRequestIsMadeToThePodAndAnyAnswerWillDo() throws InterruptedException, IOException {
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> {
                try (Socket socket = server.accept()) {
                    socket.getOutputStream().write("HTTP/1.1 500 No\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            LifecycleHandler request = new LifecycleHandlerBuilder()
                    .withNewHttpGet()
                    .withPath("/stop")
                    .withNewPort(server.getLocalPort())
                    .endHttpGet()
                    .build();
            assertEquals(Optional.empty(), hooks.run(hook(request, "x"), Duration.ofSeconds(5)));
        }
    }

    @Test
    void aConnectionThatIsTakenIsEnough() throws InterruptedException, IOException {
        int port;
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            port = server.getLocalPort();
            assertEquals(Optional.empty(), hooks.run(hook(connection(new IntOrString(port)), "x"), SECONDS));
        }
        assertEquals(
                Optional.of("TCP lifecycle hook (127.0.0.1:" + port + ") for Container \"a\" in Pod"
                        + " \"web_default(uid-1)\" failed - error: dial tcp 127.0.0.1:" + port
                        + ": connect: connection refused, message: \"\""),
                hooks.run(hook(connection(new IntOrString(port)), "x"), SECONDS));
        assertTrue(hooks.run(hook(connection(new IntOrString("web")), "x"), SECONDS)
                .orElse("")
                .contains("web"));
    }

    private static LifecycleHandler connection(IntOrString port) {
        return new LifecycleHandlerBuilder()
                .withNewTcpSocket()
                .withPort(port)
                .endTcpSocket()
                .build();
    }

    @Test
    void whereNothingIsToBeDoneThatIsSaid() throws InterruptedException {
        assertEquals(
                Optional.of("Cannot run handler for Container \"a\" in Pod \"web_default(uid-1)\":"
                        + " invalid handler: nothing is to be done"),
                hooks.run(hook(new LifecycleHandlerBuilder().build(), "x"), SECONDS));
    }
}
