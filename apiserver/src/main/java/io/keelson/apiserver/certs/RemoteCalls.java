package io.keelson.apiserver.certs;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.MalformedException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Calls one other server with JSON, both ways: webhooks and issuers of tokens. Redirects are not followed, answers are
 * bounded in size and time. A call that fails on the way, or with 429 or 5xx, is tried again a few times.
 */
public final class RemoteCalls implements AutoCloseable {
    private static final int ANSWER_BYTES_MAX = 4 << 20;

    private final RemoteServer server;
    private final HttpClient client;
    private final Duration timeout;
    private final int attempts;
    private final Duration backoff;

    /**
     * @param timeout for one attempt, as a whole
     * @param attempts 1 for no second try
     * @param backoff before the second attempt; half as much again before every further one
     */
    public RemoteCalls(RemoteServer server, Duration timeout, int attempts, Duration backoff) throws IOException {
        this(server, timeout, attempts, backoff, HttpClients.DIRECT);
    }

    /** The same, connecting in a way that is given. */
    public RemoteCalls(RemoteServer server, Duration timeout, int attempts, Duration backoff, HttpClients clients)
            throws IOException {
        this.server = server;
        this.timeout = timeout;
        this.attempts = attempts;
        this.backoff = backoff;
        this.client = clients.client(server.tls(), "", timeout);
    }

    /** As kube-apiserver calls webhooks: five attempts, half a second apart at first. */
    public static RemoteCalls webhook(RemoteServer server, Duration timeout, HttpClients clients) throws IOException {
        return new RemoteCalls(server, timeout, 5, Duration.ofMillis(500), clients);
    }

    /** @throws IOException if there was no answer with a status of success */
    public ObjectNode post(ObjectNode body) throws IOException, InterruptedException {
        return call(request(server.url())
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(Json.encode(body)))
                .build());
    }

    /**
     * Sends what there is no answer to but that it came.
     *
     * @param body JSON
     * @throws IOException if there was no answer with a status of success
     */
    public void send(byte[] body) throws IOException, InterruptedException {
        var _ = answer(request(server.url())
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build());
    }

    /** @param url absolute; at the same server or another one: credentials are sent along */
    public ObjectNode get(String url) throws IOException, InterruptedException {
        return call(request(url).GET().build());
    }

    /** As {@link #get}, whatever it is, as UTF-8. */
    public String getAsSent(String url) throws IOException, InterruptedException {
        return new String(answer(request(url).GET().build()), StandardCharsets.UTF_8);
    }

    /**
     * Reads what is no JSON, at whatever server.
     *
     * @param url absolute
     * @param token shown there as bearer token, rather than the credentials for the server of this; empty for nothing
     * @return the body, as UTF-8
     */
    public String getText(String url, String token) throws IOException, InterruptedException {
        HttpRequest.Builder request = bare(url).header("Accept", "*/*");
        if (!token.isEmpty()) {
            try {
                request.header("Authorization", "Bearer " + token);
            } catch (IllegalArgumentException e) {
                // The message of the cause would show the token.
                throw new IOException("the token for " + url + " cannot stand in a header");
            }
        }
        return new String(answer(request.GET().build()), StandardCharsets.UTF_8);
    }

    private HttpRequest.Builder request(String url) throws IOException {
        HttpRequest.Builder builder = bare(url).header("Accept", "application/json");
        String authorization = server.authorization();
        if (!authorization.isEmpty()) {
            builder.header("Authorization", authorization);
        }
        return builder;
    }

    private HttpRequest.Builder bare(String url) throws IOException {
        try {
            return HttpRequest.newBuilder(URI.create(url)).timeout(timeout);
        } catch (IllegalArgumentException e) {
            throw new IOException("malformed URL " + url, e);
        }
    }

    private ObjectNode call(HttpRequest request) throws IOException, InterruptedException {
        byte[] body = answer(request);
        try {
            return Json.parseObject(body);
        } catch (MalformedException e) {
            throw new RefusedException(request.uri() + " did not answer with a JSON object", false);
        }
    }

    private byte[] answer(HttpRequest request) throws IOException, InterruptedException {
        Duration pause = backoff;
        for (int attempt = 1; ; attempt++) {
            try {
                return once(request);
            } catch (RefusedException e) {
                if (attempt >= attempts || !e.passing) {
                    throw e;
                }
            } catch (IOException e) {
                if (attempt >= attempts) {
                    throw new IOException("call to " + request.uri() + " failed: " + e.getMessage(), e);
                }
            }
            Thread.sleep(pause);
            pause = pause.multipliedBy(3).dividedBy(2);
        }
    }

    private byte[] once(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<InputStream> response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
        byte[] body;
        try (InputStream in = response.body()) {
            body = in.readNBytes(ANSWER_BYTES_MAX + 1);
        }
        int status = response.statusCode();
        if (status < 200 || status > 299) {
            throw new RefusedException(
                    request.uri() + " answered with status " + status, status == 429 || status >= 500);
        }
        if (body.length > ANSWER_BYTES_MAX) {
            throw new RefusedException(
                    request.uri() + " answered with more than " + ANSWER_BYTES_MAX + " bytes", false);
        }
        return body;
    }

    @Override
    public void close() {
        client.shutdownNow();
        client.close();
    }

    /** An answer that is no success. */
    private static final class RefusedException extends IOException {
        private static final long serialVersionUID = 1L;

        private final boolean passing;

        private RefusedException(String message, boolean passing) {
            super(message);
            this.passing = passing;
        }
    }
}
