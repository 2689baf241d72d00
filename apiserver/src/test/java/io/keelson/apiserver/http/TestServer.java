package io.keelson.apiserver.http;

import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.Handler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A server with handlers by path. */
final class TestServer implements AutoCloseable {
    final HttpFront front;
    private final Map<String, Handler> handlers = new ConcurrentHashMap<>();
    private final boolean tls;

    private TestServer(@Nullable TlsSettings tls, UnaryOperator<HttpSettings> choice) throws IOException {
        this.tls = tls != null;
        front = HttpFront.start(
                choice.apply(HttpSettings.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), tls)),
                this::handle);
        on("/echo", request -> ok(request.body().bytes(3 << 20)));
        on("/hello", request -> ok("hello"));
    }

    static TestServer plain() throws IOException {
        return plain(HttpLimits.DEFAULT);
    }

    static TestServer plain(HttpLimits limits) throws IOException {
        return plain(settings -> settings.withLimits(limits));
    }

    /** @param choice what is to be different from what is usual */
    static TestServer plain(UnaryOperator<HttpSettings> choice) throws IOException {
        return new TestServer(null, choice);
    }

    static TestServer tls(TlsSettings settings) throws IOException {
        return new TestServer(settings, UnaryOperator.identity());
    }

    static TestServer tls() throws IOException {
        return tls(TlsSettings.of(TestCertificates.named("server").source()));
    }

    TestServer on(String path, Handler handler) {
        handlers.put(path, handler);
        return this;
    }

    private ApiResponse handle(ApiRequest request) throws InterruptedException {
        Handler handler = handlers.get(request.info().path());
        return handler == null ? text(404, "404 page not found") : handler.handle(request);
    }

    static ApiResponse.Whole ok(String text) {
        return text(200, text);
    }

    static ApiResponse.Whole ok(byte[] bytes) {
        return ApiResponse.of(200, "application/octet-stream", bytes);
    }

    static ApiResponse.Whole text(int status, String text) {
        return ApiResponse.of(status, "text/plain", text.getBytes(StandardCharsets.UTF_8));
    }

    String url(String path) {
        return (tls ? "https" : "http") + "://127.0.0.1:" + front.port() + path;
    }

    RawClient raw() throws IOException {
        return new RawClient(front.port());
    }

    /** Waits for a condition, and fails if it does not come true. */
    static void eventually(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("in vain waited for: " + what);
            }
            Thread.sleep(5);
        }
    }

    @Override
    public void close() {
        front.close();
    }
}
