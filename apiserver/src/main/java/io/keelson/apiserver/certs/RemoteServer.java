package io.keelson.apiserver.certs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * A server that is called, and how to get in.
 *
 * @param url with the path to post to
 * @param authorities what its certificate must come from; null for those the platform trusts
 * @param client what is shown to it; null for nothing
 * @param token sent as bearer token; empty for none
 * @param username for basic authentication; empty for none
 * @param insecure whether its certificate is not looked at
 */
public record RemoteServer(
        String url,
        @Nullable List<X509Certificate> authorities,
        @Nullable Credential client,
        String token,
        String username,
        String password,
        boolean insecure) {
    /** One that is only known by its URL. */
    public static RemoteServer of(String url, @Nullable List<X509Certificate> authorities) {
        return new RemoteServer(url, authorities, null, "", "", "", false);
    }

    /** What a request says in its header {@code Authorization}; empty for nothing. */
    public String authorization() {
        if (!token.isEmpty()) {
            return "Bearer " + token;
        }
        return username.isEmpty()
                ? ""
                : "Basic "
                        + Base64.getEncoder()
                                .encodeToString((username + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    /** TLS as this server wants it. */
    public SSLContext tls() throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            Credential shown = client;
            KeyManager[] keys = shown == null ? null : new KeyManager[] {new ShownCredential(shown)};
            context.init(keys, trust(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot use the certificates for " + url + ": " + e.getMessage(), e);
        }
    }

    private TrustManager @Nullable [] trust() throws GeneralSecurityException, IOException {
        if (insecure) {
            return new TrustManager[] {new TrustEverybody()};
        }
        List<X509Certificate> trusted = authorities;
        if (trusted == null) {
            return null;
        }
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        for (int i = 0; i < trusted.size(); i++) {
            store.setCertificateEntry("authority-" + i, trusted.get(i));
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    /** Never shows secrets. */
    @Override
    public String toString() {
        return "RemoteServer[" + url + "]";
    }
}
