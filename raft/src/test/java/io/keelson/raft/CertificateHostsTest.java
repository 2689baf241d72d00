package io.keelson.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.raft.transport.TestAuthority;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CertificateHostsTest {
    @ParameterizedTest
    @CsvSource({
        "example.com, example.com, true",
        "Example.COM, eXample.com, true",
        "example.com, example.com., true",
        "example.com, a.example.com, false",
        "*.example.com, a.example.com, true",
        "*.Example.com, A.example.COM., true",
        "*.example.com, a.b.example.com, false",
        "*.example.com, example.com, false",
        "*.example.com, .example.com, false",
        "a*.example.com, ab.example.com, false",
        "a.*.com, a.b.com, false",
        "*, localhost, false",
        "example.com., example.com, false",
        "a_b.example.com, a_b.example.com, true",
        "not well formed, not well formed, true",
        "-a.example.com, -a.example.com, true",
        "., ., false",
    })
    void namesAreComparedAsGoComparesThem(String inCertificate, String host, boolean same) {
        assertEquals(same, CertificateHosts.sameName(inCertificate, host));
    }

    @Test
    void addressesAreComparedWithAddressesAndNamesWithNames(@TempDir Path folder) throws Exception {
        X509Certificate certificate =
                new TestAuthority(folder, "authority").issue("client.example").certificate();
        for (String host : new String[] {"localhost", "LocalHost.", "127.0.0.1", "[127.0.0.1]", "::ffff:127.0.0.1"}) {
            assertTrue(CertificateHosts.hold(certificate, host), host);
        }
        for (String host : new String[] {"127.0.0.2", "::1", "[::1]", "", "."}) {
            assertFalse(CertificateHosts.hold(certificate, host), host);
        }
        // An authority's own certificate has no alternative names, and its common name counts for nothing.
        X509Certificate nameless = new TestAuthority(folder, "other").ca();
        assertFalse(CertificateHosts.hold(nameless, "other"));
    }
}
