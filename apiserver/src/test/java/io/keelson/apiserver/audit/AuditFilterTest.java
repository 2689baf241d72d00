package io.keelson.apiserver.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.certs.ConfigFile;
import io.keelson.apiserver.certs.HttpClients;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.AuditTrail;
import io.keelson.apiserver.request.Body;
import io.keelson.apiserver.request.Handler;
import io.keelson.apiserver.request.Headers;
import io.keelson.apiserver.request.RequestInfoParser;
import io.keelson.apiserver.request.RequestTarget;
import io.keelson.apiserver.request.UserInfo;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** At which stages of which requests something is written, whatever becomes of them. */
class AuditFilterTest {
    private final List<AuditEvent> events = new ArrayList<>();
    private final AuditCounts counts = new AuditCounts();
    private final AtomicBoolean stores = new AtomicBoolean(true);
    private boolean storedInterrupted;

    private AuditFilter filter(String rules) throws IOException {
        Sink sink = new Sink() {
            @Override
            public boolean take(AuditEvent event) {
                events.add(event);
                storedInterrupted |= Thread.currentThread().isInterrupted();
                return stores.get();
            }

            @Override
            public void close() {}
        };
        return filter(rules, sink);
    }

    private AuditFilter filter(String rules, Sink sink) throws IOException {
        String policy = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: " + rules;
        return new AuditFilter(
                AuditPolicy.parse(ConfigFile.parse(policy.getBytes(StandardCharsets.UTF_8))),
                List.of(sink),
                counts,
                () -> Events.TIME);
    }

