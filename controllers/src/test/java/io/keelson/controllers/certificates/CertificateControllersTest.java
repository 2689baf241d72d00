package io.keelson.controllers.certificates;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestBuilder;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestConditionBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.runtime.ApiClient;
import io.keelson.controllers.runtime.Manager;
import io.keelson.controllers.testing.ManualTime;
import io.keelson.controllers.testing.TestCluster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificateControllersTest {
    private static final String KUBELET = "kubernetes.io/kube-apiserver-client-kubelet";
    private static final String CLIENT = "kubernetes.io/kube-apiserver-client";
    private static final String NODE = "O=system:nodes,CN=system:node:n1";

    private final TestCluster cluster = new TestCluster();
    private final String name = cluster.namespace();
    private final ManualTime time = new ManualTime(Instant.now().truncatedTo(ChronoUnit.SECONDS));

    @AfterEach
    void close() {
        cluster.close();
    }

    private void create(KubernetesClient client, String signer, String subject, String... usages) {
        createNamed(client, name, signer, subject, usages);
    }

    private static void createNamed(
            KubernetesClient client, String name, String signer, String subject, String... usages) {
        client.resource(new CertificateSigningRequestBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .withNewSpec()
                        .withSignerName(signer)
                        .withRequest(Requests.request(subject))
                        .withUsages(usages)
                        .withExpirationSeconds(3600)
                        .endSpec()
                        .build())
                .create();
    }

    private CertificateSigningRequest request() {
        return request(name);
    }

    private CertificateSigningRequest request(String name) {
        return cluster.client()
                .certificates()
                .v1()
                .certificateSigningRequests()
                .withName(name)
                .get();
    }

    private void approve() {
        approve(name);
    }

    private void approve(String name) {
        cluster.client()
                .certificates()
                .v1()
                .certificateSigningRequests()
                .withName(name)
                .approve(new CertificateSigningRequestConditionBuilder()
                        .withType("Approved")
                        .withStatus("True")
                        .withReason("Trusted")
                        .build());
    }

    private CertificateSigningSettings settings(Path folder) throws IOException {
        KeyPair keys = Requests.keys();
        Requests.Authority authority =
                Requests.authority(keys, "SHA256withECDSA", time.instant().minusSeconds(60), Duration.ofDays(3650));
        Path certificate = Files.writeString(folder.resolve("ca.crt"), authority.certificate());
        Path key = Files.writeString(folder.resolve("ca.key"), authority.key());
        return CertificateSigningSettings.of(new CertificateAuthorityFiles(certificate, key), Duration.ofDays(365));
    }

    @Test
    void aKubeletsRequestIsApprovedAndSigned(@TempDir Path folder) throws Exception {
        cluster.run(time, ApprovingController.descriptor(), SigningController.descriptor(settings(folder)));
        create(cluster.client(), KUBELET, NODE, "client auth", "digital signature");
        TestCluster.await(
                "it has a certificate",
                () -> !RequestState.certificate(request()).isEmpty());
        CertificateSigningRequest signed = request();
        assertEquals("AutoApproved", RequestState.conditions(signed).getFirst().getReason());
        assertEquals(
                "Auto approving kubelet client certificate after SubjectAccessReview.",
                RequestState.conditions(signed).getFirst().getMessage());
        X509Certificate certificate = (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(
                        new ByteArrayInputStream(Base64.getDecoder().decode(RequestState.certificate(signed))));
        assertEquals(time.instant().plusSeconds(3600), certificate.getNotAfter().toInstant());
        assertTrue(certificate.getSubjectX500Principal().getName().contains("system:node:n1"));
    }

    @Test
    void nobodyIsApprovedWithoutTheRight() throws Exception {
        String user = "user-" + name;
        bind("create-" + name, user, name);
        cluster.client().resource("""
                apiVersion: rbac.authorization.k8s.io/v1
                kind: ClusterRole
                metadata: {name: %s}
                rules: [{apiGroups: [certificates.k8s.io], resources: [certificatesigningrequests], verbs: [create]}]
                """.formatted(name)).create();
        Manager manager = cluster.run(ApprovingController.descriptor());
        Config theirs = new ConfigBuilder(cluster.client().getConfiguration())
                .withImpersonateUsername(user)
                .build();
        try (KubernetesClient other = ApiClient.of(theirs, List.of(cluster.noting()))) {
            TestCluster.await("the right to ask is known", () -> {
                try {
                    create(other, KUBELET, NODE, "client auth", "digital signature");
                    return true;
                } catch (KubernetesClientException e) {
                    return false;
                }
            });
        }
        TestCluster.await("it was looked at and refused", () -> !manager.idle());
        assertEquals(List.of(), RequestState.conditions(request()));
        bind("node-" + name, user, "system:certificates.k8s.io:certificatesigningrequests:nodeclient");
        TestCluster.await("it is approved once the right is there", () -> RequestState.isApproved(request()));
    }

    private void bind(String binding, String user, String role) {
        cluster.client().resource("""
                apiVersion: rbac.authorization.k8s.io/v1
                kind: ClusterRoleBinding
                metadata: {name: %s}
                roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "%s"}
                subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: %s}]
                """.formatted(binding, role, user)).create();
    }

    @Test
    void whatNoKubeletAsksForIsLeftToOthers() throws Exception {
        create(cluster.client(), KUBELET, "O=system:nodes,CN=bob", "client auth", "digital signature");
        Manager manager = cluster.run(time, ApprovingController.descriptor());
        createNamed(cluster.client(), name + "-next", KUBELET, NODE, "client auth", "digital signature");
        TestCluster.await("the next one is approved", () -> RequestState.isApproved(request(name + "-next")));
        TestCluster.await("both were looked at", manager::idle);
        assertEquals(List.of(), RequestState.conditions(request()));
    }

    @Test
    void whatTheSignerDoesNotSignFails(@TempDir Path folder) throws Exception {
        cluster.run(time, SigningController.descriptor(settings(folder)));
        create(cluster.client(), CLIENT, "CN=bob", "client auth", "server auth");
        approve();
        TestCluster.await("it has failed", () -> RequestState.has(request(), "Failed"));
        assertEquals(
                "invalid usage for client certificate: server auth",
                RequestState.conditions(request()).getLast().getMessage());
        assertEquals(
                "SignerValidationFailure",
                RequestState.conditions(request()).getLast().getReason());
        assertEquals("", RequestState.certificate(request()));
    }

    @Test
    void nothingIsSignedThatIsNotApprovedOrIsAnothersToSign(@TempDir Path folder) throws Exception {
        create(cluster.client(), CLIENT, "CN=bob", "client auth");
        createNamed(cluster.client(), name + "-other", "example.com/signer", "CN=bob", "client auth");
        approve(name + "-other");
        Manager manager = cluster.run(
                time,
                SigningController.descriptor(settings(folder)),
                SigningController.descriptor(CertificateSigningSettings.DEFAULT));
        createNamed(cluster.client(), name + "-next", CLIENT, "CN=bob", "client auth");
        approve(name + "-next");
        TestCluster.await(
                "the next one is signed",
                () -> !RequestState.certificate(request(name + "-next")).isEmpty());
        TestCluster.await("all were looked at", manager::idle);
        assertEquals("", RequestState.certificate(request()));
        assertEquals("", RequestState.certificate(request(name + "-other")));
    }

    @Test
    void requestsOfNoMoreUseAreDeleted() throws Exception {
        create(cluster.client(), CLIENT, "CN=bob", "client auth");
        Instant created = Instant.parse(request().getMetadata().getCreationTimestamp());
        cluster.run(time, CleanerController.descriptor());
        time.advance(Duration.ofHours(23));
        TestCluster.await("it is deleted", () -> {
            time.advance(Duration.ofMinutes(1));
            return request() == null;
        });
        assertFalse(time.instant().isBefore(created.plus(Duration.ofDays(1))));
    }

    @Test
    void aDecisionIsKeptForAnHour() {
        Instant now = Instant.parse("2026-01-01T10:00:00Z");
        CertificateSigningRequest bare = new CertificateSigningRequestBuilder()
                .withNewMetadata()
                .withCreationTimestamp("2026-01-01T00:00:00Z")
                .endMetadata()
                .withNewStatus()
                .endStatus()
                .build();
        assertEquals(Instant.parse("2026-01-02T00:00:00Z"), RequestLifetime.end(bare));
        for (String type : List.of("Denied", "Failed")) {
            assertEquals(now.plusSeconds(3600), RequestLifetime.end(with(bare, type, "")), type);
        }
        assertEquals(Instant.MAX, RequestLifetime.end(with(bare, "Approved", "")));
        assertEquals(now.plusSeconds(3600), RequestLifetime.end(with(bare, "Approved", "cm90dGVu")));
        String expired = Base64.getEncoder()
                .encodeToString(Requests.authority(
                                Requests.keys(), "SHA256withECDSA", now.minusSeconds(100), Duration.ofSeconds(200))
                        .certificate()
                        .getBytes(StandardCharsets.UTF_8));
        assertEquals(now.plusSeconds(100), RequestLifetime.end(with(bare, "Approved", expired)));
        assertNull(bare.getStatus().getCertificate());
    }

    private static CertificateSigningRequest with(CertificateSigningRequest bare, String type, String certificate) {
        return new CertificateSigningRequestBuilder(bare)
                .editStatus()
                .withCertificate(certificate)
                .addNewCondition()
                .withType(type)
                .withStatus("True")
                .withLastUpdateTime("2026-01-01T10:00:00Z")
                .endCondition()
                .endStatus()
                .build();
    }
}
