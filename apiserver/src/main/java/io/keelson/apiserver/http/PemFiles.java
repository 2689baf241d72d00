package io.keelson.apiserver.http;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;

/** Certificates and keys in PEM files. */
final class PemFiles {
    private static final long FILE_BYTES_MAX = 1 << 20;

    private PemFiles() {}

    /** The certificates of a file, in its order; at least one. */
    static List<X509Certificate> certificates(Path file) throws IOException, GeneralSecurityException {
        JcaX509CertificateConverter converter = new JcaX509CertificateConverter();
        List<X509Certificate> certificates = new ArrayList<>();
        for (Object entry : entries(file)) {
            if (entry instanceof X509CertificateHolder holder) {
                certificates.add(converter.getCertificate(holder));
            }
        }
        if (certificates.isEmpty()) {
            throw new IOException(file + " has no certificate");
        }
        return certificates;
    }

    /** The first private key of a file: PKCS#8, or the older forms for RSA and EC keys. */
    static PrivateKey key(Path file) throws IOException {
        JcaPEMKeyConverter converter = new JcaPEMKeyConverter();
        for (Object entry : entries(file)) {
            switch (entry) {
                case PrivateKeyInfo info -> {
                    return converter.getPrivateKey(info);
                }
                case PEMKeyPair pair -> {
                    return converter.getPrivateKey(pair.getPrivateKeyInfo());
                }
                default -> {
                    // Parameters of a curve, or certificates beside the key.
                }
            }
        }
        throw new IOException(file + " has no private key that can be used");
    }

    private static List<Object> entries(Path file) throws IOException {
        if (Files.size(file) > FILE_BYTES_MAX) {
            throw new IOException(file + " is too large for a PEM file");
        }
        List<Object> entries = new ArrayList<>();
        try (Reader reader = Files.newBufferedReader(file);
                PEMParser parser = new PEMParser(reader)) {
            Object entry;
            while ((entry = parser.readObject()) != null) {
                entries.add(entry);
            }
        }
        return entries;
    }
}
