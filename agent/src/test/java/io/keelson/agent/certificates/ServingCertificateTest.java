package io.keelson.agent.certificates;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestConditionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.controllers.manager.CertifiedKey;
import io.keelson.controllers.testing.Figures;
import io.keelson.controllers.testing.ManualTime;
import io.keelson.controllers.testing.TestCallers;
import io.keelson.controllers.testing.TestCluster;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a node's server shows. */
final class ServingCertificateTest {
    private static SigningCluster cluster;

    @TempDir
    private static Path shared;

    @TempDir
    private Path folder;

    private final ManualTime time = new ManualTime(Instant.now().truncatedTo(ChronoUnit.SECONDS));
    private final AtomicReference<List<NodeAddress>> addresses = new AtomicReference<>(List.of());

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

    private ServingCertificate serving(Optional<Path> certificate, Optional<Path> key, boolean bootstrap)
            throws IOException {
        return ServingCertificate.start(
                new ServingCertificateSettings("s1", "machine", folder, certificate, key, bootstrap),
                cluster.client(),
                addresses::get,
                time);
    }

    /** What somebody who connects is shown. */
    private static X509Certificate shown(SSLContext context) throws IOException, GeneralSecurityException {
        SSLContext asking = TestCallers.showing();
        InetAddress local = InetAddress.getLoopbackAddress();
        try (SSLServerSocket server =
                (SSLServerSocket) context.getServerSocketFactory().createServerSocket(0, 1, local)) {
            Thread answering = Thread.ofVirtual().start(() -> {
                try (SSLSocket accepted = (SSLSocket) server.accept()) {
                    accepted.startHandshake();
                    accepted.getInputStream().read();
                } catch (IOException e) {
                    // The other side is told, too.
                }
            });
            try (SSLSocket socket = (SSLSocket) asking.getSocketFactory().createSocket(local, server.getLocalPort())) {
                socket.setSoTimeout(5_000);
                socket.startHandshake();
                return (X509Certificate) socket.getSession().getPeerCertificates()[0];
            } finally {
                answering.interrupt();
            }
        }
    }

    @Test
    void withoutAnythingItIsSelfSignedAndStays() throws Exception {
        X509Certificate first;
        try (ServingCertificate certificate = serving(Optional.empty(), Optional.empty(), false)) {
            first = shown(certificate.context());
            assertTrue(first.getSubjectX500Principal().getName().startsWith("CN=machine@"));
            assertTrue(first.getIssuerX500Principal().getName().startsWith("CN=machine-ca@"));
            assertTrue(first.getSubjectAlternativeNames().contains(List.of(2, "machine")));
        }
        assertTrue(Files.exists(folder.resolve("kubelet.crt")));
        try (ServingCertificate certificate = serving(Optional.empty(), Optional.empty(), false)) {
            assertEquals(first, shown(certificate.context()));
        }
        // Died between the two files: the key is not that of the certificate.
        SelfSigned.write(folder.resolve("kubelet.crt"), folder.resolve("other.key"), "machine", time.instant());
        try (ServingCertificate certificate = serving(Optional.empty(), Optional.empty(), false)) {
            assertNotEquals(first, shown(certificate.context()));
        }
    }

    @Test
    void filesAreReadAgainWhenTheyChange() throws Exception {
        Path certificate = folder.resolve("tls.crt");
        Path key = folder.resolve("tls.key");
        SelfSigned.write(certificate, key, "one", time.instant());
        try (ServingCertificate serving = serving(Optional.of(certificate), Optional.of(key), false)) {
            X509Certificate first = shown(serving.context());
            Files.writeString(certificate, "nothing");
            Files.setLastModifiedTime(certificate, FileTime.from(Instant.now().plusSeconds(5)));
            serving.wake();
            assertEquals(first, shown(serving.context()));
            SelfSigned.write(certificate, key, "two", time.instant());
            TestCluster.await("the new one", () -> {
                serving.wake();
                try {
                    return shown(serving.context())
                            .getSubjectX500Principal()
                            .getName()
                            .startsWith("CN=two");
                } catch (IOException | GeneralSecurityException e) {
                    throw new AssertionError(e);
                }
            });
        }
        assertThrows(IllegalArgumentException.class, () -> serving(Optional.of(certificate), Optional.empty(), false));
        assertThrows(
                IOException.class,
                () -> serving(Optional.of(certificate), Optional.of(folder.resolve("absent")), false));
    }

