package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.object.Json;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a watch has to tell is sent before it waits for more, also if what it has seen last is not for the client. */
final class PromptWatchTest {
    private static final String MAPS = "/api/v1/namespaces/default/configmaps";
    private static final Duration LASTS = Duration.ofSeconds(30);
    private static final Duration SOON = Duration.ofSeconds(10);

    private static LiveUsers server;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        server = LiveUsers.start(ApiServerConfig.ephemeral(), folder.resolve("pki"));
        make("a", "yes");
        make("b", "no");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static void make(String name, String told) {
        server.admin()
                .post(MAPS, "{'metadata':{'name':'" + name + "','labels':{'told':'" + told + "'}}}")
                .succeeded();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "&labelSelector=told%3Dyes",
                "&fieldSelector=metadata.name%3Da",
                "&resourceVersion=0",
                "&allowWatchBookmarks=true"
            })
    void whatThereIsAtTheBeginningIsSentAtOnce(String selection) throws Exception {
        long begun = System.nanoTime();
        String path = MAPS + "?watch=1&timeoutSeconds=" + LASTS.toSeconds() + selection;
        HttpResponse<InputStream> response = server.admin()
                .client()
                .send(server.admin().request("GET", path, "", "").build(), HttpResponse.BodyHandlers.ofInputStream());
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            var first =
                    Json.parseObject(Objects.requireNonNull(lines.readLine()).getBytes(StandardCharsets.UTF_8));
            assertEquals("ADDED", first.path("type").asText());
            assertEquals("a", first.at("/object/metadata/name").asText());
            long took = System.nanoTime() - begun;
            assertTrue(took < SOON.toNanos(), took / 1_000_000 + " ms");
        }
    }
}
