package io.keelson.agent.certificates;

import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.agent.certificates.CertificateRequests.Wish;
import io.keelson.controllers.manager.CertifiedKey;
import io.keelson.controllers.runtime.Repeating;
import io.keelson.controllers.runtime.Time;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the node's server shows. Out of files, if there are some, which are read again when they change; or signed by
 * the cluster, for the node's names and addresses, and renewed in time and when these change; or else self-signed, in
 * {@code kubelet.crt} and {@code kubelet.key}, which stay. Any thread.
 */
public final class ServingCertificate implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ServingCertificate.class);
    private static final Duration FILES_EVERY = Duration.ofMinutes(1);

    /** How long somebody has who approves such certificates: nothing does so by itself. */
    private static final Duration PATIENCE = Duration.ofMinutes(15);

    private final ServingCertificateSettings settings;
    private final KubernetesClient client;
    private final Supplier<? extends Collection<NodeAddress>> addresses;
    private final Time time;
    private final CertificateStore store;
    private final ShownKey shown = new ShownKey();
    private final SSLContext context = io.keelson.controllers.manager.ServingCertificate.of(shown);
    private final Histogram lives = CertificateMetrics.lives();
    private @Nullable Renewal renewal;
    private @Nullable Repeating files;
    /** Of the thread that looks at files alone, after the beginning. */
    private List<FileTime> changed = List.of();

    private ServingCertificate(
            ServingCertificateSettings settings,
            KubernetesClient client,
            Supplier<? extends Collection<NodeAddress>> addresses,
            Time time) {
        this.settings = settings;
        this.client = client;
        this.addresses = addresses;
        this.time = time;
        store = new CertificateStore(settings.folder(), "kubelet-server");
    }

    /**
     * Has a certificate at hand. One that the cluster is to sign may not be there yet: until then, handshakes fail.
     *
     * @param client of this node, for what the cluster signs
     * @param addresses the node's names and addresses as they are now; empty while they are not known
     * @throws IOException if a file cannot be read or written
     */
    public static ServingCertificate start(
            ServingCertificateSettings settings,
            KubernetesClient client,
            Supplier<? extends Collection<NodeAddress>> addresses,
            Time time)
            throws IOException {
        ServingCertificate certificate = new ServingCertificate(settings, client, addresses, time);
        certificate.open();
        return certificate;
    }

    private void open() throws IOException {
        if (settings.bootstrap()) {
            store.read().ifPresent(shown::set);
            renewal = new Renewal("serving-certificate", time, shown::get, this::mustChange, this::renew);
            renewal.start();
        } else if (settings.certificate().isPresent() && settings.key().isPresent()) {
            follow(settings.certificate().get(), settings.key().get());
        } else {
            shown.set(selfSigned());
        }
    }

    private CertifiedKey selfSigned() throws IOException {
        Path certificate = settings.folder().resolve("kubelet.crt");
        Path key = settings.folder().resolve("kubelet.key");
        if (Files.exists(certificate) && Files.exists(key)) {
            try {
                return CertifiedKey.read(certificate, key);
            } catch (IOException e) {
                LOG.warn("{} is made anew: {}", certificate, e.getMessage());
            }
        }
        return SelfSigned.write(certificate, key, settings.hostname(), time.instant());
    }

    private void follow(Path certificate, Path key) throws IOException {
        changed = times(certificate, key);
        shown.set(CertifiedKey.read(certificate, key));
        Repeating looking = new Repeating("serving-files", time, () -> FILES_EVERY, () -> {
            try {
                List<FileTime> now = times(certificate, key);
                if (!now.equals(changed)) {
                    shown.set(CertifiedKey.read(certificate, key));
                    changed = now;
                    LOG.info("{} has changed and is shown now", certificate);
                }
            } catch (IOException e) {
                LOG.warn("the certificate of before is still shown: {}", e.toString());
            }
        });
        files = looking;
        looking.start();
    }

    private static List<FileTime> times(Path certificate, Path key) throws IOException {
        return List.of(Files.getLastModifiedTime(certificate), Files.getLastModifiedTime(key));
    }

    private ServingNames names() {
        return ServingNames.of(new ArrayList<>(addresses.get()));
    }

    /** Without an address there is nothing to ask for: signers refuse names that nobody can look up. */
    private boolean mustChange(Optional<CertifiedKey> now) {
        ServingNames wanted = names();
        return !wanted.addresses().isEmpty()
                && now.map(pair -> !wanted.areIn(pair.certificate())).orElse(true);
    }

    private void renew() throws CertificateProblem, IOException, InterruptedException {
        ServingNames names = names();
        if (names.addresses().isEmpty()) {
            throw new CertificateProblem("the node has no address that a certificate could be for", false);
        }
        CertificateKey key;
        try {
            key = CertificateKey.generate(CertificateKey.NODES);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java makes such a key", e);
        }
        Wish wish = new Wish("kubernetes.io/kubelet-serving", "server auth", settings.node(), names.general());
        String chain = new CertificateRequests(client, time).obtain("", key, wish, PATIENCE);
        Optional<CertifiedKey> before = shown.get();
        Instant now = time.instant();
        shown.set(store.replace(chain, key.pem(), now));
        before.map(pair -> pair.certificate().getNotBefore().toInstant())
                .ifPresent(begin ->
                        lives.observe((double) Duration.between(begin, now).toSeconds()));
    }

    /** For the server: it shows the certificate that counts when somebody connects. */
    public SSLContext context() {
        return context;
    }

    /** The node's names or addresses, or the files, may have changed: looks at once. */
    public void wake() {
        if (renewal != null) {
            renewal.wake();
        }
        if (files != null) {
            files.wake();
        }
    }

    /** Tells of it among the node's metrics; once. */
    public void register(PrometheusRegistry registry) {
        CertificateMetrics.ofServer(registry, this::expires, this::failures, time);
        registry.register(lives);
    }

    /** When the certificate ends; empty while there is none. */
    Optional<Instant> expires() {
        return shown.get().map(pair -> pair.certificate().getNotAfter().toInstant());
    }

    private long failures() {
        Renewal running = renewal;
        return running == null ? 0 : running.failures();
    }

    /** Renews it no more. */
    @Override
    public void close() {
        if (renewal != null) {
            renewal.close();
        }
        if (files != null) {
            files.close();
        }
    }
}
