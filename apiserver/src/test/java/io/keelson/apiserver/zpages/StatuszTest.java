package io.keelson.apiserver.zpages;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StatuszTest {
    private static final Instant START = Instant.parse("2026-09-02T21:03:43.7Z");

    private static Statusz after(Duration up) {
        return new Statusz(
                START,
                "none",
                "1.36.0",
                "1.36",
                () -> List.of(
                        "/version",
                        "/",
                        "/apis/",
                        "/api/v1",
                        "/openapi/v3/",
                        "/openid/v1/jwks",
                        "/.well-known/openid-configuration",
                        "/livez/ping",
                        "/livez/etcd",
                        "/metrics"),
                () -> START.plus(up));
    }

    @Test
    void peopleReadItInLines() {
        assertEquals("""

                Started: Wed Sep  2 21:03:43 UTC 2026
                Up: 49 hr 02 min 03 sec
                Go version: none
                Binary version: 1.36.0
                Emulation version: 1.36
                Paths: /livez /metrics /version
                """, after(Duration.ofHours(49).plusSeconds(123)).text());
    }

    @Test
    void programsReadItByFields() {
        ObjectNode object = Json.object();
        after(Duration.ofMillis(61_900)).fill(object);
        assertEquals(
                "{'startTime':'2026-09-02T21:03:43Z','uptimeSeconds':61,'goVersion':'none','binaryVersion':'1.36.0',"
                        + "'emulationVersion':'1.36','paths':['/livez','/metrics','/version']}",
                Json.text(object).replace('"', '\''));
    }

    @Test
    void aClockThatWentBackMakesItNoneTheYounger() {
        ObjectNode object = Json.object();
        after(Duration.ofSeconds(-5)).fill(object);
        assertEquals(0, object.path("uptimeSeconds").asLong(-1));
    }

    @Test
    void flagsAreInOrder() {
        Flagz flags = Flagz.of(Map.of("v", "0", "bind-address", "127.0.0.1"));
        assertEquals("bind-address=127.0.0.1\nv=0\n", flags.text());
        ObjectNode object = Json.object();
        flags.fill(object);
        assertEquals("{\"flags\":{\"bind-address\":\"127.0.0.1\",\"v\":\"0\"}}", Json.text(object));
    }

    @Test
    void withoutACommandLineThereAreNoFlags() {
        ObjectNode object = Json.object();
        Flagz.of(Map.of()).fill(object);
        assertEquals("{}", Json.text(object));
    }
}
