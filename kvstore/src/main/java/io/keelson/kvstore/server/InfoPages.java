package io.keelson.kvstore.server;

import io.keelson.kvstore.gateway.HttpExchange;
import io.keelson.kvstore.gateway.Router;
import io.keelson.kvstore.membership.Version;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code /version} and {@code /metrics}. */
final class InfoPages {
    private static final Logger log = LoggerFactory.getLogger(InfoPages.class);
    private static final Map<String, String> TEXT = Map.of("content-type", "text/plain; charset=utf-8");

    private InfoPages() {}

    /**
     * Adds them.
     *
     * @param metrics makes the text of the metrics, which takes its time
     * @param workers make it; bounded, who is rejected is answered with 503
     */
    static void addTo(
            Router router, Supplier<String> metrics, Supplier<@Nullable String> clusterVersion, Executor workers) {
        router.at("/version", exchange -> {
            if (!readable(exchange)) {
                return;
            }
            String cluster = clusterVersion.get();
            respond(
                    exchange,
                    "application/json",
                    "{\"etcdserver\":\"" + Version.ETCD + "\",\"etcdcluster\":\""
                            + (cluster == null ? "not_decided" : cluster) + "\",\"storage\":\""
                            + (cluster == null ? "unknown" : cluster) + "\",\"keelson\":\""
                            + ownVersion() + "\"}");
        });
        router.at("/metrics", exchange -> {
            if (!readable(exchange)) {
                return;
            }
            try {
                workers.execute(() -> respondMetrics(exchange, metrics));
            } catch (RejectedExecutionException e) {
                exchange.respond(503, TEXT, "too many ask for the metrics\n".getBytes(StandardCharsets.UTF_8));
            }
        });
    }

    private static String ownVersion() {
        String own = InfoPages.class.getPackage().getImplementationVersion();
        return own == null ? "development" : own;
    }

    private static void respondMetrics(HttpExchange exchange, Supplier<String> metrics) {
        String text;
        try {
            text = metrics.get();
        } catch (RuntimeException e) {
            log.warn("the metrics cannot be told", e);
            exchange.respond(500, TEXT, "the metrics cannot be told\n".getBytes(StandardCharsets.UTF_8));
            return;
        }
        respond(exchange, "text/plain; version=0.0.4; charset=utf-8", text);
    }

    /** Whether the method is one that reads; if not, that is answered. */
    private static boolean readable(HttpExchange exchange) {
        if (exchange.method().equals("GET") || exchange.method().equals("HEAD")) {
            return true;
        }
        exchange.respond(
                405,
                Map.of("content-type", "text/plain; charset=utf-8", "allow", "GET"),
                "Method Not Allowed\n".getBytes(StandardCharsets.UTF_8));
        return false;
    }

    private static void respond(HttpExchange exchange, String type, String text) {
        exchange.respond(200, Map.of("content-type", type), text.getBytes(StandardCharsets.UTF_8));
    }
}
