package io.keelson.apiserver.rest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.protobuf.KubernetesProtobuf;
import io.keelson.apiserver.protobuf.WatchFrames;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** In whatever form objects are sent, one behind the other, the bytes are those of the whole thing written as one tree. */
@Timeout(120)
@ExtendWith(LiveApi.Extension.class)
class SentFormsTest {
    private static final String JSON = "application/json";
    private static final String PROTOBUF = KubernetesProtobuf.MEDIA_TYPE;
    private static final String METADATA = ";as=PartialObjectMetadata;g=meta.k8s.io;v=";
    private static final String METADATA_LIST = ";as=PartialObjectMetadataList;g=meta.k8s.io;v=";
    private static final String TABLE = ";as=Table;g=meta.k8s.io;v=v1";

    /** One version is the stored one and the other is not; objects with times in microseconds; and many small ones. */
    private static final String SCALERS_V1 = "/apis/autoscaling/v1/namespaces/%s/horizontalpodautoscalers";

    private static final String SCALERS_V2 = "/apis/autoscaling/v2/namespaces/%s/horizontalpodautoscalers";
    private static final String LEASES = "/apis/coordination.k8s.io/v1/namespaces/%s/leases";
    private static final String MAPS = "/api/v1/namespaces/%s/configmaps";

    private final LiveApi api;
    private final String namespace;

    SentFormsTest(LiveApi api) {
        this.api = api;
        this.namespace = api.namespace();
    }

    private String path(String pattern) {
        return pattern.formatted(namespace);
    }

    private void create(int index) {
        api.post(path(SCALERS_V2), """
                        {'metadata': {'name': 's%1$d', 'labels': {'n': 'x%1$d'}}, 'spec': {'maxReplicas': 5,
                          'scaleTargetRef': {'kind': 'Deployment', 'name': 'd', 'apiVersion': 'apps/v1'},
                          'metrics': [{'type': 'Resource', 'resource': {'name': 'memory',
                             'target': {'type': 'Utilization', 'averageUtilization': 3%1$d}}}]}}""".formatted(index)).succeeded();
        api.post(
                        path(LEASES),
                        "{'metadata': {'name': 'l%1$d'}, 'spec': {'renewTime': '2026-01-01T00:00:00.00000%1$dZ'}}"
                                .formatted(index))
                .succeeded();
        api.post(
                        path(MAPS),
                        "{'metadata': {'name': 'm%1$d'}, 'data': {'k': '%2$s'}}"
                                .formatted(index, "é<".repeat(index * 400)))
                .succeeded();
    }

    private static byte[] line(JsonNode tree) {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        line.writeBytes(Json.encode(tree));
        line.write('\n');
        return line.toByteArray();
    }

    private static ObjectNode partial(JsonNode object, String version) {
        ObjectNode partial = Json.object().put("kind", "PartialObjectMetadata");
        partial.put("apiVersion", "meta.k8s.io/" + version);
        partial.set("metadata", object.path("metadata"));
        return partial;
    }

    private static ObjectNode partialList(ObjectNode list, String version) {
        ObjectNode partial = Json.object().put("kind", "PartialObjectMetadataList");
        partial.put("apiVersion", "meta.k8s.io/" + version);
        partial.set("metadata", list.path("metadata"));
        ArrayNode items = partial.putArray("items");
        list.path("items").forEach(item -> items.add(partial(item, version)));
        return partial;
    }

    /** The ages in a table change from one request to the next. */
    private static JsonNode ageless(JsonNode table) {
        for (int column = 0; column < table.path("columnDefinitions").size(); column++) {
            if (table.path("columnDefinitions")
                    .path(column)
                    .path("name")
                    .asText()
                    .equals("Age")) {
                for (JsonNode row : table.path("rows")) {
                    ((ArrayNode) row.path("cells")).set(column, "");
                }
            }
        }
        return table;
    }

    /** Looks at a list in all forms; its tree. */
    private ObjectNode look(String path) {
        byte[] json = api.bytes(path, JSON);
        ObjectNode tree = Json.parseObject(json);
        assertArrayEquals(line(tree), json, path);
        assertEquals(tree, Json.parseObject(api.bytes(path + "&pretty=true", JSON)), "as it is for people");
        assertArrayEquals(KubernetesProtobuf.encode(tree), api.bytes(path, PROTOBUF), path);
        for (String version : List.of("v1", "v1beta1")) {
            ObjectNode metadata = partialList(tree, version);
            assertArrayEquals(line(metadata), api.bytes(path, JSON + METADATA_LIST + version), path);
            assertArrayEquals(
                    KubernetesProtobuf.encode(metadata), api.bytes(path, PROTOBUF + METADATA_LIST + version), path);
        }
        for (String include : List.of("", "&includeObject=Object", "&includeObject=None")) {
            byte[] table = api.bytes(path + include, JSON + TABLE);
            assertArrayEquals(line(Json.parse(table)), table, path + include);
            JsonNode pretty = Json.parse(api.bytes(path + include + "&pretty=true", JSON + TABLE));
            assertEquals(ageless(pretty), ageless(Json.parse(table)), path + include);
            assertEquals(tree.path("items").size(), pretty.path("rows").size());
        }
        return tree;
    }

