package io.keelson.controllers.certificates;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Who signs with what. A signer without files signs nothing.
 *
 * @param kubeApiserverClient {@code --cluster-signing-kube-apiserver-client-cert-file} and {@code -key-file}
 * @param kubeletClient {@code --cluster-signing-kubelet-client-cert-file} and {@code -key-file}
 * @param kubeletServing {@code --cluster-signing-kubelet-serving-cert-file} and {@code -key-file}
 * @param legacyUnknown {@code --cluster-signing-legacy-unknown-cert-file} and {@code -key-file}
 * @param duration {@code --cluster-signing-duration}: how long certificates are valid that do not ask for less
 */
public record CertificateSigningSettings(
        @Nullable CertificateAuthorityFiles kubeApiserverClient,
        @Nullable CertificateAuthorityFiles kubeletClient,
        @Nullable CertificateAuthorityFiles kubeletServing,
        @Nullable CertificateAuthorityFiles legacyUnknown,
        Duration duration) {
    /** As without flags: nothing is signed. */
    public static final CertificateSigningSettings DEFAULT =
            new CertificateSigningSettings(null, null, null, null, Duration.ofDays(365));

    /** One authority for all: {@code --cluster-signing-cert-file} and {@code --cluster-signing-key-file}. */
    public static CertificateSigningSettings of(CertificateAuthorityFiles all, Duration duration) {
        return new CertificateSigningSettings(all, all, all, all, duration);
    }

    @Nullable
    CertificateAuthorityFiles files(Signer signer) {
        return switch (signer) {
            case KUBE_APISERVER_CLIENT -> kubeApiserverClient;
            case KUBE_APISERVER_CLIENT_KUBELET -> kubeletClient;
            case KUBELET_SERVING -> kubeletServing;
            case LEGACY_UNKNOWN -> legacyUnknown;
        };
    }
}