    private static ApiRequest request(String target) {
        RequestTarget parsed = RequestTarget.parse(target);
        ApiRequest request = new ApiRequest(
                "GET",
                RequestInfoParser.parse("GET", parsed.path(), parsed.query()),
                parsed.query(),
                Headers.NONE,
                Body.EMPTY,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 1),
                List.of(),
                "id",
                Instant.EPOCH,
                () -> false);
        request.becomes(new UserInfo("jane", "", List.of(), Map.of()));
        return request;
    }

    private List<String> stages() {
        return events.stream().map(event -> event.stage().text()).toList();
    }

    private static ApiResponse ok() {
        return ApiResponse.of(200, "application/json", "{\"kind\":\"Pod\"}".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void whereNothingIsWrittenDownRequestsPassWithoutALook() throws Exception {
        Handler next = _ -> ok();
        try (AuditLog none = AuditLog.open(AuditSettings.NONE, HttpClients.DIRECT, InstantSource.system())) {
            assertSame(next, none.before(next));
        }
        ApiRequest request = request("/version");
        filter("[{level: None}]").filter(request, next);
        assertSame(AuditTrail.NONE, request.audit());
        assertEquals(List.of(), events);
        assertEquals(0, counts.events());
        assertEquals(1L, counts.requestsByLevel().get("None"));
    }

    @Test
    void aServerThatFailsIsWrittenDown() throws Exception {
        AuditFilter filter = filter("[{level: Metadata}]");
        assertThrows(
                IllegalStateException.class,
                () -> filter.filter(request("/version"), _ -> {
                    throw new IllegalStateException("broken");
                }));
        assertEquals(List.of("RequestReceived", "Panic"), stages());
        assertEquals(
                "{\"metadata\":{},\"status\":\"Failure\",\"message\":\"APIServer panic'd:"
                        + " java.lang.IllegalStateException: broken\",\"reason\":\"InternalError\",\"code\":500}",
                String.valueOf(events.getLast().responseStatus()));
        assertThrows(
                StackOverflowError.class,
                () -> filter.filter(request("/version"), _ -> {
                    throw new StackOverflowError();
                }));
        assertEquals("Panic", stages().getLast());
    }

    @Test
    void aThreadThatIsInterruptedIsWrittenDown() throws Exception {
        assertThrows(
                InterruptedException.class,
                () -> filter("[{level: Metadata}]").filter(request("/version"), _ -> {
                    throw new InterruptedException();
                }));
        assertEquals(List.of("RequestReceived", "ResponseComplete"), stages());
    }

    @Test
    void nothingIsDoneOfWhatMustBeWrittenDownAndCannotBe() throws Exception {
        stores.set(false);
        AtomicBoolean done = new AtomicBoolean();
        ApiException refused = assertThrows(
                ApiException.class,
                () -> filter("[{level: Metadata}]").filter(request("/version"), _ -> {
                    done.set(true);
                    return ok();
                }));
        assertEquals(500, refused.code());
        assertTrue(!done.get());
        assertEquals(1, counts.rejected());
    }

    @Test
    void theEndOfAnAnswerIsWrittenDownThoughItsWriterWasInterrupted() throws Exception {
        ApiResponse.Streamed watch = (ApiResponse.Streamed) filter("[{level: Metadata}]")
                .filter(
                        request("/api/v1/pods?watch=1"),
                        _ -> new ApiResponse.Streamed(
                                200, Map.of(), _ -> Thread.currentThread().interrupt()));
        watch.writer().write(OutputStream.nullOutputStream());
        assertTrue(Thread.interrupted());
        assertEquals(List.of("RequestReceived", "ResponseStarted", "ResponseComplete"), stages());
        assertTrue(!storedInterrupted);
    }

    @Test
    void theEndOfAnAnswerIsWrittenDownThoughItsClientLeftBeforeItBegan() throws Exception {
        AuditFilter filter = filter("[{level: Metadata}]");
        filter.filter(
                        request("/api/v1/pods?watch=1"),
                        _ -> new ApiResponse.Streamed(200, Map.of(), _ -> {
                            throw new InterruptedException();
                        }))
                .abandon();
        assertEquals(List.of("RequestReceived", "ResponseStarted", "ResponseComplete"), stages());
        assertEquals(
                "{\"metadata\":{},\"code\":200}",
                String.valueOf(events.getLast().responseStatus()));
        events.clear();
        filter.filter(
                        request("/api/v1/namespaces/a/pods/b/exec"),
                        _ -> new ApiResponse.Upgraded(Map.of(), (_, out) -> out.write(1)))
                .abandon();
        assertEquals(List.of("RequestReceived", "ResponseStarted", "ResponseComplete"), stages());
        assertTrue(!storedInterrupted);
        assertTrue(!Thread.currentThread().isInterrupted());
    }

    @Test
    void anAnswerWhoseBeginningCannotBeWrittenDownIsLetGoOf() throws Exception {
        AtomicBoolean letGo = new AtomicBoolean();
        AuditFilter filter = filter("[{level: Metadata}]", new Sink() {
            @Override
            public boolean take(AuditEvent event) throws InterruptedException {
                if (event.stage() == Stage.RESPONSE_STARTED) {
                    throw new InterruptedException();
                }
                return true;
            }

            @Override
            public void close() {}
        });
        assertThrows(
                InterruptedException.class,
                () -> filter.filter(
                        request("/api/v1/pods?watch=1"),
                        _ -> new ApiResponse.Streamed(200, Map.of(), _ -> letGo.set(true))));
        assertTrue(letGo.get());
    }

    @Test
    void anAnswerThatLastsIsCompleteWhenItHasBeenWritten() throws Exception {
        AuditFilter filter = filter("[{level: RequestResponse}]");
        ApiResponse.Streamed watch = (ApiResponse.Streamed) filter.filter(
                request("/api/v1/pods?watch=1"),
                _ -> new ApiResponse.Streamed(200, Map.of(), out -> out.write(new byte[] {1})));
        assertEquals(List.of("RequestReceived", "ResponseStarted"), stages());
        watch.writer().write(OutputStream.nullOutputStream());
        assertEquals(List.of("RequestReceived", "ResponseStarted", "ResponseComplete"), stages());
        events.clear();
        ApiResponse.Streamed broken = (ApiResponse.Streamed) filter.filter(
                request("/api/v1/namespaces/a/pods/b/log"),
                _ -> new ApiResponse.Streamed(200, Map.of(), _ -> {
                    throw new IOException("the client is gone");
                }));
        assertThrows(IOException.class, () -> broken.writer().write(OutputStream.nullOutputStream()));
        assertEquals(List.of("RequestReceived", "ResponseStarted", "ResponseComplete"), stages());
        events.clear();
        ApiResponse.Upgraded exec = (ApiResponse.Upgraded) filter.filter(
                request("/api/v1/namespaces/a/pods/b/exec"), _ -> new ApiResponse.Upgraded(Map.of(), (_, _) -> {}));
        exec.conversation().run(InputStream.nullInputStream(), OutputStream.nullOutputStream());
        assertEquals(List.of("RequestReceived", "ResponseStarted", "ResponseComplete"), stages());
        assertEquals(
                "{\"metadata\":{},\"code\":101}",
                String.valueOf(events.getLast().responseStatus()));
    }

    @Test
    void whatIsSaidOnTheWayIsWrittenDown() throws Exception {
        filter("[{level: Request}]").filter(request("/api/v1/namespaces/a/pods"), passed -> {
            passed.audit().note("a/b", "c");
            passed.audit().annotations().put("d/e", "f");
            passed.audit().carries(Json.object().put("kind", "Pod"));
            return ok();
        });
        AuditEvent last = events.getLast();
        assertEquals(Map.of("a/b", "c", "d/e", "f"), last.annotations());
        assertEquals(
                "{\"kind\":\"Pod\"}",
                new String(last.requestObject() == null ? new byte[0] : last.requestObject(), StandardCharsets.UTF_8));
        assertEquals(null, last.responseObject());
    }

    @Test
    void objectsThatAreTooLargeForALogAreLeftOut() throws Exception {
        byte[] large = ("{\"kind\":\"PodList\",\"x\":\"" + "x".repeat(AuditRecord.OBJECT_BYTES_MAX) + "\"}")
                .getBytes(StandardCharsets.UTF_8);
        filter("[{level: RequestResponse}]")
                .filter(request("/api/v1/pods"), _ -> ApiResponse.of(200, "application/json", large));
        assertEquals(null, events.getLast().responseObject());
        assertEquals("true", events.getLast().annotations().get(AuditEvent.TRUNCATED));
    }

    @Test
    void answersThatAreNoObjectsAreNone() throws Exception {
        AuditFilter filter = filter("[{level: RequestResponse}]");
        for (ApiResponse odd : List.of(
                ApiResponse.of(200, "text/plain", "ok".getBytes(StandardCharsets.UTF_8)),
                ApiResponse.of(200, "application/json", "[1]".getBytes(StandardCharsets.UTF_8)),
                ApiResponse.of(200, "application/vnd.kubernetes.protobuf", new byte[] {'k', '8', 's', 0, 1}),
                ApiResponse.of(200, "application/yaml", "{Status".getBytes(StandardCharsets.UTF_8)))) {
            filter.filter(request("/api/v1/namespaces/a/pods/b"), _ -> odd);
            assertEquals(null, events.getLast().responseObject(), odd.toString());
            assertEquals(
                    "{\"metadata\":{},\"code\":200}",
                    String.valueOf(events.getLast().responseStatus()));
        }
    }
}