    @ParameterizedTest
    @ValueSource(strings = {SCALERS_V1, SCALERS_V2, LEASES, MAPS})
    void listsAreThoseOfTheTree(String pattern) {
        for (int i = 1; i <= 5; i++) {
            create(i);
        }
        String revision = api.get(path(pattern)).text("/metadata/resourceVersion");
        String exactly = path(pattern) + "?resourceVersionMatch=Exact&resourceVersion=" + revision;
        ObjectNode all = look(exactly);
        assertTrue(all.path("items").size() >= 5, all::toString);
        assertEquals(
                0, look(exactly + "&labelSelector=nobody%3Dhas").path("items").size());
        ObjectNode page = look(exactly + "&limit=2");
        int seen = page.path("items").size();
        int pages = 1;
        while (page.path("metadata").has("continue")) {
            String token = page.path("metadata").path("continue").asText();
            page = look(path(pattern) + "?limit=2&continue=" + token);
            seen += page.path("items").size();
            pages++;
        }
        assertEquals(all.path("items").size(), seen);
        assertTrue(pages >= 3);
    }

    /** Frames, or lines, in which an event of each kind is told. */
    private static byte[] expected(List<ObjectNode> events, boolean protobuf, String partialVersion) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (ObjectNode event : events) {
            ObjectNode told = event.deepCopy();
            if (!partialVersion.isEmpty()) {
                told.set("object", partial(event.path("object"), partialVersion));
            }
            all.writeBytes(
                    protobuf
                            ? WatchFrames.frame(told.path("type").asText(), KubernetesProtobuf.encode((ObjectNode)
                                    told.path("object")))
                            : line(told));
        }
        return all.toByteArray();
    }

    private static List<ObjectNode> events(InputStream stream, int count) throws IOException {
        // The reader is not closed: that is the stream's matter.
        BufferedReader lines = new BufferedReader(new InputStreamReader(stream, UTF_8));
        List<ObjectNode> events = new ArrayList<>();
        while (events.size() < count) {
            events.add(Json.parseObject(Objects.requireNonNull(lines.readLine()).getBytes(UTF_8)));
        }
        return events;
    }

    private record Watch(InputStream stream, boolean protobuf, String partialVersion) {}

    private List<Watch> watches(String path, int each) {
        List<Watch> watches = new ArrayList<>();
        for (int i = 0; i < each; i++) {
            watches.add(new Watch(api.stream(path, JSON), false, ""));
            watches.add(new Watch(api.stream(path, PROTOBUF + ";stream=watch"), true, ""));
            for (String version : List.of("v1", "v1beta1")) {
                watches.add(new Watch(api.stream(path, JSON + METADATA + version), false, version));
                watches.add(
                        new Watch(api.stream(path, PROTOBUF + ";stream=watch" + METADATA + version), true, version));
            }
        }
        return watches;
    }

    private static void require(List<ObjectNode> events, List<Watch> watches) throws IOException {
        for (Watch watch : watches) {
            byte[] expected = expected(events, watch.protobuf(), watch.partialVersion());
            assertArrayEquals(expected, watch.stream().readNBytes(expected.length), watch::toString);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {SCALERS_V1, SCALERS_V2, LEASES, MAPS})
    void allWhoWatchGetTheSameBytes(String pattern) throws IOException {
        create(1);
        String revision = api.get(path(pattern)).text("/metadata/resourceVersion");
        String path = path(pattern) + "?watch=true&resourceVersion=" + revision;
        List<Watch> watches = watches(path, 5);
        try (InputStream lines = api.stream(path, JSON)) {
            create(2);
            String kind = pattern.equals(LEASES) ? "l" : pattern.equals(MAPS) ? "m" : "s";
            String object = path(pattern) + "/" + kind + "2";
            api.merge(object, "{'metadata': {'labels': {'a': 'b'}}}").succeeded();
            api.merge(object, "{'metadata': {'annotations': {'a': '<%s>'}}}".formatted("ü".repeat(10_000)))
                    .succeeded();
            api.delete(object).succeeded();
            List<ObjectNode> events = events(lines, 4);
            assertEquals(
                    List.of("ADDED", "MODIFIED", "MODIFIED", "DELETED"),
                    events.stream().map(event -> event.path("type").asText()).toList());
            require(events, watches);
        } finally {
            for (Watch watch : watches) {
                watch.stream().close();
            }
        }
    }

    @Test
    void whatThereWasAtTheBeginningIsToldInTheSameBytes() throws IOException {
        for (int i = 1; i <= 5; i++) {
            create(i);
        }
        for (String pattern : List.of(SCALERS_V1, SCALERS_V2, LEASES, MAPS)) {
            String path = path(pattern)
                    + "?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
                    + "&resourceVersion=" + api.get(path(pattern)).text("/metadata/resourceVersion");
            int objects = api.get(path(pattern)).at("/items").size();
            List<Watch> watches = watches(path, 2);
            try (InputStream lines = api.stream(path, JSON)) {
                List<ObjectNode> events = events(lines, objects);
                require(events, watches);
            } finally {
                for (Watch watch : watches) {
                    watch.stream().close();
                }
            }
        }
    }
}