    @Test
    void theClusterSignsForTheNodesAddressesAndAgainWhenTheyChange() throws Exception {
        // As the node: signers look at who asks.
        try (ClientCertificate node = ClientCertificate.ensure(
                        new ClientCertificateSettings(
                                "s1",
                                folder.resolve("kubelet.conf"),
                                Optional.of(cluster.bootstrapKubeconfig(folder)),
                                folder,
                                false,
                                Duration.ofSeconds(20)),
                        time);
                KubernetesClient client = node.client(List.of());
                ServingCertificate serving = ServingCertificate.start(
                        new ServingCertificateSettings(
                                "s1", "machine", folder, Optional.empty(), Optional.empty(), true),
                        client,
                        addresses::get,
                        time)) {
            Figures figures = new Figures();
            serving.register(figures.metrics().registry());
            assertThrows(SSLException.class, () -> shown(serving.context()));
            assertEquals(Double.POSITIVE_INFINITY, figures.of("kubelet_certificate_manager_server_ttl_seconds"));
            addresses.set(List.of(new NodeAddress("192.0.2.7", "InternalIP"), new NodeAddress("machine", "Hostname")));
            serving.wake();
            approve("first");
            TestCluster.await("it is issued", () -> serving.expires().isPresent());
            X509Certificate first = shown(serving.context());
            assertEquals(
                    (double)
                            Duration.between(time.instant(), first.getNotAfter().toInstant())
                                    .toSeconds(),
                    figures.of("kubelet_certificate_manager_server_ttl_seconds"));
            assertEquals(0, figures.of("kubelet_certificate_manager_server_rotation_seconds_count"));
            assertTrue(first.getSubjectAlternativeNames().contains(List.of(7, "192.0.2.7")));
            assertTrue(first.getSubjectAlternativeNames().contains(List.of(2, "machine")));
            assertTrue(Files.isSymbolicLink(folder.resolve("kubelet-server-current.pem")));
            addresses.set(List.of(new NodeAddress("2001:db8::7", "InternalIP")));
            serving.wake();
            approve("second");
            TestCluster.await("the other is shown", () -> {
                CertifiedKey now = read();
                return ServingNames.of(Objects.requireNonNull(addresses.get())).areIn(now.certificate());
            });
            TestCluster.await("it is shown", () -> {
                try {
                    return shown(serving.context()).equals(read().certificate());
                } catch (IOException | GeneralSecurityException e) {
                    throw new AssertionError(e);
                }
            });
            assertFalse(shown(serving.context()).equals(first));
            assertEquals(1, figures.of("kubelet_certificate_manager_server_rotation_seconds_count"));
            assertEquals(0, figures.of("kubelet_server_expiration_renew_errors"));
        }
    }

    private CertifiedKey read() {
        Path file = folder.resolve("kubelet-server-current.pem");
        try {
            return CertifiedKey.read(file, file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Approves what a node asks for, as an administrator does. */
    private static void approve(String which) throws InterruptedException {
        TestCluster.await("the " + which + " is asked for and approved", () -> {
            for (CertificateSigningRequest request : cluster.client()
                    .certificates()
                    .v1()
                    .certificateSigningRequests()
                    .list()
                    .getItems()) {
                if (request.getSpec().getSignerName().equals("kubernetes.io/kubelet-serving")
                        && (request.getStatus() == null
                                || request.getStatus().getConditions().isEmpty())) {
                    cluster.client()
                            .certificates()
                            .v1()
                            .certificateSigningRequests()
                            .withName(request.getMetadata().getName())
                            .approve(new CertificateSigningRequestConditionBuilder()
                                    .withType("Approved")
                                    .withStatus("True")
                                    .withReason("Trusted")
                                    .build());
                    return true;
                }
            }
            return false;
        });
    }
}
