package io.keelson.agent.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.keelson.agent.cri.FakeRuntime;
import io.keelson.agent.cri.TestPods;
import io.keelson.agent.pods.ContainerEnvironment;
import io.keelson.agent.pods.Samples;
import io.keelson.agent.probe.ProbeAnswer.Outcome;
import io.keelson.agent.wire.cri.ExecSyncResponse;
import io.keelson.controllers.testing.ManualTime;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ContainerProberTest {
    private final FakeRuntime runtime = new FakeRuntime(new ManualTime(Samples.NOW));
    private final ContainerProber prober = new ContainerProber(runtime.connection(), new ContainerEnvironment() {
        @Override
        public Map<String, String> variables(Pod pod, Container container, List<String> podIps) {
            return Map.of();
        }

        @Override
        public String expanded(String word, Map<String, String> variables) {
            return word.replace("$(FILE)", variables.getOrDefault("FILE", "$(FILE)"));
        }
    });

    @AfterEach
    void close() {
        runtime.close();
    }

    private ProbeAnswer ask(String id, String probe) throws InterruptedException {
        Container container = Serialization.unmarshal("""
                name: a
                image: x
                env: [{name: FILE, value: /ready}]
                ports: [{name: web, containerPort: 81}]
                livenessProbe: {timeoutSeconds: 1, %s}
                """.formatted(probe), Container.class);
        return prober.ask(container, id, container.getLivenessProbe(), "127.0.0.1");
    }

    @Test
    void aCommandsCodeIsTheAnswerAndItsOutputTheText() throws InterruptedException {
        String _ = TestPods.run(runtime, "uid-1", "a");
        String id = runtime.last("a").getId();
        runtime.onExec((run, command) -> ExecSyncResponse.newBuilder()
                .setExitCode(command.contains("/ready") ? 0 : 1)
                .setStderr(ByteString.copyFromUtf8("z".repeat(20_000)))
                .build());
        assertEquals(Outcome.SUCCESS, ask(id, "exec: {command: [cat, $(FILE)]}").outcome());
        ProbeAnswer failed = ask(id, "exec: {command: [cat, other]}");
        assertEquals(Outcome.FAILURE, failed.outcome());
        assertEquals(10 * 1024, failed.text().length());
        runtime.failOnce("ExecSync", Status.DEADLINE_EXCEEDED);
        assertEquals(
                new ProbeAnswer(Outcome.FAILURE, "command timed out: \"sleep 9\" timed out after 1s"),
                ask(id, "exec: {command: [sleep, '9']}"));
        runtime.failOnce("ExecSync", Status.UNKNOWN.withDescription("no runc"));
        assertEquals(Outcome.ERROR, ask(id, "exec: {command: [x]}").outcome());
    }

    @Test
    void aConnectionIsEnoughForOneProbe() throws InterruptedException, IOException {
        int port;
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            port = server.getLocalPort();
            assertEquals(
                    Outcome.SUCCESS, ask("x", "tcpSocket: {port: " + port + "}").outcome());
        }
        assertEquals(
                new ProbeAnswer(Outcome.FAILURE, "dial tcp 127.0.0.1:" + port + ": connect: connection refused"),
                ask("x", "tcpSocket: {port: " + port + "}"));
        assertEquals(
                new ProbeAnswer(Outcome.ERROR, "strconv.Atoi: parsing \"http\": invalid syntax"),
                ask("x", "httpGet: {port: http}"));
    }

    @Test
    void aServiceOfGrpcSaysHowItIs() throws InterruptedException, IOException {
        HealthStatusManager health = new HealthStatusManager();
        Server server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(health.getHealthService())
                .build()
                .start();
        int port = server.getPort();
        try {
            String probe = "grpc: {port: " + port + ", service: s}";
            health.setStatus("s", ServingStatus.SERVING);
            assertEquals(Outcome.SUCCESS, ask("x", probe).outcome());
            health.setStatus("s", ServingStatus.NOT_SERVING);
            assertEquals(
                    new ProbeAnswer(Outcome.FAILURE, "service unhealthy (responded with \"NOT_SERVING\")"),
                    ask("x", probe));
            assertTrue(ask("x", "grpc: {port: " + port + ", service: other}")
                    .text()
                    .startsWith("error: health rpc probe failed: "));
        } finally {
            server.shutdownNow();
        }
        assertEquals(Outcome.FAILURE, ask("x", "grpc: {port: " + port + "}").outcome());
    }
}
