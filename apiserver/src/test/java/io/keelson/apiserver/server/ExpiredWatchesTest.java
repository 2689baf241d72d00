package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.store.EtcdConnection;
import io.keelson.apiserver.store.TestEtcd;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Watches from resource versions that nobody knows any more. They begin, as every watch does, and tell of one thing: that
 * their version has expired.
 */
@Timeout(120)
final class ExpiredWatchesTest {
    private static final String MAPS = "/api/v1/namespaces/default/configmaps";

    /** Longer than a test may take: a watch that ends does so by itself. */
    private static final String FROM = MAPS + "?watch=1&timeoutSeconds=300&resourceVersion=";

    /** Over before long, with what there was to tell. */
    private static final String SHORTLY_FROM = MAPS + "?watch=1&timeoutSeconds=1&resourceVersion=";

    private static final Pattern TOO_OLD = Pattern.compile("too old resource version: (\\d+) \\((\\d+)\\)");

    /** Makes a ConfigMap, and tells its resource version, which the server's cache has come to then. */
    private static long make(Caller admin, String name) throws Exception {
        String made = admin.post(MAPS, "{\"metadata\":{\"name\":\"" + name + "\"}}")
                .succeeded()
                .at("/metadata/resourceVersion");
        admin.get(MAPS + "/" + name + "?resourceVersion=" + made).succeeded();
        return Long.parseLong(made);
    }

    /** All that a watch tells until it ends. */
    private static List<ObjectNode> events(ApiServer server, HttpClient.Version version, String path) throws Exception {
        var admin = server.kubeconfig().current(Path.of("."));
        try (HttpClient client = HttpClient.newBuilder()
                .sslContext(admin.tls())
                .version(version)
                .connectTimeout(Duration.ofSeconds(10))
                .build()) {
            HttpResponse<String> response = client.send(
                    HttpRequest.newBuilder(URI.create(admin.url() + path)).build(),
                    HttpResponse.BodyHandlers.ofString());
            assertEquals(200, response.statusCode(), response.body());
            assertEquals(version, response.version());
            assertEquals(
                    "application/json",
                    response.headers().firstValue("Content-Type").orElse(""));
            return response.body()
                    .lines()
                    .map(line -> Json.parseObject(line.getBytes(StandardCharsets.UTF_8)))
                    .toList();
        }
    }

    private static void isExpired(List<ObjectNode> events, long from) {
        assertEquals(1, events.size(), events::toString);
        ObjectNode event = events.getFirst();
        String message = event.at("/object/message").asText();
        Matcher tooOld = TOO_OLD.matcher(message);
        assertTrue(tooOld.matches(), message);
        assertEquals(from, Long.parseLong(tooOld.group(1)));
        assertTrue(Long.parseLong(tooOld.group(2)) > from, message);
        String expected = """
                {"type": "ERROR", "object": {"kind": "Status", "apiVersion": "v1", "metadata": {},
                 "status": "Failure", "message": "%s", "reason": "Expired", "code": 410}}""".formatted(message);
        assertEquals(Json.parseObject(expected.getBytes(StandardCharsets.UTF_8)), event);
    }

    @ParameterizedTest
    @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
    void aVersionThatIsOlderThanTheCacheIsExpired(HttpClient.Version version, @TempDir Path folder) throws Exception {
        try (TestEtcd store = TestEtcd.embedded(folder)) {
            ApiServerConfig config = ApiServerConfig.ephemeral().withStore(EtcdConnection.to(store.urls()));
            long old;
            try (ApiServer before = ApiServer.start(config);
                    Caller admin = Caller.admin(before)) {
                old = make(admin, "a");
                make(admin, "b");
            }
            try (ApiServer server = ApiServer.start(config);
                    Caller admin = Caller.admin(server)) {
                isExpired(events(server, version, FROM + old), old);
                // Whatever is selected, nobody knows what became of it.
                isExpired(events(server, version, FROM + old + "&fieldSelector=metadata.name%3Da"), old);
                isExpired(events(server, version, FROM + old + "&labelSelector=none&allowWatchBookmarks=true"), old);
                // As clients go on: with what there is now.
                String now = admin.get(MAPS).succeeded().at("/metadata/resourceVersion");
                long next = make(admin, "c");
                List<ObjectNode> events = events(server, version, SHORTLY_FROM + now);
                assertEquals(1, events.size(), events::toString);
                assertEquals(
                        next,
                        events.getFirst().at("/object/metadata/resourceVersion").asLong());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
    void aWatchThatIsTakenUpWhereTheStoreWasCompactedGoesOnOnlyWhereThatIsStillKnown(
            HttpClient.Version version, @TempDir Path folder) throws Exception {
        try (TestEtcd store = TestEtcd.embedded(folder)) {
            EtcdConnection connection = EtcdConnection.to(store.urls());
            ClusterSettings often = ClusterSettings.DEFAULT.withApi(
                    ApiSettings.DEFAULT.withStorage(StorageSettings.DEFAULT.compactedEvery(Duration.ofMillis(300))));
            try (ApiServer first = ApiServer.start(
                            ApiServerConfig.ephemeral().withCluster(often).withStore(EtcdConnection.to(store.urls())));
                    Caller admin = Caller.admin(first)) {
                String begin = admin.get(MAPS).succeeded().at("/metadata/resourceVersion");
                long seen = make(admin, "a");
                List<ObjectNode> told = events(first, version, SHORTLY_FROM + begin);
                assertEquals(
                        seen,
                        told.getLast().at("/object/metadata/resourceVersion").asLong());
                long missed = make(admin, "b");
                Deadline.await(() -> admin.get(MAPS + "?resourceVersionMatch=Exact&resourceVersion=" + seen)
                                .code()
                        == 410);
                List<ObjectNode> more = events(first, version, SHORTLY_FROM + seen);
                assertEquals(1, more.size(), more::toString);
                assertEquals(
                        missed,
                        more.getFirst().at("/object/metadata/resourceVersion").asLong());
                try (ApiServer second =
                        ApiServer.start(ApiServerConfig.ephemeral().withStore(connection))) {
                    isExpired(events(second, version, FROM + seen), seen);
                }
            }
        }
    }
}
