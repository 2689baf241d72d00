package io.keelson.agent.certificates;

import io.fabric8.kubernetes.api.model.AuthInfoBuilder;
import io.fabric8.kubernetes.api.model.Cluster;
import io.fabric8.kubernetes.api.model.ClusterBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.agent.certificates.CertificateRequests.Wish;
import io.keelson.controllers.manager.CertifiedKey;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.process.WholeFile;
import io.keelson.controllers.runtime.ApiClient;
import io.keelson.controllers.runtime.Time;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gets a node its first certificate by a token. The key is on the disk before it is asked for, and the request is
 * called after the key: an agent that dies while it waits asks for the same again, and finds it approved, or even
 * issued.
 */
final class Bootstrap {
    private static final Logger LOG = LoggerFactory.getLogger(Bootstrap.class);

    private final ClientCertificateSettings settings;
    private final CertificateStore store;
    private final Time time;

    Bootstrap(ClientCertificateSettings settings, CertificateStore store, Time time) {
        this.settings = settings;
        this.store = store;
        this.time = time;
    }

    /** What a node asks for to be known to the API. */
    static Wish wish(String node) {
        return new Wish("kubernetes.io/kube-apiserver-client-kubelet", "client auth", node, List.of());
    }

    /** Whether a certificate is that of a node, and is good now. */
    boolean isGood(CertifiedKey pair) {
        return !time.instant().isAfter(pair.certificate().getNotAfter().toInstant())
                && pair.certificate().getSubjectX500Principal().getName().contains("CN=system:node:" + settings.node());
    }

    /**
     * Gets a certificate, and writes the kubeconfig file that names it.
     *
     * @param bootstrapKubeconfig with the token
     */
    void run(Path bootstrapKubeconfig) throws CertificateProblem, IOException, InterruptedException {
        Config config = read(bootstrapKubeconfig);
        Optional<CertifiedKey> known = store.read().filter(this::isGood);
        if (known.isEmpty()) {
            CertificateKey key = key();
            Wish wish = wish(settings.node());
            try (KubernetesClient client = ApiClient.of(config, List.of())) {
                String chain = new CertificateRequests(client, time)
                        .obtain(CertificateRequests.nameOf(key, wish), key, wish, settings.patience());
                var _ = store.replace(chain, key.pem(), time.instant());
            } catch (CertificateProblem e) {
                if (e.settled()) {
                    // The next one is asked for with another key, under another name.
                    Files.deleteIfExists(store.unfinishedKey());
                }
                throw e;
            }
        }
        WholeFile.writeDurably(settings.kubeconfig(), kubeconfig(config));
        Files.deleteIfExists(store.unfinishedKey());
        LOG.info("{} is written; the node is known by {}", settings.kubeconfig(), store.current());
    }

    static Config read(Path kubeconfig) throws IOException {
        if (!Files.isRegularFile(kubeconfig)) {
            throw new IOException("no kubeconfig at " + kubeconfig);
        }
        try {
            return Config.fromKubeconfig(kubeconfig.toFile());
        } catch (KubernetesClientException e) {
            throw new IOException(kubeconfig + " is no kubeconfig: " + e.getMessage(), e);
        }
    }

    private CertificateKey key() throws IOException {
        Path file = store.unfinishedKey();
        if (Files.exists(file)) {
            try {
                return CertificateKey.parse(Files.readString(file, StandardCharsets.ISO_8859_1));
            } catch (IOException e) {
                LOG.warn("{} is not used: {}", file, e.getMessage());
            }
        }
        try {
            CertificateKey key = CertificateKey.generate(CertificateKey.NODES);
            WholeFile.writeDurably(file, key.bothPem());
            return key;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java makes such a key", e);
        }
    }

    /** The names in it are the kubelet's. */
    private String kubeconfig(Config config) throws IOException {
        Cluster cluster = new ClusterBuilder()
                .withServer(config.getMasterUrl().replaceFirst("/+$", ""))
                .withInsecureSkipTlsVerify(config.isTrustCerts() ? true : null)
                .build();
        String authority = authority(config);
        if (!authority.isEmpty()) {
            cluster.setCertificateAuthorityData(
                    Base64.getEncoder().encodeToString(authority.getBytes(StandardCharsets.UTF_8)));
        }
        String pem = store.current().toAbsolutePath().toString();
        return KubeconfigText.of(
                "default-cluster",
                cluster,
                "default-auth",
                new AuthInfoBuilder()
                        .withClientCertificate(pem)
                        .withClientKey(pem)
                        .build(),
                "default-context");
    }

    private static String authority(Config config) throws IOException {
        String data = OrEmpty.of(config.getCaCertData());
        if (data.isEmpty()) {
            String file = OrEmpty.of(config.getCaCertFile());
            return file.isEmpty() ? "" : Files.readString(Path.of(file));
        }
        return decoded(data);
    }

    /** What kubeconfigs have as base64, which the library may have taken off. */
    static String decoded(String data) {
        return data.startsWith("-----")
                ? data
                : new String(Base64.getMimeDecoder().decode(data), StandardCharsets.UTF_8);
    }
}
