package io.keelson.agent.policy;

import static io.keelson.proxy.testing.TestNetwork.PORT;
import static io.keelson.proxy.testing.TestNetwork.SILENCE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodIP;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.controllers.runtime.ApiClient;
import io.keelson.controllers.runtime.Time;
import io.keelson.controllers.testing.TestCluster;
import io.keelson.proxy.testing.NetworkNamespace;
import io.keelson.proxy.testing.TestNetwork;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Policies of a real API, on a node that is a network namespace. */
@Tag("root")
@Timeout(120)
class NetworkPoliciesTest {
    private static final String NODE = "policy-node";
    private static final String SECOND = "10.244.2.2";
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final String NONE = """
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: none}
            spec: {podSelector: {matchLabels: {app: second}}}
            """;

    private static TestNetwork network;

    private final Time time = Time.system();
    private TestCluster cluster;
    private String namespace;
    private PrometheusRegistry registry = new PrometheusRegistry();
    private KubernetesClient client;
    private NetworkPolicies policies;

    @BeforeAll
    static void join() throws Exception {
        NetworkNamespace.assumePossible();
        network = new TestNetwork();
    }

    @AfterAll
    static void part() throws Exception {
        if (network != null) {
            network.close();
        }
    }

    @BeforeEach
    void start() throws Exception {
        cluster = new TestCluster();
        namespace = cluster.namespace();
        client = cluster.newClient();
        policies = started(client);
    }

    private NetworkPolicies started(KubernetesClient of) {
        registry = new PrometheusRegistry();
        return NetworkPolicies.start(
                new NetworkPolicies.Settings(
                        NODE, () -> true, Path.of("/run/netns", network.node().name())),
                of,
                time,
                registry);
    }

    @AfterEach
    void close() throws Exception {
        policies.close();
        cluster.client().network().v1().networkPolicies().inNamespace(namespace).delete();
        cluster.client().pods().inNamespace(namespace).withGracePeriod(0).delete();
        var _ = network.node().command(TableText.absence(), "nft", "-f", "-");
        client.close();
        cluster.close();
        time.close();
    }

    private Pod pod(String name) {
        return (Pod) cluster.create(namespace, """
                apiVersion: v1
                kind: Pod
                metadata: {name: %s, labels: {app: %1$s}}
                spec: {nodeName: %s, containers: [{name: c, image: i}]}
                """.formatted(name, NODE));
    }

    private void address(String pod, String address) {
        cluster.client()
                .pods()
                .inNamespace(namespace)
                .withName(pod)
                .editStatus(now -> new PodBuilder(now)
                        .editOrNewStatus()
                        .withPhase("Running")
                        .withPodIP(address)
                        .withPodIPs(new PodIP(address))
                        .endStatus()
                        .build());
    }

    private static String ask() throws Exception {
        return TestNetwork.tcp(network.firstPod(), SECOND, PORT);
    }

    private static void await(String what, Callable<Boolean> condition) throws InterruptedException {
        TestCluster.await(what, () -> {
            try {
                return condition.call();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private static boolean hasTable() throws IOException {
        return network.node().command("", "nft", "list", "tables").contains(TableText.NAME);
    }

    private String metric(String name) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrometheusTextFormatWriter.create().write(out, registry.scrape());
        return out.toString(StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.startsWith(name))
                .findFirst()
                .orElse("")
                .replaceFirst(".* ", "");
    }

    @Test
    void policiesHoldFromTheirCreationToTheirDeletion() throws Exception {
        pod("first");
        address("first", "10.244.1.2");
        pod("second");
        address("second", SECOND);
        assertFalse(hasTable(), "nobody wants one");
        cluster.create(namespace, NONE);
        await("nothing is allowed", () -> ask().equals(SILENCE));
        assertEquals("1.0", metric("keelson_network_policies"));
        assertEquals("1.0", metric("keelson_network_policy_isolated_addresses{direction=\"ingress\"}"));
        cluster.create(namespace, """
                apiVersion: networking.k8s.io/v1
                kind: NetworkPolicy
                metadata: {name: some}
                spec:
                  podSelector: {}
                  ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: %s}},
                    podSelector: {matchLabels: {app: first}}}]}]
                """.formatted(namespace));
        await("the first may", () -> ask().equals("pod2 10.244.1.2"));
        cluster.client()
                .pods()
                .inNamespace(namespace)
                .withName("first")
                .withGracePeriod(0)
                .delete();
        await("nobody has the address", () -> ask().equals(SILENCE));
        assertEquals("0.0", metric("keelson_network_policy_foreign_changes_total"), "all changes were ours");
        assertEquals("0.0", metric("keelson_network_policy_sync_failures_total"));
        cluster.client().network().v1().networkPolicies().inNamespace(namespace).delete();
        await("there is no table", () -> !hasTable());
        assertEquals("pod2 10.244.1.2", ask());
    }

    @Test
    void aPodIsProtectedBeforeTheApiKnowsItsAddress() throws Exception {
        Pod second = pod("second");
        assertTrue(policies.protect(second, List.of(SECOND), LIMIT), "without policies nothing is to be done");
        policies.forget(second);
        cluster.create(namespace, NONE);
        await("the policy is known", NetworkPoliciesTest::hasTable);
        assertEquals("pod2 10.244.1.2", ask());
        assertTrue(policies.protect(second, List.of(SECOND), LIMIT));
        assertEquals(SILENCE, ask());
        address("second", "10.244.2.77");
        assertTrue(policies.protect(second, List.of("10.244.2.78", SECOND), LIMIT));
        assertEquals(SILENCE, ask(), "what the runtime says counts");
        policies.forget(second);
        await("it has the address no more", () -> ask().equals("pod2 10.244.1.2"));
    }

    @Test
    void whatSomebodyTookAwayIsThereAgain() throws Exception {
        Pod second = pod("second");
        cluster.create(namespace, NONE);
        await("the policy is known", NetworkPoliciesTest::hasTable);
        assertTrue(policies.protect(second, List.of(SECOND), LIMIT));
        network.node().command("", "nft", "flush", "ruleset");
        await("the rules are there again", () -> ask().equals(SILENCE));
        network.node().command("", "nft", "flush", "chain", "inet", TableText.NAME, "ingress");
        await("one chain, too", () -> ask().equals(SILENCE));
        // The kernel tells of one flush table by table, so it may be noticed more than once.
        assertTrue(Double.parseDouble(metric("keelson_network_policy_foreign_changes_total")) >= 2);
    }

    @Test
    void rulesStayWhileNobodyIsThereAndWhileTheApiIsAway() throws Exception {
        pod("second");
        address("second", SECOND);
        cluster.create(namespace, NONE);
        await("nothing is allowed", () -> ask().equals(SILENCE));
        policies.close();
        assertEquals(SILENCE, ask());
        Config nowhere = new ConfigBuilder()
                .withMasterUrl("http://127.0.0.1:1")
                .withRequestRetryBackoffLimit(0)
                .build();
        try (KubernetesClient dead = ApiClient.of(nowhere, List.of())) {
            policies = started(dead);
            assertFalse(policies.protect(pod("third"), List.of("10.244.2.3"), Duration.ofMillis(300)));
            assertEquals(SILENCE, ask());
            policies.close();
        }
        cluster.client().network().v1().networkPolicies().inNamespace(namespace).delete();
        policies = started(client);
        await("what was deleted meanwhile is gone", () -> !hasTable());
    }
}
