package io.keelson.controllers.manager;

import java.util.List;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * How the port of a component is served, and to whom.
 *
 * @param tls what it shows
 * @param protocols the versions of TLS that are spoken, as Java names them
 * @param cipherSuites those that are spoken; empty for those that Java speaks
 * @param clients by which certificates clients are known; null for by none
 * @param access who is asked about them
 */
record PortSettings(
        SSLContext tls,
        List<String> protocols,
        List<String> cipherSuites,
        @Nullable ClientCertificates clients,
        AccessSettings access) {
    /** TLS 1.2 and what is newer. */
    static final List<String> PROTOCOLS = List.of("TLSv1.3", "TLSv1.2");

    PortSettings {
        protocols = List.copyOf(protocols);
        cipherSuites = List.copyOf(cipherSuites);
    }

    /** As it is without flags. */
    static PortSettings of(SSLContext tls) {
        return new PortSettings(tls, PROTOCOLS, List.of(), null, AccessSettings.DEFAULT);
    }
}
