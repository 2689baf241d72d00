package io.keelson.proxy.health;

import com.sun.net.httpserver.HttpExchange;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;

/** Shows metrics at {@code /metrics}, how packets are forwarded at {@code /proxyMode}, and the configuration at {@code /configz}. */
public final class MetricsPort implements AutoCloseable {
    private static final String TEXT = "text/plain; charset=utf-8";

    private final PrometheusRegistry metrics;
    private final Supplier<String> mode;
    private final Supplier<String> configuration;
    private final PlainPort port;

    /**
     * Listens.
     *
     * @param configuration as JSON
     * @throws IOException if it cannot, there
     */
    public MetricsPort(
            InetSocketAddress address,
            PrometheusRegistry metrics,
            Supplier<String> mode,
            Supplier<String> configuration)
            throws IOException {
        this.metrics = metrics;
        this.mode = mode;
        this.configuration = configuration;
        port = new PlainPort(address, this::answer);
    }

    private void answer(HttpExchange exchange) throws IOException {
        switch (PlainPort.path(exchange)) {
            case "/metrics" -> {
                ByteArrayOutputStream text = new ByteArrayOutputStream();
                PrometheusTextFormatWriter.create().write(text, metrics.scrape());
                PlainPort.send(exchange, 200, PrometheusTextFormatWriter.CONTENT_TYPE, text.toByteArray());
            }
            case "/proxyMode" -> PlainPort.send(exchange, 200, TEXT, bytes(mode.get()));
            case "/configz" -> PlainPort.send(exchange, 200, "application/json", bytes(configuration.get()));
            case "/healthz" -> PlainPort.send(exchange, 200, TEXT, bytes("ok"));
            default -> PlainPort.send(exchange, 404, TEXT, bytes("404 page not found\n"));
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        port.close();
    }
}
