package io.keelson.agent.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whoever is on the machine may ask how the agent is. */
class HealthPortTest {
    private final AtomicBoolean runs = new AtomicBoolean(true);
    private HealthPort port;

    @BeforeEach
    void listen() throws IOException {
        Map<String, BooleanSupplier> checks = new LinkedHashMap<>();
        checks.put("ping", () -> true);
        checks.put("syncloop", runs::get);
        port = new HealthPort(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), checks);
    }

    @AfterEach
    void close() {
        port.close();
    }

    private String ask(String path) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<String> answer = http.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port.port() + path))
                            .timeout(Duration.ofSeconds(20))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            return answer.statusCode() + " " + answer.body();
        }
    }

    @Test
    void tellsWhetherItIsWell() throws Exception {
        assertEquals("200 ok", ask("/healthz"));
        assertEquals("200 ok", ask("/healthz/syncloop"));
        assertEquals("200 [+]ping ok\n[+]syncloop ok\nhealthz check passed\n", ask("/healthz?verbose"));
        runs.set(false);
        assertEquals("500 [+]ping ok\n[-]syncloop failed: reason withheld\nhealthz check failed\n", ask("/healthz"));
        assertEquals("500 internal server error: syncloop failed\n", ask("/healthz/syncloop"));
        assertEquals("200 ok", ask("/healthz/ping"));
    }

    @Test
    void tellsNothingElse() throws Exception {
        for (String path : new String[] {"/", "/pods", "/healthzx", "/healthz/other", "/healthz/ping/x"}) {
            assertEquals("404 404 page not found\n", ask(path), path);
        }
    }
}
