package io.keelson.apiserver.certs;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.RSAPublicKeySpec;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.ECNamedCurveTable;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.math.ec.ECPoint;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;

/** Kinds of key pairs that the server makes and signs with. */
public enum SigningKey {
    /** What every relying party understands; takes some 100 ms to make. */
    RSA_2048,
    /** Made in no time. */
    EC_P256;

    public KeyPair generate() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(this == RSA_2048 ? "RSA" : "EC");
            switch (this) {
                case RSA_2048 -> generator.initialize(2048);
                case EC_P256 -> generator.initialize(new ECGenParameterSpec("secp256r1"));
            }
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has RSA and P-256", e);
        }
    }

    /** The public half of a private key. */
    public static PublicKey publicOf(PrivateKey key) throws IOException {
        try {
            if (key instanceof RSAPrivateCrtKey rsa) {
                return KeyFactory.getInstance("RSA")
                        .generatePublic(new RSAPublicKeySpec(rsa.getModulus(), rsa.getPublicExponent()));
            }
            if (key instanceof ECPrivateKey ec) {
                return ecPublic(ec);
            }
        } catch (GeneralSecurityException e) {
            throw new IOException("malformed private key: " + e.getMessage(), e);
        }
        throw new IOException("unknown private key type " + key.getAlgorithm() + ", must be RSA or ECDSA");
    }

    private static PublicKey ecPublic(ECPrivateKey key) throws IOException {
        PrivateKeyInfo info = PrivateKeyInfo.getInstance(key.getEncoded());
        AlgorithmIdentifier algorithm = info.getPrivateKeyAlgorithm();
        X9ECParameters curve = ECNamedCurveTable.getByOID(ASN1ObjectIdentifier.getInstance(algorithm.getParameters()));
        if (curve == null) {
            throw new IOException("unknown private key curve, must be 256, 384, or 521");
        }
        BigInteger secret = key.getS();
        ECPoint point = curve.getG().multiply(secret).normalize();
        return new JcaPEMKeyConverter().getPublicKey(new SubjectPublicKeyInfo(algorithm, point.getEncoded(false)));
    }
}
