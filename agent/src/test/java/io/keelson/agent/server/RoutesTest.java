package io.keelson.agent.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.agent.stats.Looks;
import io.keelson.agent.stats.StatisticsPages;
import io.keelson.controllers.testing.ManualTime;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who asks the node what is used is answered as by the kubelet. */
class RoutesTest {
    private final PrometheusRegistry metrics = new PrometheusRegistry();
    private StreamingRuntime runtime;

    @BeforeEach
    void begin() throws IOException {
        runtime = new StreamingRuntime();
        Counter.builder().name("tests_total").register(metrics).inc();
        Counter.builder().name("prober_probe_total").register(metrics).inc(2);
    }

    @AfterEach
    void end() throws IOException {
        runtime.close();
    }

    private String ask(HttpMethod method, String path, @Nullable StatisticsPages pages) throws IOException {
        Routes routes = new Routes(
                new TestPods(),
                runtime.connection(),
                new ManualTime(Instant.parse("2026-01-02T03:04:05Z")),
                Map.of("ping", () -> true),
                () -> "{\"maxPods\":110}",
                metrics,
                pages);
        Answer answer = routes.answer(
                NodeRequest.of(new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, method, path), List.of()));
        Answer.Plain plain = (Answer.Plain) answer;
        return plain.status() + " " + new String(plain.body(), StandardCharsets.UTF_8);
    }

    private String ask(String path) throws IOException {
        return ask(HttpMethod.GET, path, new StatisticsPages(_ -> Looks.one(), Looks.FACTS));
    }

    @Test
    void theSummaryIsWholeOrBrief() throws IOException {
        assertTrue(ask("/stats/summary").startsWith("200 {\"node\":{\"nodeName\":\"node-1\""));
        assertTrue(ask("/stats/summary").contains("\"volume\""));
        assertFalse(ask("/stats/summary?only_cpu_and_memory=true").contains("\"volume\""));
    }

    @Test
    void metricsAreApartByWhoseTheyAre() throws IOException {
        String own = ask("/metrics");
        assertTrue(own.contains("tests_total 1.0"), own);
        assertTrue(own.contains("kubelet_volume_stats_used_bytes{"), own);
        assertFalse(own.contains("prober_"), own);
        String probes = ask("/metrics/probes");
        assertTrue(probes.contains("prober_probe_total 2.0"), probes);
        assertFalse(probes.contains("tests_total"), probes);
        assertTrue(ask("/metrics/resource").contains("\nnode_memory_working_set_bytes 5900.0"));
        assertTrue(ask("/metrics/cadvisor").contains("\ncontainer_memory_working_set_bytes{container=\"main\""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/stats",
                "/stats/other",
                "/stats/summary/x",
                "/metrics/other",
                "/metrics/a/b",
                "/healthz/other",
                "/healthz/ping/x",
                "/runningpods/x",
                "/configz/x"
            })
    void nothingElseIsThere(String path) throws IOException {
        assertEquals("404 404 page not found\n", ask(path));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/stats/summary", "/metrics", "/metrics/cadvisor", "/runningpods", "/configz", "/healthz"})
    void nothingIsWrittenThere(String path) throws IOException {
        assertEquals("405 405: Method Not Allowed", ask(HttpMethod.POST, path, null));
    }

    @Test
    void whereNobodyLooksNothingIsTold() throws IOException {
        assertEquals("404 404 page not found\n", ask(HttpMethod.GET, "/stats/summary", null));
        assertEquals("404 404 page not found\n", ask(HttpMethod.GET, "/metrics/cadvisor", null));
        assertTrue(ask(HttpMethod.GET, "/metrics", null).contains("tests_total 1.0"));
    }

    @Test
    void aLookThatFailsIsNoAnswer() throws IOException {
        StatisticsPages none = new StatisticsPages(
                _ -> {
                    throw new IOException("this machine shows no cgroups");
                },
                Looks.FACTS);
        assertThrows(IOException.class, () -> ask(HttpMethod.GET, "/stats/summary", none));
        assertTrue(ask(HttpMethod.GET, "/metrics/resource", none).contains("resource_scrape_error 1.0"));
        assertTrue(ask(HttpMethod.GET, "/metrics", none).contains("tests_total 1.0"));
    }

    @Test
    void theConfigurationIsThatOfAKubelet() throws IOException {
        assertEquals("200 {\"kubeletconfig\":{\"maxPods\":110}}", ask("/configz"));
    }
}
