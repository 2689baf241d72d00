package io.keelson.agent.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.StatusRuntimeException;
import io.keelson.agent.wire.cri.ContainerStatusRequest;
import io.keelson.agent.wire.cri.ListImagesRequest;
import io.keelson.agent.wire.cri.ListPodSandboxRequest;
import io.keelson.controllers.testing.ManualTime;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RuntimeMetricsTest {
    private static final Duration SECONDS = Duration.ofSeconds(10);

    private final ManualTime time = new ManualTime(Instant.parse("2026-01-01T00:00:00Z"));
    private final FakeRuntime runtime = new FakeRuntime(time);
    private final PrometheusRegistry registry = new PrometheusRegistry();

    @AfterEach
    void close() {
        runtime.close();
    }

    private List<String> shown() throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        PrometheusTextFormatWriter.create().write(text, registry.scrape());
        return text.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @Test
    void callsToTheRuntimeAreCountedAndTimed() throws IOException {
        RuntimeConnection connection = new RuntimeCallMetrics(registry).counted(runtime.connection());
        for (int i = 0; i < 3; i++) {
            var _ = connection.runtime(SECONDS).listPodSandbox(ListPodSandboxRequest.getDefaultInstance());
        }
        var _ = connection.images(SECONDS).listImages(ListImagesRequest.getDefaultInstance());
        StatusRuntimeException _ = assertThrows(
                StatusRuntimeException.class,
                () -> connection
                        .runtime(SECONDS)
                        .containerStatus(ContainerStatusRequest.newBuilder()
                                .setContainerId("none")
                                .build()));
        List<String> shown = shown();
        for (String line : List.of(
                "kubelet_runtime_operations_total{operation_type=\"list_podsandbox\"} 3.0",
                "kubelet_runtime_operations_total{operation_type=\"list_images\"} 1.0",
                "kubelet_runtime_operations_total{operation_type=\"container_status\"} 1.0",
                "kubelet_runtime_operations_errors_total{operation_type=\"container_status\"} 1.0",
                "kubelet_runtime_operations_duration_seconds_count{operation_type=\"list_podsandbox\"} 3")) {
            assertTrue(shown.contains(line), line + " in " + shown);
        }
        assertEquals(
                1,
                shown.stream()
                        .filter(line -> line.startsWith("kubelet_runtime_operations_errors_total{"))
                        .count());
    }

    @Test
    void whatRunsIsCounted() throws Exception {
        String _ = TestPods.run(runtime, "uid-1", "a");
        String _ = TestPods.run(runtime, "uid-2", "a", "b");
        try (RuntimeObserver observer = new RuntimeObserver(
                runtime.connection(), ObserverSettings.DEFAULTS, time, new ObserverMetrics(registry))) {
            RunningMetrics.register(observer::pods, registry);
            observer.start();
            observer.awaitComplete(SECONDS);
            List<String> shown = shown();
            assertTrue(shown.contains("kubelet_running_pods 2.0"), shown.toString());
            assertTrue(shown.contains("kubelet_running_containers{container_state=\"running\"} 3.0"), shown.toString());
        }
    }
}
