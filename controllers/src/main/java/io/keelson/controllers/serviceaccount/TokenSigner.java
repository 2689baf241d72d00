package io.keelson.controllers.serviceaccount;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.ECNamedCurveTable;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;

/**
 * Signs service accounts' tokens: RS256 with an RSA key, ES256, ES384 or ES512 with an EC key of that size. A token names its
 * key by the SHA-256 of the public key.
 */
public final class TokenSigner {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

    private final PrivateKey key;
    private final PublicKey publicKey;
    private final String algorithm;
    private final String keyId;

    private TokenSigner(PrivateKey key, PublicKey publicKey) throws GeneralSecurityException {
        this.key = key;
        this.publicKey = publicKey;
        algorithm = publicKey instanceof ECPublicKey curve
                ? switch (curve.getParams().getCurve().getField().getFieldSize()) {
                    case 256 -> "ES256";
                    case 384 -> "ES384";
                    case 521 -> "ES512";
                    default ->
                        throw new GeneralSecurityException("unknown private key curve, must be 256, 384, or 521");
                }
                : "RS256";
        keyId = BASE64.encodeToString(MessageDigest.getInstance("SHA-256").digest(publicKey.getEncoded()));
    }

    /**
     * With the key of a file: {@code --service-account-private-key-file}.
     *
     * @throws IOException if it cannot be read or holds no RSA or EC private key in PEM
     */
    public static TokenSigner read(Path file) throws IOException {
        return ofPem(Files.readString(file));
    }

    /**
     * With the first private key of a PEM text: PKCS #1, SEC 1 or PKCS #8.
     *
     * @throws IOException if there is none, or it is neither RSA nor EC
     */
    public static TokenSigner ofPem(String pem) throws IOException {
        PrivateKeyInfo info = privateKey(new StringReader(pem));
        try {
            boolean curve = info.getPrivateKeyAlgorithm().getAlgorithm().equals(X9ObjectIdentifiers.id_ecPublicKey);
            KeyFactory keys = KeyFactory.getInstance(curve ? "EC" : "RSA");
            PrivateKey key = keys.generatePrivate(new PKCS8EncodedKeySpec(info.getEncoded()));
            PublicKey publicKey = key instanceof RSAPrivateCrtKey rsa
                    ? keys.generatePublic(new RSAPublicKeySpec(rsa.getModulus(), rsa.getPublicExponent()))
                    : keys.generatePublic(new X509EncodedKeySpec(point(info)));
            return new TokenSigner(key, publicKey);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException("error parsing private key: " + e.getMessage(), e);
        }
    }

    private static PrivateKeyInfo privateKey(Reader pem) throws IOException {
        try (PEMParser parser = new PEMParser(pem)) {
            for (Object part = parser.readObject(); part != null; part = parser.readObject()) {
                if (part instanceof PEMKeyPair pair) {
                    return pair.getPrivateKeyInfo();
                }
                if (part instanceof PrivateKeyInfo info) {
                    return info;
                }
            }
        }
        throw new IOException("data does not contain a valid RSA or ECDSA private key");
    }

    /** The public key of an EC private key, which need not hold it: the base point taken that many times. */
    private static byte[] point(PrivateKeyInfo info) throws IOException {
        ASN1ObjectIdentifier name =
                ASN1ObjectIdentifier.getInstance(info.getPrivateKeyAlgorithm().getParameters());
        X9ECParameters curve = name == null ? null : ECNamedCurveTable.getByOID(name);
        if (curve == null) {
            throw new IOException("unknown curve " + name);
        }
        ECPrivateKey key = ECPrivateKey.getInstance(info.parsePrivateKey());
        byte[] encoded = curve.getG().multiply(key.getKey()).normalize().getEncoded(false);
        return new SubjectPublicKeyInfo(info.getPrivateKeyAlgorithm(), encoded).getEncoded();
    }

    /** The key that verifies what this signs. */
    public PublicKey publicKey() {
        return publicKey;
    }

    /** The token of an account that is kept in a Secret: it does not expire, and is as good as the Secret. */
    public String sign(String namespace, String account, String accountUid, String secret) {
        Map<String, String> claims = new TreeMap<>();
        claims.put("iss", "kubernetes/serviceaccount");
        claims.put("sub", "system:serviceaccount:" + namespace + ':' + account);
        claims.put("kubernetes.io/serviceaccount/namespace", namespace);
        claims.put("kubernetes.io/serviceaccount/secret.name", secret);
        claims.put("kubernetes.io/serviceaccount/service-account.name", account);
        claims.put("kubernetes.io/serviceaccount/service-account.uid", accountUid);
        Map<String, String> header = new LinkedHashMap<>();
        header.put("alg", algorithm);
        header.put("kid", keyId);
        String signed = encode(header) + '.' + encode(claims);
        return signed + '.' + BASE64.encodeToString(signature(signed));
    }

    private static String encode(Map<String, String> part) {
        try {
            return BASE64.encodeToString(JSON.writeValueAsBytes(part));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("words make no JSON", e);
        }
    }

    private byte[] signature(String signed) {
        String scheme = switch (algorithm) {
            case "ES256" -> "SHA256withECDSAinP1363Format";
            case "ES384" -> "SHA384withECDSAinP1363Format";
            case "ES512" -> "SHA512withECDSAinP1363Format";
            default -> "SHA256withRSA";
        };
        try {
            Signature signature = Signature.getInstance(scheme);
            signature.initSign(key);
            signature.update(signed.getBytes(StandardCharsets.US_ASCII));
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the service account key cannot sign", e);
        }
    }
}
