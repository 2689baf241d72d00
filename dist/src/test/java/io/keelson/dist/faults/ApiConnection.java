package io.keelson.dist.faults;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.certs.Kubeconfig;
import io.keelson.apiserver.certs.RemoteServer;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.MalformedException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Somebody's way to one API server, which may be down; the administrator's, if nobody else is named. It sends what it is told
 * to, once. Any thread.
 */
public final class ApiConnection implements AutoCloseable {
    /**
     * The server itself gives up a request to the store after 30 s, and an answer may take more than one; the rest is for
     * what is done to it meanwhile, and for a slow machine.
     */
    static final Duration ANSWER_MAX = Duration.ofMinutes(3);

    private static final Duration CONNECT_MAX = Duration.ofSeconds(20);

    private final HttpClient http;
    private final String url;
    private final String authorization;

    private ApiConnection(HttpClient http, String url, String authorization) {
        this.http = http;
        this.url = url;
        this.authorization = authorization;
    }

    /** As the one that the kubeconfig is for. */
    public static ApiConnection open(Path kubeconfig, HttpClient.Version version) throws IOException {
        return open(Kubeconfig.readCurrent(kubeconfig), version);
    }

    /** As the one that a token stands for, by the server that the kubeconfig names. */
    public static ApiConnection open(Path kubeconfig, HttpClient.Version version, String token) throws IOException {
        RemoteServer server = Kubeconfig.readCurrent(kubeconfig);
        return open(new RemoteServer(server.url(), server.authorities(), null, token, "", "", false), version);
    }

    private static ApiConnection open(RemoteServer server, HttpClient.Version version) throws IOException {
        HttpClient http = HttpClient.newBuilder()
                .sslContext(server.tls())
                .version(version)
                .connectTimeout(CONNECT_MAX)
                .build();
        return new ApiConnection(http, server.url(), server.authorization());
    }

    /**
     * An answer.
     *
     * @param body an object of the API: what was asked for, or a Status
     */
    public record Answer(int code, ObjectNode body) {
        public boolean successful() {
            return code / 100 == 2;
        }

        String reason() {
            return body.path("reason").asText();
        }

        /** Code, reason and message. */
        public String why() {
            return code + " " + reason() + ": " + body.path("message").asText();
        }

        /** Whether a failure says what it is, as every failure of an API server must. */
        boolean proper() {
            return successful()
                    || (body.path("kind").asText().equals("Status")
                            && body.path("status").asText().equals("Failure")
                            && body.path("code").asInt() == code
                            && !reason().isEmpty()
                            && !body.path("message").asText().isEmpty());
        }
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + path))
                .timeout(ANSWER_MAX)
                .header("accept", "application/json");
        return authorization.isEmpty() ? request : request.header("authorization", authorization);
    }

    /** Reads. */
    public Answer get(String path) throws IOException, InterruptedException {
        return send(request(path).build());
    }

    /** Sends a body. */
    public Answer send(String method, String path, String type, String body) throws IOException, InterruptedException {
        return send(request(path)
                .header("content-type", type)
                .method(method, BodyPublishers.ofString(body))
                .build());
    }

    private Answer send(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<byte[]> response = http.send(request, BodyHandlers.ofByteArray());
        return new Answer(response.statusCode(), object(response.body()));
    }

    /** What is no object is an empty one, and so is no proper failure. */
    private static ObjectNode object(byte[] body) {
        try {
            return Json.parseObject(body);
        } catch (MalformedException e) {
            return Json.object().put("message", new String(body, StandardCharsets.UTF_8));
        }
    }

    /** What stands at a path that holds no object. */
    public String text(String path) throws IOException, InterruptedException {
        HttpResponse<String> response = http.send(request(path).build(), BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new IOException(path + " is answered with " + response.statusCode());
        }
        return response.body();
    }

    /** The code with which a path is answered whose answer is no object. */
    public int code(String path, Duration timeout) throws IOException, InterruptedException {
        return http.send(request(path).timeout(timeout).build(), BodyHandlers.discarding())
                .statusCode();
    }

    /**
     * Begins to watch; the time until the first byte is bounded, and that afterwards is not.
     *
     * @throws RefusedException if it is answered with anything but a stream
     */
    public InputStream watch(String path) throws IOException, InterruptedException {
        HttpResponse<InputStream> response = http.send(request(path).build(), BodyHandlers.ofInputStream());
        if (response.statusCode() == 200) {
            return response.body();
        }
        try (InputStream body = response.body()) {
            throw new RefusedException(new Answer(response.statusCode(), object(body.readAllBytes())));
        }
    }

    /** A watch was answered with a failure. */
    public static final class RefusedException extends IOException {
        private static final long serialVersionUID = 1L;

        private final transient Answer answer;

        RefusedException(Answer answer) {
            super(answer.why());
            this.answer = answer;
        }

        Answer answer() {
            return answer;
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
