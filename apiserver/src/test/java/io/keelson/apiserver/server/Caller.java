package io.keelson.apiserver.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.certs.Credential;
import io.keelson.apiserver.certs.RemoteServer;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.MalformedException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Somebody who calls a server: with a certificate or without, and with whatever headers. */
final class Caller implements AutoCloseable {
    private final String url;
    private final HttpClient client;

    /** What came back; an empty object if it was no JSON. */
    record Answer(int code, ObjectNode body, String text, List<String> warnings) {
        String at(String pointer) {
            return body.at(pointer).asText();
        }

        Answer succeeded() {
            if (code >= 300) {
                throw new AssertionError(code + " " + text);
            }
            return this;
        }
    }

    private Caller(ApiServer server, @Nullable Credential shown) throws IOException {
        this(as(server.kubeconfig().current(Path.of(".")), shown));
    }

    private Caller(RemoteServer remote) throws IOException {
        this.url = remote.url();
        this.client = HttpClient.newBuilder()
                .sslContext(remote.tls())
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(10))
                .build();
    }

    private static RemoteServer as(RemoteServer own, @Nullable Credential shown) {
        return new RemoteServer(own.url(), own.authorities(), shown, "", "", "", false);
    }

    /** Who reaches a server in its own way. */
    static Caller of(RemoteServer remote) throws IOException {
        return new Caller(remote);
    }

    static Caller admin(ApiServer server) throws IOException {
        return new Caller(server, server.kubeconfig().current(Path.of(".")).client());
    }

    static Caller showing(ApiServer server, Credential credential) throws IOException {
        return new Caller(server, credential);
    }

    static Caller stranger(ApiServer server) throws IOException {
        return new Caller(server, null);
    }

    private HttpRequest request(String method, String path, String body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + path))
                .timeout(Duration.ofSeconds(30))
                .method(
                        method,
                        body.isEmpty()
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(body));
        if (!body.isEmpty() && !String.join(" ", headers).contains("Content-Type")) {
            request.header("Content-Type", "application/json");
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        return request.build();
    }

    /** @param headers names and values in turn */
    Answer call(String method, String path, String body, String... headers) throws IOException, InterruptedException {
        HttpResponse<byte[]> response =
                client.send(request(method, path, body, headers), HttpResponse.BodyHandlers.ofByteArray());
        String text = new String(response.body(), StandardCharsets.UTF_8);
        ObjectNode tree;
        try {
            tree = Json.parseObject(response.body());
        } catch (MalformedException e) {
            tree = Json.object();
        }
        return new Answer(response.statusCode(), tree, text, response.headers().allValues("Warning"));
    }

    /** The body of an answer that is no JSON; the answer has to be a good one. */
    byte[] bytes(String path, String accept) throws IOException, InterruptedException {
        HttpResponse<byte[]> response =
                client.send(request("GET", path, "", "Accept", accept), HttpResponse.BodyHandlers.ofByteArray());
        if (response.statusCode() != 200) {
            throw new AssertionError(response.statusCode() + " " + new String(response.body(), StandardCharsets.UTF_8));
        }
        return response.body();
    }

    Answer get(String path, String... headers) throws IOException, InterruptedException {
        return call("GET", path, "", headers);
    }

    Answer post(String path, String body, String... headers) throws IOException, InterruptedException {
        return call("POST", path, body, headers);
    }

    /** Who the server takes this one for: a UserInfo; or the refusal. */
    Answer whoAmI(String... headers) throws IOException, InterruptedException {
        return post(
                "/apis/authentication.k8s.io/v1/selfsubjectreviews",
                "{\"apiVersion\":\"authentication.k8s.io/v1\",\"kind\":\"SelfSubjectReview\"}",
                headers);
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
