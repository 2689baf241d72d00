package io.keelson.apiserver.kinds.certificates;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.keelson.apiserver.certs.CertificateAuthority;
import io.keelson.apiserver.certs.CertificateProfile;
import io.keelson.apiserver.certs.Credential;
import io.keelson.apiserver.certs.SigningKey;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyPairsTest {
    private static final Instant NOW = Instant.parse("2026-05-01T12:00:00Z");
    private static final CertificateProfile PROFILE = CertificateProfile.server("web", List.of("web.example"));

    private static CertificateAuthority authority;
    private static Credential curve;
    private static Credential rsa;

    @BeforeAll
    static void make() throws GeneralSecurityException {
        authority = CertificateAuthority.create("test", NOW);
        curve = authority.issue(PROFILE, SigningKey.EC_P256, NOW);
        rsa = authority.issue(PROFILE, SigningKey.RSA_2048, NOW);
    }

    private static byte[] certificate(Credential credential) {
        return io.keelson.apiserver.certs.Pem.encode(List.of(credential.certificate(), authority.certificate()));
    }

    private static byte[] key(Credential credential) {
        return io.keelson.apiserver.certs.Pem.encode(credential.key());
    }

    @Test
    void aCertificateAndItsKey() {
        assertNull(KeyPairs.wrong(certificate(curve), key(curve)));
        assertNull(KeyPairs.wrong(certificate(rsa), key(rsa)));
    }

    @Test
    void aCertificateOfAnEdwardsCurve() throws GeneralSecurityException {
        KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        KeyPair other = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        Credential credential = new Credential(authority.issue(PROFILE, pair.getPublic(), NOW), pair.getPrivate());
        assertNull(KeyPairs.wrong(certificate(credential), key(credential)));
        assertEquals(
                "tls: private key does not match public key",
                KeyPairs.wrong(certificate(credential), io.keelson.apiserver.certs.Pem.encode(other)));
    }

    @Test
    void theKeyOfAnother() throws GeneralSecurityException {
        Credential other = authority.issue(PROFILE, SigningKey.EC_P256, NOW);
        assertEquals("tls: private key does not match public key", KeyPairs.wrong(certificate(curve), key(other)));
        assertEquals(
                "tls: private key type does not match public key type", KeyPairs.wrong(certificate(curve), key(rsa)));
    }

    @Test
    void bothInTheWrongPlaces() {
        assertEquals(
                "tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs"
                        + " may have been switched",
                KeyPairs.wrong(key(curve), certificate(curve)));
        assertEquals(
                "tls: found a certificate rather than a key in the PEM for the private key",
                KeyPairs.wrong(certificate(curve), io.keelson.apiserver.certs.Pem.encode(curve.certificate())));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            '' | tls: failed to find any PEM data in certificate input
            eA== | tls: failed to find any PEM data in certificate input
            THING | tls: failed to find "CERTIFICATE" PEM block in certificate input after \
            skipping PEM blocks of the following types: [THING]
            CERTIFICATE | x509: malformed certificate
            """)
    void whatIsNoCertificate(String type, String wrong) {
        assertEquals(wrong, KeyPairs.wrong(block(type), key(curve)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            '' | tls: failed to find any PEM data in key input
            THING | tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after \
            skipping PEM blocks of the following types: [THING]
            PRIVATE KEY | tls: failed to parse private key
            RSA PRIVATE KEY | tls: failed to parse private key
            ENCRYPTED PRIVATE KEY | tls: failed to parse private key
            """)
    void whatIsNoKey(String type, String wrong) {
        assertEquals(wrong, KeyPairs.wrong(certificate(curve), block(type)));
    }

    private static byte[] block(String type) {
        String text = type.isEmpty() || type.endsWith("=")
                ? type
                : "-----BEGIN " + type + "-----\nMAMCAQE=\n-----END " + type + "-----\n";
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
