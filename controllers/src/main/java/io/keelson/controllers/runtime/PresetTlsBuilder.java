package io.keelson.controllers.runtime;

import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.InetAddress;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/** Makes clients of HTTP whose TLS is somebody else's choice than that of who asks for them. */
public class PresetTlsBuilder implements HttpClient.Builder {
    private final HttpClient.Builder each;
    private final Supplier<SSLContext> tls;

    /**
     * @param each makes them
     * @param tls is asked for each
     */
    public PresetTlsBuilder(HttpClient.Builder each, Supplier<SSLContext> tls) {
        this.each = each;
        this.tls = tls;
    }

    /** Who asks for one does not know what is to be shown. */
    @Override
    public HttpClient.Builder sslContext(SSLContext ignored) {
        return this;
    }

    @Override
    public HttpClient.Builder cookieHandler(CookieHandler cookies) {
        each.cookieHandler(cookies);
        return this;
    }

    @Override
    public HttpClient.Builder connectTimeout(Duration limit) {
        each.connectTimeout(limit);
        return this;
    }

    @Override
    public HttpClient.Builder sslParameters(SSLParameters parameters) {
        each.sslParameters(parameters);
        return this;
    }

    @Override
    public HttpClient.Builder executor(Executor executor) {
        each.executor(executor);
        return this;
    }

    @Override
    public HttpClient.Builder followRedirects(HttpClient.Redirect policy) {
        each.followRedirects(policy);
        return this;
    }

    @Override
    public HttpClient.Builder version(HttpClient.Version version) {
        each.version(version);
        return this;
    }

    @Override
    public HttpClient.Builder priority(int priority) {
        each.priority(priority);
        return this;
    }

    @Override
    public HttpClient.Builder proxy(ProxySelector proxies) {
        each.proxy(proxies);
        return this;
    }

    @Override
    public HttpClient.Builder authenticator(Authenticator authenticator) {
        each.authenticator(authenticator);
        return this;
    }

    @Override
    public HttpClient.Builder localAddress(InetAddress address) {
        each.localAddress(address);
        return this;
    }

    @Override
    public HttpClient build() {
        return each.sslContext(tls.get()).build();
    }
}
