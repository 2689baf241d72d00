package io.keelson.agent.volumes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.ClusterTrustBundleProjection;
import io.fabric8.kubernetes.api.model.ClusterTrustBundleProjectionBuilder;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodCertificateProjection;
import io.fabric8.kubernetes.api.model.PodCertificateProjectionBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.certificates.v1beta1.ClusterTrustBundleBuilder;
import io.fabric8.kubernetes.api.model.certificates.v1beta1.PodCertificateRequest;
import io.fabric8.kubernetes.api.model.certificates.v1beta1.PodCertificateRequestStatusBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.agent.environment.SharedApi;
import io.keelson.apiserver.features.FeatureGates;
import io.keelson.apiserver.features.RuntimeConfig;
import io.keelson.apiserver.server.ApiServer;
import io.keelson.apiserver.server.ApiServerConfig;
import io.keelson.apiserver.server.ApiSettings;
import io.keelson.apiserver.server.ClusterSettings;
import io.keelson.controllers.runtime.ApiClient;
import io.keelson.controllers.runtime.Events;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Certificates that an API server has only when it is asked to serve them. */
final class PodCertificatesTest {
    private static ApiServer server;
    private static KubernetesClient client;

    private final List<String> told = new CopyOnWriteArrayList<>();
    private final MovedTime time = new MovedTime();
    private final Events events = new Events() {
        @Override
        public void normal(HasMetadata about, String reason, String message) {
            told.add(reason);
        }

        @Override
        public void warning(HasMetadata about, String reason, String message) {
            told.add(reason);
        }

        @Override
        public Events from(String component) {
            return this;
        }
    };

    @BeforeAll
    static void start() throws Exception {
        ApiSettings usual = ApiSettings.DEFAULT;
        ApiSettings more = new ApiSettings(
                FeatureGates.of(List.of("ClusterTrustBundle=true", "PodCertificateRequest=true")),
                RuntimeConfig.of(List.of("certificates.k8s.io/v1beta1=true")),
                usual.browsers(),
                usual.externalHostname(),
                usual.storage(),
                usual.metrics(),
                usual.flags());
        server = ApiServer.start(ApiServerConfig.ephemeral().withCluster(ClusterSettings.DEFAULT.withApi(more)));
        client = ApiClient.of(Config.fromKubeconfig(server.kubeconfig().text()), List.of());
    }

    @AfterAll
    static void end() throws Exception {
        client.close();
        server.close();
    }

