package io.keelson.kvstore.server;

import io.keelson.kvstore.gateway.HttpExchange;
import io.keelson.kvstore.gateway.Router;
import io.keelson.kvstore.membership.Version;
import io.keelson.kvstore.metrics.Metrics;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** {@code /version} and {@code /metrics}. */
final class InfoPages {
    private InfoPages() {}

    static void addTo(Router router, Metrics metrics, Supplier<@Nullable String> clusterVersion) {
        router.at("/version", exchange -> {
            String cluster = clusterVersion.get();
            respond(
                    exchange,
                    "application/json",
                    "{\"etcdserver\":\"" + Version.ETCD + "\",\"etcdcluster\":\""
                            + (cluster == null ? "not_decided" : cluster) + "\",\"storage\":\""
                            + Version.ETCD.ofCluster() + "\",\"keelson\":\""
                            + ownVersion() + "\"}");
        });
        router.at(
                "/metrics", exchange -> respond(exchange, "text/plain; version=0.0.4; charset=utf-8", metrics.text()));
    }

    private static String ownVersion() {
        String own = InfoPages.class.getPackage().getImplementationVersion();
        return own == null ? "development" : own;
    }

    private static void respond(HttpExchange exchange, String type, String text) {
        if (!exchange.method().equals("GET") && !exchange.method().equals("HEAD")) {
            exchange.respond(
                    405,
                    Map.of("content-type", "text/plain; charset=utf-8", "allow", "GET"),
                    "Method Not Allowed\n".getBytes(StandardCharsets.UTF_8));
            return;
        }
        exchange.respond(200, Map.of("content-type", type), text.getBytes(StandardCharsets.UTF_8));
    }
}
