package io.keelson.controllers.manager;

import java.util.List;
import javax.net.ssl.SSLContext;

/**
 * How the port of a component is served, and to whom.
 *
 * @param tls what it shows
 * @param protocols the versions of TLS that are spoken, as Java names them
 * @param cipherSuites those that are spoken; empty for those that Java speaks
 * @param reviews by what it is found out who may read
 */
public record PortSettings(SSLContext tls, List<String> protocols, List<String> cipherSuites, ReviewSettings reviews) {
    /** TLS 1.2 and what is newer. */
    public static final List<String> PROTOCOLS = List.of("TLSv1.3", "TLSv1.2");

    /** Keeps copies. */
    public PortSettings {
        protocols = List.copyOf(protocols);
        cipherSuites = List.copyOf(cipherSuites);
    }

    /** As it is without flags. */
    public static PortSettings of(SSLContext tls) {
        return new PortSettings(tls, PROTOCOLS, List.of(), ReviewSettings.DEFAULT);
    }
}
