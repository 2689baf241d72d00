package io.keelson.controllers.runtime;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.internal.SSLUtils;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * The connections of clients that trust one authority. All of a process that show the same have one TLS context: what
 * they show and trust is read once, and a connection goes on with the session of another one. A controller manager has a client
 * for each account, and the library would read all the authorities that Java knows for each of them; these trust the one that
 * they are given, and no others, as clients of Kubernetes do.
 */
final class SharedTls extends JdkHttpClientFactory {
    /** So many contexts are kept, those that were asked for last. */
    private static final int KEPT_MAX = 32;

    private static final int FILE_BYTES_MAX = 1 << 20;

    private static final Map<Identity, SSLContext> KEPT = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Identity, SSLContext> eldest) {
            return size() > KEPT_MAX;
        }
    };

    private final SSLContext context;

    /** What is trusted and shown, as PEM; nothing is shown if the certificate is empty. */
    private record Identity(String authority, String certificate, String key) {}

    private SharedTls(SSLContext context) {
        this.context = context;
    }

    /**
     * Connections for a configuration; empty if it has more to say of TLS than an authority, a certificate and its key, or
     * says it wrongly: the library knows what to say then.
     */
    static Optional<SharedTls> of(Config config) {
        if (config.isTrustCerts()
                || config.isDisableHostnameVerification()
                || given(config.getTrustStoreFile())
                || given(config.getKeyStoreFile())) {
            return Optional.empty();
        }
        try {
            Identity identity = new Identity(
                    content(config.getCaCertData(), config.getCaCertFile()),
                    content(config.getClientCertData(), config.getClientCertFile()),
                    content(config.getClientKeyData(), config.getClientKeyFile()));
            if (identity.authority().isEmpty()) {
                return Optional.empty();
            }
            synchronized (KEPT) {
                SSLContext context = KEPT.get(identity);
                if (context == null) {
                    context = made(config, identity);
                    KEPT.put(identity, context);
                }
                return Optional.of(new SharedTls(context));
            }
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static SSLContext made(Config config, Identity identity) throws IOException, GeneralSecurityException {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        int number = 0;
        byte[] pem = identity.authority().getBytes(StandardCharsets.ISO_8859_1);
        for (Certificate authority :
                CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem))) {
            trusted.setCertificateEntry("authority-" + number++, authority);
        }
        if (number == 0) {
            throw new IOException("no authority to trust");
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        KeyManager @Nullable [] shown = identity.certificate().isEmpty() ? null : SSLUtils.keyManagers(config);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(shown, trust.getTrustManagers(), null);
        return context;
    }

    /** PEM that is given in base64, or else in a file. */
    private static String content(@Nullable String data, @Nullable String file) throws IOException {
        if (data != null && !data.isEmpty()) {
            return new String(Base64.getMimeDecoder().decode(data), StandardCharsets.ISO_8859_1);
        }
        if (file == null || file.isEmpty()) {
            return "";
        }
        try (InputStream in = Files.newInputStream(Path.of(file))) {
            return new String(in.readNBytes(FILE_BYTES_MAX), StandardCharsets.ISO_8859_1);
        }
    }

    private static boolean given(@Nullable String text) {
        return text != null && !text.isEmpty();
    }

    /** What a configuration says besides of TLS. */
    @Override
    public HttpClient.Builder newBuilder(Config config) {
        Config rest = new ConfigBuilder(config)
                // It would be read, and is not asked.
                .withTrustCerts(true)
                .withCaCertData(null)
                .withCaCertFile(null)
                .withClientCertData(null)
                .withClientCertFile(null)
                .withClientKeyData(null)
                .withClientKeyFile(null)
                .build();
        return super.newBuilder(rest);
    }

    @Override
    protected java.net.http.HttpClient.Builder createNewHttpClientBuilder() {
        return new PresetTlsBuilder(super.createNewHttpClientBuilder(), () -> context);
    }
}
