package io.keelson.kvstore.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.keelson.kvstore.gateway.HttpExchange;
import io.keelson.kvstore.gateway.Router;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class InfoPagesTest {
    private final List<Runnable> work = new ArrayList<>();
    private final List<String> answers = new ArrayList<>();

    /** A request without a body, whose answer is noted down. */
    private final class Noted implements HttpExchange {
        private final String method;
        private final String path;

        Noted(String method, String path) {
            this.method = method;
            this.path = path;
        }

        @Override
        public String method() {
            return method;
        }

        @Override
        public String path() {
            return path;
        }

        @Override
        public Map<String, List<String>> query() {
            return Map.of();
        }

        @Override
        public @Nullable String header(String name) {
            return null;
        }

        @Override
        public byte[] body() {
            return new byte[0];
        }

        @Override
        public boolean secure() {
            return true;
        }

        @Override
        public void respond(int status, Map<String, String> headers, byte[] body) {
            answers.add(status + " " + new String(body, UTF_8));
        }

        @Override
        public Pieces respondInPieces(int status, Map<String, String> headers) {
            throw new IllegalStateException("no page comes in pieces");
        }

        @Override
        public void onClosed(Runnable action) {}
    }

    private Router pages(String metrics) {
        Router router = new Router(List.of(), List.of());
        InfoPages.addTo(
                router,
                () -> {
                    if (metrics.isEmpty()) {
                        throw new IllegalStateException("the database is closed");
                    }
                    return metrics;
                },
                () -> "3.6.0",
                task -> {
                    if (work.size() == 2) {
                        throw new RejectedExecutionException("full");
                    }
                    work.add(task);
                });
        return router;
    }

    @Test
    void metricsAreMadeByAWorkerAndOtherPagesDoNotWaitForThem() {
        Router router = pages("up 1\n");
        router.handle(new Noted("GET", "/metrics"));
        assertEquals(List.of(), answers, "not by the thread that reads the network");
        router.handle(new Noted("GET", "/version"));
        assertEquals(1, answers.size());
        work.forEach(Runnable::run);
        assertEquals("200 up 1\n", answers.getLast());
    }

    @Test
    void whoAsksForMetricsWhenTooManyDoIsTurnedAway() {
        Router router = pages("up 1\n");
        for (int i = 0; i < 3; i++) {
            router.handle(new Noted("GET", "/metrics"));
        }
        assertEquals(List.of("503 too many ask for the metrics\n"), answers);
        router.handle(new Noted("POST", "/metrics"));
        assertEquals("405 Method Not Allowed\n", answers.getLast());
    }

    @Test
    void metricsThatFailAreAnswered() {
        pages("").handle(new Noted("HEAD", "/metrics"));
        work.forEach(Runnable::run);
        assertEquals(List.of("500 the metrics cannot be told\n"), answers);
    }
}
