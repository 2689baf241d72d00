package io.keelson.controllers.manager;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.jspecify.annotations.Nullable;

/**
 * A private key, and certificates that say whose it is.
 *
 * @param chain the key's own certificate first, then those of its issuers as far as they are told
 */
public record CertifiedKey(List<X509Certificate> chain, PrivateKey key) {
    private static final int FILE_BYTES_MAX = 1 << 20;

    /** Keeps a copy. */
    public CertifiedKey {
        chain = List.copyOf(chain);
        if (chain.isEmpty()) {
            throw new IllegalArgumentException("a key without a certificate");
        }
    }

    /**
     * Out of PEM files, which may be the same one.
     *
     * @throws IOException if a file cannot be read, has no certificate or no key in it, or the two do not belong
     *     together
     */
    public static CertifiedKey read(Path certificateFile, Path keyFile) throws IOException {
        return parse(text(certificateFile), certificateFile.toString(), text(keyFile), keyFile.toString());
    }

    /**
     * Out of PEM, which may be the same one.
     *
     * @param certificatesFrom what errors call the text of the certificates
     * @param keyFrom what errors call the text of the key
     * @throws IOException if there is no certificate or no key in them, or the two do not belong together
     */
    public static CertifiedKey parse(String certificates, String certificatesFrom, String keyText, String keyFrom)
            throws IOException {
        List<X509Certificate> chain = new ArrayList<>();
        PrivateKey key;
        try {
            key = parse(keyText, new ArrayList<>());
            var _ = parse(certificates, chain);
        } catch (IOException | RuntimeException e) {
            // The decoder throws what it likes at what is no ASN.1 of the right shape.
            throw new IOException(
                    certificatesFrom + " and " + keyFrom + " do not make a certificate to show: " + e.getMessage(), e);
        }
        if (chain.isEmpty()) {
            throw new IOException(certificatesFrom + " has no certificate in it");
        }
        if (key == null) {
            throw new IOException(keyFrom + " has no private key in it");
        }
        if (!belongsTo(chain.getFirst().getPublicKey(), key)) {
            throw new IOException("the certificate in " + certificatesFrom + " is not that of the key in " + keyFrom);
        }
        return new CertifiedKey(chain, key);
    }

    private static String text(Path file) throws IOException {
        if (Files.size(file) > FILE_BYTES_MAX) {
            throw new IOException(file + " is longer than " + FILE_BYTES_MAX + " bytes");
        }
        // Whatever else stands in it is no PEM.
        return Files.readString(file, StandardCharsets.ISO_8859_1);
    }

    /** The first key of a text; its certificates are added to a list. */
    private static @Nullable PrivateKey parse(String pem, List<X509Certificate> chain) throws IOException {
        PrivateKey key = null;
        try (PEMParser parser = new PEMParser(new StringReader(pem))) {
            JcaPEMKeyConverter keys = new JcaPEMKeyConverter();
            JcaX509CertificateConverter certificates = new JcaX509CertificateConverter();
            for (Object object = parser.readObject(); object != null; object = parser.readObject()) {
                if (object instanceof X509CertificateHolder certificate) {
                    chain.add(certificates.getCertificate(certificate));
                } else if (key == null && object instanceof PEMKeyPair pair) {
                    key = keys.getKeyPair(pair).getPrivate();
                } else if (key == null && object instanceof PrivateKeyInfo info) {
                    key = keys.getPrivateKey(info);
                }
            }
        } catch (GeneralSecurityException e) {
            throw new IOException("no certificate that can be used: " + e.getMessage(), e);
        }
        return key;
    }

    /** Whether a signature by the private key is one by the public key. */
    private static boolean belongsTo(PublicKey known, PrivateKey key) {
        String algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC", "ECDSA" -> "SHA256withECDSA";
            default -> key.getAlgorithm();
        };
        byte[] something = {1, 2, 3};
        try {
            Signature signer = Signature.getInstance(algorithm);
            signer.initSign(key);
            signer.update(something);
            byte[] signature = signer.sign();
            signer.initVerify(known);
            signer.update(something);
            return signer.verify(signature);
        } catch (GeneralSecurityException e) {
            // Keys of two kinds, for one.
            return false;
        }
    }

    /** The key's own certificate. */
    public X509Certificate certificate() {
        return chain.getFirst();
    }

    /** What shows it in a handshake. */
    public KeyManager[] managers() {
        char[] none = new char[0];
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, none);
            store.setKeyEntry("shown", key, none, chain.toArray(Certificate[]::new));
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, none);
            return keys.getKeyManagers();
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("every Java shows such a certificate", e);
        }
    }
}
