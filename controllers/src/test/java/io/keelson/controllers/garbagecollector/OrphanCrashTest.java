package io.keelson.controllers.garbagecollector;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.keelson.controllers.testing.Crashes;
import io.keelson.controllers.testing.TestCluster;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Dependents that are to stay must not be lost to a collector that dies between any two of its writes. */
class OrphanCrashTest {
    private static final int DEPENDENTS = 5;

    private final TestCluster cluster = new TestCluster();
    private final String namespace = cluster.namespace();

    @AfterEach
    void close() {
        cluster.close();
    }

    private List<ConfigMap> dependents() {
        return cluster.client()
                .configMaps()
                .inNamespace(namespace)
                .withLabel("of", "owner")
                .list()
                .getItems();
    }

    private boolean ownerIsGone() {
        return cluster.client()
                        .configMaps()
                        .inNamespace(namespace)
                        .withName("owner")
                        .get()
                == null;
    }

    @Test
    void orphansStayHoweverOftenTheCollectorDies() throws InterruptedException {
        ConfigMap owner = (ConfigMap) cluster.create(namespace, """
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: owner}
                """);
        for (int i = 0; i < DEPENDENTS; i++) {
            cluster.client()
                    .resource(new ConfigMapBuilder()
                            .withNewMetadata()
                            .withNamespace(namespace)
                            .withName("dependent-" + i)
                            .addToLabels("of", "owner")
                            .addNewOwnerReference()
                            .withApiVersion("v1")
                            .withKind("ConfigMap")
                            .withName("owner")
                            .withUid(owner.getMetadata().getUid())
                            .endOwnerReference()
                            .endMetadata()
                            .build())
                    .create();
        }
        cluster.client()
                .resource(owner)
                .withPropagationPolicy(DeletionPropagation.ORPHAN)
                .delete();
        Crashes crashes = new Crashes(cluster, 1, GarbageCollectorController.descriptor());
        int deaths = crashes.until("the owner is gone", 2, this::ownerIsGone);
        assertTrue(deaths > 0, "it never died");
        List<ConfigMap> left = dependents();
        assertTrue(left.size() == DEPENDENTS, () -> left.size() + " are left");
        assertTrue(left.stream()
                .allMatch(one -> one.getMetadata().getOwnerReferences().isEmpty()));
    }
}
