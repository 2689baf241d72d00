package io.keelson.agent.volumes;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/**
 * A new private key, and what proves that one has it.
 *
 * @param pem the key in PKCS #8
 * @param request a request (PKCS #10) for nobody, signed with it
 */
record CertificateKey(String pem, byte[] request) {
    CertificateKey {
        request = request.clone();
    }

    @Override
    public byte[] request() {
        return request.clone();
    }

    /**
     * A key of a type as pods name it: {@code RSA3072}, {@code RSA4096}, {@code ECDSAP256}, {@code ECDSAP384},
     * {@code ECDSAP521}, {@code ED25519}.
     *
     * @throws VolumeException if there is no such type
     */
    static CertificateKey generate(String type) throws VolumeException {
        try {
            KeyPair pair = pair(type);
            String algorithm = switch (pair.getPrivate().getAlgorithm()) {
                case "RSA" -> "SHA256withRSA";
                case "EC" -> "SHA256withECDSA";
                default -> "Ed25519";
            };
            byte[] request = new JcaPKCS10CertificationRequestBuilder(new X500Principal(""), pair.getPublic())
                    .build(new JcaContentSignerBuilder(algorithm).build(pair.getPrivate()))
                    .getEncoded();
            String pem = "-----BEGIN PRIVATE KEY-----\n"
                    + Base64.getMimeEncoder(64, new byte[] {'\n'})
                            .encodeToString(pair.getPrivate().getEncoded())
                    + "\n-----END PRIVATE KEY-----\n";
            return new CertificateKey(pem, request);
        } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
            throw new VolumeException("a key of type " + type + " cannot be made: " + e.getMessage(), e);
        }
    }

    private static KeyPair pair(String type) throws GeneralSecurityException, VolumeException {
        return switch (type) {
            case "RSA3072" -> rsa(3072);
            case "RSA4096" -> rsa(4096);
            case "ECDSAP256" -> curve("secp256r1");
            case "ECDSAP384" -> curve("secp384r1");
            case "ECDSAP521" -> curve("secp521r1");
            case "ED25519" -> KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
            default -> throw new VolumeException("unknown key type \"" + type + '"');
        };
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
}
