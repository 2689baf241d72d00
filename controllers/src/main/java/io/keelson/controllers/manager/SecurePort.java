package io.keelson.controllers.manager;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.OrEmpty;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTPS port of a component: {@code /healthz}, {@code /livez} and {@code /readyz}, each check of these by its name
 * below them, and {@code /metrics}; to whom {@link DelegatedAccess} lets read them.
 */
public final class SecurePort implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SecurePort.class);
    private static final int CONNECTIONS_WAITING = 64;
    private static final String NOT_FOUND = "404 page not found\n";

    private final HttpsServer server;
    private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
    private final PrometheusRegistry metrics;
    private final DelegatedAccess access;
    private final Map<String, BooleanSupplier> checks;

    /**
     * Listens.
     *
     * @param address where; port 0 takes one that is free
     * @param settings how
     * @param access to whom
     * @param checks what has to be so for the process to be healthy, by name
     * @throws IOException if the address is taken or is none of this machine's
     */
    public SecurePort(
            InetSocketAddress address,
            PortSettings settings,
            DelegatedAccess access,
            PrometheusRegistry metrics,
            Map<String, BooleanSupplier> checks)
            throws IOException {
        this.metrics = metrics;
        this.access = access;
        this.checks = new LinkedHashMap<>(checks);
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
                // Whose they are is looked at when something is asked for that not everybody may read.
                chosen.setWantClientAuth(access.asksForCertificates());
                parameters.setSSLParameters(chosen);
            }
        });
        server.setExecutor(workers);
        server.createContext("/", this::answer);
        server.start();
    }

    /**
     * Has what is below a path answered by somebody else, who has to find out himself who asks and whether he may.
     *
     * @param prefix as {@code /apis}
     */
    public void serve(String prefix, HttpHandler handler) {
        var _ = server.createContext(prefix, handler);
    }

    /** The port it listens on. */
    public int port() {
        return server.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            // Of what is no URL of a server there is no path.
            String path = OrEmpty.of(exchange.getRequestURI().getPath());
            String method = exchange.getRequestMethod();
            if (!method.equals("GET") && !method.equals("HEAD")) {
                send(exchange, 405, "only GET is answered here\n");
                return;
            }
            switch (asked(exchange, method, path)) {
                case null -> send(exchange, 500, "Internal Server Error: the API server cannot be asked who may\n");
                case UNKNOWN -> send(exchange, 401, "Unauthorized\n");
                case REFUSED -> send(exchange, 403, "Forbidden\n");
                case ALLOWED -> serve(exchange, path);
            }
        } catch (RuntimeException e) {
            LOG.warn("{}: {}", exchange.getRequestURI(), e.getMessage(), e);
        }
    }

    private DelegatedAccess.@Nullable Answer asked(HttpExchange exchange, String method, String path) {
        try {
            return access.may(
                    method.toLowerCase(Locale.ROOT), path, certificates(exchange), exchange.getRequestHeaders());
        } catch (KubernetesClientException e) {
            LOG.warn("{}: the API server cannot be asked: {}", exchange.getRequestURI(), e.getMessage());
            return null;
        }
    }

    /** What a client has shown; its own certificate comes first. */
    public static List<X509Certificate> certificates(HttpExchange exchange) {
        List<X509Certificate> chain = new ArrayList<>();
        if (exchange instanceof HttpsExchange secure) {
            try {
                for (Certificate certificate : secure.getSSLSession().getPeerCertificates()) {
                    if (certificate instanceof X509Certificate known) {
                        chain.add(known);
                    }
                }
            } catch (SSLPeerUnverifiedException e) {
                // He shows none.
                return List.of();
            }
        }
        return chain;
    }

    private void serve(HttpExchange exchange, String path) throws IOException {
        int end = path.indexOf('/', 1);
        String first = end < 0 ? path : path.substring(0, end);
        switch (first) {
            case "/healthz", "/livez", "/readyz" -> {
                String name = first.substring(1);
                if (end < 0) {
                    health(exchange, name);
                } else {
                    one(exchange, path.substring(end + 1));
                }
            }
            case "/metrics" -> {
                if (end < 0) {
                    metrics(exchange);
                } else {
                    send(exchange, 404, NOT_FOUND);
                }
            }
            default -> send(exchange, 404, NOT_FOUND);
        }
    }

    /** One of the checks, by its name. */
    private void one(HttpExchange exchange, String check) throws IOException {
        BooleanSupplier asked = checks.get(check);
        if (asked == null) {
            send(exchange, 404, NOT_FOUND);
        } else if (asked.getAsBoolean()) {
            send(exchange, 200, "ok");
        } else {
            send(exchange, 500, "internal server error: " + check + " failed\n");
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

    private void metrics(HttpExchange exchange) throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        PrometheusTextFormatWriter.create().write(text, metrics.scrape());
        exchange.getResponseHeaders().set("Content-Type", PrometheusTextFormatWriter.CONTENT_TYPE);
        send(exchange, 200, text.toByteArray());
    }

    private static void send(HttpExchange exchange, int status, String text) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
        exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
        send(exchange, status, text.getBytes(StandardCharsets.UTF_8));
    }

    private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(status, -1);
        } else {
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    /** Stops listening, and ends what is being answered. */
    @Override
    public void close() {
        server.stop(0);
        workers.shutdownNow();
    }
}
