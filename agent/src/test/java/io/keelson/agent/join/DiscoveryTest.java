package io.keelson.agent.join;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.authentication.SelfSubjectReviewBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.agent.certificates.SigningCluster;
import io.keelson.controllers.runtime.ApiClient;
import io.keelson.controllers.runtime.Time;
import io.keelson.controllers.testing.TestCluster;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Finding out whom to trust. */
final class DiscoveryTest {
    private static final JoinToken TOKEN = JoinToken.parse(SigningCluster.TOKEN);
    private static final Time TIME = Time.system();
    private static SigningCluster cluster;
    private static String endpoint = "";
    private static String hash = "";

    @TempDir
    private static Path shared;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() throws Exception {
        cluster = new SigningCluster(shared);
        cluster.token();
        endpoint = URI.create(cluster.url()).getAuthority();
        hash = AuthorityHash.of(ClusterInfo.certificates(cluster.authority()).getFirst());
        KubernetesClient client = cluster.client();
        client.resource(new RoleBuilder()
                        .withNewMetadata()
                        .withNamespace("kube-public")
                        .withName("reader")
                        .endMetadata()
                        .addNewRule()
                        .withVerbs("get")
                        .withApiGroups("")
                        .withResources("configmaps")
                        .withResourceNames("cluster-info")
                        .endRule()
                        .build())
                .create();
        client.resource(new RoleBindingBuilder()
                        .withNewMetadata()
                        .withNamespace("kube-public")
                        .withName("reader")
                        .endMetadata()
                        .withNewRoleRef("rbac.authorization.k8s.io", "Role", "reader")
                        .addNewSubject("rbac.authorization.k8s.io", "User", "system:anonymous", null)
                        .build())
                .create();
        publish("https://127.0.0.1:1");
    }

    private static void publish(String server) throws Exception {
        String authority =
                Base64.getEncoder().encodeToString(cluster.authority().getBytes(StandardCharsets.UTF_8));
        cluster.client()
                .resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withNamespace("kube-public")
                        .withName("cluster-info")
                        .endMetadata()
                        .withData(Map.of("kubeconfig", """
                                apiVersion: v1
                                kind: Config
                                clusters:
                                - name: ""
                                  cluster:
                                    server: %s
                                    certificate-authority-data: %s
                                """.formatted(server, authority)))
                        .build())
                .createOr(existing -> existing.update());
        TestCluster.await(
                "it is signed",
                () -> cluster.client()
                        .configMaps()
                        .inNamespace("kube-public")
                        .withName("cluster-info")
                        .get()
                        .getData()
                        .containsKey("jws-kubeconfig-abcdef"));
    }

    @AfterAll
    static void end() {
        cluster.close();
        TIME.close();
    }

    private static JoinSettings settings(String token, String... hashes) {
        return new JoinSettings(endpoint, JoinToken.parse(token), List.of(hashes), Duration.ZERO);
    }

    private static String refusal(JoinSettings settings) {
        return String.valueOf(assertThrows(JoinProblem.class, () -> Discovery.bootstrapKubeconfig(settings, TIME))
                .getMessage());
    }

    @Test
    void whoHasTheTokenFindsTheWayIn() throws Exception {
        Path file = folder.resolve("bootstrap-kubelet.conf");
        Discovery.writeBootstrapKubeconfig(file, settings(SigningCluster.TOKEN, hash), TIME);
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        Config config = Config.fromKubeconfig(file.toFile());
        assertEquals(cluster.url() + "/", config.getMasterUrl().replaceFirst("/*$", "/"));
        try (KubernetesClient client = ApiClient.of(config, List.of())) {
            assertEquals(
                    "system:bootstrap:abcdef",
                    client.resource(new SelfSubjectReviewBuilder().build())
                            .create()
                            .getStatus()
                            .getUserInfo()
                            .getUsername());
        }
    }

    @Test
    void anotherClusterWithTheSameTokenIsNotTrusted() {
        String other = "sha256:" + "0".repeat(64);
        String problem = refusal(settings(SigningCluster.TOKEN, other));
        assertEquals(
                "cluster CA found in cluster-info ConfigMap is invalid: none of the public keys [" + hash
                        + "] are pinned",
                problem);
    }

    @Test
    void whoDoesNotKnowTheSecretIsNotTrusted() {
        String problem = refusal(settings("abcdef.fedcba9876543210", hash));
        assertTrue(problem.startsWith("failed to verify JWS signature of received cluster info object"), problem);
    }

    @Test
    void aClusterThatHasNotSignedOrIsNotThereIsTold() {
        String unsigned = refusal(settings("zzzzzz.0123456789abcdef", hash));
        assertTrue(unsigned.contains("it has not signed with the token"), unsigned);
        JoinSettings nowhere = new JoinSettings("127.0.0.1:1", TOKEN, List.of(hash), Duration.ZERO);
        String absent = refusal(nowhere);
        assertTrue(absent.startsWith("couldn't validate the identity of the API Server at 127.0.0.1:1"), absent);
    }

    @Test
    void signaturesThatAreNoneDoNotHold() {
        String none = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString("{\"alg\":\"none\",\"kid\":\"abcdef\"}".getBytes(StandardCharsets.UTF_8));
        for (String signature : List.of("", ".", "..", "a.b.c", "!..!", none + "..", none + "..AAAA")) {
            assertFalse(TOKEN.hasSigned("content", signature), signature);
        }
    }

    @Test
    void whatIsNoTokenNoHashAndNoAddressIsRefused() {
        for (String token :
                List.of("", "abcdef", "abcdef.0123", "ABCDEF.0123456789abcdef", "abcdef.0123456789abcdef\n")) {
            assertThrows(IllegalArgumentException.class, () -> JoinToken.parse(token), token);
        }
        for (String wrong : List.of("", "sha256:", "md5:" + "0".repeat(64), "sha256:" + "g".repeat(64))) {
            assertThrows(IllegalArgumentException.class, () -> settings(SigningCluster.TOKEN, wrong), wrong);
        }
        for (String address : List.of("", "host", "host:", ":1", "https://host:1", "host:1/path", "a b:1")) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> new JoinSettings(address, TOKEN, List.of(), Duration.ZERO),
                    address);
        }
        JoinToken made = JoinToken.random();
        assertEquals(made, JoinToken.parse(made.text()));
        assertFalse(made.toString().contains(made.secret()));
    }
}
