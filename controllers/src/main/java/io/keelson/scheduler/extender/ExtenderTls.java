package io.keelson.scheduler.extender;

import io.fabric8.kubernetes.client.internal.SSLUtils;
import io.keelson.controllers.manager.CertifiedKey;
import io.keelson.scheduler.config.SchedulerConfiguration.Extender;
import io.keelson.scheduler.config.SchedulerConfiguration.Tls;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** The client by which an extender is spoken to, with the certificates that its configuration names. */
final class ExtenderTls {
    private ExtenderTls() {}

    /** @throws IllegalArgumentException if a certificate or key cannot be read */
    static HttpClient client(Extender settings) {
        HttpClient.Builder client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(settings.timeout())
                .followRedirects(HttpClient.Redirect.NEVER)
                .executor(Executors.newVirtualThreadPerTaskExecutor());
        Tls tls = settings.tlsConfig();
        if (tls != null) {
            try {
                client.sslContext(context(tls));
            } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "extender " + settings.urlPrefix() + ": tlsConfig: " + e.getMessage(), e);
            }
            String name = tls.serverName();
            if (name != null && !name.isEmpty()) {
                SSLParameters parameters = new SSLParameters();
                parameters.setServerNames(List.of(new SNIHostName(name)));
                client.sslParameters(parameters);
            }
        }
        return client.build();
    }

    private static SSLContext context(Tls tls) throws IOException, GeneralSecurityException {
        KeyManager @Nullable [] keys = null;
        if (tls.certData() != null || tls.certFile() != null) {
            keys = CertifiedKey.parse(
                            pem("cert", tls.certData(), tls.certFile()),
                            "its certificate",
                            pem("key", tls.keyData(), tls.keyFile()),
                            "its key")
                    .managers();
        }
        TrustManager @Nullable [] trusted = null;
        if (tls.insecure()) {
            trusted = SSLUtils.trustManagers(null, (String) null, true, null, null);
        } else if (tls.caData() != null || tls.caFile() != null) {
            trusted = SSLUtils.trustManagers(tls.caData(), tls.caFile(), false, null, null);
        }
        String name = tls.serverName();
        if (!tls.insecure() && name != null && !name.isEmpty()) {
            trusted = new TrustManager[] {new ServerNameTrust(authorities(trusted), name)};
        }
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys, trusted, null);
        return context;
    }

    /** Of a field that ends with {@code Data}, in base 64, or else of the file. */
    private static String pem(String field, @Nullable String data, @Nullable String file) throws IOException {
        if (data != null && !data.isEmpty()) {
            return new String(Base64.getMimeDecoder().decode(data), StandardCharsets.ISO_8859_1);
        }
        if (file == null || file.isEmpty()) {
            throw new IOException("neither " + field + "Data nor " + field + "File is there");
        }
        return Files.readString(Path.of(file), StandardCharsets.ISO_8859_1);
    }

    private static X509TrustManager authorities(TrustManager @Nullable [] trusted) throws GeneralSecurityException {
        TrustManager[] all = trusted;
        if (all == null) {
            var usual = javax.net.ssl.TrustManagerFactory.getInstance(
                    javax.net.ssl.TrustManagerFactory.getDefaultAlgorithm());
            usual.init((java.security.KeyStore) null);
            all = usual.getTrustManagers();
        }
        for (TrustManager each : all) {
            if (each instanceof X509TrustManager authority) {
                return authority;
            }
        }
        throw new GeneralSecurityException("no authorities are known");
    }
}
