package io.keelson.kvstore.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.jca.JCAContext;
import com.nimbusds.jose.util.Base64URL;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.PSSParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.crypto.params.RSAKeyParameters;
import org.bouncycastle.crypto.params.RSAPrivateCrtKeyParameters;
import org.bouncycastle.crypto.util.PrivateKeyFactory;
import org.bouncycastle.crypto.util.SubjectPublicKeyInfoFactory;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.jspecify.annotations.Nullable;

/**
 * The key and the one algorithm that JWTs are signed and checked with: RSA (RS, PS), elliptic curves (ES), Ed25519
 * (EdDSA) or a shared secret (HS), by the JDK's own cryptography. Any thread.
 */
final class JwtKey implements JWSSigner, JWSVerifier {
    /** Something signed to find out whether a private and a public key belong together. */
    private static final byte[] PROBE = "keelson".getBytes(StandardCharsets.US_ASCII);

    private final JWSAlgorithm algorithm;
    private final String jcaName;
    private final @Nullable Key signing;
    private final Key checking;
    private final JCAContext context = new JCAContext();

    private JwtKey(JWSAlgorithm algorithm, @Nullable Key signing, Key checking) {
        this.algorithm = algorithm;
        this.jcaName = jcaName(algorithm.getName());
        this.signing = signing;
        this.checking = checking;
    }

    /**
     * Reads keys.
     *
     * @param method the name of an algorithm, such as RS256
     * @param publicKey PEM, or null; ignored for a shared secret
     * @param privateKey PEM, or the shared secret itself, or null to check tokens only
     * @throws IllegalArgumentException if they do not fit together; the message says why
     */
    static JwtKey of(String method, byte @Nullable [] publicKey, byte @Nullable [] privateKey) {
        String jcaName = jcaName(method);
        JWSAlgorithm algorithm = JWSAlgorithm.parse(method);
        if (method.startsWith("HS")) {
            if (privateKey == null || privateKey.length == 0) {
                throw new IllegalArgumentException("--auth-token: " + method + " needs priv-key");
            }
            Key secret = new SecretKeySpec(privateKey, jcaName);
            return new JwtKey(algorithm, secret, secret);
        }
        Object privatePem = privateKey == null ? null : parse("priv-key", privateKey);
        Object publicPem = publicKey == null ? null : parse("pub-key", publicKey);
        Object checkingPem = publicPem == null ? privatePem : publicPem;
        if (checkingPem == null) {
            throw new IllegalArgumentException("--auth-token: " + method + " needs pub-key, priv-key or both");
        }
        JwtKey key = new JwtKey(
                algorithm, privatePem == null ? null : privateKey(method, privatePem), publicKey(method, checkingPem));
        key.probe();
        return key;
    }

    private static String jcaName(String method) {
        return switch (method) {
            case "HS256", "HS384", "HS512" -> "HmacSHA" + method.substring(2);
            case "RS256", "RS384", "RS512" -> "SHA" + method.substring(2) + "withRSA";
            case "PS256", "PS384", "PS512" -> "RSASSA-PSS";
            case "ES256", "ES384", "ES512" -> "SHA" + method.substring(2) + "withECDSAinP1363Format";
            case "EdDSA" -> "Ed25519";
            default -> throw new IllegalArgumentException("--auth-token: unknown sign-method '" + method + "'");
        };
    }

    private static Object parse(String option, byte[] pem) {
        try (PEMParser parser = new PEMParser(new StringReader(new String(pem, StandardCharsets.UTF_8)))) {
            Object found = parser.readObject();
            // An elliptic curve's parameters may stand in front of its key.
            while (found != null
                    && !(found instanceof PEMKeyPair
                            || found instanceof PrivateKeyInfo
                            || found instanceof SubjectPublicKeyInfo
                            || found instanceof X509CertificateHolder)) {
                found = parser.readObject();
            }
            if (found == null) {
                throw new IllegalArgumentException("--auth-token: no key in the file of " + option);
            }
            return found;
        } catch (IOException e) {
            throw new IllegalArgumentException("--auth-token: the file of " + option + " cannot be read as PEM", e);
        }
    }

    private static PrivateKey privateKey(String method, Object pem) {
        try {
            PrivateKeyInfo info = switch (pem) {
                case PEMKeyPair pair -> pair.getPrivateKeyInfo();
                case PrivateKeyInfo alone -> alone;
                default -> throw new IllegalArgumentException("--auth-token: priv-key is not a private key");
            };
            return factory(method).generatePrivate(new PKCS8EncodedKeySpec(info.getEncoded()));
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalArgumentException("--auth-token: priv-key does not fit sign-method " + method, e);
        }
    }

