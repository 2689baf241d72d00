package io.keelson.agent.certificates;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.List;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.junit.jupiter.api.Test;

final class CertificateKeyTest {
    @Test
    void allKindsOfKeysCanBeMadeAndReadBack() throws Exception {
        for (String type : List.of("RSA3072", "ECDSAP256", "ECDSAP384", "ECDSAP521", "ED25519")) {
            CertificateKey key = CertificateKey.generate(type);
            assertTrue(key.request(new X500Name(new RDN[0]), List.of()).length > 0, type);
            assertEquals(key.pem(), CertificateKey.parse(key.bothPem()).pem(), type);
        }
        assertThrows(GeneralSecurityException.class, () -> CertificateKey.generate("DSA"));
    }

    @Test
    void whatHoldsNoKeysIsRefused() {
        for (String text :
                List.of("", "x", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "-----BEGIN")) {
            assertThrows(IOException.class, () -> CertificateKey.parse(text), text);
        }
    }
}
