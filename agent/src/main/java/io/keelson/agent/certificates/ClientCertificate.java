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
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * How this node is known to the API: by a certificate, which is got by a token where there is none, and renewed in
 * time. Clients that are made here show the one that counts; when it has changed, they go on over new connections. Any
 * thread.
 */
public final class ClientCertificate implements AutoCloseable {
    private final ClientCertificateSettings settings;
    private final CertificateStore store;
    private final Config config;
    private final ShownKey shown = new ShownKey();
    private final Time time;
    private @Nullable Connections connections;
    private @Nullable KubernetesClient own;
    private @Nullable Renewal renewal;
    private volatile boolean borrowed;

    private ClientCertificate(ClientCertificateSettings settings, CertificateStore store, Config config, Time time) {
        this.settings = settings;
        this.store = store;
        this.config = config;
        this.time = time;
    }

    /**
     * Has a certificate at hand, waiting for its approval if it must, and renews it from then on. Where the kubeconfig
     * shows no certificate but a token, for one, it is used as it is.
     *
     * @throws CertificateProblem if there is none, and none is given
     * @throws IOException if a file cannot be read or written, or is no kubeconfig
     */
    public static ClientCertificate ensure(ClientCertificateSettings settings, Time time)
            throws CertificateProblem, IOException, InterruptedException {
        CertificateStore store = new CertificateStore(settings.folder(), "kubelet-client");
        if (settings.bootstrapKubeconfig().isPresent() && !isStillGood(settings.kubeconfig(), time)) {
            new Bootstrap(settings, store, time)
                    .run(settings.bootstrapKubeconfig().get());
        }
        ClientCertificate certificate =
                new ClientCertificate(settings, store, Bootstrap.read(settings.kubeconfig()), time);
        certificate.open();
        return certificate;
    }

    /** Whether there is a kubeconfig that says more than a certificate whose end has come. */
    private static boolean isStillGood(Path kubeconfig, Time time) {
        if (!Files.isRegularFile(kubeconfig)) {
            return false;
        }
        try {
            return named(Bootstrap.read(kubeconfig))
                    .map(pair -> !time.instant()
                            .isAfter(pair.certificate().getNotAfter().toInstant()))
                    .orElse(true);
        } catch (IOException e) {
            // It is written anew.
            return false;
        }
    }

    /** The certificate that a kubeconfig names; empty if it names none. */
    private static Optional<CertifiedKey> named(Config config) throws IOException {
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

    private void open() throws IOException {
        Optional<CertifiedKey> stored = settings.rotate() ? store.read() : Optional.empty();
        Optional<CertifiedKey> pair = stored.isPresent() ? stored : named(config);
        if (pair.isEmpty()) {
            return;
        }
        shown.set(pair.get());
        TrustManager[] trusted;
        try {
            trusted = SSLUtils.trustManagers(config);
        } catch (GeneralSecurityException e) {
            throw new IOException(
                    settings.kubeconfig() + " names no certificates to trust the API by: " + e.getMessage(), e);
        }
        connections = new Connections(() -> context(trusted), time);
        if (settings.rotate()) {
            // One that somebody else has made is his: the node gets its own.
            borrowed = stored.isEmpty();
            KubernetesClient client = client(List.of());
            own = client;
            renewal = new Renewal("client-certificate", time, shown::get, any -> borrowed, () -> renew(client));
            renewal.start();
        }
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

    private void renew(KubernetesClient client) throws CertificateProblem, IOException, InterruptedException {
        CertificateKey key;
        try {
            key = CertificateKey.generate(CertificateKey.NODES);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java makes such a key", e);
        }
        String chain = new CertificateRequests(client, time)
                .obtain("", key, Bootstrap.wish(settings.node()), settings.patience());
        shown.set(store.replace(chain, key.pem(), time.instant()));
        borrowed = false;
        Connections open = connections;
        if (open != null) {
            open.replace();
        }
    }

    /**
     * A client that is known to the API as this node; it is the caller's to close.
     *
     * @param interceptors see each call
     */
    public KubernetesClient client(List<? extends Interceptor> interceptors) {
        Connections open = connections;
        if (open == null) {
            return ApiClient.of(config, interceptors);
        }
        Config bare = new ConfigBuilder(config)
                .withClientCertData(null)
                .withClientCertFile(null)
                .withClientKeyData(null)
                .withClientKeyFile(null)
                .build();
        return ApiClient.over(open, bare, interceptors);
    }

    /** Tells of it among the node's metrics; once. */
    public void register(PrometheusRegistry registry) {
        CertificateMetrics.ofClient(registry, this::expires, this::failures, time);
    }

    /** When the certificate ends; empty if the node is known by something else. */
    Optional<Instant> expires() {
        return shown.get().map(pair -> pair.certificate().getNotAfter().toInstant());
    }

    /** How often it could not be renewed. */
    long failures() {
        Renewal running = renewal;
        return running == null ? 0 : running.failures();
    }

    /** Renews it no more, and ends all connections. */
    @Override
    public void close() {
        if (renewal != null) {
            renewal.close();
        }
        if (own != null) {
            own.close();
        }
        if (connections != null) {
            connections.close();
        }
    }
}
