package io.keelson.scheduler.extender;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * Trusts a server of a certain name, whatever the host in its URL is called. With a trust manager of this kind the JDK itself
 * compares no names.
 */
final class ServerNameTrust extends X509ExtendedTrustManager {
    private static final int DNS_NAME = 2;

    private final X509TrustManager authorities;
    private final String name;

    /**
     * Trusts.
     *
     * @param authorities who has to vouch for the server
     * @param name what its certificate has to say
     */
    ServerNameTrust(X509TrustManager authorities, String name) {
        this.authorities = authorities;
        this.name = name;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
        authorities.checkServerTrusted(chain, type);
        if (!isNamed(chain[0], name)) {
            throw new CertificateException("the certificate is not for " + name);
        }
    }

    private static boolean isNamed(X509Certificate certificate, String wanted) throws CertificateException {
        Collection<List<?>> names = certificate.getSubjectAlternativeNames();
        if (names == null) {
            return false;
        }
        String host = wanted.toLowerCase(Locale.ROOT);
        for (List<?> each : names) {
            if (each.get(0) instanceof Integer kind && kind == DNS_NAME && each.get(1) instanceof String said) {
                String pattern = said.toLowerCase(Locale.ROOT);
                boolean fits = pattern.startsWith("*.")
                        ? host.indexOf('.') > 0
                                && host.substring(host.indexOf('.')).equals(pattern.substring(1))
                        : host.equals(pattern);
                if (fits) {
                    return true;
                }
            }
        }
        return false;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        checkServerTrusted(chain, type);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        checkServerTrusted(chain, type);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
        throw new CertificateException("no clients are served");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        checkClientTrusted(chain, type);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        checkClientTrusted(chain, type);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return authorities.getAcceptedIssuers();
    }
}
