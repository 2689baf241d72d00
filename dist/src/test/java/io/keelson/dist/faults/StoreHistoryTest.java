package io.keelson.dist.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.google.protobuf.ByteString;
import io.keelson.apiserver.object.Json;
import io.keelson.dist.faults.StoreHistory.Change;
import io.keelson.kvstore.api.Event;
import io.keelson.kvstore.api.KeyValue;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the store tells becomes what the judge holds others against. */
final class StoreHistoryTest {
    private static final String STORED = """
            {"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a","uid":"u1","annotations":{"c0":"%s"}}}""";

    private static Event put(String key, long revision, String value) {
        return Event.newBuilder()
                .setType(Event.EventType.PUT)
                .setKv(KeyValue.newBuilder()
                        .setKey(ByteString.copyFromUtf8(key))
                        .setValue(ByteString.copyFromUtf8(value))
                        .setModRevision(revision))
                .build();
    }

    private static Event delete(String key, long revision) {
        return Event.newBuilder()
                .setType(Event.EventType.DELETE)
                .setKv(KeyValue.newBuilder()
                        .setKey(ByteString.copyFromUtf8(key))
                        .setModRevision(revision))
                .build();
    }

    @Test
    void whatHappenedInTheNamespaceIsThereInOrderAndNothingElse() {
        StoreHistory history = StoreHistory.of(
                List.of(
                        put("/registry/configmaps/ours/a", 4, STORED.formatted("1")),
                        put("/registry/configmaps/theirs/a", 5, STORED.formatted("9")),
                        put("/registry/namespaces/ours", 6, "{}"),
                        put("/registry/configmaps/ours/a", 7, STORED.formatted("2")),
                        delete("/registry/configmaps/ours/a", 9)),
                "/registry/",
                "ours");
        List<Change> changes = history.changes("configmaps");
        assertEquals(
                List.of("ADDED@4", "MODIFIED@7", "DELETED@9"),
                changes.stream()
                        .map(change -> change.type() + "@" + change.revision())
                        .toList());
        assertEquals(Map.of("c0", "2"), changes.getLast().object().notes());
        assertEquals(List.of(), history.changes("namespaces"));
        assertEquals(List.of(), revisionsAt(history, 3));
        assertEquals(List.of(4L), revisionsAt(history, 6));
        assertEquals(List.of(7L), revisionsAt(history, 8));
        assertEquals(List.of(), revisionsAt(history, 9));
    }

    private static List<Long> revisionsAt(StoreHistory history, long revision) {
        return history.at("configmaps", revision).values().stream()
                .map(Seen::revision)
                .toList();
    }

    @Test
    void anObjectOfTheApiIsTheOneThatIsStored() {
        Seen stored = Seen.stored(STORED.formatted("1").getBytes(StandardCharsets.UTF_8), 4);
        assertEquals(
                stored,
                seen("{\"metadata\":{\"uid\":\"u1\",\"resourceVersion\":\"4\",\"name\":\"a\","
                        + "\"annotations\":{\"c0\":\"1\"}}}"));
        assertNotEquals(
                stored,
                seen("{\"metadata\":{\"uid\":\"u1\",\"resourceVersion\":\"4\",\"name\":\"a\","
                        + "\"annotations\":{\"c0\":\"1\"}},\"data\":{\"kept\":\"always\"}}"));
    }

    private static Seen seen(String object) {
        return Seen.of(Json.parseObject(object.getBytes(StandardCharsets.UTF_8)));
    }
}
