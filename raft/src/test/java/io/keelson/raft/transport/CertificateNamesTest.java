package io.keelson.raft.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.keelson.raft.CertificateHosts;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every certificate of the test's authority is for 127.0.0.1 and localhost besides. */
class CertificateNamesTest {
    private final TestAuthority authority;

    CertificateNamesTest(@TempDir Path folder) {
        authority = new TestAuthority(folder, "names");
    }

    private void assertValid(boolean valid, String name, String host) throws CertificateException {
        X509Certificate certificate =
                authority.issue("issued", name, TestAuthority.KeyForm.PKCS8).certificate();
        assertEquals(valid, CertificateHosts.hold(certificate, host), name + " for " + host);
    }

    @Test
    void namesAreComparedWithoutRegardToCapitals() throws CertificateException {
        assertValid(true, "m1.example", "M1.Example");
        assertValid(true, "M1.Example", "m1.example");
        assertValid(true, "m1.example", "m1.example.");
        assertValid(true, "m1.example", "localhost");
        assertValid(false, "m1.example", "m2.example");
        assertValid(false, "m1.example", "example");
        assertValid(false, "m1.example", "");
    }

    @Test
    void aStarStandsForOneFirstLabel() throws CertificateException {
        assertValid(true, "*.example", "m1.example");
        assertValid(true, "*.Peers.example", "M1.peers.Example");
        assertValid(false, "*.example", "example");
        assertValid(false, "*.example", ".example");
        assertValid(false, "*.example", "a.m1.example");
        assertValid(false, "*", "m1");
        assertValid(false, "m*.example", "m1.example");
        assertValid(false, "a.*.example", "a.m1.example");
        assertValid(true, "*.example", "*.example");
    }

    @Test
    void anAddressIsComparedWithAddresses() throws CertificateException {
        assertValid(true, "m1", "127.0.0.1");
        assertValid(true, "m1", "::ffff:127.0.0.1");
        assertValid(true, "m1", "[::ffff:127.0.0.1]");
        assertValid(false, "127.0.0.2", "127.0.0.2");
        assertValid(false, "m1", "::1");
    }

    @Test
    void theCommonNameIsNoHost() throws CertificateException {
        X509Certificate certificate = authority
                .issue("issued", "Member One", TestAuthority.KeyForm.PKCS8)
                .certificate();
        assertEquals("Member One", CertificateNames.commonName(certificate));
        assertEquals(true, CertificateHosts.hold(certificate, "member one"), "it is an alternative name as well");
        assertEquals(false, CertificateHosts.hold(authority.ca(), "names"));
    }
}
