package io.keelson.controllers.manager;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTPS port of a component: {@code /healthz}, {@code /livez} and {@code /readyz}, for everybody unless a flag says
 * otherwise, and {@code /metrics} for whom the API server lets read it.
 */
final class SecurePort implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SecurePort.class);
    private static final int CONNECTIONS_WAITING = 64;

    private final HttpsServer server;
    private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
    private final PrometheusRegistry metrics;
    private final DelegatedAccess access;
    private final Map<String, BooleanSupplier> checks;
    private final @Nullable ClientCertificates clients;

    /**
     * Listens.
     *
     * @param address where; port 0 takes one that is free
     * @param checks what has to be so for the process to be healthy, by name
     * @throws IOException if the address is taken or is none of this machine's
     */
    SecurePort(
            InetSocketAddress address,
            PortSettings settings,
            DelegatedAccess access,
            PrometheusRegistry metrics,
            Map<String, BooleanSupplier> checks)
            throws IOException {
        this.metrics = metrics;
        this.access = access;
        this.checks = new LinkedHashMap<>(checks);
        clients = settings.clients();
        PortLimits.set();
        server = HttpsServer.create(address, CONNECTIONS_WAITING);
        server.setHttpsConfigurator(new HttpsConfigurator(settings.tls()) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters chosen = getSSLContext().getDefaultSSLParameters();
                chosen.setProtocols(settings.protocols().toArray(String[]::new));
                if (!settings.cipherSuites().isEmpty()) {
                    chosen.setCipherSuites(settings.cipherSuites().toArray(String[]::new));
                }
                chosen.setWantClientAuth(settings.clients() != null);
                parameters.setSSLParameters(chosen);
            }
        });
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
            if (!exchange.getRequestMethod().equals("GET")) {
                send(exchange, 405, "only GET is answered here\n");
                return;
            }
            boolean isHealth = path.equals("/healthz") || path.equals("/livez") || path.equals("/readyz");
            if (!isHealth && !path.equals("/metrics")) {
                send(exchange, 404, "404 page not found\n");
                return;
            }
            switch (answer(exchange, path)) {
                case UNKNOWN -> send(exchange, 401, "Unauthorized\n");
                case REFUSED -> send(exchange, 403, "Forbidden\n");
                case ALLOWED -> {
                    if (isHealth) {
                        health(exchange, path.substring(1));
                    } else {
                        metrics(exchange);
                    }
                }
            }
        } catch (RuntimeException e) {
            LOG.warn("{}: {}", exchange.getRequestURI(), e.getMessage(), e);
        }
    }

    private void health(HttpExchange exchange, String name) throws IOException {
        StringBuilder lines = new StringBuilder();
        boolean well = true;
        for (Map.Entry<String, BooleanSupplier> check : checks.entrySet()) {
            boolean passed = check.getValue().getAsBoolean();
            well &= passed;
            lines.append(passed ? "[+]" : "[-]")
                    .append(check.getKey())
                    .append(passed ? " ok\n" : " failed: reason withheld\n");
        }
        String query = exchange.getRequestURI().getQuery();
        if (!well) {
            send(exchange, 500, lines + name + " check failed\n");
        } else if (query != null && query.contains("verbose")) {
            send(exchange, 200, lines + name + " check passed\n");
        } else {
            send(exchange, 200, "ok");
        }
    }

    private DelegatedAccess.Answer answer(HttpExchange exchange, String path) {
        if (access.isOpen(path)) {
            return DelegatedAccess.Answer.ALLOWED;
        }
        if (clients != null && exchange instanceof HttpsExchange secure) {
            Optional<ClientCertificates.User> user = clients.user(secure.getSSLSession());
            if (user.isPresent()) {
                return access.mayGet(user.get(), path);
            }
        }
        return access.mayGet(bearer(exchange), path);
    }

    private void metrics(HttpExchange exchange) throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        PrometheusTextFormatWriter.create().write(text, metrics.scrape());
        exchange.getResponseHeaders().set("Content-Type", PrometheusTextFormatWriter.CONTENT_TYPE);
        exchange.sendResponseHeaders(200, text.size());
        text.writeTo(exchange.getResponseBody());
    }

    private static @Nullable String bearer(HttpExchange exchange) {
        String header = exchange.getRequestHeaders().getFirst("Authorization");
        return header != null && header.startsWith("Bearer ")
                ? header.substring("Bearer ".length()).strip()
                : null;
    }

    private static void send(HttpExchange exchange, int status, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
        exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    /** Stops listening, and ends what is being answered. */
    @Override
    public void close() {
        server.stop(0);
        workers.shutdownNow();
    }
}
