package io.keelson.apiserver.server;

import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.Filter;
import io.keelson.apiserver.request.Handler;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Refuses requests once the server is about to end, if it is told to, and waits for those that were there before. Who watches
 * over the server's health, or reads its metrics, is answered to the last.
 */
final class Farewell implements Filter {
    private static final List<String> ALWAYS = List.of("/healthz", "/livez", "/readyz", "/metrics");
    private static final byte[] COME_AGAIN =
            "The apiserver is shutting down, please try again later.\n".getBytes(StandardCharsets.US_ASCII);
    private static final Map<String, String> HEADERS = Map.of(
            "Content-Type", "text/plain; charset=utf-8", "X-Content-Type-Options", "nosniff", "Retry-After", "5");

    private static final long LOOK_MS = 10;

    /** Requests under way that do not last. */
    private final AtomicInteger present = new AtomicInteger();

    private volatile boolean begun;

    /** From now on requests are refused. */
    void begin() {
        begun = true;
    }

    /** Returns when those requests that are under way, and do not last, are answered, or after so long. */
    void awaitAnswered(Duration longest) throws InterruptedException {
        long beginNanos = System.nanoTime();
        while (present.get() > 0 && System.nanoTime() - beginNanos < longest.toNanos()) {
            Thread.sleep(LOOK_MS);
        }
    }

    @Override
    public ApiResponse filter(ApiRequest request, Handler next) throws InterruptedException {
        if (isAlwaysAnswered(request.info().path())) {
            return next.handle(request);
        }
        if (request.info().lasts()) {
            return begun ? refused(request) : next.handle(request);
        }
        present.incrementAndGet();
        try {
            // Whoever is counted before it begins is waited for; whoever comes later sees that it has begun.
            return begun ? refused(request) : next.handle(request);
        } finally {
            present.decrementAndGet();
        }
    }

    private static boolean isAlwaysAnswered(String path) {
        return ALWAYS.stream().anyMatch(path::startsWith);
    }

    private static ApiResponse refused(ApiRequest request) {
        request.endConnection();
        return new ApiResponse.Whole(429, HEADERS, List.of(ByteBuffer.wrap(COME_AGAIN)));
    }
}
