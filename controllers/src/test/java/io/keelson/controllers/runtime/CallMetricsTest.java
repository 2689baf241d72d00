package io.keelson.controllers.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.controllers.testing.Figures;
import io.keelson.controllers.testing.TestCluster;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CallMetricsTest {
    private final TestCluster cluster = new TestCluster();
    private final Config config = cluster.client().getConfiguration();
    private final Figures figures = new Figures();
    private final CallMetrics calls = new CallMetrics(figures.metrics().registry());

    @AfterEach
    void close() {
        cluster.close();
    }

    @Test
    void callsAreCountedByWhatCameOfThemAndTimed() {
        String host = URI.create(config.getMasterUrl()).getAuthority();
        try (KubernetesClient client = ApiClient.of(config, List.of(new CallRate(1000, 1, calls), calls))) {
            assertFalse(client.namespaces().list().getItems().isEmpty());
            assertNull(client.namespaces().withName("nowhere").get());
        }
        String labels = "host=\"" + host + "\",method=\"GET\"}";
        assertEquals(1, figures.of("rest_client_requests_total{code=\"200\"," + labels));
        assertEquals(1, figures.of("rest_client_requests_total{code=\"404\"," + labels));
        String verb = "{host=\"" + host + "\",verb=\"GET\"}";
        assertEquals(2, figures.of("rest_client_request_duration_seconds_count" + verb));
        assertTrue(figures.of("rest_client_request_duration_seconds_sum" + verb) > 0);
        assertEquals(2, figures.of("rest_client_rate_limiter_duration_seconds_count" + verb));
    }
}
