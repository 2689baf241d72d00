package io.keelson.apiserver.rest;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a watch tells at its beginning comes at once, not only with the next change. */
@ExtendWith(LiveApi.Extension.class)
@Timeout(30)
final class WatchBeginningTest {
    private static void post(LiveApi api, String maps, String name, String group) {
        var _ = api.post(maps, "{'metadata':{'name':'" + name + "','labels':{'group':'" + group + "'}}}")
                .succeeded();
    }

    @Test
    void objectsThatAreThereComeAtOnce(LiveApi api) throws Exception {
        String maps = "/api/v1/namespaces/" + api.namespace() + "/configmaps";
        post(api, maps, "a", "mine");
        try (BufferedReader events = events(api, maps + "?watch=true")) {
            assertTold(events, "a");
        }
    }

    @Test
    void objectsBehindThemThatAreNotWantedDoNotHoldThemBack(LiveApi api) throws Exception {
        String maps = "/api/v1/namespaces/" + api.namespace() + "/configmaps";
        post(api, maps, "a", "mine");
        for (int i = 0; i < 100; i++) {
            post(api, maps, "b" + i, "others");
        }
        try (BufferedReader events = events(api, maps + "?watch=true&labelSelector=group%3Dmine")) {
            assertTold(events, "a");
        }
    }

    private static BufferedReader events(LiveApi api, String path) {
        return new BufferedReader(new InputStreamReader(api.stream(path, "application/json"), StandardCharsets.UTF_8));
    }

    private static void assertTold(BufferedReader events, String name) throws Exception {
        String event = String.valueOf(events.readLine());
        assertTrue(event.startsWith("{\"type\":\"ADDED\"") && event.contains("\"name\":\"" + name + "\""), event);
    }
}
