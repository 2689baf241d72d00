package io.keelson.agent.certificates;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.fabric8.kubernetes.client.internal.SSLUtils;
import io.keelson.controllers.manager.CertifiedKey;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.ApiClient;
import io.keelson.controllers.runtime.Time;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Clients of the API that show a certificate, which can be replaced while they are used: they go on over new connections then. Any
 * thread.
 */
final class CertifiedClients implements AutoCloseable {
    private final Config config;
    private final ShownKey shown = new ShownKey();

    /** Null where something else is shown than a certificate. */
    private final @Nullable Connections connections;

    /**
     * Makes none yet.
     *
     * @param config where the API is, and what it is trusted by
     * @param first what is shown at first; empty if the configuration has something else to show, a token for one
     * @throws IOException if there is nothing to trust the API by
     */
    CertifiedClients(Config config, Optional<CertifiedKey> first, Time time) throws IOException {
        this.config = config;
        if (first.isEmpty()) {
            connections = null;
            return;
        }
        shown.set(first.get());
        TrustManager[] trusted;
        try {
            trusted = SSLUtils.trustManagers(config);
        } catch (GeneralSecurityException e) {
            throw new IOException("the kubeconfig names no certificates to trust the API by: " + e.getMessage(), e);
        }
        connections = new Connections(() -> context(trusted), time);
    }

    /** The certificate that a configuration names, as it is now; empty if it names none. */
    static Optional<CertifiedKey> named(Config config) throws IOException {
        String certificate = content(config.getClientCertData(), config.getClientCertFile());
        String key = content(config.getClientKeyData(), config.getClientKeyFile());
        return certificate.isEmpty() || key.isEmpty()
                ? Optional.empty()
                : Optional.of(CertifiedKey.parse(certificate, "the kubeconfig", key, "the kubeconfig"));
    }

    private static String content(@Nullable String data, @Nullable String file) throws IOException {
        if (!OrEmpty.of(data).isEmpty()) {
            return Bootstrap.decoded(OrEmpty.of(data));
        }
        return OrEmpty.of(file).isEmpty()
                ? ""
                : Files.readString(Path.of(OrEmpty.of(file)), StandardCharsets.ISO_8859_1);
    }

    private SSLContext context(TrustManager[] trusted) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[] {shown}, trusted, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java speaks TLS", e);
        }
    }

    /** What is shown now; empty if it is no certificate. */
    Optional<CertifiedKey> shown() {
        return shown.get();
    }

    /** Shows another one from now on. */
    void show(CertifiedKey next) {
        shown.set(next);
        if (connections != null) {
            connections.replace();
        }
    }

    /**
     * A client; it is the caller's to close.
     *
     * @param callMax after which a call has failed
     * @param interceptors see each call
     */
    KubernetesClient client(Duration callMax, List<? extends Interceptor> interceptors) {
        if (connections == null) {
            return ApiClient.of(config, callMax, interceptors);
        }
        Config bare = new ConfigBuilder(config)
                .withClientCertData(null)
                .withClientCertFile(null)
                .withClientKeyData(null)
                .withClientKeyFile(null)
                .build();
        return ApiClient.over(connections, bare, callMax, interceptors);
    }

    /** Ends all connections. */
    @Override
    public void close() {
        if (connections != null) {
            connections.close();
        }
    }
}
