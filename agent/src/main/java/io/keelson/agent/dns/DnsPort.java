package io.keelson.agent.dns;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.keelson.controllers.manager.PortLimits;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;

/** A port of the DNS for those who look after it: {@code /health}, {@code /ready} and {@code /metrics}, as CoreDNS has them. */
final class DnsPort implements AutoCloseable {
    private static final int CONNECTIONS_WAITING = 64;

    private final HttpServer server;
    private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
    private final BooleanSupplier isReady;
    private final PrometheusRegistry metrics;

    /**
     * Listens.
     *
     * @param isReady whether questions are answered
     * @throws IOException if the address is taken or is none of this machine's
     */
    DnsPort(InetSocketAddress address, BooleanSupplier isReady, PrometheusRegistry metrics) throws IOException {
        this.isReady = isReady;
        this.metrics = metrics;
        PortLimits.set();
        try {
            server = HttpServer.create(address, CONNECTIONS_WAITING);
        } catch (IOException e) {
            workers.close();
            throw new IOException("cannot listen on " + address + ": " + e.getMessage(), e);
        }
        server.setExecutor(workers);
        server.createContext("/", this::answer);
        server.start();
    }

    /** The port it listens on. */
    int port() {
        return server.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            switch (path == null ? "" : path) {
                case "/health" -> send(exchange, 200, "OK");
                case "/ready" -> {
                    boolean ready = isReady.getAsBoolean();
                    // What is not ready is told by the name that CoreDNS has for it.
                    send(exchange, ready ? 200 : 503, ready ? "OK" : "kubernetes");
                }
                case "/metrics" -> {
                    ByteArrayOutputStream text = new ByteArrayOutputStream();
                    PrometheusTextFormatWriter writer = PrometheusTextFormatWriter.create();
                    writer.write(text, metrics.scrape());
                    exchange.getResponseHeaders().set("Content-Type", writer.getContentType());
                    send(exchange, 200, text.toByteArray());
                }
                default -> send(exchange, 404, "404 page not found\n");
            }
        }
    }

    private static void send(HttpExchange exchange, int status, String text) throws IOException {
        send(exchange, status, text.getBytes(StandardCharsets.UTF_8));
    }

    private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
        boolean withBody = !exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, withBody ? body.length : -1);
        if (withBody) {
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        workers.shutdownNow();
    }
}
