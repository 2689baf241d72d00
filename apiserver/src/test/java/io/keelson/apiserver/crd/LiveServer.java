package io.keelson.apiserver.crd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.server.ApiServer;
import io.keelson.apiserver.server.ApiServerConfig;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** A server, started once for all tests here, and its administrator. Tests keep apart by groups of their own. */
final class LiveServer implements AutoCloseable {
    static final String DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

    private static final AtomicInteger GROUPS = new AtomicInteger();
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final ApiServer server;
    private final HttpClient client;

    /** What came back. */
    record Answer(int code, JsonNode body, HttpResponse<byte[]> response) {
        String message() {
            return body.path("message").asText();
        }

        JsonNode at(String pointer) {
            return body.at(pointer);
        }

        String text(String pointer) {
            return body.at(pointer).asText();
        }

        Answer succeeded() {
            if (code >= 300) {
                throw new AssertionError(code + " " + body);
            }
            return this;
        }

        ObjectNode object() {
            return (ObjectNode) succeeded().body;
        }
    }

    /** Hands the server to the tests. */
    static final class Extension implements ParameterResolver {
        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == LiveServer.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return context.getStore(ExtensionContext.StoreScope.LAUNCHER_SESSION, ExtensionContext.Namespace.GLOBAL)
                    .computeIfAbsent(
                            LiveServer.class, _ -> new LiveServer(ApiServerConfig.ephemeral()), LiveServer.class);
        }
    }

    LiveServer(ApiServerConfig config) {
        try {
            server = ApiServer.start(config);
            client = HttpClient.newBuilder()
                    .sslContext(server.kubeconfig().current(Path.of(".")).tls())
                    .build();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A group that no other test has. */
    static String group() {
        return "group" + GROUPS.incrementAndGet() + ".example.com";
    }

    ApiServer server() {
        return server;
    }

    Answer get(String path) {
        return send("GET", path, "", "");
    }

    Answer table(String path) {
        return send(
                HttpRequest.newBuilder(URI.create(server.url() + path))
                        .header("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"),
                path);
    }

    /** @param json with single quotes, which read better */
    Answer post(String path, String json) {
        return send("POST", path, "application/json", json);
    }

    Answer create(String path, ObjectNode object) {
        return send("POST", path, "application/json", object.toString());
    }

    /** What a watch that has begun is told, line by line, until it ends. */
    Stream<String> watch(String path) throws IOException, InterruptedException {
        return client.send(
                        HttpRequest.newBuilder(URI.create(server.url() + path + "?watch=1&timeoutSeconds=120"))
                                .build(),
                        HttpResponse.BodyHandlers.ofLines())
                .body();
    }

    Answer put(String path, JsonNode object) {
        return send("PUT", path, "application/json", object.toString());
    }

    Answer merge(String path, String json) {
        return send("PATCH", path, "application/merge-patch+json", json);
    }

    Answer patch(String path, String type, String json) {
        return send("PATCH", path, type, json);
    }

    Answer apply(String path, String manager, String json) {
        return send("PATCH", path + "?fieldManager=" + manager, "application/apply-patch+yaml", json);
    }

    Answer delete(String path) {
        return send("DELETE", path, "", "");
    }

    /** Asks until the answer is as it should be, which it must be within twenty seconds. */
    Answer await(String path, Predicate<Answer> fine) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            Answer answer = get(path);
            if (fine.test(answer)) {
                return answer;
            }
            if (System.nanoTime() > deadline) {
                throw new AssertionError(path + ": " + answer.code() + " " + answer.body());
            }
        }
    }

    /** Makes a definition and waits until it is established. */
    ObjectNode define(String json) {
        ObjectNode made = post(DEFINITIONS, json).object();
        String path = DEFINITIONS + "/" + made.at("/metadata/name").asText();
        return (ObjectNode) await(
                        path, answer -> condition(answer.body(), "Established").equals("True"))
                .body();
    }

    /** The status of a condition; empty if there is none. */
    static String condition(JsonNode object, String type) {
        for (JsonNode condition : object.at("/status/conditions")) {
            if (condition.path("type").asText().equals(type)) {
                return condition.path("status").asText();
            }
        }
        return "";
    }

    static JsonNode conditionOf(JsonNode object, String type) {
        for (JsonNode condition : object.at("/status/conditions")) {
            if (condition.path("type").asText().equals(type)) {
                return condition;
            }
        }
        throw new AssertionError("no condition " + type + ": " + object);
    }

    private Answer send(String method, String path, String type, String json) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.url() + path))
                .timeout(Duration.ofSeconds(60))
                .method(
                        method,
                        json.isEmpty()
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(
                                        type.contains("yaml") || !json.contains("'") ? json : json.replace('\'', '"')));
        if (!type.isEmpty()) {
            request.header("Content-Type", type);
        }
        return send(request, path);
    }

    private Answer send(HttpRequest.Builder request, String path) {
        try {
            HttpResponse<byte[]> response = client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
            return new Answer(response.statusCode(), Json.parse(response.body()), response);
        } catch (IOException | InterruptedException | MalformedException e) {
            throw new IllegalStateException(path, e);
        }
    }

    @Override
    public void close() {
        client.close();
        server.close();
    }
}
