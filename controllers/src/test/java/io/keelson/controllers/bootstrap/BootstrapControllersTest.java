package io.keelson.controllers.bootstrap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.keelson.controllers.testing.ManualTime;
import io.keelson.controllers.testing.TestCluster;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BootstrapControllersTest {
    private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");

    private final TestCluster cluster = new TestCluster();

    @AfterEach
    void close() {
        cluster.client()
                .secrets()
                .inNamespace("kube-system")
                .withName("bootstrap-token-aaaaaa")
                .delete();
        cluster.client()
                .secrets()
                .inNamespace("kube-system")
                .withName("bootstrap-token-bbbbbb")
                .delete();
        cluster.client()
                .configMaps()
                .inNamespace("kube-public")
                .withName("cluster-info")
                .delete();
        cluster.close();
    }

    private void token(String id, Instant expires) {
        cluster.client()
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withNamespace("kube-system")
                        .withName("bootstrap-token-" + id)
                        .endMetadata()
                        .withType("bootstrap.kubernetes.io/token")
                        .withStringData(Map.of(
                                "token-id",
                                id,
                                "token-secret",
                                "0123456789abcdef",
                                "usage-bootstrap-signing",
                                "true",
                                "expiration",
                                expires.toString()))
                        .build())
                .create();
    }

    private Set<String> data() {
        ConfigMap found = cluster.client()
                .configMaps()
                .inNamespace("kube-public")
                .withName("cluster-info")
                .get();
        return new TreeSet<>(found.getData().keySet());
    }

    @Test
    void clusterInfoIsSignedByTheTokensThereAreUntilTheyExpire() throws InterruptedException {
        cluster.client()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName("kube-public")
                        .endMetadata()
                        .build())
                .createOr(existing -> existing.update());
        ManualTime time = new ManualTime(NOW);
        cluster.run(time, BootstrapSignerController.descriptor(), TokenCleanerController.descriptor());
        cluster.client()
                .resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withNamespace("kube-public")
                        .withName("cluster-info")
                        .endMetadata()
                        .withData(Map.of("kubeconfig", "the way in"))
                        .build())
                .create();
        token("aaaaaa", NOW.plusSeconds(60));
        token("bbbbbb", NOW.plusSeconds(120));
        TestCluster.await(
                "both sign",
                () -> data().equals(Set.of("kubeconfig", "jws-kubeconfig-aaaaaa", "jws-kubeconfig-bbbbbb")));
        assertEquals(
                new BootstrapToken("aaaaaa", "0123456789abcdef").sign("the way in"),
                cluster.client()
                        .configMaps()
                        .inNamespace("kube-public")
                        .withName("cluster-info")
                        .get()
                        .getData()
                        .get("jws-kubeconfig-aaaaaa"));
        TestCluster.await("the first goes in its time", () -> {
            if (time.instant().isBefore(NOW.plusSeconds(61))) {
                time.advance(Duration.ofSeconds(1));
            }
            return cluster.client()
                            .secrets()
                            .inNamespace("kube-system")
                            .withName("bootstrap-token-aaaaaa")
                            .get()
                    == null;
        });
        TestCluster.await("its signature goes", () -> data().equals(Set.of("kubeconfig", "jws-kubeconfig-bbbbbb")));
        // It goes with the second in which its time is over, or with the next one.
        assertFalse(time.instant().isBefore(NOW.plusSeconds(60)));
        cluster.client()
                .secrets()
                .inNamespace("kube-system")
                .withName("bootstrap-token-bbbbbb")
                .delete();
        TestCluster.await("with its Secret goes the other", () -> data().equals(Set.of("kubeconfig")));
    }
}
