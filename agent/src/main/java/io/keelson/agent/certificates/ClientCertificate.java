package io.keelson.agent.certificates;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.keelson.controllers.manager.CertifiedKey;
import io.keelson.controllers.runtime.ApiClient;
import io.keelson.controllers.runtime.Time;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How this node is known to the API: by a certificate, which is got by a token where there is none, and renewed in
 * time. Clients that are made here show the one that counts; when it has changed, they go on over new connections. Any
 * thread.
 */
public final class ClientCertificate implements AutoCloseable {
    private final ClientCertificateSettings settings;
    private final CertificateStore store;
    private final CertifiedClients clients;
    private final Time time;
    private @Nullable KubernetesClient own;
    private @Nullable Renewal renewal;
    private volatile boolean borrowed;

    private ClientCertificate(ClientCertificateSettings settings, CertificateStore store, Config config, Time time)
            throws IOException {
        this.settings = settings;
        this.store = store;
        this.time = time;
        Optional<CertifiedKey> stored = settings.rotate() ? store.read() : Optional.empty();
        // One that somebody else has made is his: the node gets its own.
        borrowed = stored.isEmpty();
        clients = new CertifiedClients(config, stored.isPresent() ? stored : CertifiedClients.named(config), time);
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
        certificate.renewInTime();
        return certificate;
    }

    /** Whether there is a kubeconfig that says more than a certificate whose end has come. */
    private static boolean isStillGood(Path kubeconfig, Time time) {
        if (!Files.isRegularFile(kubeconfig)) {
            return false;
        }
        try {
            return CertifiedClients.named(Bootstrap.read(kubeconfig))
                    .map(pair -> !time.instant()
                            .isAfter(pair.certificate().getNotAfter().toInstant()))
                    .orElse(true);
        } catch (IOException e) {
            // It is written anew.
            return false;
        }
    }

    private void renewInTime() {
        if (clients.shown().isPresent() && settings.rotate()) {
            KubernetesClient client = client(List.of());
            own = client;
            renewal = new Renewal("client-certificate", time, clients::shown, any -> borrowed, () -> renew(client));
            renewal.start();
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
        CertifiedKey next = store.replace(chain, key.pem(), time.instant());
        borrowed = false;
        clients.show(next);
    }

    /**
     * A client that is known to the API as this node; it is the caller's to close.
     *
     * @param interceptors see each call
     */
    public KubernetesClient client(List<? extends Interceptor> interceptors) {
        return clients.client(ApiClient.CALL_MAX, interceptors);
    }

    /** Tells of it among the node's metrics; once. */
    public void register(PrometheusRegistry registry) {
        CertificateMetrics.ofClient(registry, this::expires, this::failures, time);
    }

    /** When the certificate ends; empty if the node is known by something else. */
    Optional<Instant> expires() {
        return clients.shown().map(pair -> pair.certificate().getNotAfter().toInstant());
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
        clients.close();
    }
}
