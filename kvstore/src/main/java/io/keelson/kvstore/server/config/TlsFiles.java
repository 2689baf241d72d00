package io.keelson.kvstore.server.config;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Certificates of a listener. Files are PEM and are read again when they change.
 *
 * @param certFile chain shown to whoever connects; null if one is to be generated
 * @param keyFile its key; null if it is to be generated
 * @param trustedCaFile authorities of the certificates of those who connect; null for the system's
 * @param crlFile revoked certificates of those who connect, null for none
 * @param clientCertAuth whether those who connect must show a certificate, and are users by its common name
 * @param allowedHostnames names of certificates that are let in, empty for any
 * @param cipherSuites allowed cipher suites, empty for the platform's choice
 * @param protocols TLS versions, as the JDK names them
 * @param selfSignedYears for how long a generated certificate holds
 */
public record TlsFiles(
        @Nullable Path certFile,
        @Nullable Path keyFile,
        @Nullable Path trustedCaFile,
        @Nullable Path crlFile,
        boolean clientCertAuth,
        List<String> allowedHostnames,
        List<String> cipherSuites,
        List<String> protocols,
        int selfSignedYears) {
    /** Whether those who connect must show a certificate: as in etcd, who names an authority wants its certificates. */
    public boolean wantsClientCertificates() {
        return clientCertAuth || trustedCaFile != null;
    }
}
