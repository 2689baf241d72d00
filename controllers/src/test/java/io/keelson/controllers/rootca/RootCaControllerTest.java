package io.keelson.controllers.rootca;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.keelson.controllers.runtime.Time;
import io.keelson.controllers.testing.Figures;
import io.keelson.controllers.testing.TestCluster;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RootCaControllerTest {
    private final TestCluster cluster = new TestCluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    private ConfigMap published(String namespace) {
        return cluster.client()
                .configMaps()
                .inNamespace(namespace)
                .withName("kube-root-ca.crt")
                .get();
    }

    private boolean isPublished(String namespace) {
        ConfigMap found = published(namespace);
        return found != null
                && Map.of("ca.crt", "the CA").equals(found.getData())
                && found.getMetadata().getAnnotations() != null
                && found.getMetadata().getAnnotations().containsKey("kubernetes.io/description");
    }

    @Test
    void eachNamespaceHasTheCertificatesWhateverIsDoneToThem() throws InterruptedException {
        String namespace = cluster.namespace();
        cluster.create(namespace, """
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: kube-root-ca.crt}
                data: {ca.crt: another, other: thing}
                """);
        Figures figures = new Figures();
        cluster.run(Time.system(), figures.metrics(), RootCaController.descriptor(new RootCaSettings("the CA")));
        TestCluster.await("a wrong one is put right", () -> isPublished(namespace));
        String next = cluster.namespace();
        TestCluster.await("a new namespace has it", () -> isPublished(next));
        assertTrue(published(next)
                .getMetadata()
                .getAnnotations()
                .getOrDefault("kubernetes.io/description", "")
                .startsWith("Contains a CA bundle that can be used to verify the kube-apiserver"));
        cluster.client()
                .configMaps()
                .inNamespace(next)
                .withName("kube-root-ca.crt")
                .edit(now -> {
                    now.setData(Map.of("ca.crt", "forged"));
                    return now;
                });
        TestCluster.await("a forged one is put right", () -> isPublished(next));
        cluster.client()
                .configMaps()
                .inNamespace(next)
                .withName("kube-root-ca.crt")
                .delete();
        TestCluster.await("a deleted one comes again", () -> isPublished(next));
        figures.await(4, "root_ca_cert_publisher_sync_total{code=\"200\"}");
        figures.await(4, "root_ca_cert_publisher_sync_duration_seconds_count{code=\"200\"}");
    }
}
