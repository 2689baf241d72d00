package io.keelson.agent.certificates;

import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import io.keelson.controllers.runtime.ApiClient;
import io.keelson.controllers.runtime.Time;
import java.net.http.HttpClient;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;

/**
 * The connections of clients of the API, which can be made anew while the clients are used. What is under way on an
 * old one has as long as a call may take; what is left then, which are watches, is cut and begins again on a new one.
 *
 * <p>A new set has a TLS context of its own: in the old one's, sessions would go on that were begun with the old
 * certificate.
 */
final class Connections extends JdkHttpClientFactory implements AutoCloseable {
    private final Supplier<SSLContext> tls;
    private final Time time;
    private final List<ReplaceableHttpClient> clients = new CopyOnWriteArrayList<>();

    /** @param tls makes a context that shows what is to be shown now */
    Connections(Supplier<SSLContext> tls, Time time) {
        this.tls = tls;
        this.time = time;
    }

    @Override
    protected HttpClient.Builder createNewHttpClientBuilder() {
        return new ReplaceableHttpClient.Builder(super.createNewHttpClientBuilder(), tls, clients::add);
    }

    /** From now on, calls are made on new connections. */
    void replace() {
        for (ReplaceableHttpClient client : clients) {
            HttpClient old = client.replace();
            time.after(ApiClient.CALL_MAX, old::shutdownNow);
        }
    }

    /** Ends all connections. */
    @Override
    public void close() {
        clients.forEach(HttpClient::shutdownNow);
        clients.clear();
    }
}
