package io.keelson.dist.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A cluster whose API server wrote its Lease at each tenth resource version, ten seconds after the one before. */
final class MomentsTest {
    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");
    private static final Pattern REVISION = Pattern.compile("resourceVersion=(\\d+)");
    private static final long NOW = 1000;
    private static final long FORGOTTEN = 200;

    private final HttpServer server;
    private final KubernetesClient client;
    private final Moments moments;
    private int asked;

    MomentsTest() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
        client = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder()
                        .withMasterUrl("http://127.0.0.1:" + server.getAddress().getPort())
                        .build())
                .build();
        ApiCalls calls = new ApiCalls(client);
        moments = new Moments(calls, new Past(calls), InstantSource.fixed(at(NOW)));
    }

    @AfterEach
    void end() {
        client.close();
        server.stop(0);
    }

    private static Instant at(long revision) {
        return BEGIN.plusSeconds(revision / 10 * 10);
    }

    private void answer(HttpExchange exchange) throws IOException {
        asked++;
        String query = String.valueOf(exchange.getRequestURI().getQuery());
        Matcher matcher = REVISION.matcher(query);
        int code = 200;
        String body = "{\"metadata\":{\"resourceVersion\":\"" + NOW + "\"}}";
        if (matcher.find()) {
            long revision = Long.parseLong(matcher.group(1));
            code = revision < FORGOTTEN ? 410 : 200;
            body = code == 410
                    ? "{\"kind\":\"Status\",\"code\":410,\"message\":\"compacted\"}"
                    : "{\"items\":[{\"spec\":{\"renewTime\":\"" + at(revision) + "\"}}]}";
        }
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(code, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    @Test
    void aNumberIsAResourceVersion() throws Exception {
        assertEquals(42, moments.revision("42"));
        assertEquals(0, asked);
    }

    @Test
    void ofATimeTheLastResourceVersionIsMeantThatItWasReachedBy() throws Exception {
        assertEquals(509, moments.revision(at(500).plusSeconds(5).toString()));
        assertTrue(asked < 20, asked + " calls");
    }

    @Test
    void aSpanCountsBackFromNow() throws Exception {
        assertEquals(NOW - 60 + 9, moments.revision("-1m"));
    }

    @Test
    void theFutureIsNow() throws Exception {
        assertEquals(NOW, moments.revision("2036-01-01T00:00:00+02:00"));
    }

    @Test
    void whatIsForgottenIsSaidToBe() {
        String said = String.valueOf(assertThrows(IllegalArgumentException.class, () -> moments.revision("-1h"))
                .getMessage());
        assertTrue(said.startsWith("-1h lies before what is kept"), said);
    }

    @Test
    void whatIsNoMomentIsRefusedWithAnExample() {
        for (String text : new String[] {"yesterday", "-soon", "2026-01-01", "-", "99999999999999999999"}) {
            String said = String.valueOf(assertThrows(IllegalArgumentException.class, () -> moments.revision(text))
                    .getMessage());
            assertTrue(said.contains("-10m"), said);
        }
    }
}
