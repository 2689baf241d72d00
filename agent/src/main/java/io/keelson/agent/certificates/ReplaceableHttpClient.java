package io.keelson.agent.certificates;

import io.keelson.controllers.runtime.PresetTlsBuilder;
import java.io.IOException;
import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/** A client of HTTP whose connections can be left for new ones while it is used. */
final class ReplaceableHttpClient extends HttpClient {
    private final Supplier<HttpClient> maker;
    private volatile HttpClient now;

    private ReplaceableHttpClient(Supplier<HttpClient> maker) {
        this.maker = maker;
        now = maker.get();
    }

    /** Takes new connections for what comes; returns what has the old ones. */
    synchronized HttpClient replace() {
        HttpClient old = now;
        now = maker.get();
        return old;
    }

    @Override
    public Optional<CookieHandler> cookieHandler() {
        return now.cookieHandler();
    }

    @Override
    public Optional<Duration> connectTimeout() {
        return now.connectTimeout();
    }

    @Override
    public Redirect followRedirects() {
        return now.followRedirects();
    }

    @Override
    public Optional<ProxySelector> proxy() {
        return now.proxy();
    }

    @Override
    public SSLContext sslContext() {
        return now.sslContext();
    }

    @Override
    public SSLParameters sslParameters() {
        return now.sslParameters();
    }

    @Override
    public Optional<Authenticator> authenticator() {
        return now.authenticator();
    }

    @Override
    public Version version() {
        return now.version();
    }

    @Override
    public Optional<Executor> executor() {
        return now.executor();
    }

    @Override
    public <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler)
            throws IOException, InterruptedException {
        return now.send(request, handler);
    }

    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(HttpRequest request, HttpResponse.BodyHandler<T> handler) {
        return now.sendAsync(request, handler);
    }

    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(
            HttpRequest request,
            HttpResponse.BodyHandler<T> handler,
            HttpResponse.@Nullable PushPromiseHandler<T> pushes) {
        return now.sendAsync(request, handler, pushes);
    }

    @Override
    public WebSocket.Builder newWebSocketBuilder() {
        return now.newWebSocketBuilder();
    }

    @Override
    public void shutdown() {
        now.shutdown();
    }

    @Override
    public boolean awaitTermination(Duration duration) throws InterruptedException {
        return now.awaitTermination(duration);
    }

    @Override
    public boolean isTerminated() {
        return now.isTerminated();
    }

    @Override
    public void shutdownNow() {
        now.shutdownNow();
    }

    /** What is set for it is set for each that takes its place; its TLS is made anew for each. */
    static final class Builder extends PresetTlsBuilder {
        private final Consumer<ReplaceableHttpClient> built;

        /** @param built is told of each client */
        Builder(HttpClient.Builder each, Supplier<SSLContext> tls, Consumer<ReplaceableHttpClient> built) {
            super(each, tls);
            this.built = built;
        }

        @Override
        public HttpClient build() {
            ReplaceableHttpClient client = new ReplaceableHttpClient(super::build);
            built.accept(client);
            return client;
        }
    }
}
