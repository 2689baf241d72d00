package io.keelson.apiserver.proxy;

import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Where a backend listens.
 *
 * @param host a name or an address, an IPv6 address without brackets
 * @param tls how it is spoken to; null for plain HTTP
 */
public record Destination(String host, int port, @Nullable Tls tls) {
    private static final int HTTP = 80;
    private static final int HTTPS = 443;

    /**
     * Whom to believe.
     *
     * @param serverName the name that the certificate must have
     */
    public record Tls(SSLContext context, String serverName) {}

    /** Port 443 with TLS, 80 without. */
    public static int defaultPort(boolean tls) {
        return tls ? HTTPS : HTTP;
    }

    public String scheme() {
        return tls == null ? "http" : "https";
    }

    /** As in URLs. */
    public String authority() {
        String shown = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
        return port == defaultPort(tls != null) ? shown : shown + ":" + port;
    }

    /** Never leaves the port out. */
    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
