package io.keelson.controllers.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.WatchEvent;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.keelson.controllers.testing.TestCluster;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SlimReadingTest {
    private final TestCluster cluster = new TestCluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    @Test
    void theServerWritesEventsAsTheyAreReadAtOnce() throws Exception {
        String name = cluster.namespace();
        // Ends by itself with what there is.
        String watch = cluster.client().getMasterUrl()
                + "api/v1/namespaces?watch=true&timeoutSeconds=1&fieldSelector=metadata.name%3D" + name;
        var http = cluster.client().getHttpClient();
        HttpResponse<String> events = http.sendAsync(
                        http.newHttpRequestBuilder().uri(watch).build(), String.class)
                .get(20, TimeUnit.SECONDS);
        String first = events.body().lines().findFirst().orElseThrow();
        assertTrue(first.contains("managedFields"), first);
        WatchEvent event = new SlimReading().event(first);
        assertNotNull(event, first);
        assertEquals("ADDED", event.getType());
        assertEquals(name, ((Namespace) event.getObject()).getMetadata().getName());
    }
}
