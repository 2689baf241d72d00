package io.keelson.raft.transport;

import io.keelson.raft.CertificateHosts;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Trusts what the CA file says at the time of each handshake (the system's authorities without a file), but nobody who
 * stands on a revocation list by then, and, where names are given, only members with an allowed one, whichever side
 * connects.
 */
final class ReloadingTrustManager extends X509ExtendedTrustManager {
    private final WatchedFiles<X509ExtendedTrustManager> authorities;
    private final @Nullable WatchedFiles<RevocationLists> revocations;
    private final List<String> allowedCn;
    private final List<String> allowedHostname;

    ReloadingTrustManager(
            @Nullable Path caFile, @Nullable Path crlFile, List<String> allowedCn, List<String> allowedHostname)
            throws IOException {
        this.allowedCn = allowedCn;
        this.allowedHostname = allowedHostname;
        this.authorities = new WatchedFiles<>(caFile == null ? List.of() : List.of(caFile), () -> trustManager(caFile));
        this.revocations =
                crlFile == null ? null : new WatchedFiles<>(List.of(crlFile), () -> RevocationLists.read(crlFile));
    }

    private static X509ExtendedTrustManager trustManager(@Nullable Path caFile) throws IOException {
        try {
            KeyStore store = null;
            if (caFile != null) {
                store = KeyStore.getInstance(KeyStore.getDefaultType());
                store.load(null, null);
                int i = 0;
                for (X509Certificate authority : PemFiles.certificates(caFile)) {
                    store.setCertificateEntry("ca-" + i++, authority);
                }
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            for (TrustManager manager : factory.getTrustManagers()) {
                if (manager instanceof X509ExtendedTrustManager extended) {
                    return extended;
                }
            }
            throw new IOException("the JDK offers no X.509 trust manager");
        } catch (GeneralSecurityException e) {
            throw new IOException((caFile == null ? "the system's authorities" : caFile) + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        // Names of members that connect are checked below; a host name cannot be, for they connect from anywhere.
        authorities.current().checkClientTrusted(chain, authType);
        checkAllowed(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        authorities.current().checkClientTrusted(chain, authType);
        checkAllowed(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        authorities.current().checkClientTrusted(chain, authType);
        checkAllowed(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        authorities.current().checkServerTrusted(chain, authType, engine);
        checkAllowed(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        authorities.current().checkServerTrusted(chain, authType, socket);
        checkAllowed(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        authorities.current().checkServerTrusted(chain, authType);
        checkAllowed(chain);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return authorities.current().getAcceptedIssuers();
    }

    private void checkAllowed(X509Certificate[] chain) throws CertificateException {
        if (revocations != null) {
            revocations.current().check(chain);
        }
        X509Certificate certificate = chain[0];
        if (allowedCn.isEmpty() && allowedHostname.isEmpty()) {
            return;
        }
        if (allowedCn.contains(CertificateNames.commonName(certificate))) {
            return;
        }
        for (String name : allowedHostname) {
            if (CertificateHosts.hold(certificate, name)) {
                return;
            }
        }
        throw new CertificateException("the certificate of "
                + certificate.getSubjectX500Principal().getName() + " has none of the allowed names");
    }
}
