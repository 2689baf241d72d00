package io.keelson.controllers.hollow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.keelson.controllers.runtime.Key;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ResourceMetricsTest {
    private static final String ROOT = "/apis/metrics.k8s.io/v1beta1";
    private static final long MEBIBYTE = 1024L * 1024 * 1000;
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00.5Z");

    private final ResourceMetrics metrics = new ResourceMetrics(
            () -> Stream.of(
                    pod("b", "one", "n-0", "web", List.of("c"), 250, MEBIBYTE),
                    pod("a", "two", "n-1", "web", List.of("c", "d", "e"), 100, 3 * MEBIBYTE + 1),
                    pod("a", "one", "n-1", "db", List.of("c"), 7, 2 * MEBIBYTE)),
            () -> Map.of(
                    "n-0", Map.of("zone", "x"),
                    "n-1", Map.of("zone", "y"),
                    "n-2", Map.of("zone", "y")),
            () -> NOW);

    private static MeasuredPod pod(
            String namespace, String name, String node, String app, List<String> containers, long cpu, long memory) {
        return new MeasuredPod(
                Key.of(namespace, name), node, Map.of("app", app), containers, Map.of("cpu", cpu, "memory", memory));
    }

    private JsonNode get(String path, Map<String, String> query) {
        try {
            return new JsonMapper().readTree(Objects.requireNonNull(metrics.answer(ROOT + path, query), path));
        } catch (JsonProcessingException e) {
            throw new AssertionError(path, e);
        }
    }

    private List<String> names(String path, Map<String, String> query) {
        List<String> names = new ArrayList<>();
        for (JsonNode item : get(path, query).path("items")) {
            JsonNode metadata = item.path("metadata");
            names.add(metadata.path("namespace").asText("")
                    + '/'
                    + metadata.path("name").asText());
        }
        return names;
    }

    @Test
    void podsAreListedInOrderByNamespaceAndSelector() {
        assertEquals(List.of("a/one", "a/two", "b/one"), names("/pods", Map.of()));
        assertEquals(List.of("a/one", "a/two"), names("/namespaces/a/pods", Map.of()));
        assertEquals(List.of("a/two", "b/one"), names("/pods", Map.of("labelSelector", "app=web")));
        assertEquals(List.of("a/one"), names("/namespaces/a/pods", Map.of("labelSelector", "app notin (web)")));
        assertEquals(List.of(), names("/namespaces/none/pods", Map.of()));
    }

    @Test
    void whatAPodUsesIsDividedAmongItsContainers() {
        JsonNode pod = get("/namespaces/a/pods/two", Map.of());
        assertEquals("PodMetrics", pod.path("kind").asText());
        assertEquals("2026-01-01T00:00:00Z", pod.path("timestamp").asText());
        assertEquals("15s", pod.path("window").asText());
        List<String> usage = new ArrayList<>();
        pod.path("containers")
                .forEach(container -> usage.add(container.path("name").asText() + container.path("usage")));
        assertEquals(
                List.of(
                        "c{\"cpu\":\"34m\",\"memory\":\"1025Ki\"}",
                        "d{\"cpu\":\"33m\",\"memory\":\"1024Ki\"}",
                        "e{\"cpu\":\"33m\",\"memory\":\"1024Ki\"}"),
                usage);
    }

    @Test
    void aNodeUsesWhatItsPodsUse() {
        assertEquals(
                List.of("/n-1", "/n-2"),
                names("/nodes", Map.of("labelSelector", "zone=y")).stream()
                        .sorted()
                        .toList());
        assertEquals(
                "{\"cpu\":\"107m\",\"memory\":\"5121Ki\"}",
                get("/nodes/n-1", Map.of()).path("usage").toString());
        assertEquals(
                "{\"cpu\":\"0\",\"memory\":\"0\"}",
                get("/nodes/n-2", Map.of()).path("usage").toString());
    }

    @Test
    void whatIsNotThereIsNotFoundAndWhatMakesNoSenseIsRefused() {
        for (String path : List.of(
                "/namespaces/a/pods/three", "/nodes/n-3", "/services", "/namespaces/a/services", "/pods/a/b/c/d")) {
            assertNull(metrics.answer(ROOT + path, Map.of()), path);
        }
        assertNull(metrics.answer("/apis/other/v1", Map.of()));
        for (Map<String, String> query : List.of(
                Map.of("labelSelector", "a in b"), Map.of("labelSelector", "((("), Map.of("fieldSelector", "a=b"))) {
            assertThrows(IllegalArgumentException.class, () -> metrics.answer(ROOT + "/pods", query), query::toString);
        }
    }

    @Test
    void theResourcesAreThere() {
        List<String> kinds = new ArrayList<>();
        get("", Map.of())
                .path("resources")
                .forEach(resource -> kinds.add(resource.path("kind").asText()));
        assertEquals(List.of("NodeMetrics", "PodMetrics"), kinds);
    }
}
