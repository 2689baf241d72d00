package io.keelson.apiserver.server;

import io.keelson.apiserver.certs.ClusterPki;
import io.keelson.apiserver.http.CertificateSource;
import io.keelson.apiserver.http.TlsSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the server shows to its clients.
 *
 * @param certificate with its chain; null for one that is made
 * @param key of that certificate
 * @param named certificates for hosts that clients ask for
 * @param minVersion {@code TLSv1.2} or {@code TLSv1.3}
 * @param cipherSuites for TLS 1.2, by their names in IANA's registry; empty for those of the server's choice
 * @param groups that keys are agreed on with, by their names there; empty for those of the server's choice
 * @param sharesPort whether other processes that share theirs may listen on the same port
 */
public record ServingSettings(
        @Nullable Path certificate,
        @Nullable Path key,
        List<TlsSettings.Named> named,
        String minVersion,
        List<String> cipherSuites,
        List<String> groups,
        boolean sharesPort) {
    /** A certificate that is made. */
    public static final ServingSettings DEFAULT =
            new ServingSettings(null, null, List.of(), "TLSv1.2", List.of(), List.of(), false);

    /** The host for which there is always the certificate that is made, so that who has the server's kubeconfig gets in. */
    static final String LOOPBACK = "apiserver-loopback-client";

    /** @throws IllegalArgumentException naming the flags that cannot be used */
    public ServingSettings {
        if ((certificate == null) != (key == null)) {
            throw new IllegalArgumentException("--tls-cert-file and --tls-private-key-file must be given together");
        }
        named = List.copyOf(named);
        cipherSuites = List.copyOf(cipherSuites);
        groups = List.copyOf(groups);
    }

    /** Whether clients that know the server's own authority only have to ask for {@link #LOOPBACK}. */
    boolean showsOther() {
        return certificate != null;
    }

    TlsSettings tls(ClusterPki pki) {
        CertificateSource own = new CertificateSource.Held(pki.serving().key(), pki.servingChain());
        Path file = certificate;
        Path keyFile = key;
        List<TlsSettings.Named> all = new ArrayList<>(named);
        if (showsOther()) {
            all.add(new TlsSettings.Named(own, List.of(LOOPBACK)));
        }
        TlsSettings usual =
                TlsSettings.of(file == null || keyFile == null ? own : new CertificateSource.Files(file, keyFile));
        return new TlsSettings(usual.certificate(), all, minVersion, cipherSuites, groups, usual.reloadInterval());
    }
}
