package io.keelson.controllers.selinuxwarning;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.keelson.controllers.runtime.Manager;
import io.keelson.controllers.testing.TestCluster;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SelinuxWarningControllerTest {
    private final TestCluster cluster = new TestCluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    private void pod(String namespace, String name, String level) {
        cluster.create(namespace, """
                apiVersion: v1
                kind: Pod
                metadata: {name: %s}
                spec:
                  securityContext: {seLinuxOptions: {level: "%s"}}
                  volumes: [{name: data, persistentVolumeClaim: {claimName: shared}}]
                  containers: [{name: main, image: example/image, volumeMounts: [{name: data, mountPath: /data}]}]
                """.formatted(name, level));
    }

    private List<String> warned(String namespace) {
        return cluster.client().v1().events().inNamespace(namespace).list().getItems().stream()
                .filter(event -> "SELinuxLabelConflict".equals(event.getReason()))
                .map(event -> event.getInvolvedObject().getName())
                .sorted()
                .toList();
    }

    @Test
    void podsThatShareAVolumeWithOtherLabelsAreWarned() throws Exception {
        String namespace = cluster.namespace();
        Manager manager = cluster.run(SelinuxWarningController.descriptor());
        pod(namespace, "one", "s0:c1");
        pod(namespace, "two", "s0:c2");
        pod(namespace, "like-one", "s0:c1");
        String uid = cluster.create(namespace, """
                        apiVersion: v1
                        kind: PersistentVolumeClaim
                        metadata: {name: shared}
                        spec:
                          accessModes: [ReadWriteMany]
                          storageClassName: ""
                          volumeName: labelled
                          resources: {requests: {storage: 1Gi}}
                        """).getMetadata().getUid();
        cluster.client().resource("""
                apiVersion: v1
                kind: PersistentVolume
                metadata: {name: labelled}
                spec:
                  accessModes: [ReadWriteMany]
                  capacity: {storage: 1Gi}
                  csi: {driver: disk.example.com, volumeHandle: one}
                  claimRef: {namespace: %s, name: shared, uid: %s}
                """.formatted(namespace, uid)).create();
        TestCluster.await(
                "the volume is seen",
                () -> cluster.client()
                                        .resources(PersistentVolume.class)
                                        .withName("labelled")
                                        .get()
                                != null
                        && manager.idle());
        assertTrue(warned(namespace).isEmpty(), "its driver does not label by mounting");
        cluster.client().resource("""
                apiVersion: storage.k8s.io/v1
                kind: CSIDriver
                metadata: {name: disk.example.com}
                spec: {seLinuxMount: true}
                """).create();
        TestCluster.await(
                "all three are warned",
                () -> warned(namespace).stream().distinct().toList().equals(List.of("like-one", "one", "two")));
    }
}
