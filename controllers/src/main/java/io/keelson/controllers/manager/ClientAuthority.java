package io.keelson.controllers.manager;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which certificates of clients are good: those that an authority of a PEM file vouches for. The file is read again when it was
 * written; what cannot be read then leaves the last one in place. Any thread.
 */
final class ClientAuthority {
    private static final Logger LOG = LoggerFactory.getLogger(ClientAuthority.class);

    private final Path file;
    private @Nullable Loaded loaded;

    private record Loaded(FileTime written, X509TrustManager trust) {}

    /**
     * The authorities of a file.
     *
     * @throws IOException if it cannot be read, or has no certificate in it
     */
    ClientAuthority(Path file) throws IOException {
        this.file = file;
        loaded = load(Files.getLastModifiedTime(file));
    }

    /** Whether an authority vouches for a client, now; its own certificate comes first. */
    boolean vouchesFor(List<X509Certificate> chain) {
        if (chain.isEmpty()) {
            return false;
        }
        try {
            // The kind of its key is not asked for where a client is meant.
            trust().checkClientTrusted(chain.toArray(X509Certificate[]::new), "UNKNOWN");
            return true;
        } catch (CertificateException e) {
            LOG.debug("{} is not known: {}", chain.getFirst().getSubjectX500Principal(), e.getMessage());
            return false;
        }
    }

    private synchronized X509TrustManager trust() throws CertificateException {
        Loaded known = loaded;
        try {
            FileTime written = Files.getLastModifiedTime(file);
            if (known == null || !known.written().equals(written)) {
                known = load(written);
                loaded = known;
            }
        } catch (IOException e) {
            LOG.warn("{} cannot be read: {}", file, e.getMessage());
        }
        if (known == null) {
            throw new CertificateException("there is no authority");
        }
        return known.trust();
    }

    private Loaded load(FileTime written) throws IOException {
        try (var in = Files.newInputStream(file)) {
            Collection<? extends Certificate> authorities =
                    CertificateFactory.getInstance("X.509").generateCertificates(in);
            if (authorities.isEmpty()) {
                throw new IOException(file + " has no certificate in it");
            }
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (Certificate authority : authorities) {
                store.setCertificateEntry("authority-" + store.size(), authority);
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(store);
            for (TrustManager trust : factory.getTrustManagers()) {
                if (trust instanceof X509TrustManager known) {
                    return new Loaded(written, known);
                }
            }
            throw new IllegalStateException("every Java checks certificates");
        } catch (GeneralSecurityException e) {
            throw new IOException(file + " has no certificates that can be read: " + e.getMessage(), e);
        }
    }
}
