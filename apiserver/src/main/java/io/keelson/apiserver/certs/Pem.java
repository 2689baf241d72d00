package io.keelson.apiserver.certs;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;

/** Certificates and keys as PEM text. Blocks of other types are passed over. */
public final class Pem {
    /** How many blocks one file may have; a bundle of all public authorities has some 150. */
    static final int BLOCKS_MAX = 10_000;

    private Pem() {}

    /** @throws IOException if there is none, or one cannot be read */
    public static List<X509Certificate> certificates(byte[] pem) throws IOException {
        List<X509Certificate> found = new ArrayList<>();
        for (Object block : blocks(pem)) {
            if (block instanceof X509CertificateHolder holder) {
                try {
                    found.add(new JcaX509CertificateConverter().getCertificate(holder));
                } catch (CertificateException e) {
                    throw new IOException("malformed certificate: " + e.getMessage(), e);
                }
            }
        }
        if (found.isEmpty()) {
            throw new IOException("data does not contain any valid certificates");
        }
        return found;
    }

    /** The first private key; PKCS#8, PKCS#1 and SEC 1 are understood. */
    public static PrivateKey privateKey(byte[] pem) throws IOException {
        JcaPEMKeyConverter converter = new JcaPEMKeyConverter();
        for (Object block : blocks(pem)) {
            switch (block) {
                case PrivateKeyInfo info -> {
                    return converter.getPrivateKey(info);
                }
                case PEMKeyPair pair -> {
                    return converter.getPrivateKey(pair.getPrivateKeyInfo());
                }
                default -> {}
            }
        }
        throw new IOException("data does not contain a valid private key");
    }

    /** Every public key: of public keys, of certificates, and of private keys that state theirs. */
    public static List<PublicKey> publicKeys(byte[] pem) throws IOException {
        JcaPEMKeyConverter converter = new JcaPEMKeyConverter();
        List<PublicKey> found = new ArrayList<>();
        for (Object block : blocks(pem)) {
            switch (block) {
                case SubjectPublicKeyInfo info -> found.add(converter.getPublicKey(info));
                case X509CertificateHolder holder ->
                    found.add(converter.getPublicKey(holder.getSubjectPublicKeyInfo()));
                case PEMKeyPair pair -> found.add(converter.getKeyPair(pair).getPublic());
                case PrivateKeyInfo info -> found.add(SigningKey.publicOf(converter.getPrivateKey(info)));
                default -> {}
            }
        }
        if (found.isEmpty()) {
            throw new IOException("data does not contain any valid public keys");
        }
        return found;
    }

    public static byte[] encode(X509Certificate certificate) {
        return text(certificate);
    }

    /** One behind the other. */
    public static byte[] encode(Collection<X509Certificate> certificates) {
        return text(certificates.toArray());
    }

    /** As PKCS#8. */
    public static byte[] encode(PrivateKey key) {
        try {
            return text(new JcaPKCS8Generator(key, null));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static byte[] encode(PublicKey key) {
        return text(key);
    }

    /** A key pair as its private half. */
    public static byte[] encode(KeyPair pair) {
        return encode(pair.getPrivate());
    }

    private static List<Object> blocks(byte[] pem) throws IOException {
        List<Object> blocks = new ArrayList<>();
        try (PEMParser parser = new PEMParser(new StringReader(new String(pem, StandardCharsets.US_ASCII)))) {
            for (Object block = parser.readObject(); block != null; block = parser.readObject()) {
                blocks.add(block);
                if (blocks.size() > BLOCKS_MAX) {
                    throw new IOException("more than " + BLOCKS_MAX + " PEM blocks");
                }
            }
        } catch (RuntimeException e) {
            // The parser's way to report base64 and ASN.1 that make no sense
            throw new IOException("malformed PEM: " + e.getMessage(), e);
        }
        return blocks;
    }

    private static byte[] text(Object... blocks) {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            for (Object block : blocks) {
                writer.writeObject(block);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }
}
