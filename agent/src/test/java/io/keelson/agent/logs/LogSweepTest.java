package io.keelson.agent.logs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import io.keelson.agent.cri.RuntimeConnection;
import io.keelson.agent.wire.cri.Container;
import io.keelson.agent.wire.cri.ContainerState;
import io.keelson.agent.wire.cri.ContainerStatus;
import io.keelson.agent.wire.cri.ContainerStatusRequest;
import io.keelson.agent.wire.cri.ContainerStatusResponse;
import io.keelson.agent.wire.cri.ListContainersRequest;
import io.keelson.agent.wire.cri.ListContainersResponse;
import io.keelson.agent.wire.cri.ReopenContainerLogRequest;
import io.keelson.agent.wire.cri.ReopenContainerLogResponse;
import io.keelson.agent.wire.cri.RuntimeServiceGrpc;
import io.keelson.controllers.testing.ManualTime;
import io.keelson.controllers.testing.TestCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Logs are rotated, and linked to. */
class LogSweepTest {
    @TempDir
    Path folder;

    private final ManualTime time = new ManualTime(Instant.parse("2026-01-02T03:04:05Z"));
    private final OneContainer runtime = new OneContainer();
    private Server server;
    private ManagedChannel channel;
    private LogSweep sweep;
    private Path log;

    /** A runtime with one container. */
    private final class OneContainer extends RuntimeServiceGrpc.RuntimeServiceImplBase {
        private final AtomicInteger lists = new AtomicInteger();
        private volatile boolean there = true;
        private volatile boolean refuses;

        @Override
        public void listContainers(ListContainersRequest request, StreamObserver<ListContainersResponse> caller) {
            ListContainersResponse.Builder answer = ListContainersResponse.newBuilder();
            if (there) {
                answer.addContainers(Container.newBuilder()
                        .setId("abc")
                        .setState(ContainerState.CONTAINER_RUNNING)
                        .putLabels("io.kubernetes.pod.name", "web-0")
                        .putLabels("io.kubernetes.pod.namespace", "shop")
                        .putLabels("io.kubernetes.container.name", "web"));
            }
            caller.onNext(answer.build());
            caller.onCompleted();
            lists.incrementAndGet();
        }

        @Override
        public void containerStatus(ContainerStatusRequest request, StreamObserver<ContainerStatusResponse> caller) {
            caller.onNext(ContainerStatusResponse.newBuilder()
                    .setStatus(ContainerStatus.newBuilder().setLogPath(log.toString()))
                    .build());
            caller.onCompleted();
        }

        @Override
        public void reopenContainerLog(
                ReopenContainerLogRequest request, StreamObserver<ReopenContainerLogResponse> caller) {
            if (refuses) {
                caller.onError(Status.UNAVAILABLE.withDescription("busy").asRuntimeException());
                return;
            }
            try {
                Files.writeString(log, "");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            caller.onNext(ReopenContainerLogResponse.getDefaultInstance());
            caller.onCompleted();
        }
    }

    @BeforeEach
    void begin() throws IOException {
        log = Files.createDirectories(folder.resolve("pods/shop_web-0_uid/web")).resolve("0.log");
        String name = "sweep-" + UUID.randomUUID();
        server =
                InProcessServerBuilder.forName(name).addService(runtime).build().start();
        channel = InProcessChannelBuilder.forName(name).build();
        sweep = new LogSweep(
                new RuntimeConnection(channel, channel),
                new LogRotation(10, 3, Duration.ofSeconds(10)),
                new LogLinks(folder.resolve("containers")),
                time,
                ZoneOffset.UTC);
    }

    @AfterEach
    void end() {
        sweep.close();
        channel.shutdownNow();
        server.shutdownNow();
    }

