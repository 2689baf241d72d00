package io.keelson.apiserver.http;

import java.time.Duration;
import java.util.List;

/**
 * How the server speaks TLS.
 *
 * @param certificate for clients that name no host, or one that nothing else is for
 * @param named for hosts that clients name (SNI)
 * @param minVersion {@code TLSv1.2} or {@code TLSv1.3}
 * @param cipherSuites for TLS 1.2, by their names in IANA's registry; empty for those of the server's choice
 * @param groups that keys are agreed on with, by their names in IANA's registry; empty for those of the server's choice
 * @param reloadInterval how often files are looked at for changes
 */
public record TlsSettings(
        CertificateSource certificate,
        List<Named> named,
        String minVersion,
        List<String> cipherSuites,
        List<String> groups,
        Duration reloadInterval) {
    /**
     * A certificate for some hosts.
     *
     * @param hosts names, in which the first label may be an asterisk; empty for those in the certificate
     */
    public record Named(CertificateSource certificate, List<String> hosts) {
        public Named {
            hosts = List.copyOf(hosts);
        }
    }

    public TlsSettings {
        named = List.copyOf(named);
        cipherSuites = List.copyOf(cipherSuites);
        groups = List.copyOf(groups);
    }

    /** One certificate for all hosts, and otherwise what is usual. */
    public static TlsSettings of(CertificateSource certificate) {
        return new TlsSettings(certificate, List.of(), "TLSv1.2", List.of(), List.of(), Duration.ofSeconds(10));
    }
}
