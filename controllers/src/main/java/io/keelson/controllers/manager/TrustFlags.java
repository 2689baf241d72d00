package io.keelson.controllers.manager;

import io.fabric8.kubernetes.client.Config;
import io.keelson.controllers.certificates.CertificateAuthorityFiles;
import io.keelson.controllers.certificates.CertificateSigningSettings;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.rootca.RootCaSettings;
import io.keelson.controllers.serviceaccount.LegacyTokenCleanerSettings;
import io.keelson.controllers.serviceaccount.ServiceAccountTokenSettings;
import io.keelson.controllers.serviceaccount.TokenSigner;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Flags of the controllers that hand out keys, tokens and certificates. */
final class TrustFlags {
    @Option(
            names = "--service-account-private-key-file",
            paramLabel = "FILE",
            description = "The key by which tokens of accounts are signed; without it Secrets get no tokens.")
    private @Nullable Path accountKeyFile;

    @Option(
            names = "--root-ca-file",
            paramLabel = "FILE",
            description = "The certificates by which pods trust the API server."
                    + " Default: those by which this process does, as kubeconfig has them")
    private @Nullable Path rootCaFile;

    private @Nullable String ofKubeconfig;

    @Option(
            names = "--cluster-signing-cert-file",
            paramLabel = "FILE",
            description = "With which authority certificates are signed.")
    private @Nullable Path signingCertFile;

    @Option(names = "--cluster-signing-key-file", paramLabel = "FILE", description = "The key of that authority.")
    private @Nullable Path signingKeyFile;

    @Option(
            names = "--cluster-signing-kube-apiserver-client-cert-file",
            paramLabel = "FILE",
            description = "With which authority those of clients of the API server are signed.")
    private @Nullable Path apiClientCertFile;

    @Option(
            names = "--cluster-signing-kube-apiserver-client-key-file",
            paramLabel = "FILE",
            description = "The key of that authority.")
    private @Nullable Path apiClientKeyFile;

    @Option(
            names = "--cluster-signing-kubelet-client-cert-file",
            paramLabel = "FILE",
            description = "With which authority those of nodes as clients of the API server are signed.")
    private @Nullable Path kubeletClientCertFile;

    @Option(
            names = "--cluster-signing-kubelet-client-key-file",
            paramLabel = "FILE",
            description = "The key of that authority.")
    private @Nullable Path kubeletClientKeyFile;

    @Option(
            names = "--cluster-signing-kubelet-serving-cert-file",
            paramLabel = "FILE",
            description = "With which authority those of nodes as servers are signed.")
    private @Nullable Path kubeletServingCertFile;

    @Option(
            names = "--cluster-signing-kubelet-serving-key-file",
            paramLabel = "FILE",
            description = "The key of that authority.")
    private @Nullable Path kubeletServingKeyFile;

    @Option(
            names = "--cluster-signing-legacy-unknown-cert-file",
            paramLabel = "FILE",
            description =
                    "With which authority those of what has the old name kubernetes.io/legacy-unknown are signed.")
    private @Nullable Path legacyUnknownCertFile;

    @Option(
            names = "--cluster-signing-legacy-unknown-key-file",
            paramLabel = "FILE",
            description = "The key of that authority.")
    private @Nullable Path legacyUnknownKeyFile;

    @Option(
            names = "--cluster-signing-duration",
            defaultValue = "8760h",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "How long certificates are good that do not ask for less. Default: 8760h")
    private Duration signingDuration;

    @Option(
            names = "--legacy-service-account-token-clean-up-period",
            defaultValue = "8760h",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "After how long without use tokens in Secrets come to an end. Default: 8760h")
    private Duration tokenCleanUpPeriod;

    /**
     * Takes the certificates by which this process trusts the API server, where no flag says others.
     *
     * @throws IOException if they are in a file that cannot be read
     */
    void trustAs(Config config) throws IOException {
        ofKubeconfig = RootCertificates.of(config);
    }

    /**
     * What tokens in Secrets are signed with.
     *
     * @return null if there is no key
     * @throws IOException if a file cannot be read, or is none of a key
     */
    @Nullable
    ServiceAccountTokenSettings tokens() throws IOException {
        return accountKeyFile == null
                ? null
                : new ServiceAccountTokenSettings(5, TokenSigner.read(accountKeyFile), rootCa());
    }

    /**
     * What namespaces get.
     *
     * @return null if there are no certificates for them
     * @throws IOException if the file cannot be read
     */
    @Nullable
    RootCaSettings rootCertificates() throws IOException {
        return rootCaFile == null && ofKubeconfig == null ? null : new RootCaSettings(rootCa());
    }

    private String rootCa() throws IOException {
        return rootCaFile == null ? OrEmpty.of(ofKubeconfig) : RootCertificates.read(rootCaFile);
    }

    LegacyTokenCleanerSettings unusedTokens() {
        return new LegacyTokenCleanerSettings(tokenCleanUpPeriod);
    }

    /**
     * With what certificates are signed.
     *
     * @throws IllegalArgumentException if a certificate is given without its key, or one for all beside those of signers
     */
    CertificateSigningSettings signing() {
        CertificateAuthorityFiles all = authority(signingCertFile, signingKeyFile, "--cluster-signing");
        CertificateSigningSettings each = new CertificateSigningSettings(
                authority(apiClientCertFile, apiClientKeyFile, "--cluster-signing-kube-apiserver-client"),
                authority(kubeletClientCertFile, kubeletClientKeyFile, "--cluster-signing-kubelet-client"),
                authority(kubeletServingCertFile, kubeletServingKeyFile, "--cluster-signing-kubelet-serving"),
                authority(legacyUnknownCertFile, legacyUnknownKeyFile, "--cluster-signing-legacy-unknown"),
                signingDuration);
        if (all == null) {
            return each;
        }
        if (each.kubeApiserverClient() != null
                || each.kubeletClient() != null
                || each.kubeletServing() != null
                || each.legacyUnknown() != null) {
            throw new IllegalArgumentException(
                    "cannot specify --cluster-signing-{cert,key}-file and other --cluster-signing-*-file flags at the"
                            + " same time");
        }
        return CertificateSigningSettings.of(all, signingDuration);
    }

    private static @Nullable CertificateAuthorityFiles authority(
            @Nullable Path certificate, @Nullable Path key, String flags) {
        if (certificate == null && key == null) {
            return null;
        }
        if (certificate == null || key == null) {
            throw new IllegalArgumentException(flags + "-cert-file and " + flags + "-key-file must be given together");
        }
        return new CertificateAuthorityFiles(certificate, key);
    }
}
