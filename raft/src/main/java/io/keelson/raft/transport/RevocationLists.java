package io.keelson.raft.transport;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/**
 * The certificates that their authorities have taken back, as a file of revocation lists (PEM or DER) says. A list counts
 * for certificates of its own issuer, whatever its dates: an old one still says who is not to be trusted.
 */
record RevocationLists(List<X509CRL> lists) {
    /** @throws IOException naming the file and what is wrong with it */
    static RevocationLists read(Path file) throws IOException {
        List<X509CRL> lists = new ArrayList<>();
        try (InputStream in = Files.newInputStream(file)) {
            for (var list : CertificateFactory.getInstance("X.509").generateCRLs(in)) {
                if (list instanceof X509CRL read) {
                    lists.add(read);
                }
            }
        } catch (NoSuchFileException e) {
            throw new IOException(file + ": no such file", e);
        } catch (GeneralSecurityException e) {
            throw new IOException(file + ": a revocation list is broken: " + e.getMessage(), e);
        }
        if (lists.isEmpty()) {
            throw new IOException(file + ": holds no revocation list");
        }
        return new RevocationLists(List.copyOf(lists));
    }

    /** @throws CertificateException if one of the chain was revoked */
    void check(X509Certificate[] chain) throws CertificateException {
        for (X509Certificate certificate : chain) {
            for (X509CRL list : lists) {
                if (list.isRevoked(certificate)) {
                    throw new CertificateException("the certificate of "
                            + certificate.getSubjectX500Principal().getName() + " is revoked");
                }
            }
        }
    }
}
