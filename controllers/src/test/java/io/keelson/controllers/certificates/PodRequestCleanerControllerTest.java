package io.keelson.controllers.certificates;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.fabric8.kubernetes.api.model.certificates.v1beta1.PodCertificateRequest;
import io.fabric8.kubernetes.api.model.certificates.v1beta1.PodCertificateRequestBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.testing.ManualTime;
import io.keelson.controllers.testing.TestCluster;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PodRequestCleanerControllerTest {
    private static final String POD_UID = "0f8f1f0c-9f0e-4f3e-8a35-0d3f5e6b7a11";

    private final TestCluster cluster = TestCluster.withKindsOnDemand();

    @AfterEach
    void close() {
        cluster.close();
    }

    private void request(String namespace, String name, String signed) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair keys = generator.generateKeyPair();
        Signature proof = Signature.getInstance("SHA256withECDSA");
        proof.initSign(keys.getPrivate());
        proof.update(signed.getBytes(StandardCharsets.UTF_8));
        Base64.Encoder encoder = Base64.getEncoder();
        cluster.client()
                .resource(new PodCertificateRequestBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(namespace)
                        .endMetadata()
                        .withNewSpec()
                        .withSignerName("example.com/mesh")
                        .withPodName("web")
                        .withPodUID(POD_UID)
                        .withServiceAccountName("default")
                        .withServiceAccountUID(POD_UID)
                        .withNodeName("node")
                        .withNodeUID(POD_UID)
                        .withPkixPublicKey(
                                encoder.encodeToString(keys.getPublic().getEncoded()))
                        .withProofOfPossession(encoder.encodeToString(proof.sign()))
                        .endSpec()
                        .build())
                .create();
    }

    private PodCertificateRequest found(String namespace) {
        return cluster.client()
                .resources(PodCertificateRequest.class)
                .inNamespace(namespace)
                .withName("one")
                .get();
    }

    @Test
    void aRequestGoesAfterAQuarterOfAnHour() throws Exception {
        String namespace = cluster.namespace();
        ManualTime time = new ManualTime(Instant.now());
        request(namespace, "one", POD_UID);
        cluster.run(time, PodRequestCleanerController.descriptor());
        assertEquals(86_400, found(namespace).getSpec().getMaxExpirationSeconds());
        time.advance(Duration.ofMinutes(14));
        assertNotNull(found(namespace));
        TestCluster.await("it goes", () -> {
            time.advance(Duration.ofSeconds(30));
            return found(namespace) == null;
        });
    }

    @Test
    void whoeverAsksMustHaveTheKey() {
        String namespace = cluster.namespace();
        assertEquals(
                422,
                assertThrows(KubernetesClientException.class, () -> request(namespace, "two", "another pod"))
                        .getCode());
    }

    @Test
    void theTimeThatIsLeftIsCountedFromTheCreation() {
        PodCertificateRequest request = new PodCertificateRequestBuilder()
                .withNewMetadata()
                .withCreationTimestamp("2026-05-01T12:00:00Z")
                .endMetadata()
                .build();
        Instant created = Instant.parse("2026-05-01T12:00:00Z");
        assertEquals(Duration.ofMinutes(15), PodRequestCleanerController.left(request, created));
        assertEquals(Duration.ofSeconds(-1), PodRequestCleanerController.left(request, created.plusSeconds(901)));
        request.getMetadata().setCreationTimestamp("yesterday");
        assertEquals(Duration.ZERO, PodRequestCleanerController.left(request, created));
    }
}
