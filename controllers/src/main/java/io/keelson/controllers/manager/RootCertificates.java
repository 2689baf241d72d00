package io.keelson.controllers.manager;

import io.fabric8.kubernetes.client.Config;
import io.keelson.controllers.objects.OrEmpty;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Base64;

/** The certificates by which the API server is trusted, as PEM. */
final class RootCertificates {
    private RootCertificates() {}

    /**
     * Those of a file: {@code --root-ca-file}.
     *
     * @throws IOException if it cannot be read, or holds none
     */
    static String read(Path file) throws IOException {
        String pem = Files.readString(file);
        boolean some;
        try {
            some = !CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.UTF_8)))
                    .isEmpty();
        } catch (CertificateException e) {
            throw new IOException("error parsing root-ca-file at " + file + ": " + e.getMessage(), e);
        }
        if (!some) {
            throw new IOException("error parsing root-ca-file at " + file
                    + ": data does not contain any valid RSA or ECDSA certificates");
        }
        return pem;
    }

    /**
     * Those by which a client trusts the API server; empty if it has none of its own.
     *
     * @throws IOException if they are in a file that cannot be read
     */
    static String of(Config config) throws IOException {
        String data = OrEmpty.of(config.getCaCertData());
        if (data.isEmpty()) {
            String file = OrEmpty.of(config.getCaCertFile());
            return file.isEmpty() ? "" : Files.readString(Path.of(file));
        }
        return data.startsWith("-----")
                ? data
                : new String(Base64.getMimeDecoder().decode(data), StandardCharsets.UTF_8);
    }
}
