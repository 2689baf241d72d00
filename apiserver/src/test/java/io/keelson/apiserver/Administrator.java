package io.keelson.apiserver;

import io.keelson.apiserver.certs.RemoteServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;

/** Who asks an embedded server with the credentials of its kubeconfig. */
final class Administrator implements AutoCloseable {
    private final String url;
    private final HttpClient http;

    Administrator(KeelsonServer server) throws IOException {
        this(server, server);
    }

    /** With the credentials that another server has given out. */
    Administrator(KeelsonServer server, KeelsonServer credentials) throws IOException {
        RemoteServer way = credentials.kubeconfig().current(Path.of(""));
        url = server.url();
        http = HttpClient.newBuilder().sslContext(way.tls()).build();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(url + path)).header("content-type", "application/json");
    }

    void create(String path, String body) throws IOException, InterruptedException {
        String answer = post(path, body);
        if (!answer.startsWith("201 ")) {
            throw new AssertionError(answer);
        }
    }

    /** What is answered to an object, as text; with the code of the answer before it. */
    String post(String path, String body) throws IOException, InterruptedException {
        var answer = http.send(request(path).POST(BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
        return answer.statusCode() + " " + answer.body();
    }

    /** What is there, as text; with the code of the answer before it. */
    String get(String path) throws IOException, InterruptedException {
        var answer = http.send(request(path).build(), BodyHandlers.ofString());
        return answer.statusCode() + " " + answer.body();
    }

    /** Begins a watch that goes on until this is closed. */
    void beginWatch(String path) throws IOException, InterruptedException {
        InputStream events =
                http.send(request(path).build(), BodyHandlers.ofInputStream()).body();
        if (events.read() != '{') {
            throw new AssertionError("no event");
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
        http.close();
    }
}
