package io.keelson.dist.up;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.apiserver.certs.CertificateProfile;
import io.keelson.apiserver.certs.Credential;
import io.keelson.apiserver.certs.Kubeconfig;
import io.keelson.apiserver.certs.PkiFolder;
import io.keelson.apiserver.server.ApiServer;
import io.keelson.apiserver.server.ApiServerConfig;
import io.keelson.controllers.runtime.ApiClient;
import io.keelson.proxy.config.ConfigurationFile;
import io.keelson.proxy.config.ProxyConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a cluster tells machines that join, and what those may who ask. */
final class NodeConfigurationTest {
    private static final String TOKENS = "system:bootstrappers:kubeadm:default-node-token";

    @TempDir
    private static Path shared;

    @TempDir
    private Path folder;

    private static ApiServer server;
    private static KubernetesClient administrator;

    @BeforeAll
    static void start() throws Exception {
        server = ApiServer.start(ApiServerConfig.ephemeral().inFolder(shared));
        administrator = ApiClient.of(Config.fromKubeconfig(server.kubeconfig().text()), List.of());
        ClusterObjects.apply(administrator, "nodes.yaml");
        ClusterObjects.apply(administrator, "metrics.yaml");
        NodeConfiguration.publish(administrator);
    }

    @AfterAll
    static void end() {
        administrator.close();
        server.close();
    }

    /** Somebody with a certificate of the cluster. */
    private static KubernetesClient somebody(String user, String... groups) throws IOException {
        PkiFolder pki = new PkiFolder(shared.resolve("pki"));
        var own = pki.client("test-" + user.replace(':', '-'), CertificateProfile.client(user, groups), Instant.now());
        var authority = Credential.read(pki.certificate("ca"), pki.key("ca")).certificate();
        return ApiClient.of(
                Config.fromKubeconfig(
                        Kubeconfig.of("test", server.url(), authority, own).text()),
                List.of());
    }

    private static void assertRefused(Runnable call) {
        assertEquals(
                403, assertThrows(KubernetesClientException.class, call::run).getCode());
    }

    private static NodeConfiguration awaited(KubernetesClient client) throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (true) {
            try {
                return NodeConfiguration.read(client);
            } catch (IOException e) {
                // The API server writes down whose certificates count soon after its start.
                if (System.nanoTime() - end > 0) {
                    throw e;
                }
                Thread.sleep(50);
            }
        }
    }

    private NodePlace place() {
        return new NodePlace(
                "two",
                "192.0.2.2",
                folder,
                folder.resolve("run"),
                "/keelson-test",
                Optional.empty(),
                Map.of(),
                Optional.empty());
    }

    @Test
    void aMachineWithATokenReadsHowNodesAreSetUpAndNothingElse() throws Exception {
        try (KubernetesClient machine = somebody("system:bootstrap:abcdef", TOKENS)) {
            NodeConfiguration told = awaited(machine);
            assertEquals(List.of("10.96.0.10"), told.dnsAddresses());
            assertEquals("cluster.local", told.domain());
            assertEquals(Files.readString(shared.resolve("pki/client-ca.crt")), told.clientAuthority());
            assertRefused(() -> machine.configMaps().inNamespace("kube-system").list());
            assertRefused(() -> machine.services().inAnyNamespace().list());
        }
        try (KubernetesClient stranger = somebody("stranger")) {
            assertRefused(() -> {
                try {
                    NodeConfiguration.read(stranger);
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
        }
    }

    @Test
    void aNodeLeadsPacketsAndAnswersForNamesWithWhatItMayItself() throws Exception {
        try (KubernetesClient node = somebody("system:node:two", "system:nodes")) {
            var _ = awaited(node);
            var _ = node.services().inAnyNamespace().list();
            var _ = node.discovery().v1().endpointSlices().inAnyNamespace().list();
            assertRefused(() -> node.secrets().inAnyNamespace().list());
        }
        try (KubernetesClient dns = somebody("keelson:dns")) {
            var _ = dns.services().inAnyNamespace().list();
            var _ = dns.discovery().v1().endpointSlices().inAnyNamespace().list();
            assertRefused(() -> dns.pods().inAnyNamespace().list());
        }
    }

    @Test
    void theMetricsServerRegistersItselfAndNothingElse() throws Exception {
        try (KubernetesClient metrics = somebody("keelson:metrics-server")) {
            var _ = metrics.nodes().list();
            var service = new ServiceBuilder()
                    .withNewMetadata()
                    .withNamespace("kube-system")
                    .withName("metrics-server")
                    .endMetadata()
                    .withNewSpec()
                    .withType("ExternalName")
                    .withExternalName("localhost")
                    .endSpec()
                    .build();
            metrics.resource(service).forceConflicts().serverSideApply();
            assertTrue(metrics.resource(service).delete().size() > 0);
            service.getMetadata().setName("another");
            assertRefused(() -> metrics.resource(service).forceConflicts().serverSideApply());
            assertRefused(() -> metrics.secrets().inAnyNamespace().list());
        }
    }

    @Test
    void whatTheAdministratorChangesStaysAndIsKeptForStartsWithoutTheApi() throws Exception {
        assertEquals(Optional.empty(), NodeConfiguration.kept(place()));
        NodeConfiguration told = awaited(administrator);
        var changed = new ConfigMapBuilder()
                .withNewMetadata()
                .withNamespace("kube-system")
                .withName("kubelet-config")
                .endMetadata()
                .addToData("kubelet", told.kubelet() + "maxPods: 42\n")
                .build();
        administrator.resource(changed).update();
        NodeConfiguration.publish(administrator);
        NodeConfiguration now = NodeConfiguration.read(administrator);
        assertTrue(now.kubelet().endsWith("maxPods: 42\n"), now.kubelet());

        Path kubeconfig = folder.resolve("proxy.kubeconfig");
        now.keep(place(), kubeconfig);
        NodeConfiguration kept = NodeConfiguration.kept(place()).orElseThrow();
        assertEquals(now.kubelet(), kept.kubelet());
        assertEquals(now.clientAuthority(), kept.clientAuthority());
        ProxyConfiguration proxy = ConfigurationFile.read(NodeConfiguration.proxyFile(place()));
        assertEquals(kubeconfig.toString(), proxy.clientConnection().kubeconfig());
        assertEquals("10.244.0.0/16", proxy.clusterCIDR());
    }

    @Test
    void whatIsNoConfigurationIsToldAsOne() {
        NodeConfiguration broken = new NodeConfiguration("clusterDNS: [", "- a list", "");
        IOException proxy = assertThrows(IOException.class, () -> broken.keep(place(), folder.resolve("k")));
        assertTrue(String.valueOf(proxy.getMessage()).contains("kube-system/kube-proxy"), proxy.getMessage());
        assertThrows(IOException.class, broken::dnsAddresses);
        IOException none =
                assertThrows(IOException.class, () -> new NodeConfiguration("a: b", "a: b", "").dnsAddresses());
        assertFalse(String.valueOf(none.getMessage()).isEmpty());
    }
}
