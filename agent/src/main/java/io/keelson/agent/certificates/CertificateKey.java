package io.keelson.agent.certificates;

import java.io.IOException;
import java.io.StringReader;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequestBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** A private key that was made here, and what proves that one has it. */
public record CertificateKey(KeyPair pair) {
    /** What the kubelet makes for itself. */
    public static final String NODES = "ECDSAP256";

    /**
     * A new key of a type as pods name it: {@code RSA3072}, {@code RSA4096}, {@code ECDSAP256}, {@code ECDSAP384},
     * {@code ECDSAP521}, {@code ED25519}.
     *
     * @throws GeneralSecurityException if there is no such type
     */
    public static CertificateKey generate(String type) throws GeneralSecurityException {
        return new CertificateKey(
                switch (type) {
                    case "RSA3072" -> rsa(3072);
                    case "RSA4096" -> rsa(4096);
                    case NODES -> curve("secp256r1");
                    case "ECDSAP384" -> curve("secp384r1");
                    case "ECDSAP521" -> curve("secp521r1");
                    case "ED25519" -> KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
                    default -> throw new GeneralSecurityException("unknown key type \"" + type + '"');
                });
    }

    private static KeyPair rsa(int bits) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(bits);
        return generator.generateKeyPair();
    }

    private static KeyPair curve(String name) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec(name));
        return generator.generateKeyPair();
    }

    /** The private key in PKCS #8. */
    public String pem() {
        return block("PRIVATE KEY", pair.getPrivate().getEncoded());
    }

    /** Both keys: what {@link #parse} reads. */
    String bothPem() {
        return pem() + block("PUBLIC KEY", pair.getPublic().getEncoded());
    }

    /**
     * Reads both keys.
     *
     * @throws IOException if they are not there
     */
    static CertificateKey parse(String bothPem) throws IOException {
        PrivateKeyInfo key = null;
        SubjectPublicKeyInfo known = null;
        try (PEMParser parser = new PEMParser(new StringReader(bothPem))) {
            for (Object object = parser.readObject(); object != null; object = parser.readObject()) {
                if (object instanceof PrivateKeyInfo info) {
                    key = info;
                } else if (object instanceof SubjectPublicKeyInfo info) {
                    known = info;
                }
            }
            if (key == null || known == null) {
                throw new IOException("there are not both keys in it");
            }
            JcaPEMKeyConverter converter = new JcaPEMKeyConverter();
            return new CertificateKey(new KeyPair(converter.getPublicKey(known), converter.getPrivateKey(key)));
        } catch (RuntimeException e) {
            // The decoder throws what it likes at what is no ASN.1 of the right shape.
            throw new IOException("no keys: " + e.getMessage(), e);
        }
    }

    /**
     * A request (PKCS #10), signed with the key.
     *
     * @param subject whose the key is said to be; may be empty
     * @param names other names of the same; may be none
     */
    public byte[] request(X500Name subject, List<GeneralName> names) {
        String algorithm = switch (pair.getPrivate().getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC", "ECDSA" -> "SHA256withECDSA";
            default -> "Ed25519";
        };
        try {
            PKCS10CertificationRequestBuilder request =
                    new JcaPKCS10CertificationRequestBuilder(subject, pair.getPublic());
            if (!names.isEmpty()) {
                ExtensionsGenerator extensions = new ExtensionsGenerator();
                extensions.addExtension(
                        Extension.subjectAlternativeName, false, new GeneralNames(names.toArray(GeneralName[]::new)));
                request.addAttribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions.generate());
            }
            return request.build(new JcaContentSignerBuilder(algorithm).build(pair.getPrivate()))
                    .getEncoded();
        } catch (IOException | OperatorCreationException e) {
            throw new IllegalStateException("a key that was made here signs", e);
        }
    }

    static String block(String type, byte[] content) {
        return "-----BEGIN " + type + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content) + "\n-----END " + type
                + "-----\n";
    }
}