    private Node node(String name) {
        return client.resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .build())
                .create();
    }

    private Pod pod(String namespace, String node) {
        client.resource(new ServiceAccountBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName("robot")
                        .endMetadata()
                        .build())
                .create();
        return client.resource(new PodBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName("web")
                        .endMetadata()
                        .withNewSpec()
                        .withNodeName(node)
                        .withServiceAccountName("robot")
                        .withAutomountServiceAccountToken(false)
                        .addNewContainer()
                        .withName("app")
                        .withImage("x")
                        .endContainer()
                        .endSpec()
                        .build())
                .create();
    }

    private static PodCertificateProjection wanted(String signer) {
        return new PodCertificateProjectionBuilder()
                .withSignerName(signer)
                .withKeyType("ECDSAP256")
                .withCredentialBundlePath("bundle.pem")
                .build();
    }

    private static PodCertificateRequest onlyRequest(String namespace) throws InterruptedException {
        List<PodCertificateRequest> found = new ArrayList<>();
        SharedApi.await("a request is there", () -> {
            found.clear();
            client.resources(PodCertificateRequest.class).inNamespace(namespace).list().getItems().stream()
                    .filter(request -> request.getStatus() == null
                            || request.getStatus().getConditions().isEmpty())
                    .forEach(found::add);
            return !found.isEmpty();
        });
        return found.getFirst();
    }

    /** Signs with the key of the certificate, as nobody does, which is enough here. */
    private void issue(PodCertificateRequest request) throws Exception {
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        Instant end = now.plus(Duration.ofHours(20));
        var signer = KeyPairGenerator.getInstance("EC").generateKeyPair();
        PKCS10CertificationRequest stub = new PKCS10CertificationRequest(Base64.getDecoder()
                .decode(String.valueOf(
                        request.getSpec().getAdditionalProperties().get("stubPKCS10Request"))));
        byte[] certificate = new X509v3CertificateBuilder(
                        new X500Name("CN=signer"),
                        BigInteger.ONE,
                        Date.from(now),
                        Date.from(end),
                        new X500Name("CN=web"),
                        stub.getSubjectPublicKeyInfo())
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(signer.getPrivate()))
                .getEncoded();
        request.setStatus(new PodCertificateRequestStatusBuilder()
                .withConditions(new ConditionBuilder()
                        .withType("Issued")
                        .withStatus("True")
                        .withReason("Test")
                        .withMessage("")
                        .withLastTransitionTime(now.toString())
                        .build())
                .withCertificateChain("-----BEGIN CERTIFICATE-----\n"
                        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(certificate)
                        + "\n-----END CERTIFICATE-----\n")
                .withNotBefore(now.toString())
                .withBeginRefreshAt(now.plus(Duration.ofHours(10)).toString())
                .withNotAfter(end.toString())
                .build());
        client.resource(request).updateStatus();
    }

    private static String text(Map<String, byte[]> files) {
        return new String(Objects.requireNonNull(files.get("bundle.pem")), StandardCharsets.UTF_8);
    }

    @Test
    void aCertificateIsAskedForUsedAndRenewed() throws Exception {
        String namespace = SharedApi.namespace(client);
        Node here = node("node-a");
        Pod pod = pod(namespace, "node-a");
        PodCertificates certificates = new PodCertificates(client, () -> here, time, events);
        time.hurry();
        PodCertificateProjection wanted = wanted("example.com/good");
        assertEquals(
                "credential bundle is not issued yet",
                assertThrows(VolumeException.class, () -> certificates.of(pod, "v", wanted))
                        .message());
        issue(onlyRequest(namespace));
        String first = text(certificates.of(pod, "v", wanted));
        assertTrue(first.startsWith("-----BEGIN PRIVATE KEY-----\n"), first);
        assertTrue(first.contains("-----END PRIVATE KEY-----\n-----BEGIN CERTIFICATE-----\n"), first);
        assertEquals(first, text(certificates.of(pod, "v", wanted)));
        time.advance(Duration.ofHours(11));
        assertEquals(first, text(certificates.of(pod, "v", wanted)), "until a new one is there");
        issue(onlyRequest(namespace));
        assertNotEquals(first, text(certificates.of(pod, "v", wanted)));
        certificates.forget(pod.getMetadata().getUid());
    }

    @Test
    void whatIsDeniedIsNotAskedAgain() throws Exception {
        String namespace = SharedApi.namespace(client);
        Node here = node("node-b");
        Pod pod = pod(namespace, "node-b");
        PodCertificates certificates = new PodCertificates(client, () -> here, time, events);
        time.hurry();
        PodCertificateProjection wanted = wanted("example.com/bad");
        assertThrows(VolumeException.class, () -> certificates.of(pod, "v", wanted));
        PodCertificateRequest request = onlyRequest(namespace);
        request.setStatus(new PodCertificateRequestStatusBuilder()
                .withConditions(new ConditionBuilder()
                        .withType("Denied")
                        .withStatus("True")
                        .withReason("No")
                        .withMessage("never")
                        .withLastTransitionTime(
                                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString())
                        .build())
                .build());
        client.resource(request).updateStatus();
        for (int i = 0; i < 2; i++) {
            assertEquals(
                    "PodCertificateRequest was permanently denied: reason=\"No\" message=\"never\"",
                    assertThrows(VolumeException.class, () -> certificates.of(pod, "v", wanted))
                            .message());
        }
        assertEquals(List.of("Denied"), told);
        assertEquals(
                1,
                client.resources(PodCertificateRequest.class)
                        .inNamespace(namespace)
                        .list()
                        .getItems()
                        .size());
    }

    @Test
    void bundlesAreMergedAndEachCertificateIsThereOnce() throws Exception {
        String root = selfSigned("root");
        String other = selfSigned("other");
        bundle("example.com:trust:a", root + other);
        bundle("example.com:trust:b", other + root);
        TrustBundles bundles = new TrustBundles(client, time);
        String byName = new String(bundles.of(named("example.com:trust:a", false)), StandardCharsets.UTF_8);
        assertEquals(2, byName.split("BEGIN CERTIFICATE", -1).length - 1);
        ClusterTrustBundleProjection bySigner = new ClusterTrustBundleProjectionBuilder()
                .withSignerName("example.com/trust")
                .withNewLabelSelector()
                .endLabelSelector()
                .withPath("ca")
                .build();
        assertEquals(byName, new String(bundles.of(bySigner), StandardCharsets.UTF_8));
        assertEquals(
                "clustertrustbundle \"absent\" not found",
                assertThrows(VolumeException.class, () -> bundles.of(named("absent", false)))
                        .message());
        assertEquals(0, bundles.of(named("absent", true)).length);
        bySigner.setSignerName("example.com/nobody");
        assertEquals(
                "combination of signerName and labelSelector matched zero ClusterTrustBundles",
                assertThrows(VolumeException.class, () -> bundles.of(bySigner)).message());
    }

    private static ClusterTrustBundleProjection named(String name, boolean optional) {
        return new ClusterTrustBundleProjectionBuilder()
                .withName(name)
                .withOptional(optional)
                .withPath("ca")
                .build();
    }

    private static void bundle(String name, String certificates) {
        client.resource(new ClusterTrustBundleBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .withNewSpec()
                        .withSignerName("example.com/trust")
                        .withTrustBundle(certificates)
                        .endSpec()
                        .build())
                .create();
    }

    private static String selfSigned(String name) throws Exception {
        var pair = KeyPairGenerator.getInstance("EC").generateKeyPair();
        byte[] certificate = new JcaX509v3CertificateBuilder(
                        new X500Principal("CN=" + name),
                        BigInteger.ONE,
                        Date.from(Instant.now()),
                        Date.from(Instant.now().plus(Duration.ofDays(1))),
                        new X500Principal("CN=" + name),
                        pair.getPublic())
                .addExtension(Extension.basicConstraints, true, new BasicConstraints(true))
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()))
                .getEncoded();
        return "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(certificate)
                + "\n-----END CERTIFICATE-----\n";
    }
}
