package io.keelson.controllers.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProcessFiguresTest {
    private final PrometheusRegistry registry = new PrometheusRegistry();

    private Map<String, Double> scraped() throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        PrometheusTextFormatWriter.create().write(text, registry.scrape());
        Map<String, Double> values = new HashMap<>();
        text.toString(StandardCharsets.UTF_8)
                .lines()
                .filter(line -> !line.startsWith("#"))
                .forEach(line -> values.put(
                        line.substring(0, line.lastIndexOf(' ')),
                        Double.valueOf(line.substring(line.lastIndexOf(' ') + 1))));
        return values;
    }

    private double of(String name) throws IOException {
        Double value = scraped().get(name);
        assertNotNull(value, name);
        return value;
    }

    @Test
    void whichFeaturesAreOnIsTold() throws IOException {
        FeatureSwitches.tell(registry, Map.of("A", true, "B", false), Map.of("A", "BETA"));
        assertEquals(1, of("kubernetes_feature_enabled{name=\"A\",stage=\"BETA\"}"));
        assertEquals(0, of("kubernetes_feature_enabled{name=\"B\",stage=\"\"}"));
    }

    @Test
    void whetherItLeadsIsToldAsItIsWhenSomebodyAsks() throws IOException {
        boolean[] leads = {false};
        ProcessFigures.leads(registry, "kube-scheduler", () -> leads[0]);
        assertEquals(0, of("leader_election_master_status{name=\"kube-scheduler\"}"));
        leads[0] = true;
        assertEquals(1, of("leader_election_master_status{name=\"kube-scheduler\"}"));
    }

    @Test
    void theVersionAndWhatTheProcessTakesAreTold() throws IOException {
        ProcessFigures.register(registry);
        assertEquals(
                1,
                of("kubernetes_build_info{git_version=\"" + KubernetesVersion.NUMBER
                        + "\",major=\"1\",minor=\"36\",platform=\"linux/" + System.getProperty("os.arch") + "\"}"));
        long now = System.currentTimeMillis() / 1000;
        assertTrue(of("process_start_time_seconds") <= now && of("process_start_time_seconds") > now - 86_400);
        double resident = of("process_resident_memory_bytes");
        assertTrue(resident > 10_000_000, () -> "a JVM holds more than " + resident);
        assertTrue(of("process_virtual_memory_bytes") >= resident);
        assertTrue(of("process_open_fds") > 2 && of("process_open_fds") <= of("process_max_fds"));
        double before = of("process_cpu_seconds_total");
        assertTrue(before > 0 && of("process_cpu_seconds_total") >= before);
    }
}
