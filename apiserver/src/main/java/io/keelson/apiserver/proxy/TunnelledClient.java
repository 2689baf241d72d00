package io.keelson.apiserver.proxy;

import io.keelson.apiserver.errors.ApiException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * A client for HTTP/1.1 whose connections lead through a proxy that the JDK's own client cannot be told to use. Each request
 * has a connection of its own. Bodies are held as a whole, answers up to {@link #ANSWER_BYTES_MAX}.
 */
final class TunnelledClient extends HttpClient {
    /** As many as the largest answer of a webhook may have. */
    private static final int ANSWER_BYTES_MAX = 16 << 20;
    /** Where the request sets no limit. */
    private static final Duration CALL_MAX = Duration.ofSeconds(60);

    private final Backends backends;
    private final SSLContext tls;
    private final String serverName;
    private final Duration connectTimeout;

    /**
     * @param serverName the name that the other side must have; empty for the host of the URL
     * @param connectTimeout zero for no other limit than that of a request
     */
    TunnelledClient(Backends backends, SSLContext tls, String serverName, Duration connectTimeout) {
        this.backends = backends;
        this.tls = tls;
        this.serverName = serverName;
        this.connectTimeout = connectTimeout;
    }

    /** An answer that has been read. */
    private record Received<T>(HttpRequest request, int statusCode, HttpHeaders headers, T body)
            implements HttpResponse<T> {
        @Override
        public Optional<HttpResponse<T>> previousResponse() {
            return Optional.empty();
        }

        @Override
        public Optional<SSLSession> sslSession() {
            return Optional.empty();
        }

        @Override
        public URI uri() {
            return request.uri();
        }

        @Override
        public HttpClient.Version version() {
            return HttpClient.Version.HTTP_1_1;
        }
    }

    /** What is known of an answer before its body. */
    private record Head(int statusCode, HttpHeaders headers) implements HttpResponse.ResponseInfo {
        @Override
        public HttpClient.Version version() {
            return HttpClient.Version.HTTP_1_1;
        }
    }

    /** Of something that is all there. */
    private enum Delivered implements Flow.Subscription {
        ALL;

        @Override
        public void request(long count) {}

        @Override
        public void cancel() {}
    }

    /** Hands the pieces of a request's body on. */
    private record Pieces(HttpResponse.BodySubscriber<byte[]> to) implements Flow.Subscriber<ByteBuffer> {
        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            to.onSubscribe(subscription);
        }

        @Override
        public void onNext(ByteBuffer piece) {
            to.onNext(List.of(piece));
        }

        @Override
        public void onError(Throwable failure) {
            to.onError(failure);
        }

        @Override
        public void onComplete() {
            to.onComplete();
        }
    }

    @Override
    public <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler)
            throws IOException, InterruptedException {
        Thread caller = Thread.currentThread();
        try {
            return exchange(request, handler, caller::isInterrupted);
        } catch (IOException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            throw e;
        }
    }

    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(HttpRequest request, HttpResponse.BodyHandler<T> handler) {
        CompletableFuture<HttpResponse<T>> answer = new CompletableFuture<>();
        Thread.ofVirtual().name("tunnelled call").start(() -> {
            try {
                answer.complete(exchange(request, handler, answer::isDone));
            } catch (IOException | RuntimeException e) {
                answer.completeExceptionally(e);
            }
        });
        return answer;
    }

    /** Nothing is pushed over HTTP/1.1. */
    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(
            HttpRequest request,
            HttpResponse.BodyHandler<T> handler,
            HttpResponse.@Nullable PushPromiseHandler<T> pushed) {
        return sendAsync(request, handler);
    }

    private <T> HttpResponse<T> exchange(HttpRequest request, HttpResponse.BodyHandler<T> handler, BooleanSupplier gone)
            throws IOException {
        Destination destination = destination(request.uri());
        Duration limit = request.timeout().orElse(CALL_MAX);
        Duration connect = connectTimeout.isZero() || connectTimeout.compareTo(limit) > 0 ? limit : connectTimeout;
        long end = System.nanoTime() + limit.toNanos();
        try (BackendCall call = BackendCall.send(
                backends,
                destination,
                backends.resolve(destination.host()),
                outgoing(request, destination),
                new BackendCall.Patience(connect, limit, gone))) {
            HttpHeaders fields = fields(call.answer());
            HttpResponse.BodySubscriber<T> body = handler.apply(new Head(call.status(), fields));
            byte[] bytes = call.bytes(ANSWER_BYTES_MAX, Duration.ofNanos(Math.max(1, end - System.nanoTime())), gone);
            body.onSubscribe(Delivered.ALL);
            if (bytes.length > 0) {
                body.onNext(List.of(ByteBuffer.wrap(bytes)));
            }
            body.onComplete();
            return new Received<>(
                    request,
                    call.status(),
                    fields,
                    body.getBody().toCompletableFuture().join());
        } catch (ApiException e) {
            throw new BackendException(e.message(), e);
        }
    }

    /** A name that was sent in several spellings is one name. */
    private static HttpHeaders fields(BackendAnswer answer) {
        Map<String, List<String>> fields = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        fields.putAll(answer.fields());
        return HttpHeaders.of(fields, (_, _) -> true);
    }

    private Destination destination(URI url) {
        String scheme = String.valueOf(url.getScheme()).toLowerCase(Locale.ROOT);
        String host = url.getHost();
        if (host == null || !(scheme.equals("http") || scheme.equals("https"))) {
            throw new IllegalArgumentException("unsupported URI " + url);
        }
        if (host.startsWith("[")) {
            host = host.substring(1, host.length() - 1);
        }
        Destination.Tls secured =
                scheme.equals("https") ? new Destination.Tls(tls, serverName.isEmpty() ? host : serverName) : null;
        int port = url.getPort() >= 0 ? url.getPort() : Destination.defaultPort(secured != null);
        return new Destination(host, port, secured);
    }

    private static BackendRequest outgoing(HttpRequest request, Destination destination) {
        URI url = request.uri();
        String path = url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath();
        byte[] body = request.bodyPublisher().map(TunnelledClient::whole).orElse(null);
        return new BackendRequest(
                request.method(),
                url.getRawQuery() == null ? path : path + "?" + url.getRawQuery(),
                destination.authority(),
                request.headers().map(),
                "",
                body == null ? null : new ByteArrayInputStream(body),
                body == null ? 0 : body.length,
                false);
    }

    private static byte[] whole(HttpRequest.BodyPublisher publisher) {
        HttpResponse.BodySubscriber<byte[]> collected = HttpResponse.BodySubscribers.ofByteArray();
        publisher.subscribe(new Pieces(collected));
        return collected.getBody().toCompletableFuture().join();
    }

    @Override
    public Optional<CookieHandler> cookieHandler() {
        return Optional.empty();
    }

    @Override
    public Optional<Duration> connectTimeout() {
        return connectTimeout.isZero() ? Optional.empty() : Optional.of(connectTimeout);
    }

    @Override
    public Redirect followRedirects() {
        return Redirect.NEVER;
    }

    @Override
    public Optional<ProxySelector> proxy() {
        return Optional.empty();
    }

    @Override
    public SSLContext sslContext() {
        return tls;
    }

    @Override
    public SSLParameters sslParameters() {
        return tls.getDefaultSSLParameters();
    }

    @Override
    public Optional<Authenticator> authenticator() {
        return Optional.empty();
    }

    @Override
    public Version version() {
        return Version.HTTP_1_1;
    }

    @Override
    public Optional<Executor> executor() {
        return Optional.empty();
    }

    @Override
    public void shutdown() {}

    /** Calls that are under way end with the backends. */
    @Override
    public void shutdownNow() {}

    @Override
    public void close() {}
}
