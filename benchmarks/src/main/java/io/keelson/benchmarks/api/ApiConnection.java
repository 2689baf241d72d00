package io.keelson.benchmarks.api;

import io.keelson.apiserver.certs.Kubeconfig;
import io.keelson.apiserver.certs.RemoteServer;
import io.keelson.benchmarks.load.ClosedLoop;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletionException;

/** The way to one API server: connections that are kept, and credentials. Any thread. */
public final class ApiConnection implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final int SHOWN_CHARS_MAX = 300;

    private static final byte[] NOTHING = {};

    /** A list of 100,000 pods would need more memory here than on the server. */
    private static final BodyHandler<byte[]> NOT_KEPT = response ->
            response.statusCode() / 100 == 2 ? BodySubscribers.replacing(NOTHING) : BodySubscribers.ofByteArray();

    private final HttpClient http;
    private final RemoteServer server;
    private final String base;
    private final String token;

    private ApiConnection(RemoteServer server, HttpClient.Version version) throws IOException {
        this.http = HttpClient.newBuilder()
                .sslContext(server.tls())
                .version(version)
                .connectTimeout(TIMEOUT)
                .build();
        this.server = server;
        this.base = server.url().replaceAll("/+$", "");
        this.token = server.token();
    }

    /**
     * Opens the way to the server of a kubeconfig's current context.
     *
     * @throws IOException if the file cannot be read or says no server
     */
    public static ApiConnection open(Path kubeconfig, HttpClient.Version version) throws IOException {
        Path folder = kubeconfig.toAbsolutePath().getParent();
        RemoteServer server = Kubeconfig.read(kubeconfig).current(folder == null ? Path.of(".") : folder);
        return new ApiConnection(server, version);
    }

    /** The way to a server that is not known by a kubeconfig. */
    public static ApiConnection to(RemoteServer server) throws IOException {
        return new ApiConnection(server, HttpClient.Version.HTTP_1_1);
    }

    /** Another connection to the same server, of HTTP/2 if it can, so that many answers that go on share it. */
    ApiConnection another() throws IOException {
        return new ApiConnection(server, HttpClient.Version.HTTP_2);
    }

    /** A request; sent often, made once. */
    public HttpRequest request(String method, String path, String contentType, String body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path))
                .timeout(TIMEOUT)
                .header("accept", "application/json")
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        if (!body.isEmpty()) {
            request.header("content-type", contentType);
        }
        if (!token.isEmpty()) {
            request.header("authorization", "Bearer " + token);
        }
        return request.build();
    }

    /** A request that reads. */
    public HttpRequest get(String path) {
        return request("GET", path, "", "");
    }

    /** Sends, and tells of the end; anything but success is a failure. What a good answer says is read to its end, not kept. */
    public void send(HttpRequest request, ClosedLoop.Done done) {
        var _ = http.sendAsync(request, NOT_KEPT).whenComplete((response, failure) -> {
            if (failure != null) {
                done.failed(
                        failure instanceof CompletionException && failure.getCause() != null
                                ? failure.getCause()
                                : failure);
            } else if (response.statusCode() / 100 != 2) {
                done.failed(new IOException(shown(response)));
            } else {
                done.succeeded(1);
            }
        });
    }

    /** Sends, and waits; anything but success, and but the status that is expected, is an error. */
    public byte[] call(HttpRequest request, int expected) throws IOException, InterruptedException {
        HttpResponse<byte[]> response = http.send(request, BodyHandlers.ofByteArray());
        if (response.statusCode() / 100 != 2 && response.statusCode() != expected) {
            throw new IOException(request.method() + " " + request.uri().getPath() + ": " + shown(response));
        }
        return response.body();
    }

    /** Opens an answer that goes on. */
    public InputStream stream(String path) throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(base + path)).header("accept", "application/json");
        if (!token.isEmpty()) {
            request.header("authorization", "Bearer " + token);
        }
        HttpResponse<InputStream> response = http.send(request.build(), BodyHandlers.ofInputStream());
        if (response.statusCode() != 200) {
            try (InputStream body = response.body()) {
                throw new IOException("watch: " + response.statusCode() + " "
                        + new String(body.readNBytes(SHOWN_CHARS_MAX), StandardCharsets.UTF_8));
            }
        }
        return response.body();
    }

    private static String shown(HttpResponse<byte[]> response) {
        String text = new String(response.body(), StandardCharsets.UTF_8);
        return response.statusCode() + " "
                + (text.length() > SHOWN_CHARS_MAX ? text.substring(0, SHOWN_CHARS_MAX) + "…" : text);
    }

    @Override
    public void close() {
        http.shutdownNow();
        http.close();
    }
}
