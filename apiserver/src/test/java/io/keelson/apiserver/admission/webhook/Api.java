package io.keelson.apiserver.admission.webhook;

import com.fasterxml.jackson.databind.JsonNode;
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
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** A running server and its administrator. */
public final class Api implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final ApiServer server;
    private final HttpClient client;

    /** What came back. */
    public record Answer(int code, JsonNode body, List<String> warnings) {
        public String message() {
            return body.path("message").asText();
        }

        public String text(String pointer) {
            return body.at(pointer).asText();
        }

        public Answer succeeded() {
            if (code >= 300) {
                throw new AssertionError(code + " " + body);
            }
            return this;
        }
    }

    public Api() {
        try {
            server = ApiServer.start(ApiServerConfig.ephemeral());
            client = HttpClient.newBuilder()
                    .sslContext(server.kubeconfig().current(Path.of(".")).tls())
                    .build();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    public ApiServer server() {
        return server;
    }

    public Answer get(String path) {
        return send("GET", path, "", "");
    }

    public Answer delete(String path) {
        return send("DELETE", path, "", "");
    }

    /** @param json with single quotes, which read better */
    public Answer post(String path, String json) {
        return send("POST", path, "application/json", json);
    }

    public Answer merge(String path, String json) {
        return send("PATCH", path, "application/merge-patch+json", json);
    }

    /** Creates an object written in YAML, in which texts stand in double quotes. */
    public Answer yaml(String path, String yaml) {
        return send("POST", path, "application/yaml", yaml);
    }

    private Answer send(String method, String path, String type, String json) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.url() + path))
                .timeout(PATIENCE)
                .method(method, HttpRequest.BodyPublishers.ofString(json.replace('\'', '"')));
        if (!type.isEmpty()) {
            request.header("Content-Type", type);
        }
        try {
            HttpResponse<byte[]> response = client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
            return new Answer(
                    response.statusCode(),
                    Json.parse(response.body()),
                    response.headers().allValues("Warning"));
        } catch (IOException | InterruptedException | MalformedException e) {
            throw new IllegalStateException(path, e);
        }
    }

    /** What the server counts under a name and labels, as they stand in {@code /metrics}; 0 if that is not there. */
    public int counted(String line) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(server.url() + "/metrics"))
                .timeout(PATIENCE)
                .build();
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofString())
                    .body()
                    .lines()
                    .filter(one -> one.startsWith(line + " "))
                    .mapToInt(one -> Integer.parseInt(one.substring(line.length() + 1)))
                    .sum();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Tries until the answer is as it should be: configurations take effect a moment after they are made. */
    public static Answer until(Supplier<Answer> attempt, Predicate<Answer> fine) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            Answer answer = attempt.get();
            if (fine.test(answer)) {
                return answer;
            }
            if (System.nanoTime() > deadline) {
                throw new AssertionError(answer.toString());
            }
        }
    }

    @Override
    public void close() {
        client.close();
        server.close();
    }
}
