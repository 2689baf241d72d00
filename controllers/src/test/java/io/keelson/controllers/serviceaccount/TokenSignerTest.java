package io.keelson.controllers.serviceaccount;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.util.io.pem.PemObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenSignerTest {
    static KeyPair rsa() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        return generator.generateKeyPair();
    }

    private static KeyPair curve(String name) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec(name));
        return generator.generateKeyPair();
    }

    private static String pem(String type, byte[] content) throws IOException {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            writer.writeObject(new PemObject(type, content));
        }
        return text.toString();
    }

    static String pkcs8(KeyPair keys) throws IOException {
        return pem("PRIVATE KEY", keys.getPrivate().getEncoded());
    }

    private static JsonNode part(String token, int number) throws IOException {
        return JsonMapper.builder().build().readTree(Base64.getUrlDecoder().decode(token.split("\\.", -1)[number]));
    }

    private static boolean verifies(String token, KeyPair keys, String scheme) throws GeneralSecurityException {
        int end = token.lastIndexOf('.');
        Signature signature = Signature.getInstance(scheme);
        signature.initVerify(keys.getPublic());
        signature.update(token.substring(0, end).getBytes(StandardCharsets.US_ASCII));
        return signature.verify(Base64.getUrlDecoder().decode(token.substring(end + 1)));
    }

    @Test
    void anRsaKeySignsWithRs256AndIsNamedByItsHash() throws Exception {
        KeyPair keys = rsa();
        String pkcs1 = pem(
                "RSA PRIVATE KEY",
                PrivateKeyInfo.getInstance(keys.getPrivate().getEncoded())
                        .parsePrivateKey()
                        .toASN1Primitive()
                        .getEncoded());
        for (String pem : new String[] {pkcs8(keys), pkcs1}) {
            TokenSigner signer = TokenSigner.ofPem(pem);
            assertEquals(keys.getPublic(), signer.publicKey());
            String token = signer.sign("shop", "robot", "uid-1", "robot-token");
            assertTrue(verifies(token, keys, "SHA256withRSA"));
            assertEquals("RS256", part(token, 0).path("alg").asText());
            assertEquals(
                    Base64.getUrlEncoder()
                            .withoutPadding()
                            .encodeToString(MessageDigest.getInstance("SHA-256")
                                    .digest(keys.getPublic().getEncoded())),
                    part(token, 0).path("kid").asText());
            JsonNode claims = part(token, 1);
            assertEquals("kubernetes/serviceaccount", claims.path("iss").asText());
            assertEquals("system:serviceaccount:shop:robot", claims.path("sub").asText());
            assertEquals(
                    "shop",
                    claims.path("kubernetes.io/serviceaccount/namespace").asText());
            assertEquals(
                    "robot-token",
                    claims.path("kubernetes.io/serviceaccount/secret.name").asText());
            assertEquals(
                    "robot",
                    claims.path("kubernetes.io/serviceaccount/service-account.name")
                            .asText());
            assertEquals(
                    "uid-1",
                    claims.path("kubernetes.io/serviceaccount/service-account.uid")
                            .asText());
            assertEquals(6, claims.size());
        }
    }

    @ParameterizedTest
    @CsvSource({"secp256r1, ES256, SHA256", "secp384r1, ES384, SHA384", "secp521r1, ES512, SHA512"})
    void aCurveSignsWithTheHashOfItsSize(String curve, String algorithm, String hash) throws Exception {
        KeyPair keys = curve(curve);
        PrivateKeyInfo info = PrivateKeyInfo.getInstance(keys.getPrivate().getEncoded());
        TokenSigner signer = TokenSigner.ofPem(pem("PRIVATE KEY", info.getEncoded()));
        assertEquals(keys.getPublic(), signer.publicKey());
        String token = signer.sign("shop", "robot", "uid-1", "robot-token");
        assertEquals(algorithm, part(token, 0).path("alg").asText());
        assertTrue(verifies(token, keys, hash + "withECDSAinP1363Format"));
    }

    @Test
    void aKeyAsOpensslWritesItIsRead() throws IOException {
        // With parameters in front, as "openssl ecparam -genkey" has them.
        TokenSigner signer = TokenSigner.ofPem("""
                -----BEGIN EC PARAMETERS-----
                BggqhkjOPQMBBw==
                -----END EC PARAMETERS-----
                """ + sec1());
        assertTrue(signer.sign("a", "b", "c", "d").startsWith("eyJhbGciOiJFUzI1NiIs"));
    }

    private static String sec1() throws IOException {
        try {
            PrivateKey key = curve("secp256r1").getPrivate();
            return key instanceof ECPrivateKey curve
                    ? pem(
                            "EC PRIVATE KEY",
                            new org.bouncycastle.asn1.sec.ECPrivateKey(
                                            256, curve.getS(), new ASN1ObjectIdentifier("1.2.840.10045.3.1.7"))
                                    .getEncoded())
                    : "";
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    @Test
    void whatIsNoKeyIsRefused() {
        assertThrows(IOException.class, () -> TokenSigner.ofPem("nothing"));
        assertThrows(
                IOException.class,
                () -> TokenSigner.ofPem(pem("PUBLIC KEY", rsa().getPublic().getEncoded())));
    }
}
