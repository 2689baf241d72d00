package io.keelson.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetricsAnswersTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Instant NOW = Instant.parse("2026-11-30T10:00:00.75Z");
    private static final String ROOT = "/apis/metrics.k8s.io/v1beta1";
    private static final String TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

    private final MetricsAnswers answers = new MetricsAnswers(new Some(), InstantSource.fixed(NOW));

    private static SortedMap<String, Amount> usage(long nanos, long bytes) {
        return new TreeMap<>(
                Map.of("cpu", new Amount(nanos, Amount.Unit.NANO), "memory", new Amount(bytes, Amount.Unit.BYTES)));
    }

    /** Two nodes and three pods. */
    private static final class Some implements Metrics {
        private static OfPod pod(String namespace, String name, String app) {
            return new OfPod(
                    namespace,
                    name,
                    Map.of("app", app),
                    NOW.minusSeconds(3),
                    Duration.ofMillis(15_250),
                    new TreeMap<>(Map.of("a", usage(1_000_001, 4096), "b", usage(2, 1))));
        }

        @Override
        public Stream<OfNode> nodes() {
            return Stream.of("n2", "n1")
                    .map(name -> new OfNode(
                            name, Map.of("disk", name), NOW, Duration.ofSeconds(15), usage(250_000_000, 64 << 20)));
        }

        @Override
        public Optional<OfNode> node(String name) {
            return nodes().filter(node -> node.name().equals(name)).findFirst();
        }

        @Override
        public Stream<OfPod> pods(String namespace) {
            return Stream.of(pod("y", "web-1", "web"), pod("x", "web-2", "web"), pod("x", "db-1", "db"))
                    .filter(pod -> namespace.isEmpty() || namespace.equals(pod.namespace()));
        }

        @Override
        public Optional<OfPod> pod(String namespace, String name) {
            return pods(namespace).filter(pod -> pod.name().equals(name)).findFirst();
        }
    }

    private JsonNode ask(String path, Map<String, String> query, String accept) throws Exception {
        return JSON.readTree(String.valueOf(answers.answer(ROOT + path, query, accept)));
    }

    private List<String> names(String path, Map<String, String> query) throws Exception {
        return StreamSupport.stream(ask(path, query, "").path("items").spliterator(), false)
                .map(item -> item.path("metadata").path("namespace").asText("") + "/"
                        + item.path("metadata").path("name").asText())
                .toList();
    }

    @Test
    void oneIsToldWithItsContainers() throws Exception {
        assertEquals(JSON.readTree("""
                        {"kind": "PodMetrics", "apiVersion": "metrics.k8s.io/v1beta1",
                         "metadata": {"name": "db-1", "namespace": "x", "creationTimestamp": "2026-11-30T10:00:00Z",
                           "labels": {"app": "db"}},
                         "timestamp": "2026-11-30T09:59:57Z", "window": "15.25s",
                         "containers": [{"name": "a", "usage": {"cpu": "1000001n", "memory": "4Ki"}},
                           {"name": "b", "usage": {"cpu": "2n", "memory": "1"}}]}
                        """), ask("/namespaces/x/pods/db-1", Map.of(), "application/json"));
        assertEquals(JSON.readTree("""
                        {"kind": "NodeMetrics", "apiVersion": "metrics.k8s.io/v1beta1",
                         "metadata": {"name": "n1", "creationTimestamp": "2026-11-30T10:00:00Z", "labels": {"disk": "n1"}},
                         "timestamp": "2026-11-30T10:00:00Z", "window": "15s",
                         "usage": {"cpu": "250000000n", "memory": "65536Ki"}}
                        """), ask("/nodes/n1", Map.of(), "*/*"));
    }

    @Test
    void listsAreSortedAndSelected() throws Exception {
        assertEquals(List.of("/n1", "/n2"), names("/nodes", Map.of()));
        assertEquals(List.of("/n2"), names("/nodes", Map.of("labelSelector", "disk notin (n1)")));
        assertEquals(List.of("x/db-1", "x/web-2", "y/web-1"), names("/pods", Map.of()));
        assertEquals(List.of("x/web-2", "y/web-1"), names("/pods", Map.of("labelSelector", "app=web")));
        assertEquals(List.of("x/db-1", "x/web-2"), names("/namespaces/x/pods", Map.of()));
        assertEquals(List.of("x/db-1"), names("/namespaces/x/pods", Map.of("fieldSelector", "metadata.name=db-1")));
        assertEquals(
                List.of("x/web-2"),
                names("/pods", Map.of("fieldSelector", "metadata.namespace==x,metadata.name!=db-1")));
        assertEquals(List.of(), names("/namespaces/z/pods", Map.of()));
    }

    @Test
    void tableHasAColumnForEachResourceAndTheSumOfContainers() throws Exception {
        JsonNode table = ask("/namespaces/x/pods", Map.of(), TABLE);
        assertEquals("Table", table.path("kind").asText());
        assertEquals(
                List.of("Name", "cpu", "memory", "Window"),
                StreamSupport.stream(table.path("columnDefinitions").spliterator(), false)
                        .map(column -> column.path("name").asText())
                        .toList());
        assertEquals(
                JSON.readTree("[\"db-1\", \"1000003n\", \"4097\", \"15.25s\"]"),
                table.path("rows").path(0).path("cells"));
        assertEquals("x", table.at("/rows/0/object/metadata/namespace").asText());
        assertEquals(1, ask("/nodes/n2", Map.of(), TABLE).path("rows").size());
    }

    @Test
    void tableIsMadeOnlyForWhoWantsItFirst() {
        assertTrue(MetricsTable.isWanted(TABLE));
        assertTrue(MetricsTable.isWanted("application/vnd.kubernetes.protobuf, application/json; as=Table; v=v1; g=x"));
        assertFalse(MetricsTable.isWanted("application/json, " + TABLE));
        assertFalse(MetricsTable.isWanted("application/json;as=Table;v=v1beta1;g=meta.k8s.io"));
        assertFalse(MetricsTable.isWanted(""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/nodes/none",
                "/nodes/n1/x",
                "/nodes//",
                "/namespaces",
                "/namespaces/x",
                "/namespaces//pods",
                "/namespaces/x/nodes",
                "/namespaces/x/pods/none",
                "/namespaces/x/pods/db-1/log",
                "/pods/db-1",
                "/services",
                "x"
            })
    void nothingElseIsThere(String path) {
        assertNull(answers.answer(ROOT + path, Map.of(), ""));
    }

    @Test
    void whatMakesNoSenseIsRefused() {
        for (Map<String, String> query : List.of(
                Map.of("labelSelector", "(("),
                Map.of("fieldSelector", "spec.nodeName=x"),
                Map.of("fieldSelector", "metadata.name"),
                Map.of("watch", "true"))) {
            assertThrows(IllegalArgumentException.class, () -> answers.answer(ROOT + "/pods", query, ""));
        }
    }

    @Test
    void whatIsServedIsToldToWhoLooksForIt() throws Exception {
        assertEquals(
                "metrics.k8s.io/v1beta1",
                JSON.readTree(String.valueOf(answers.answer("/apis", Map.of(), "")))
                        .at("/groups/0/preferredVersion/groupVersion")
                        .asText());
        assertEquals(
                "v1beta1",
                JSON.readTree(String.valueOf(answers.answer("/apis/metrics.k8s.io", Map.of(), "")))
                        .at("/versions/0/version")
                        .asText());
        assertEquals("PodMetrics", ask("", Map.of(), "").at("/resources/1/kind").asText());
    }
}