    private List<String> files() {
        try (Stream<Path> files = Files.list(log.getParent())) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Lets one more sweep go by. */
    private void again() throws InterruptedException {
        int before = runtime.lists.get();
        TestCluster.await("another sweep", () -> {
            if (runtime.lists.get() > before) {
                return true;
            }
            time.advance(Duration.ofSeconds(10));
            return false;
        });
    }

    @Test
    void aLogThatIsTooLargeIsMovedAndOlderOnesAreCompressedAndRemoved() throws Exception {
        Files.writeString(log, "first first first");
        RotatedLogs logs = new RotatedLogs(log);
        logs.rotate(
                3, true, Instant.parse("2026-01-02T03:04:05Z"), ZoneOffset.UTC, () -> Files.writeString(log, "second"));
        assertEquals(List.of("0.log", "0.log.20260102-030405"), files());
        // What a crash left while it was compressing.
        Files.writeString(log.resolveSibling("0.log.20260102-030405.gz.tmp"), "half");
        logs.rotate(
                3, true, Instant.parse("2026-01-02T03:04:15Z"), ZoneOffset.UTC, () -> Files.writeString(log, "third"));
        assertEquals(List.of("0.log", "0.log.20260102-030405.gz", "0.log.20260102-030415"), files());
        try (var in = new GZIPInputStream(Files.newInputStream(log.resolveSibling("0.log.20260102-030405.gz")))) {
            assertEquals("first first first", new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
        logs.rotate(
                3, true, Instant.parse("2026-01-02T03:04:15Z"), ZoneOffset.UTC, () -> Files.writeString(log, "fourth"));
        assertEquals(List.of("0.log", "0.log.20260102-030415-1", "0.log.20260102-030415.gz"), files());
        assertEquals("fourth", Files.readString(log));
    }

    @Test
    void aLogThatIsNotOpenedAgainStaysWhereItIs() throws Exception {
        Files.writeString(log, "first");
        assertThrows(
                IOException.class,
                () -> new RotatedLogs(log).rotate(3, true, time.instant(), ZoneOffset.UTC, () -> {
                    throw new IOException("no");
                }));
        assertEquals(List.of("0.log"), files());
        assertEquals("first", Files.readString(log));
    }

    @Test
    void theSweepRotatesWhatIsTooLargeAndOpensWhatIsMissing() throws Exception {
        Files.writeString(log, "0123456789");
        runtime.refuses = true;
        sweep.start();
        again();
        again();
        TestCluster.await("it is where it was", () -> files().equals(List.of("0.log")));
        runtime.refuses = false;
        again();
        TestCluster.await("it is rotated", () -> files().size() == 2 && files().contains("0.log"));
        Files.delete(log);
        again();
        TestCluster.await("it is opened again", () -> Files.exists(log));
        Files.writeString(log, "small");
        again();
        again();
        assertEquals(2, files().size());
    }

    @Test
    void logsAreLinkedToAsLongAsTheyAreThere() throws Exception {
        Files.writeString(log, "x");
        sweep.start();
        Path link = folder.resolve("containers/web-0_shop_web-abc.log");
        TestCluster.await("a link", () -> Files.isSymbolicLink(link));
        assertEquals(log, Files.readSymbolicLink(link));
        Path other =
                Files.createSymbolicLink(folder.resolve("containers/other_shop_web-def.log"), folder.resolve("no"));
        runtime.there = false;
        Files.delete(log);
        TestCluster.await("both are removed", () -> {
            time.advance(Duration.ofSeconds(10));
            return Files.notExists(link, LinkOption.NOFOLLOW_LINKS)
                    && Files.notExists(other, LinkOption.NOFOLLOW_LINKS);
        });
    }

    @Test
    void namesCannotLeadOutOfTheFolder() {
        LogLinks links = new LogLinks(folder.resolve("containers"));
        assertThrows(IOException.class, () -> links.set("shop", "../../x", "web", "abc", log));
        assertTrue(Files.notExists(folder.resolve("containers")));
        assertThrows(IllegalArgumentException.class, () -> new LogRotation(10, 1, Duration.ofSeconds(10)));
    }
}
