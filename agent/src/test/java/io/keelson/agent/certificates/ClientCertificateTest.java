package io.keelson.agent.certificates;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.authentication.SelfSubjectReview;
import io.fabric8.kubernetes.api.model.authentication.SelfSubjectReviewBuilder;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestConditionBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.controllers.manager.CertifiedKey;
import io.keelson.controllers.process.WholeFile;
import io.keelson.controllers.testing.Figures;
import io.keelson.controllers.testing.ManualTime;
import io.keelson.controllers.testing.TestCluster;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node that comes to a cluster with a token only. */
final class ClientCertificateTest {
    private static SigningCluster cluster;

    @TempDir
    private static Path shared;

    @TempDir
    private Path folder;

    private final ManualTime time = new ManualTime(Instant.now().truncatedTo(ChronoUnit.SECONDS));

    @BeforeAll
    static void start() throws Exception {
        cluster = new SigningCluster(shared);
        cluster.token();
        cluster.letNodesIn();
    }

    @AfterAll
    static void end() {
        cluster.close();
    }

    private ClientCertificateSettings settings(String node, boolean rotate) throws IOException {
        return new ClientCertificateSettings(
                node,
                folder.resolve("kubelet.conf"),
                Optional.of(cluster.bootstrapKubeconfig(folder)),
                folder.resolve("pki"),
                rotate,
                Duration.ofSeconds(20));
    }

    private static String user(KubernetesClient client) {
        SelfSubjectReview review =
                client.resource(new SelfSubjectReviewBuilder().build()).create();
        return review.getStatus().getUserInfo().getUsername();
    }

    private Path current() {
        return folder.resolve("pki/kubelet-client-current.pem");
    }

