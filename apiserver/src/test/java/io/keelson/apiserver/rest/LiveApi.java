package io.keelson.apiserver.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.certs.RemoteServer;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.server.ApiServer;
import io.keelson.apiserver.server.ApiServerConfig;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** A server, started once for all tests, and its administrator. Tests keep apart by namespaces of their own. */
final class LiveApi implements AutoCloseable {
    private static final AtomicInteger NAMESPACES = new AtomicInteger();

    private final ApiServer server;
    private final HttpClient client;
    private final HttpClient stranger;

    /** What came back. */
    record Answer(int code, ObjectNode body, HttpResponse<byte[]> response) {
        String message() {
            return body.path("message").asText();
        }

        String reason() {
            return body.path("reason").asText();
        }

        JsonNode at(String pointer) {
            return body.at(pointer);
        }

        String text(String pointer) {
            return body.at(pointer).asText();
        }

        String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }

        Answer succeeded() {
            if (code >= 300) {
                throw new AssertionError(code + " " + body);
            }
            return this;
        }
    }

    /** Hands the server to the tests. */
    static final class Extension implements ParameterResolver {
        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == LiveApi.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return context.getStore(ExtensionContext.StoreScope.LAUNCHER_SESSION, ExtensionContext.Namespace.GLOBAL)
                    .computeIfAbsent(LiveApi.class, _ -> start(), LiveApi.class);
        }
    }

    private LiveApi(ApiServer server, HttpClient client, HttpClient stranger) {
        this.server = server;
        this.client = client;
        this.stranger = stranger;
    }

    private static LiveApi start() {
        try {
            ApiServer server = ApiServer.start(ApiServerConfig.ephemeral());
            var known = server.kubeconfig().current(Path.of("."));
            HttpClient admin = HttpClient.newBuilder().sslContext(known.tls()).build();
            var unknown = new RemoteServer(known.url(), known.authorities(), null, "", "", "", false);
            HttpClient stranger =
                    HttpClient.newBuilder().sslContext(unknown.tls()).build();
            return new LiveApi(server, admin, stranger);
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A new namespace. */
    String namespace() {
        String name = "test-" + NAMESPACES.incrementAndGet();
        post("/api/v1/namespaces", "{'metadata': {'name': '" + name + "'}}").succeeded();
        return name;
    }

    Answer get(String path) {
        return send("GET", path, "", "", "");
    }

    /** As {@code kubectl get} asks for it. */
    Answer table(String path) {
        return send(
                HttpRequest.newBuilder(URI.create(server.url() + path))
                        .header("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"),
                path,
                client);
    }

    /** The body of an answer in some format, which must be one of success. */
    byte[] bytes(String path, String accept) {
        try (InputStream body = stream(path, accept)) {
            return body.readAllBytes();
        } catch (IOException e) {
            throw new IllegalStateException(path, e);
        }
    }

    /** As {@link #bytes}, as it comes; ends when it is closed. */
    InputStream stream(String path, String accept) {
        try {
            HttpRequest request = HttpRequest.newBuilder(URI.create(server.url() + path))
                    .header("Accept", accept)
                    .build();
            HttpResponse<InputStream> response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
            if (response.statusCode() != 200) {
                throw new AssertionError(path + ": " + response.statusCode() + " "
                        + new String(response.body().readAllBytes(), StandardCharsets.UTF_8));
            }
            return response.body();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(path, e);
        }
    }

    /** @param json with single quotes, which read better */
    Answer post(String path, String json) {
        return send("POST", path, "application/json", json, "");
    }

    Answer put(String path, JsonNode object) {
        return send("PUT", path, "application/json", object.toString(), "");
    }

    Answer merge(String path, String json) {
        return send("PATCH", path, "application/merge-patch+json", json, "");
    }

    Answer strategic(String path, String json) {
        return send("PATCH", path, "application/strategic-merge-patch+json", json, "");
    }

    Answer apply(String path, String manager, String json) {
        return send("PATCH", path + "?fieldManager=" + manager, "application/apply-patch+yaml", json, "");
    }

    Answer delete(String path) {
        return send("DELETE", path, "", "", "");
    }

    /** Sends what has no method of its own here. */
    Answer send(String method, String path, String type, String json) {
        return send(method, path, type, json, "");
    }

    /** Sends in the name of somebody else, who may do what roles allow that user. */
    Answer sendAs(String user, String method, String path, String type, String json) {
        return send(request(method, path, type, json).header("Impersonate-User", user), path, client);
    }

    /** Patches in the name of a service account, as its token tells that is bound to a pod on this node. */
    Answer mergeFromNode(String account, String node, String path, String json) {
        return send(
                request("PATCH", path, "application/merge-patch+json", json)
                        .header("Impersonate-User", account)
                        .header("Impersonate-Extra-authentication.kubernetes.io%2Fnode-name", node),
                path,
                client);
    }

    /** All that is sent by a watch that ends by itself. */
    List<JsonNode> events(String path, String accept) {
        return lines(HttpRequest.newBuilder(URI.create(server.url() + path)).header("Accept", accept), path);
    }

    /** As {@link #events}, for somebody else. */
    List<JsonNode> eventsFor(String user, String path) {
        return lines(request("GET", path, "", "").header("Impersonate-User", user), path);
    }

    /** Reads as the agent of a node. */
    Answer getAsNode(String node, String path) {
        return send(asNode(node, path), path, client);
    }

    /** As {@link #events}, for the agent of a node. */
    List<JsonNode> eventsForNode(String node, String path) {
        return lines(asNode(node, path), path);
    }

    private HttpRequest.Builder asNode(String node, String path) {
        return request("GET", path, "", "")
                .header("Impersonate-User", "system:node:" + node)
                .header("Impersonate-Group", "system:nodes");
    }

    private List<JsonNode> lines(HttpRequest.Builder request, String path) {
        try {
            HttpResponse<Stream<String>> response = client.send(request.build(), HttpResponse.BodyHandlers.ofLines());
            try (Stream<String> lines = response.body()) {
                List<JsonNode> all = lines.<JsonNode>map(
                                line -> Json.parseObject(line.getBytes(StandardCharsets.UTF_8)))
                        .toList();
                if (response.statusCode() != 200) {
                    throw new AssertionError(path + ": " + response.statusCode() + " " + all);
                }
                return all;
            }
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(path, e);
        }
    }

    /** Posts as the bearer of a token. */
    Answer postAs(String token, String path, String json) {
        return send("POST", path, "application/json", json, token);
    }

    private HttpRequest.Builder request(String method, String path, String type, String json) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.url() + path))
                .timeout(Duration.ofSeconds(30))
                .method(
                        method,
                        json.isEmpty()
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(json.replace('\'', '"')));
        return type.isEmpty() ? request : request.header("Content-Type", type);
    }

    private Answer send(String method, String path, String type, String json, String token) {
        HttpRequest.Builder request = request(method, path, type, json);
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        return send(request, path, token.isEmpty() ? client : stranger);
    }

    private static Answer send(HttpRequest.Builder request, String path, HttpClient from) {
        try {
            HttpResponse<byte[]> response = from.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
            return new Answer(response.statusCode(), Json.parseObject(response.body()), response);
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(path, e);
        }
    }

    @Override
    public void close() {
        client.close();
        stranger.close();
        server.close();
    }
}
