package io.keelson.apiserver.certs;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.util.io.pem.PemObject;
import org.jspecify.annotations.Nullable;

/** Certificates and keys as PEM text. Blocks of other types are passed over. */
public final class Pem {
    /** How many blocks one file may have; a bundle of all public authorities has some 150. */
    static final int BLOCKS_MAX = 10_000;

    private static final String BEGIN = "-----BEGIN ";
    private static final String DASHES = "-----";
    private static final String CURVE_KEY = "EC PRIVATE KEY";
    private static final List<String> KEY_ALGORITHMS = List.of("RSA", "EC", "EdDSA");

    private Pem() {}

    /** @throws IOException if there is none, or one cannot be read */
    public static List<X509Certificate> certificates(byte[] pem) throws IOException {
        List<X509Certificate> found = new ArrayList<>();
        for (Object block : blocks(pem)) {
            if (block instanceof X509Certificate certificate) {
                found.add(certificate);
            }
        }
        if (found.isEmpty()) {
            throw new IOException("data does not contain any valid certificates");
        }
        return found;
    }

    /** The first private key; PKCS#8, PKCS#1 and SEC 1 are understood. */
    public static PrivateKey privateKey(byte[] pem) throws IOException {
        for (Object block : blocks(pem)) {
            switch (block) {
                case PrivateKey key -> {
                    return key;
                }
                case PEMKeyPair pair -> {
                    // The library would take its own provider's key where a program has added that, which TLS does not
                    // take.
                    return privateKeyOf(pair.getPrivateKeyInfo().getEncoded());
                }
                default -> {}
            }
        }
        throw new IOException("data does not contain a valid private key");
    }

    /** Every public key: of public keys, of certificates, and of private keys that state theirs. */
    public static List<PublicKey> publicKeys(byte[] pem) throws IOException {
        List<PublicKey> found = new ArrayList<>();
        for (Object block : blocks(pem)) {
            switch (block) {
                case SubjectPublicKeyInfo info -> found.add(new JcaPEMKeyConverter().getPublicKey(info));
                case X509Certificate certificate -> found.add(certificate.getPublicKey());
                case PEMKeyPair pair ->
                    found.add(new JcaPEMKeyConverter().getKeyPair(pair).getPublic());
                case PrivateKey key -> found.add(SigningKey.publicOf(key));
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

    /**
     * The key of a credential in the form that says by its name what kind it is: SEC 1 if it is on a curve, else PKCS#8. Clients
     * that read kubeconfigs take a key without a name for one of RSA.
     */
    static byte[] encodeKey(Credential credential) {
        if (!(credential.key() instanceof ECPrivateKey key)) {
            return encode(credential.key());
        }
        SubjectPublicKeyInfo shown = SubjectPublicKeyInfo.getInstance(
                credential.certificate().getPublicKey().getEncoded());
        int bits = key.getParams().getOrder().bitLength();
        try {
            return text(new PemObject(
                    CURVE_KEY,
                    new org.bouncycastle.asn1.sec.ECPrivateKey(
                                    bits,
                                    key.getS(),
                                    shown.getPublicKeyData(),
                                    shown.getAlgorithm().getParameters())
                            .getEncoded()));
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

    /**
     * The blocks of a text, one after the other. What a server reads at every start, certificates and keys in PKCS#8, is read
     * by the platform; the rest by the library for the older forms, whose classes take longer to load than all else here.
     */
    private static List<Object> blocks(byte[] pem) throws IOException {
        String text = new String(pem, StandardCharsets.US_ASCII);
        List<Object> blocks = new ArrayList<>();
        int at = text.indexOf(BEGIN);
        while (at >= 0) {
            int typeEnd = text.indexOf(DASHES, at + BEGIN.length());
            String type = typeEnd < 0 ? "" : text.substring(at + BEGIN.length(), typeEnd);
            String closing = "-----END " + type + DASHES;
            int end = typeEnd < 0 ? -1 : text.indexOf(closing, typeEnd);
            if (end < 0) {
                throw new IOException("malformed PEM: a block has no end");
            }
            Object block = block(type, text, typeEnd + DASHES.length(), end, at, end + closing.length());
            if (block != null) {
                blocks.add(block);
            }
            if (blocks.size() > BLOCKS_MAX) {
                throw new IOException("more than " + BLOCKS_MAX + " PEM blocks");
            }
            at = text.indexOf(BEGIN, end);
        }
        return blocks;
    }

    private static @Nullable Object block(String type, String text, int bodyFrom, int bodyTo, int from, int to)
            throws IOException {
        try {
            return switch (type) {
                case "CERTIFICATE" -> certificate(decoded(text.substring(bodyFrom, bodyTo)));
                case "PRIVATE KEY" -> privateKeyOf(decoded(text.substring(bodyFrom, bodyTo)));
                default -> byLibrary(text.substring(from, to));
            };
        } catch (CertificateException e) {
            throw new IOException("malformed certificate: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            // The decoders' way to report base64 and ASN.1 that make no sense
            throw new IOException("malformed PEM: " + e.getMessage(), e);
        }
    }

    private static byte[] decoded(String base64) {
        return Base64.getMimeDecoder().decode(base64);
    }

    private static X509Certificate certificate(byte[] der) throws CertificateException {
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
    }

    private static PrivateKey privateKeyOf(byte[] der) throws IOException {
        PKCS8EncodedKeySpec spec = new PKCS8EncodedKeySpec(der);
        String why = "";
        for (String algorithm : KEY_ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(spec);
            } catch (GeneralSecurityException e) {
                // One of another algorithm; the message of the last one says as much as that of the first.
                why = String.valueOf(e.getMessage());
            }
        }
        throw new IOException("malformed private key: " + why);
    }

    private static @Nullable Object byLibrary(String block) throws IOException {
        try (PEMParser parser = new PEMParser(new StringReader(block))) {
            return switch (parser.readObject()) {
                case X509CertificateHolder holder -> certificate(holder.getEncoded());
                case PrivateKeyInfo info -> privateKeyOf(info.getEncoded());
                case null -> null;
                case Object other -> other;
            };
        } catch (CertificateException e) {
            throw new IOException("malformed certificate: " + e.getMessage(), e);
        }
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
