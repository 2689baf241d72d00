package io.keelson.proxy.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Time;
import io.keelson.proxy.rules.Family;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class HealthPortTest {
    private static final InetSocketAddress ANYWHERE = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private final HttpClient http = HttpClient.newHttpClient();
    private final Clock time = new Clock();
    private final ProxyHealth health = new ProxyHealth(time, Duration.ofSeconds(60));

    private static final class Clock implements Time {
        private Instant now = Instant.parse("2026-01-01T00:00:00Z");

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public void after(Duration delay, Runnable task) {
            throw new UnsupportedOperationException("nothing is planned here");
        }

        @Override
        public void close() {}
    }

    private HttpResponse<String> get(int port, String path) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void aChangeThatWaitsTooLongIsNotWellAndANodeThatGoesIsNotToBeUsed() throws Exception {
        List<String> answered = new ArrayList<>();
        try (HealthPort port =
                new HealthPort(ANYWHERE, health, (isHealthz, code) -> answered.add(isHealthz + " " + code))) {
            assertEquals(200, get(port.port(), "/healthz").statusCode());
            health.updated(Family.IPV4);
            health.queued(Family.IPV4);
            time.now = time.now.plusSeconds(59);
            health.queued(Family.IPV4);
            assertEquals(200, get(port.port(), "/healthz").statusCode());
            time.now = time.now.plusSeconds(1);
            assertEquals(503, get(port.port(), "/healthz").statusCode());
            HttpResponse<String> dead = get(port.port(), "/livez");
            assertEquals(503, dead.statusCode());
            assertEquals(
                    "{\"lastUpdated\": \"2026-01-01T00:00:00Z\",\"currentTime\": \"2026-01-01T00:01:00Z\"}",
                    dead.body());
            health.updated(Family.IPV4);
            health.setEligible(false);
            HttpResponse<String> going = get(port.port(), "/healthz");
            assertEquals(503, going.statusCode());
            assertTrue(going.body().endsWith("\"nodeEligible\": false}"), going.body());
            assertEquals(200, get(port.port(), "/livez").statusCode());
            assertEquals(404, get(port.port(), "/other").statusCode());
            assertEquals(List.of("true 200", "true 200", "true 503", "false 503", "true 503", "false 200"), answered);
        }
    }

    private static int free() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    @Test
    void balancersAreToldWhetherAServiceHasEndpointsHere() throws Exception {
        int port = free();
        Key service = Key.of("default", "web");
        try (HealthCheckPorts checks = new HealthCheckPorts(InetAddress.getLoopbackAddress(), health)) {
            checks.put(service, port, 0);
            assertEquals(503, get(port, "/").statusCode());
            checks.put(service, port, 2);
            HttpResponse<String> well = get(port, "/any/path");
            assertEquals(200, well.statusCode());
            assertEquals(
                    "2",
                    well.headers()
                            .firstValue("X-Load-Balancing-Endpoint-Weight")
                            .orElse(""));
            assertTrue(well.body().contains("\"localEndpoints\": 2"), well.body());
            // Another one wants the same port; it gets it when it is told of again after that is free.
            Key other = Key.of("default", "other");
            checks.put(other, port, 7);
            assertTrue(get(port, "/").body().contains("\"name\": \"web\""));
            checks.put(service, null, 0);
            checks.put(other, port, 7);
            assertTrue(get(port, "/").body().contains("\"name\": \"other\""));
            checks.put(other, null, 0);
            assertThrows(ConnectException.class, () -> get(port, "/"));
        }
    }
}
