package io.keelson.apiserver.certs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.Security;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PkiFolderTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    @TempDir
    private Path temp;

    private ClusterPki open(PkiNames names, Instant now) throws IOException {
        return new PkiFolder(temp.resolve("pki")).open(names, SigningKey.EC_P256, now);
    }

    @Test
    void whatWasMadeOnceIsUsedAgain() throws IOException {
        ClusterPki first = open(PkiNames.of("node-1"), NOW);
        ClusterPki second = open(PkiNames.of("node-1"), NOW.plus(Duration.ofDays(30)));
        assertEquals(first.serving(), second.serving());
        assertEquals(first.admin(), second.admin());
        assertEquals(first.clusterAuthority(), second.clusterAuthority());
        assertEquals(
                first.serviceAccountKey().getPublic(),
                second.serviceAccountKey().getPublic());
    }

    @Test
    void aClientOfAnotherNameGetsACertificateOfItsOwn() throws IOException {
        open(PkiNames.of(), NOW);
        PkiFolder folder = new PkiFolder(temp.resolve("pki"));
        CertificateProfile one = CertificateProfile.client("system:node:one", "system:nodes");
        Credential first = folder.client("agent", one, NOW);
        assertEquals(first, folder.client("agent", one, NOW));
        CertificateProfile two = CertificateProfile.client("system:node:two", "system:nodes");
        Credential second = folder.client("agent", two, NOW);
        assertEquals(
                "CN=system:node:two,O=system:nodes",
                second.certificate().getSubjectX500Principal().getName());
        assertEquals(second, folder.client("agent", two, NOW));
        Credential otherGroup = folder.client("agent", CertificateProfile.client("system:node:two", "others"), NOW);
        assertEquals(
                "CN=system:node:two,O=others",
                otherGroup.certificate().getSubjectX500Principal().getName());
    }

    @Test
    void keysAreReadableByTheirOwnerOnly() throws IOException {
        open(PkiNames.of(), NOW);
        try (Stream<Path> files = Files.list(temp.resolve("pki"))) {
            for (Path key :
                    files.filter(file -> file.toString().endsWith(".key")).toList()) {
                assertEquals(
                        "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(key)), key::toString);
            }
        }
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(temp.resolve("pki"))));
    }

    @Test
    void theServingCertificateHoldsForEveryNameAndChangesWithThem() throws Exception {
        ClusterPki before = open(PkiNames.of("node-1", "[fd00::1]", "10.1.2.3"), NOW);
        List<String> names = before.serving().certificate().getSubjectAlternativeNames().stream()
                .map(name -> String.valueOf(name.get(1)))
                .toList();
        assertTrue(
                names.containsAll(List.of(
                        "localhost",
                        "127.0.0.1",
                        "0:0:0:0:0:0:0:1",
                        "kubernetes",
                        "kubernetes.default",
                        "kubernetes.default.svc",
                        "kubernetes.default.svc.cluster.local",
                        "10.96.0.1",
                        "node-1",
                        "10.1.2.3")),
                names::toString);
        ClusterPki after = open(PkiNames.of("node-2"), NOW);
        assertNotEquals(before.serving(), after.serving());
        assertEquals(before.clusterAuthority(), after.clusterAuthority());
    }

    @Test
    void aCertificateNearItsEndIsReplacedAndItsAuthorityIsNot() throws IOException {
        ClusterPki before = open(PkiNames.of(), NOW);
        ClusterPki after = open(PkiNames.of(), NOW.plus(Duration.ofDays(330)));
        assertNotEquals(before.admin(), after.admin());
        assertTrue(after.admin().issuedBy(before.clientAuthority().certificate()));
        assertFalse(after.admin().issuedBy(before.clusterAuthority().certificate()));
    }

    @Test
    void theAdministratorIsInTheGroupThatMayDoEverything() throws IOException {
        assertEquals(
                "CN=kubernetes-admin,O=system:masters",
                open(PkiNames.of(), NOW)
                        .admin()
                        .certificate()
                        .getSubjectX500Principal()
                        .getName());
    }

    @Test
    void aBrokenFileIsToldAndNotOverwritten() throws IOException {
        open(PkiNames.of(), NOW);
        Path file = temp.resolve("pki/apiserver.crt");
        Files.writeString(file, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        IOException failure = assertThrows(IOException.class, () -> open(PkiNames.of(), NOW));
        assertTrue(String.valueOf(failure.getMessage()).contains("apiserver.crt"), failure::toString);
        assertTrue(Files.readString(file).contains("AAAA"));
    }

    @Test
    void anAuthorityWithoutItsKeyIsNotReplaced() throws IOException {
        open(PkiNames.of(), NOW);
        Files.delete(temp.resolve("pki/ca.key"));
        assertThrows(IOException.class, () -> open(PkiNames.of(), NOW));
    }

    @Test
    void keysOfOtherCertificatesAreRefused() throws IOException {
        open(PkiNames.of(), NOW);
        Files.copy(
                temp.resolve("pki/admin.key"), temp.resolve("pki/apiserver.key"), StandardCopyOption.REPLACE_EXISTING);
        assertThrows(IOException.class, () -> open(PkiNames.of(), NOW));
    }

    @Test
    void aCertificateOfAnotherAuthorityIsReplacedWheneverItComes() throws IOException {
        ClusterPki mine = open(PkiNames.of(), NOW);
        var _ = open(PkiNames.of(), NOW);
        ClusterPki others = new PkiFolder(temp.resolve("other")).open(PkiNames.of(), SigningKey.EC_P256, NOW);
        for (String file : List.of("apiserver.crt", "apiserver.key")) {
            Files.copy(
                    temp.resolve("other").resolve(file),
                    temp.resolve("pki").resolve(file),
                    StandardCopyOption.REPLACE_EXISTING);
        }
        Credential again = open(PkiNames.of(), NOW).serving();
        assertNotEquals(others.serving(), again);
        assertTrue(again.issuedBy(mine.clusterAuthority().certificate()));
    }

    @Test
    void keysInOlderFormsAreRead() throws Exception {
        KeyPair pair = SigningKey.RSA_2048.generate();
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            writer.writeObject(pair);
        }
        assertTrue(text.toString().contains("BEGIN RSA PRIVATE KEY"));
        byte[] pkcs1 = ("some text before\n" + text + "and after").getBytes(StandardCharsets.US_ASCII);
        assertEquals(pair.getPrivate(), Pem.privateKey(pkcs1));
        assertEquals(List.of(pair.getPublic()), Pem.publicKeys(pkcs1));

        byte[] sec1 = """
                -----BEGIN EC PRIVATE KEY-----
                MHcCAQEEIJ/1iSzPMkX0B5XNP3PnZ/C3W2Db7jXxk0blJfXQjfu6oAoGCCqGSM49
                AwEHoUQDQgAEZOv5EMH1QzNuUaz0gWY621JGIxYeG2ujiBwYaHmGsFckrJChnC/0
                RTvoN5+8KCe/WEpjUMq94FwE5aGXtledtQ==
                -----END EC PRIVATE KEY-----
                """.getBytes(StandardCharsets.US_ASCII);
        PrivateKey read = Pem.privateKey(sec1);
        Provider another = new BouncyCastleProvider();
        int place = Security.addProvider(another);
        try {
            // Another name than this one TLS would not take.
            assertEquals("EC", Pem.privateKey(sec1).getAlgorithm());
        } finally {
            if (place > 0) {
                Security.removeProvider(another.getName());
            }
        }
        assertEquals("EC", read.getAlgorithm());
        assertEquals(List.of(SigningKey.publicOf(read)), Pem.publicKeys(sec1));
        assertEquals(read, Pem.privateKey(Pem.encode(read)));
    }

    @Test
    void theKeyOfServiceAccountsMayBeRsa() throws IOException {
        ClusterPki pki = new PkiFolder(temp.resolve("rsa")).open(PkiNames.of(), SigningKey.RSA_2048, NOW);
        assertEquals(
                2048,
                ((RSAPublicKey) pki.serviceAccountKey().getPublic())
                        .getModulus()
                        .bitLength());
        assertEquals(
                List.of(pki.serviceAccountKey().getPublic()),
                Pem.publicKeys(Files.readAllBytes(temp.resolve("rsa/sa.pub"))));
        assertEquals(
                List.of(pki.serviceAccountKey().getPublic()),
                Pem.publicKeys(Files.readAllBytes(temp.resolve("rsa/sa.key"))));
    }

    @Test
    void garbageIsNoPem() {
        for (String text : List.of(
                "",
                "garbage",
                "-----BEGIN CERTIFICATE-----",
                "-----BEGIN PRIVATE KEY-----\n!!\n-----END PRIVATE KEY-----\n")) {
            assertThrows(IOException.class, () -> Pem.certificates(text.getBytes(StandardCharsets.US_ASCII)));
            assertThrows(IOException.class, () -> Pem.privateKey(text.getBytes(StandardCharsets.US_ASCII)));
            assertThrows(IOException.class, () -> Pem.publicKeys(text.getBytes(StandardCharsets.US_ASCII)));
        }
    }
}
