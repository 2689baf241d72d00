package io.keelson.scheduler;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.keelson.controllers.localpath.LocalPathController;
import io.keelson.controllers.localpath.LocalPathSettings;
import io.keelson.controllers.volumebinder.VolumeBinderController;
import java.net.HttpURLConnection;
import java.util.List;
import java.util.Map;

/** Nodes with host names, classes, claims and volumes of a test, and the controllers that bind and make them. */
final class TestVolumes implements AutoCloseable {
    static final String NO_PROVISIONER = "kubernetes.io/no-provisioner";
    static final String LOCAL_PATH = "keelson.io/local-path";

    final TestScheduler test = new TestScheduler();

    void runControllers() throws InterruptedException {
        test.cluster.run(
                VolumeBinderController.descriptor(),
                LocalPathController.descriptor(new LocalPathSettings("/dir", false)));
    }

    /** A node whose host name is its name. */
    String node(String cpu) {
        String node = test.node(cpu, Map.of());
        test.edit(node, now -> {
            now.getMetadata().setLabels(Map.of("kubernetes.io/hostname", node));
            return now;
        });
        return node;
    }

    /** A class of a name that no other test has; its name. */
    String storageClass(String name, String provisioner, String bindingMode) {
        String full = test.namespace + '-' + name;
        test.cluster.create(test.namespace, """
                apiVersion: storage.k8s.io/v1
                kind: StorageClass
                metadata: {name: %s}
                provisioner: %s
                volumeBindingMode: %s
                """.formatted(full, provisioner, bindingMode));
        return full;
    }

    void claim(String name, String storageClass, String accessMode) {
        test.cluster.create(test.namespace, """
                apiVersion: v1
                kind: PersistentVolumeClaim
                metadata: {name: %s}
                spec:
                  accessModes: [%s]
                  storageClassName: %s
                  resources: {requests: {storage: 1Gi}}
                """.formatted(name, accessMode, storageClass));
    }

    /** A volume that only one node reaches. */
    void volume(String name, String storageClass, String node) {
        test.cluster.create(test.namespace, """
                apiVersion: v1
                kind: PersistentVolume
                metadata: {name: %1$s-%2$s}
                spec:
                  accessModes: [ReadWriteOnce]
                  capacity: {storage: 1Gi}
                  storageClassName: %3$s
                  local: {path: /data/%2$s}
                  nodeAffinity:
                    required:
                      nodeSelectorTerms:
                      - matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [%4$s]}]
                """.formatted(test.namespace, name, storageClass, node));
    }

    Pod pod(String name, String claim) {
        return test.create(test.build(name, "100m")
                .editSpec()
                .addNewVolume()
                .withName("data")
                .withNewPersistentVolumeClaim(claim, null)
                .endVolume()
                .endSpec()
                .build());
    }

    Resource<PersistentVolumeClaim> theClaim(String name) {
        return test.client.persistentVolumeClaims().inNamespace(test.namespace).withName(name);
    }

    /** The volume of a claim. */
    PersistentVolume volumeOf(String claim) {
        return test.client
                .persistentVolumes()
                .withName(theClaim(claim).get().getSpec().getVolumeName())
                .get();
    }

    @Override
    public void close() {
        test.stopAll();
        test.client.pods().inNamespace(test.namespace).withGracePeriod(0).delete();
        test.client.persistentVolumeClaims().inNamespace(test.namespace).list().getItems().stream()
                .map(claim -> claim.getMetadata().getName())
                .forEach(name -> remove(theClaim(name)));
        test.close();
    }

    private static <T extends HasMetadata> void remove(Resource<T> object) {
        for (int tries = 1; ; tries++) {
            try {
                object.edit(now -> {
                    now.getMetadata().setFinalizers(List.of());
                    return now;
                });
                object.delete();
                return;
            } catch (KubernetesClientException e) {
                // The controllers still run: one may have been faster, or have changed it in between.
                if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
                    return;
                }
                if (e.getCode() != HttpURLConnection.HTTP_CONFLICT || tries == 20) {
                    throw e;
                }
            }
        }
    }
}
