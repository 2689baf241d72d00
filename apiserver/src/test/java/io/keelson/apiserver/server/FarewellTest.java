package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A server that ends, and sends whoever comes to another one. */
final class FarewellTest {
    private static final String MAPS = "/api/v1/namespaces/default/configmaps";

    @Test
    void whatHasBegunIsAnsweredAndTheRestAskedToComeAgain(@TempDir Path folder) throws Exception {
        LiveUsers server = LiveUsers.start(
                Flags.config(folder.resolve("server"), "--shutdown-send-retry-after"), folder.resolve("pki"));
        LiveUsers.User admin = server.admin();
        SlowRequest slow = SlowRequest.begin(admin, MAPS, "last");
        HttpResponse<InputStream> watch = admin.client()
                .send(
                        admin.request("GET", MAPS + "?watch=1", "", "").build(),
                        HttpResponse.BodyHandlers.ofInputStream());
        assertEquals(200, watch.statusCode());
        // It is being served once it is counted.
        Deadline.await(
                () -> metrics(admin).contains("apiserver_current_inflight_requests{request_kind=\"mutating\"} 1\n"));
        Thread closing = Thread.ofVirtual().start(server::close);
        Deadline.await(() -> admin.get(MAPS).code() == 429);
        HttpResponse<String> refused =
                admin.client().send(admin.request("GET", MAPS, "", "").build(), HttpResponse.BodyHandlers.ofString());
        assertEquals("The apiserver is shutting down, please try again later.\n", refused.body());
        assertEquals("5", refused.headers().firstValue("Retry-After").orElse(""));
        assertEquals(429, admin.get(MAPS + "?watch=1").code());
        assertEquals(200, admin.get("/livez").code());
        assertEquals(500, admin.get("/readyz").code());
        assertTrue(metrics(admin).contains("code=\"429\""));
        String head = overHttp1(admin);
        assertTrue(head.startsWith("HTTP/1.1 429 "), head);
        assertTrue(head.contains("connection: close\r\n"), head);
        assertEquals(201, slow.end());
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(watch.body(), StandardCharsets.UTF_8))) {
            List<String> events = lines.lines().toList();
            assertTrue(events.getLast().contains("\"last\""), events::toString);
        }
        assertTrue(closing.join(Duration.ofSeconds(10)), "closed once all was answered");
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aRequestHasTheTimeThatRequestsHaveWhenTheServerStops(@TempDir Path folder) throws Exception {
        LiveUsers server =
                LiveUsers.start(Flags.config(folder.resolve("server"), "--request-timeout=40s"), folder.resolve("pki"));
        LiveUsers.User admin = server.admin();
        SlowRequest slow = SlowRequest.begin(admin, MAPS, "late");
        Deadline.await(
                () -> metrics(admin).contains("apiserver_current_inflight_requests{request_kind=\"mutating\"} 1\n"));
        Thread closing = Thread.ofVirtual().start(server::close);
        assertFalse(closing.join(Duration.ofSeconds(12)), "a request is under way");
        assertEquals(201, slow.end());
        assertTrue(closing.join(Duration.ofSeconds(10)), "closed once all was answered");
    }

    @Test
    void watchesEndOneAfterTheOther(@TempDir Path folder) throws Exception {
        LiveUsers server = LiveUsers.start(
                Flags.config(folder.resolve("server"), "--shutdown-watch-termination-grace-period=2s"),
                folder.resolve("pki"));
        LiveUsers.User admin = server.admin();
        List<HttpResponse<InputStream>> watches = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            watches.add(admin.client()
                    .send(
                            admin.request("GET", MAPS + "?watch=1&timeoutSeconds=60", "", "")
                                    .build(),
                            HttpResponse.BodyHandlers.ofInputStream()));
        }
        List<Long> ends = Collections.synchronizedList(new ArrayList<>());
        List<Thread> readers = new ArrayList<>();
        for (HttpResponse<InputStream> watch : watches) {
            assertEquals(200, watch.statusCode());
            readers.add(Thread.ofVirtual().start(() -> {
                try (InputStream body = watch.body()) {
                    body.readAllBytes();
                    ends.add(System.nanoTime());
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }));
        }
        server.close();
        for (Thread reader : readers) {
            assertTrue(reader.join(Duration.ofSeconds(10)));
        }
        assertEquals(2, ends.size(), "both ended properly");
        assertTrue(Math.abs(ends.get(1) - ends.get(0)) > 500_000_000, ends::toString);
    }

    private static String metrics(LiveUsers.User user) throws Exception {
        return user.client()
                .send(user.request("GET", "/metrics", "", "").build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    /** The answer to a request, in lower case but for its first line. */
    private static String overHttp1(LiveUsers.User user) throws Exception {
        URI url = URI.create(user.url());
        try (Socket socket = user.tls().getSocketFactory().createSocket(url.getHost(), url.getPort())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write(("GET " + MAPS + " HTTP/1.1\r\nHost: test\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int line = answer.indexOf("\r\n");
            return answer.substring(0, line) + answer.substring(line).toLowerCase(Locale.ROOT);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "--shutdown-watch-termination-grace-period=-1s, '"
                + "shutdown-watch-termination-grace-period, if provided, can not be a negative value'",
        "--shutdown-delay-duration=-1s, --shutdown-delay-duration can not be negative value",
        "--livez-grace-period=-1s, --livez-grace-period can not be a negative value"
    })
    void timesAreNotNegative(String flag, String why, @TempDir Path folder) {
        assertEquals(
                why,
                assertThrows(IllegalArgumentException.class, () -> Flags.config(folder, flag))
                        .getMessage());
    }
}