    private static PublicKey publicKey(String method, Object pem) {
        try {
            SubjectPublicKeyInfo info = switch (pem) {
                case SubjectPublicKeyInfo alone -> alone;
                case X509CertificateHolder certificate -> certificate.getSubjectPublicKeyInfo();
                // The older forms of a private key may leave the public one out.
                case PEMKeyPair pair -> belonging(pair.getPrivateKeyInfo());
                case PrivateKeyInfo privateInfo -> belonging(privateInfo);
                default -> throw new IllegalArgumentException("--auth-token: pub-key is not a public key");
            };
            return factory(method).generatePublic(new X509EncodedKeySpec(info.getEncoded()));
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalArgumentException("--auth-token: pub-key does not fit sign-method " + method, e);
        }
    }

    private static KeyFactory factory(String method) throws NoSuchAlgorithmException {
        return KeyFactory.getInstance(
                switch (method.charAt(0)) {
                    case 'R', 'P' -> "RSA";
                    default -> method.equals("EdDSA") ? "Ed25519" : "EC";
                });
    }

    /** The public key that belongs to a private one. */
    private static SubjectPublicKeyInfo belonging(PrivateKeyInfo info) throws IOException {
        AsymmetricKeyParameter belonging = switch (PrivateKeyFactory.createKey(info)) {
            case RSAPrivateCrtKeyParameters rsa ->
                new RSAKeyParameters(false, rsa.getModulus(), rsa.getPublicExponent());
            case ECPrivateKeyParameters ec -> {
                ECDomainParameters domain = ec.getParameters();
                yield new ECPublicKeyParameters(domain.getG().multiply(ec.getD()), domain);
            }
            case Ed25519PrivateKeyParameters ed -> ed.generatePublicKey();
            default -> throw new IllegalArgumentException("--auth-token: priv-key is of an unknown kind");
        };
        return SubjectPublicKeyInfoFactory.createSubjectPublicKeyInfo(belonging);
    }

    /** Signs and checks something, so that keys that do not fit fail at the start and not at the first client. */
    private void probe() {
        try {
            if (signing == null) {
                verifier().update(PROBE);
            } else if (!check(PROBE, signed(signing, PROBE))) {
                throw new IllegalArgumentException("--auth-token: pub-key and priv-key do not belong together");
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("--auth-token: the key does not fit sign-method " + algorithm, e);
        }
    }

    JWSAlgorithm algorithm() {
        return algorithm;
    }

    boolean signs() {
        return signing != null;
    }

    @Override
    public Base64URL sign(JWSHeader header, byte[] input) throws JOSEException {
        if (signing == null) {
            throw new JOSEException("there is only a public key, which cannot sign");
        }
        try {
            return Base64URL.encode(signed(signing, input));
        } catch (GeneralSecurityException e) {
            throw new JOSEException(e.getMessage(), e);
        }
    }

    @Override
    public boolean verify(JWSHeader header, byte[] input, Base64URL signature) {
        try {
            return check(input, signature.decode());
        } catch (GeneralSecurityException e) {
            // A signature of the wrong form: not ours.
            return false;
        }
    }

    private byte[] signed(Key with, byte[] input) throws GeneralSecurityException {
        if (with instanceof PrivateKey privateKey) {
            Signature signature = signature();
            signature.initSign(privateKey);
            signature.update(input);
            return signature.sign();
        }
        Mac mac = Mac.getInstance(jcaName);
        mac.init(with);
        return mac.doFinal(input);
    }

    private boolean check(byte[] input, byte[] signature) throws GeneralSecurityException {
        if (checking instanceof PublicKey) {
            Signature verifier = verifier();
            verifier.update(input);
            return verifier.verify(signature);
        }
        return MessageDigest.isEqual(signed(checking, input), signature);
    }

    private Signature verifier() throws GeneralSecurityException {
        Signature signature = signature();
        signature.initVerify((PublicKey) checking);
        return signature;
    }

    private Signature signature() throws NoSuchAlgorithmException, InvalidAlgorithmParameterException {
        Signature signature = Signature.getInstance(jcaName);
        String name = algorithm.getName();
        if (name.startsWith("PS")) {
            String digest = "SHA-" + name.substring(2);
            int saltBytes = Integer.parseInt(name.substring(2)) / 8;
            signature.setParameter(new PSSParameterSpec(digest, "MGF1", new MGF1ParameterSpec(digest), saltBytes, 1));
        }
        return signature;
    }

    @Override
    public Set<JWSAlgorithm> supportedJWSAlgorithms() {
        return Set.of(algorithm);
    }

    @Override
    public JCAContext getJCAContext() {
        return context;
    }
}
