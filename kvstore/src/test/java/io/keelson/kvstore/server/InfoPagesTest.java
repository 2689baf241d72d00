package io.keelson.kvstore.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.keelson.kvstore.gateway.PageRequest;
import io.keelson.kvstore.gateway.Router;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class InfoPagesTest {
    private final List<Runnable> work = new ArrayList<>();
    private final List<String> answers = new ArrayList<>();

    private void ask(Router router, String method, String path) {
        router.handle(new PageRequest(method, path, Map.of(), answers));
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
        ask(router, "GET", "/metrics");
        assertEquals(List.of(), answers, "not by the thread that reads the network");
        ask(router, "GET", "/version");
        assertEquals(1, answers.size());
        work.forEach(Runnable::run);
        assertEquals("200 up 1\n", answers.getLast());
    }

    @Test
    void whoAsksForMetricsWhenTooManyDoIsTurnedAway() {
        Router router = pages("up 1\n");
        for (int i = 0; i < 3; i++) {
            ask(router, "GET", "/metrics");
        }
        assertEquals(List.of("503 too many ask for the metrics\n"), answers);
        ask(router, "POST", "/metrics");
        assertEquals("405 Method Not Allowed\n", answers.getLast());
    }

    @Test
    void metricsThatFailAreAnswered() {
        ask(pages(""), "HEAD", "/metrics");
        work.forEach(Runnable::run);
        assertEquals(List.of("500 the metrics cannot be told\n"), answers);
    }
}