    @Test
    void aTokenBecomesACertificateAndAKubeconfig() throws Exception {
        try (ClientCertificate certificate = ClientCertificate.ensure(settings("n1", true), time);
                KubernetesClient client = certificate.client(List.of())) {
            assertEquals("system:node:n1", user(client));
            assertTrue(certificate.expires().orElseThrow().isAfter(Instant.now().plus(Duration.ofDays(300))));
        }
        assertTrue(Files.isSymbolicLink(current()));
        assertEquals(
                "rw-------",
                PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(current().toRealPath())));
        assertFalse(Files.exists(folder.resolve("pki/kubelet-client.key.tmp")));
        assertTrue(Files.readString(folder.resolve("kubelet.conf"))
                .contains(current().toString()));
        // The next start needs the token no more.
        ClientCertificateSettings later = new ClientCertificateSettings(
                "n1", folder.resolve("kubelet.conf"), Optional.empty(), folder.resolve("pki"), false, Duration.ZERO);
        try (ClientCertificate certificate = ClientCertificate.ensure(later, time);
                KubernetesClient client = certificate.client(List.of())) {
            assertEquals("system:node:n1", user(client));
        }
    }

    @Test
    void itIsRenewedWithANewKeyAndConnectionsShowTheNewOne() throws Exception {
        try (ClientCertificate certificate = ClientCertificate.ensure(settings("n2", true), time);
                KubernetesClient client = certificate.client(List.of())) {
            assertEquals("system:node:n2", user(client));
            BigInteger serial = serial();
            Path before = current().toRealPath();
            time.advance(Duration.ofDays(250));
            assertEquals(serial, serial(), "70 % of its life is not over");
            time.advance(Duration.ofDays(80));
            TestCluster.await("another certificate", () -> !serial().equals(serial));
            assertNotEquals(before, current().toRealPath());
            TestCluster.await(
                    "requests are made by the new one", () -> credential(client).contains(fingerprint()));
            // Connections of before are cut, and nobody sees it.
            time.advance(Duration.ofMinutes(2));
            assertEquals("system:node:n2", user(client));
            Figures figures = new Figures();
            certificate.register(figures.metrics().registry());
            double left = figures.of("kubelet_certificate_manager_client_ttl_seconds");
            assertTrue(left > 0 && left < Duration.ofDays(366).toSeconds(), "for " + left);
            assertEquals(0, figures.of("kubelet_certificate_manager_client_expiration_renew_errors"));
        }
    }

    @Test
    void whoStandsBesideTheAgentIsKnownByWhatItRenews() throws Exception {
        try (ClientCertificate _ = ClientCertificate.ensure(settings("n5", true), time);
                FollowedCertificate beside = FollowedCertificate.of(
                        Config.fromKubeconfig(folder.resolve("kubelet.conf").toFile()), time);
                KubernetesClient client = beside.client(List.of())) {
            assertEquals("system:node:n5", user(client));
            String before = fingerprint();
            assertTrue(credential(client).contains(before));
            time.advance(Duration.ofDays(330));
            TestCluster.await("another certificate", () -> !fingerprint().equals(before));
            time.advance(Duration.ofMinutes(1));
            TestCluster.await(
                    "requests are made by the new one", () -> credential(client).contains(fingerprint()));
            // A file that cannot be read for a while changes nothing.
            Files.delete(current());
            time.advance(Duration.ofMinutes(2));
            assertEquals("system:node:n5", user(client));
        }
    }

    private BigInteger serial() {
        try {
            return CertifiedKey.read(current(), current()).certificate().getSerialNumber();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private String fingerprint() {
        try {
            byte[] encoded =
                    CertifiedKey.read(current(), current()).certificate().getEncoded();
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(encoded));
        } catch (IOException | GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /** What the API says that it was shown. */
    private static String credential(KubernetesClient client) {
        SelfSubjectReview review =
                client.resource(new SelfSubjectReviewBuilder().build()).create();
        return String.valueOf(review.getStatus().getUserInfo().getExtra());
    }

    @Test
    void whoDiesWhileHeWaitsFindsTheSameRequestApproved() throws Exception {
        // Nobody approves a request of this cluster but the controllers, so the key is left as one who died had it.
        CertificateKey key = CertificateKey.generate(CertificateKey.NODES);
        WholeFile.writeDurably(folder.resolve("pki/kubelet-client.key.tmp"), key.bothPem());
        String name = CertificateRequests.nameOf(key, Bootstrap.wish("n3"));
        ClientCertificate.ensure(settings("n3", false), time).close();
        assertEquals(
                key.pem(),
                Files.readString(current())
                        .substring(Files.readString(current()).indexOf("-----BEGIN PRIVATE")));
        // Died after the certificate was stored, before it was said in the kubeconfig: it is not asked for again.
        Files.delete(folder.resolve("kubelet.conf"));
        cluster.client()
                .certificates()
                .v1()
                .certificateSigningRequests()
                .withName(name)
                .delete();
        BigInteger serial = serial();
        ClientCertificate.ensure(settings("n3", false), time).close();
        assertEquals(serial, serial());
        assertTrue(Files.exists(folder.resolve("kubelet.conf")));
    }

    @Test
    void aLinkThatLeadsNowhereAndADamagedFileAreAsNone() throws Exception {
        CertificateStore store = new CertificateStore(folder, "kubelet-client");
        assertTrue(store.read().isEmpty());
        WholeFile.linkDurably(store.current(), folder.resolve("x"), "absent.pem");
        assertTrue(Files.exists(store.current(), LinkOption.NOFOLLOW_LINKS));
        assertTrue(store.read().isEmpty());
        Files.writeString(
                folder.resolve("absent.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        assertTrue(store.read().isEmpty());
        Files.writeString(folder.resolve("absent.pem"), "-----BEGIN PRIVATE KEY-----\n!!");
        assertTrue(store.read().isEmpty());
    }

    @Test
    void aDeniedRequestIsToldAndTheNextOneIsAnother() throws Exception {
        CertificateKey key = CertificateKey.generate(CertificateKey.NODES);
        WholeFile.writeDurably(folder.resolve("pki/kubelet-client.key.tmp"), key.bothPem());
        // Whom the token's group does not let in, so that nobody approves it before it is denied.
        ClientCertificateSettings settings = settings("n4", false);
        String name = CertificateRequests.nameOf(key, Bootstrap.wish("n4"));
        cluster.client().rbac().clusterRoleBindings().withName("approve").delete();
        try {
            CompletableFuture<Void> waiting = CompletableFuture.runAsync(() -> {
                try {
                    ClientCertificate.ensure(settings, time).close();
                } catch (Exception e) {
                    throw new CompletionException(e);
                }
            });
            TestCluster.await(
                    "it is asked for",
                    () -> cluster.client()
                                    .certificates()
                                    .v1()
                                    .certificateSigningRequests()
                                    .withName(name)
                                    .get()
                            != null);
            cluster.client()
                    .certificates()
                    .v1()
                    .certificateSigningRequests()
                    .withName(name)
                    .deny(new CertificateSigningRequestConditionBuilder()
                            .withType("Denied")
                            .withStatus("True")
                            .withReason("NoRoom")
                            .withMessage("not here")
                            .build());
            Exception problem = assertThrows(CompletionException.class, waiting::join);
            assertEquals(
                    "certificate signing request " + name + " is denied, reason: NoRoom, message: not here",
                    Objects.requireNonNull(problem.getCause()).getMessage());
            assertFalse(Files.exists(folder.resolve("pki/kubelet-client.key.tmp")));
            assertFalse(Files.exists(folder.resolve("kubelet.conf")));
        } finally {
            cluster.bind(
                    "approve",
                    "system:certificates.k8s.io:certificatesigningrequests:nodeclient",
                    "system:bootstrappers:kubeadm:default-node-token");
        }
    }

    @Test
    void theDeadlineIsInThePartOfTheLifeThatIsForIt() throws Exception {
        var pair = SelfSigned.write(folder.resolve("a.crt"), folder.resolve("a.key"), "h", time.instant());
        Instant begin = pair.certificate().getNotBefore().toInstant();
        assertEquals(0.7 * 365, days(begin, Renewal.deadline(pair.certificate(), 0)), 0.001);
        assertEquals(0.9 * 365, days(begin, Renewal.deadline(pair.certificate(), 1)), 0.001);
    }

    private static double days(Instant from, Instant to) {
        return Duration.between(from, to).toMillis()
                / (double) Duration.ofDays(1).toMillis();
    }
}
