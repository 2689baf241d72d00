package io.keelson.apiserver.kinds.certificates;

import io.keelson.apiserver.certs.SigningKey;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Certificates and the keys to them, as servers are given them: both as PEM, the certificate of the server before those
 * of its authorities.
 */
public final class KeyPairs {
    private static final String CERTIFICATE = "CERTIFICATE";
    private static final String KEY = "PRIVATE KEY";
    private static final byte[] PROBE = "keelson".getBytes(StandardCharsets.US_ASCII);

    private KeyPairs() {}

    /**
     * What a server could not do with them, in the words of Go's {@code tls.X509KeyPair}; null if nothing is wrong.
     *
     * @param certificates as PEM
     * @param key as PEM
     */
    public static @Nullable String wrong(byte[] certificates, byte[] key) {
        List<Pem.Block> blocks = blocks(certificates);
        Pem.Block leaf = first(blocks, CERTIFICATE);
        if (leaf == null) {
            return noCertificate(types(blocks));
        }
        List<String> before = new ArrayList<>();
        Pem.Block found = null;
        for (Pem.Block block : blocks(key)) {
            if (block.type().equals(KEY) || block.type().endsWith(" " + KEY)) {
                found = block;
                break;
            }
            before.add(block.type());
        }
        return found == null ? noKey(before) : unfit(leaf, found);
    }

    private static List<Pem.Block> blocks(byte[] pem) {
        return Pem.blocks(new String(pem, StandardCharsets.US_ASCII));
    }

    private static Pem.@Nullable Block first(List<Pem.Block> blocks, String type) {
        return blocks.stream()
                .filter(block -> block.type().equals(type))
                .findFirst()
                .orElse(null);
    }

    private static List<String> types(List<Pem.Block> blocks) {
        return blocks.stream().map(Pem.Block::type).toList();
    }

    private static String noCertificate(List<String> types) {
        if (types.isEmpty()) {
            return "tls: failed to find any PEM data in certificate input";
        }
        if (types.size() == 1 && types.getFirst().endsWith(KEY)) {
            return "tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM"
                    + " inputs may have been switched";
        }
        return "tls: failed to find \"CERTIFICATE\" PEM block in certificate input after skipping PEM blocks of the"
                + " following types: [" + String.join(" ", types) + "]";
    }

    private static String noKey(List<String> types) {
        if (types.isEmpty()) {
            return "tls: failed to find any PEM data in key input";
        }
        if (types.size() == 1 && types.getFirst().equals(CERTIFICATE)) {
            return "tls: found a certificate rather than a key in the PEM for the private key";
        }
        return "tls: failed to find PEM block with type ending in \"PRIVATE KEY\" in key input after skipping PEM"
                + " blocks of the following types: [" + String.join(" ", types) + "]";
    }

    private static @Nullable String unfit(Pem.Block leaf, Pem.Block found) {
        PublicKey open;
        try {
            X509Certificate certificate = (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(leaf.content()));
            open = certificate.getPublicKey();
        } catch (CertificateException | RuntimeException e) {
            return "x509: malformed certificate";
        }
        if (!(open instanceof RSAPublicKey || open instanceof ECPublicKey || open instanceof EdECPublicKey)) {
            return "tls: unknown public key algorithm";
        }
        try {
            PrivateKey secret = io.keelson.apiserver.certs.Pem.privateKey(armoured(found));
            if (!kind(secret.getAlgorithm()).equals(kind(open.getAlgorithm()))) {
                return "tls: private key type does not match public key type";
            }
            return belongs(secret, open) ? null : "tls: private key does not match public key";
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            return "tls: failed to parse private key";
        }
    }

    private static byte[] armoured(Pem.Block block) {
        String base64 = Base64.getMimeEncoder().encodeToString(block.content());
        return ("-----BEGIN " + block.type() + "-----\n" + base64 + "\n-----END " + block.type() + "-----\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    /** Libraries have different names for the same algorithms. */
    private static String kind(String algorithm) {
        return switch (algorithm) {
            case "RSA" -> "RSA";
            case "EC", "ECDSA" -> "EC";
            default -> "EdDSA";
        };
    }

    /** Without a signature where there is another way: that of a large key takes its time. */
    private static boolean belongs(PrivateKey secret, PublicKey open) throws IOException, GeneralSecurityException {
        return switch (open) {
            case RSAPublicKey rsa ->
                secret instanceof RSAPrivateKey own && own.getModulus().equals(rsa.getModulus());
            case ECPublicKey curve ->
                SigningKey.publicOf(secret) instanceof ECPublicKey own
                        && own.getW().equals(curve.getW());
            default -> {
                Signature signing = Signature.getInstance("EdDSA");
                signing.initSign(secret);
                signing.update(PROBE);
                byte[] signature = signing.sign();
                signing.initVerify(open);
                signing.update(PROBE);
                yield signing.verify(signature);
            }
        };
    }
}
