package io.keelson.controllers.certificates;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.junit.jupiter.api.Test;

class CertificateAuthorityTest {
    private static final Instant NOW = Instant.parse("2026-01-01T10:00:00Z");
    private static final Duration YEAR = Duration.ofDays(365);
    private static final List<String> CLIENT = List.of("digital signature", "key encipherment", "client auth");

    private static X509Certificate certificate(String pem) {
        try {
            return (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.UTF_8)));
        } catch (java.security.cert.CertificateException e) {
            throw new AssertionError(e);
        }
    }

    private static CertificateAuthority authority(KeyPair keys, String algorithm, Duration validity) throws Exception {
        Requests.Authority authority = Requests.authority(keys, algorithm, NOW.minusSeconds(3600), validity);
        return CertificateAuthority.parse(authority.certificate(), authority.key());
    }

    private static X509Certificate signed(Duration validity) throws Exception {
        CertificateAuthority authority = authority(Requests.keys(), "SHA256withECDSA", YEAR.multipliedBy(10));
        return certificate(authority.sign(
                RequestedCertificate.parse(Requests.request("CN=bob")), KeyUsages.of(CLIENT), validity, NOW));
    }

    @Test
    void aCertificateIsWhatWasAskedFor() throws Exception {
        KeyPair keys = Requests.keys();
        RequestedCertificate requested = RequestedCertificate.parse(Requests.request(
                keys,
                "SHA256withECDSA",
                "O=system:nodes,CN=system:node:n1",
                new GeneralName(GeneralName.dNSName, "n1.example.com"),
                new GeneralName(GeneralName.iPAddress, "10.0.0.1"),
                new GeneralName(GeneralName.registeredID, "1.2.3.4")));
        assertEquals("system:node:n1", requested.commonName());
        assertEquals(List.of("system:nodes"), requested.organizations());
        CertificateAuthority authority = authority(Requests.keys(), "SHA256withECDSA", YEAR.multipliedBy(10));
        X509Certificate made = certificate(
                authority.sign(requested, KeyUsages.of(List.of("digital signature", "server auth")), YEAR, NOW));
        made.verify(authority.certificate().getPublicKey());
        assertEquals(keys.getPublic(), made.getPublicKey());
        assertEquals(NOW.minusSeconds(300), made.getNotBefore().toInstant());
        assertEquals(NOW.minusSeconds(300).plus(YEAR), made.getNotAfter().toInstant());
        assertEquals(-1, made.getBasicConstraints());
        assertEquals(List.of("1.3.6.1.5.5.7.3.1"), made.getExtendedKeyUsage());
        assertTrue(made.getKeyUsage()[0] && !made.getKeyUsage()[2]);
        assertEquals(2, made.getSubjectAlternativeNames().size());
        assertTrue(made.getCriticalExtensionOIDs()
                .containsAll(Set.of(Extension.keyUsage.getId(), Extension.basicConstraints.getId())));
        byte[] authorityKey = org.bouncycastle.asn1.x509.AuthorityKeyIdentifier.getInstance(
                        JcaX509ExtensionUtils.parseExtensionValue(
                                made.getExtensionValue(Extension.authorityKeyIdentifier.getId())))
                .getKeyIdentifierOctets();
        assertArrayEquals(
                new JcaX509ExtensionUtils()
                        .createSubjectKeyIdentifier(authority.certificate().getPublicKey())
                        .getKeyIdentifier(),
                authorityKey);
        X509Certificate again =
                certificate(authority.sign(requested, KeyUsages.of(List.of("digital signature")), YEAR, NOW));
        assertNotEquals(made.getSerialNumber(), again.getSerialNumber());
    }

    @Test
    void namesAreReadAsTheyStand() throws CertificateRequestException {
        RequestedCertificate requested =
                RequestedCertificate.parse(Requests.request("O=a\\,b,CN=first,CN=system:node:n\\+1\\,x"));
        assertEquals("system:node:n+1,x", requested.commonName());
        assertEquals(List.of("a,b"), requested.organizations());
        assertEquals("", RequestedCertificate.parse(Requests.request("O=a")).commonName());
    }

    @Test
    void aShortCertificateIsAsLongAsItWasAskedForFromNowOn() throws Exception {
        X509Certificate made = signed(Duration.ofMinutes(10));
        assertEquals(NOW.plusSeconds(600), made.getNotAfter().toInstant());
        assertEquals(NOW.minusSeconds(300), made.getNotBefore().toInstant());
        assertEquals(
                NOW.plus(Duration.ofHours(8)).minusSeconds(300),
                signed(Duration.ofHours(8)).getNotAfter().toInstant());
    }

    @Test
    void noCertificateOutlivesItsAuthority() throws Exception {
        CertificateAuthority authority = authority(Requests.keys(), "SHA256withECDSA", Duration.ofHours(3));
        RequestedCertificate requested = RequestedCertificate.parse(Requests.request("CN=bob"));
        assertEquals(
                NOW.plus(Duration.ofHours(2)),
                certificate(authority.sign(requested, KeyUsages.of(CLIENT), YEAR, NOW))
                        .getNotAfter()
                        .toInstant());
        assertThrows(
                IllegalStateException.class,
                () -> authority.sign(requested, KeyUsages.of(CLIENT), YEAR, NOW.plus(Duration.ofHours(2))));
    }

    @Test
    void aKeyOfAnotherAuthoritySignsNothing() throws Exception {
        RequestedCertificate requested = RequestedCertificate.parse(Requests.request("CN=bob"));
        Requests.Authority one = Requests.authority(Requests.keys(), "SHA256withECDSA", NOW.minusSeconds(3600), YEAR);
        Requests.Authority other = Requests.authority(Requests.keys(), "SHA256withECDSA", NOW.minusSeconds(3600), YEAR);
        Requests.Authority rsa =
                Requests.authority(Requests.keys("RSA", 2048), "SHA256withRSA", NOW.minusSeconds(3600), YEAR);
        CertificateAuthority mixed = CertificateAuthority.parse(one.certificate(), other.key());
        assertThrows(IllegalStateException.class, () -> mixed.sign(requested, KeyUsages.of(CLIENT), YEAR, NOW));
        assertThrows(GeneralSecurityException.class, () -> CertificateAuthority.parse(one.certificate(), rsa.key()));
        assertThrows(GeneralSecurityException.class, () -> CertificateAuthority.parse(one.certificate(), "no key"));
        assertThrows(GeneralSecurityException.class, () -> CertificateAuthority.parse("no certificate", one.key()));
    }

    @Test
    void keysOfAllKindsSign() throws Exception {
        RequestedCertificate requested = RequestedCertificate.parse(Requests.request("CN=bob"));
        record Kind(String key, int size, String own) {}
        for (Kind kind : List.of(
                new Kind("RSA", 2048, "SHA256withRSA"),
                new Kind("EC", 384, "SHA384withECDSA"),
                new Kind("EC", 521, "SHA512withECDSA"),
                new Kind("Ed25519", 0, "Ed25519"))) {
            CertificateAuthority authority = authority(Requests.keys(kind.key(), kind.size()), kind.own(), YEAR);
            certificate(authority.sign(requested, KeyUsages.of(CLIENT), Duration.ofHours(1), NOW))
                    .verify(authority.certificate().getPublicKey());
        }
    }

    @Test
    void aRequestThatOthersHaveTouchedIsNone() {
        byte[] pem = Base64.getDecoder().decode(Requests.request("CN=bob"));
        String text = new String(pem, StandardCharsets.UTF_8);
        String body = text.replaceAll("-----[A-Z ]+-----|\\s", "");
        byte[] der = Base64.getDecoder().decode(body);
        der[der.length - 1] ^= 1;
        String forged = "-----BEGIN CERTIFICATE REQUEST-----\n"
                + Base64.getMimeEncoder().encodeToString(der) + "\n-----END CERTIFICATE REQUEST-----\n";
        assertThrows(
                CertificateRequestException.class,
                () -> RequestedCertificate.parse(
                        Base64.getEncoder().encodeToString(forged.getBytes(StandardCharsets.UTF_8))));
        for (String bad : List.of("", "%%%", "aGVsbG8=")) {
            assertThrows(CertificateRequestException.class, () -> RequestedCertificate.parse(bad), bad);
        }
        assertThrows(CertificateRequestException.class, () -> RequestedCertificate.parse(null));
    }

    @Property(tries = 300)
    void rubbishIsNoRequest(@ForAll @Size(max = 200) byte[] der) {
        String pem = "-----BEGIN CERTIFICATE REQUEST-----\n"
                + Base64.getMimeEncoder().encodeToString(der) + "\n-----END CERTIFICATE REQUEST-----\n";
        assertThrows(
                CertificateRequestException.class,
                () -> RequestedCertificate.parse(
                        Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.UTF_8))));
    }

    @Test
    void usagesAreKnownOrRefused() throws CertificateRequestException {
        assertEquals(
                1,
                KeyUsages.of(List.of("s/mime", "email protection")).purposes().size());
        assertThrows(CertificateRequestException.class, () -> KeyUsages.of(List.of("client auth", "flying")));
    }

    private static String refusal(Signer signer, String request, List<String> usages) throws Exception {
        RequestedCertificate requested = RequestedCertificate.parse(request);
        try {
            SignerRules.check(signer, requested, usages);
            return "";
        } catch (CertificateRequestException e) {
            return e.text();
        }
    }

    @Test
    void eachSignerHasItsRules() throws Exception {
        List<String> serving = List.of("digital signature", "key encipherment", "server auth");
        String node = Requests.request("O=system:nodes,CN=system:node:n");
        GeneralName host = new GeneralName(GeneralName.dNSName, "n");
        GeneralName mail = new GeneralName(GeneralName.rfc822Name, "n@example.com");
        GeneralName uri = new GeneralName(GeneralName.uniformResourceIdentifier, "spiffe://n");
        String named = Requests.request("O=system:nodes,CN=system:node:n", host);

        Signer kubelet = Signer.KUBE_APISERVER_CLIENT_KUBELET;
        assertEquals("", refusal(kubelet, node, CLIENT));
        assertEquals("", refusal(kubelet, node, List.of("client auth", "digital signature")));
        assertEquals(
                "usages did not match [client auth digital signature key encipherment]",
                refusal(kubelet, node, List.of("client auth")));
        assertEquals("DNS subjectAltNames are not allowed", refusal(kubelet, named, CLIENT));
        assertEquals(
                "subject organization is not system:nodes",
                refusal(kubelet, Requests.request("O=others,CN=system:node:n"), CLIENT));
        assertEquals(
                "subject organization is not system:nodes",
                refusal(kubelet, Requests.request("O=system:nodes,O=system:masters,CN=system:node:n"), CLIENT));
        assertEquals(
                "subject common name does not begin with system:node:",
                refusal(kubelet, Requests.request("O=system:nodes,CN=n"), CLIENT));

        Signer server = Signer.KUBELET_SERVING;
        assertEquals("", refusal(server, named, serving));
        assertEquals("DNS or IP subjectAltName is required", refusal(server, node, serving));
        assertEquals(
                "Email subjectAltNames are not allowed",
                refusal(server, Requests.request("O=system:nodes,CN=system:node:n", host, mail), serving));
        assertEquals(
                "URI subjectAltNames are not allowed",
                refusal(server, Requests.request("O=system:nodes,CN=system:node:n", host, uri), serving));
        assertTrue(refusal(server, named, CLIENT).startsWith("usages did not match"));

        Signer client = Signer.KUBE_APISERVER_CLIENT;
        String bob = Requests.request("CN=bob");
        assertEquals("", refusal(client, bob, CLIENT));
        assertEquals(
                "invalid usage for client certificate: server auth",
                refusal(client, bob, List.of("client auth", "server auth")));
        assertEquals(
                "missing required usage for client certificate: client auth",
                refusal(client, bob, List.of("digital signature")));
        assertEquals("", refusal(Signer.LEGACY_UNKNOWN, bob, serving));
    }

    @Test
    void aValidityIsBetweenTenMinutesAndTheLongest() {
        assertEquals(YEAR, SigningController.validity(null, YEAR));
        assertEquals(YEAR, SigningController.validity(Integer.MAX_VALUE, YEAR));
        assertEquals(Duration.ofMinutes(10), SigningController.validity(1, YEAR));
        assertEquals(Duration.ofHours(1), SigningController.validity(3600, YEAR));
    }
}
