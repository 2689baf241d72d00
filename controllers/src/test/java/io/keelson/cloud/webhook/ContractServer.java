package io.keelson.cloud.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * A cloud as somebody else would write it: knows the description, and nothing of Keelson. It answers with the examples
 * that stand there, and notes whatever a request has that the description does not.
 */
final class ContractServer implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpServer server;
    private final Description description = Description.read();
    final List<String> problems = new CopyOnWriteArrayList<>();
    final Set<String> asked = ConcurrentHashMap.newKeySet();
    final List<String> requests = new CopyOnWriteArrayList<>();
    final List<@Nullable String> tokens = new CopyOnWriteArrayList<>();
    /** What is there, by its path: what was put and not deleted. */
    final Map<String, JsonNode> things = new ConcurrentHashMap<>();

    /** If there is one, it answers instead. */
    volatile @Nullable Answerer instead;

    /** Answers in another way. */
    @FunctionalInterface
    interface Answerer {
        /** Whether it has answered. */
        boolean answer(HttpExchange exchange) throws IOException;
    }

    ContractServer() throws IOException {
        this(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16));
    }

    ContractServer(HttpServer server) throws IOException {
        this.server = server;
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::handle);
        server.start();
    }

    URI url(String scheme) {
        return URI.create(scheme + "://localhost:" + server.getAddress().getPort() + "/base");
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String method = exchange.getRequestMethod();
            URI uri = exchange.getRequestURI();
            requests.add(method + ' ' + uri);
            tokens.add(exchange.getRequestHeaders().getFirst("Authorization"));
            byte[] body = exchange.getRequestBody().readAllBytes();
            Answerer other = instead;
            if (other != null && other.answer(exchange)) {
                return;
            }
            List<String> found = new ArrayList<>();
            String path = uri.getRawPath().substring("/base".length());
            Description.Operation operation = description.operation(method, path, uri.getRawQuery(), found);
            if (operation == null) {
                problems.add("there is no " + method + ' ' + uri);
                send(exchange, 500, null);
                return;
            }
            asked.add(operation.id());
            JsonNode schema = description.requestSchema(operation);
            JsonNode sent = body.length == 0 ? null : JSON.readTree(body);
            if (schema != null && sent != null) {
                description.check(schema, sent, operation.id(), found);
            } else if ((schema == null) != (sent == null)) {
                found.add(operation.id() + " has a body, or has none, other than described");
            }
            problems.addAll(found);
            answer(exchange, operation, path, sent);
        }
    }

    private void answer(HttpExchange exchange, Description.Operation operation, String path, @Nullable JsonNode sent)
            throws IOException {
        int status = switch (operation.id()) {
            case "findInstance" -> exchange.getRequestURI().getRawQuery().contains("gone") ? 404 : 200;
            case "findLoadBalancer" -> things.containsKey(path) ? 200 : 404;
            case "ensureLoadBalancer" -> {
                things.put(path, sent == null ? JSON.nullNode() : sent);
                yield 200;
            }
            case "deleteLoadBalancer" -> things.remove(path) == null ? 404 : 204;
            case "updateLoadBalancer", "deleteRoute" -> {
                things.put(path, sent == null ? JSON.nullNode() : sent);
                yield 204;
            }
            case "createRoute" -> 201;
            default -> 200;
        };
        if (!description.hasStatus(operation, status)) {
            problems.add(operation.id() + " has no status " + status);
        }
        send(exchange, status, description.example(operation, status));
    }

    static void send(HttpExchange exchange, int status, @Nullable JsonNode body) throws IOException {
        if (body == null) {
            exchange.sendResponseHeaders(status, -1);
            return;
        }
        byte[] bytes = body.toString().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
