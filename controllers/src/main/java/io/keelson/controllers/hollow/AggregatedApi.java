package io.keelson.controllers.hollow;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.controllers.manager.AggregatedRegistration;
import io.keelson.controllers.manager.PortLimits;
import io.keelson.controllers.manager.ServingCertificate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An HTTPS server that the API server passes the reads of some groups on to: it registers itself by APIServices and a
 * Service that names its host, and takes them back when it is closed. Who may read is for the API server to say, which checks
 * that before it asks here; whoever reaches the port himself is answered too, so what is served must be no secret.
 */
public final class AggregatedApi implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AggregatedApi.class);
    private static final JsonMapper JSON = new JsonMapper();
    private static final int CONNECTIONS_WAITING = 64;
    private static final int QUERY_MAX = 16_384;

    private final AggregatedRegistration registration;
    private final Answers answers;
    private final HttpsServer server;
    private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();

    /** What is served. Any thread. */
    @FunctionalInterface
    public interface Answers {
        /**
         * Answers a GET.
         *
         * @param path begins with {@code /apis/}
         * @param query each parameter with its first value
         * @return JSON; null if there is no such object
         * @throws IllegalArgumentException if it makes no sense; its message is shown
         */
        @Nullable
        String answer(String path, Map<String, String> query);
    }

    /**
     * Listens, on a port that is free; nobody knows yet.
     *
     * @param client which registers it
     * @param host this machine's name or address, as the API server finds it
     * @param name of the Service, in kube-system
     * @param groupVersions {@code metrics.k8s.io/v1beta1}, for example
     * @throws IOException if the host is not this machine
     */
    public AggregatedApi(KubernetesClient client, String host, String name, List<String> groupVersions, Answers answers)
            throws IOException {
        this.answers = answers;
        PortLimits.set();
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getByName(host), 0), CONNECTIONS_WAITING);
        server.setHttpsConfigurator(new HttpsConfigurator(ServingCertificate.selfSigned(name)));
        server.setExecutor(workers);
        server.createContext("/", this::serve);
        server.start();
        registration = new AggregatedRegistration(client, host, port(), name, groupVersions);
    }

    /**
     * Tells the API server to ask here from now on.
     *
     * @throws IllegalStateException if somebody else serves one of the groups
     */
    public void register() {
        registration.register();
    }

    /** The port it listens on. */
    public int port() {
        return server.getAddress().getPort();
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            String query = Objects.requireNonNullElse(exchange.getRequestURI().getRawQuery(), "");
            if (!exchange.getRequestMethod().equals("GET")) {
                status(exchange, 405, "MethodNotAllowed", "only GET is answered here");
            } else if (query.length() > QUERY_MAX) {
                status(exchange, 414, "RequestURITooLong", "the query is longer than " + QUERY_MAX + " characters");
            } else {
                answer(exchange, exchange.getRequestURI().getPath(), parameters(query));
            }
        } catch (RuntimeException e) {
            LOG.warn("{}: {}", exchange.getRequestURI(), e.getMessage(), e);
        }
    }

    private void answer(HttpExchange exchange, String path, Map<String, String> query) throws IOException {
        String found;
        try {
            found = answers.answer(path, query);
        } catch (IllegalArgumentException e) {
            status(exchange, 400, "BadRequest", String.valueOf(e.getMessage()));
            return;
        }
        if (found == null) {
            status(exchange, 404, "NotFound", "the server could not find the requested resource");
        } else {
            send(exchange, 200, found);
        }
    }

    private static Map<String, String> parameters(String query) {
        Map<String, String> parameters = new HashMap<>();
        for (String parameter : query.split("&", -1)) {
            int equals = parameter.indexOf('=');
            if (equals > 0) {
                parameters.putIfAbsent(
                        URLDecoder.decode(parameter.substring(0, equals), StandardCharsets.UTF_8),
                        URLDecoder.decode(parameter.substring(equals + 1), StandardCharsets.UTF_8));
            }
        }
        return parameters;
    }

    private static void status(HttpExchange exchange, int code, String reason, String message) throws IOException {
        send(
                exchange,
                code,
                JSON.createObjectNode()
                        .put("kind", "Status")
                        .put("apiVersion", "v1")
                        .put("status", "Failure")
                        .put("message", message)
                        .put("reason", reason)
                        .put("code", code)
                        .toString());
    }

    private static void send(HttpExchange exchange, int code, String json) throws IOException {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(code, body.length);
        exchange.getResponseBody().write(body);
    }

    /** Takes back what it has registered, as far as the API server can be reached, and listens no more. */
    @Override
    public void close() {
        registration.withdraw();
        server.stop(0);
        workers.shutdownNow();
    }
}
