package io.keelson.apiserver.certs;

import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * All keys and certificates of a cluster.
 *
 * @param clusterAuthority signs what servers show
 * @param serving what this server shows
 * @param clientAuthority signs what clients show; users and groups are taken from such certificates
 * @param admin a client in {@code system:masters}
 * @param kubeletClient what this server shows to the nodes' agents
 * @param frontProxyAuthority signs what a proxy shows that speaks for others in headers
 * @param frontProxyClient what this server shows to aggregated API servers
 * @param serviceAccountKey signs the tokens of service accounts
 */
public record ClusterPki(
        CertificateAuthority clusterAuthority,
        Credential serving,
        CertificateAuthority clientAuthority,
        Credential admin,
        Credential kubeletClient,
        CertificateAuthority frontProxyAuthority,
        Credential frontProxyClient,
        KeyPair serviceAccountKey) {
    /** The common name of what the server shows to aggregated servers. */
    public static final String FRONT_PROXY = "front-proxy-client";

    /** The serving certificate with its issuer. */
    public List<X509Certificate> servingChain() {
        return List.of(serving.certificate(), clusterAuthority.certificate());
    }

    /** Never shows keys. */
    @Override
    public String toString() {
        return "ClusterPki[" + serving + "]";
    }
}
