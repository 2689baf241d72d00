package io.keelson.agent.embedded.assembly;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.grpc.StatusRuntimeException;
import io.keelson.agent.cri.RuntimeConnection;
import io.keelson.agent.cri.RuntimeEndpoint;
import io.keelson.agent.cri.RuntimePlayground;
import io.keelson.agent.cri.RuntimeSockets;
import io.keelson.agent.embedded.images.bundled.BundledImages;
import io.keelson.agent.embedded.images.store.ImageStore;
import io.keelson.agent.wire.cri.ContainerState;
import io.keelson.agent.wire.cri.ImageSpec;
import io.keelson.agent.wire.cri.ListImagesRequest;
import io.keelson.agent.wire.cri.ListPodSandboxRequest;
import io.keelson.agent.wire.cri.VersionRequest;
import io.keelson.controllers.runtime.Time;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The runtime as a process of its own, behind its socket. */
@Tag("root")
@Timeout(240)
class CriCommandTest {
    private static final Duration LIMIT = Duration.ofSeconds(100);

    @TempDir
    private Path folder;

    private final Time time = Time.system();
    private TestMachine machine;
    private RuntimeSockets sockets;
    private @Nullable Process process;

    @BeforeEach
    void prepare() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/bin/busybox")), "busybox-static is missing");
        assumeTrue(Files.isExecutable(Path.of("/usr/sbin/nft")), "nft is not there");
        machine = new TestMachine(folder);
        sockets = new RuntimeSockets(time);
        try (ImageStore images = ImageStore.open(machine.images)) {
            var _ = BundledImages.addTo(images);
        }
    }

    @AfterEach
    void close() throws Exception {
        if (machine == null) {
            return;
        }
        Process running = running();
        try {
            TestMachine.removeAll(connect());
            running.destroy();
            assertTrue(running.waitFor(30, TimeUnit.SECONDS), "it did not end when it was told to");
            assertEquals(143, running.exitValue());
            assertTrue(!Files.exists(machine.socket()));
        } finally {
            running.destroyForcibly();
            sockets.close();
            time.close();
            machine.close();
        }
    }

    private void begin() throws Exception {
        process = new ProcessBuilder(
                        "nsenter",
                        "--net=" + machine.node,
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx200m",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        CriProgram.class.getName(),
                        "--listen=unix://" + machine.socket(),
                        "--root=" + machine.root,
                        "--run-dir=" + machine.run.resolve("pods"),
                        "--image-store=" + machine.images,
                        "--shim-cgroup=" + machine.cgroup + "/shims",
                        "--cni-conf-dir=" + folder.resolve("net.d"),
                        "--pod-cidr=10.244.9.0/24")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("cri.log").toFile()))
                .start();
    }

    private RuntimeConnection connect() throws Exception {
        RuntimeEndpoint endpoint = new RuntimeEndpoint(machine.socket().toString());
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!RuntimeSockets.isThere(endpoint) || !RuntimeSockets.answers(endpoint)) {
            assertTrue(running().isAlive() && System.nanoTime() < end, () -> "it does not answer: " + log());
            Thread.sleep(Duration.ofMillis(20));
        }
        return sockets.connect(endpoint, endpoint);
    }

    private Process running() {
        return Objects.requireNonNull(process);
    }

    private String log() {
        try {
            return Files.readString(folder.resolve("cri.log"));
        } catch (IOException none) {
            return none.toString();
        }
    }

    private RuntimePlayground playground() throws Exception {
        return new RuntimePlayground(connect(), "keelson/web:1", machine.cgroup + "/pods", folder);
    }

    private void kill() throws Exception {
        assertTrue(running().destroyForcibly().waitFor(30, TimeUnit.SECONDS));
    }

    @Test
    void podsOutliveKillsOfTheRuntimeWheneverTheyCome() throws Exception {
        begin();
        RuntimeConnection runtime = connect();
        assertEquals(
                "keelson",
                runtime.runtime(LIMIT)
                        .version(VersionRequest.getDefaultInstance())
                        .getRuntimeName());
        assertEquals(
                2,
                runtime.images(LIMIT)
                        .listImages(ListImagesRequest.getDefaultInstance())
                        .getImagesCount());
        RuntimePlayground pods = playground();
        String pod = pods.run();
        String id =
                pods.create(pod, pods.command().setImage(ImageSpec.newBuilder().setImage("keelson/web:2")));
        pods.start(id);
        pods.awaitOutput(id, "listening");
        String address = TestMachine.addresses(runtime, pod).getFirst();
        assertEquals("keelson/web version 2 on the-host: /\n", machine.get(address, "/"));
        Thread busy = makePods(pods);
        pods.awaitTrue(() -> runtime.runtime(LIMIT)
                        .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                        .getItemsCount()
                > 3);
        kill();
        busy.join();
        assertEquals("keelson/web version 2 on the-host: /dead\n", machine.get(address, "/dead"));
        begin();
        RuntimePlayground after = playground();
        assertEquals(ContainerState.CONTAINER_RUNNING, after.status(id).getState());
        after.awaitOutput(id, "/dead 200");
        assertEquals("keelson/web version 2 on the-host: /\n", machine.get(address, "/"));
    }

    /** One after the other, until the runtime is killed; so that happens while one is half made, most likely. */
    private static Thread makePods(RuntimePlayground pods) {
        return Thread.ofVirtual().start(() -> {
            try {
                for (int i = 0; i < 100; i++) {
                    String pod = pods.run();
                    String id = pods.create(pod, pods.shell("exec sleep 1000"));
                    pods.start(id);
                }
            } catch (StatusRuntimeException killed) {
                return;
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    @Test
    void whatCannotBeIsSaidAtOnce() throws Exception {
        StringWriter said = new StringWriter();
        for (List<String> words : List.of(
                List.of("--listen=tcp://127.0.0.1:1"),
                List.of("--pod-cidr=10.0.0.0/24,fd00::/64,10.1.0.0/24"),
                List.of("--pod-cidr=here"),
                List.of("--bridge=Not A Name"))) {
            assertEquals(
                    2,
                    new CommandLine(new CriCommand())
                            .setErr(new PrintWriter(said, true))
                            .execute(words.toArray(String[]::new)),
                    words.toString());
        }
        assertTrue(said.toString().contains("only support unix socket endpoint"));
        assertTrue(said.toString().contains("\"here\" is no range of addresses"));
        begin();
    }
}
