package io.keelson.apiserver.certs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;

/** A certificate and the private key that goes with it. */
public record Credential(X509Certificate certificate, PrivateKey key) {
    /** What is left of a certificate's life when it is replaced, as a part of the whole: a fifth. */
    private static final int RENEWAL_PART = 5;

    public static Credential read(Path certificateFile, Path keyFile) throws IOException {
        return new Credential(
                Pem.certificates(Files.readAllBytes(certificateFile)).getFirst(),
                Pem.privateKey(Files.readAllBytes(keyFile)));
    }

    /** Whether the key belongs to the certificate. */
    public boolean matches() {
        try {
            return SigningKey.publicOf(key).equals(certificate.getPublicKey());
        } catch (IOException e) {
            return false;
        }
    }

    public boolean issuedBy(X509Certificate authority) {
        try {
            certificate.verify(authority.getPublicKey());
            return certificate.getIssuerX500Principal().equals(authority.getSubjectX500Principal());
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** Whether it is time to replace it: less than a fifth of its life is left. */
    public boolean nearExpiry(Instant now) {
        Instant end = certificate.getNotAfter().toInstant();
        Duration life = Duration.between(certificate.getNotBefore().toInstant(), end);
        return now.isAfter(end.minus(life.dividedBy(RENEWAL_PART)));
    }

    /** Never shows the key. */
    @Override
    public String toString() {
        return "Credential[" + certificate.getSubjectX500Principal() + "]";
    }
}
