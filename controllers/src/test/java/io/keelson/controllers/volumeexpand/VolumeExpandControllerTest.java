package io.keelson.controllers.volumeexpand;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Quantity;
import io.keelson.controllers.testing.TestCluster;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class VolumeExpandControllerTest {
    private final TestCluster cluster = new TestCluster();
    private final String namespace = cluster.namespace();

    @AfterEach
    void close() {
        cluster.close();
    }

    @Test
    void aVolumeOfSomebodyElseIsAwaited() throws InterruptedException {
        cluster.create(namespace, """
                apiVersion: v1
                kind: PersistentVolumeClaim
                metadata: {name: c}
                spec:
                  accessModes: [ReadWriteOnce]
                  resources: {requests: {storage: 2Gi}}
                  storageClassName: ""
                  volumeName: %1$s-v
                """.formatted(namespace));
        var claim =
                cluster.client().persistentVolumeClaims().inNamespace(namespace).withName("c");
        cluster.create(
                namespace, """
                apiVersion: v1
                kind: PersistentVolume
                metadata: {name: %1$s-v}
                spec:
                  accessModes: [ReadWriteOnce]
                  capacity: {storage: 1Gi}
                  csi: {driver: csi.example.com, volumeHandle: h}
                  claimRef: {apiVersion: v1, kind: PersistentVolumeClaim, namespace: %1$s, name: c, uid: %2$s}
                """.formatted(namespace, claim.get().getMetadata().getUid()));
        claim.editStatus(now -> {
            now.getStatus().setPhase("Bound");
            now.getStatus().setCapacity(Map.of("storage", new Quantity("1Gi")));
            return now;
        });
        cluster.run(VolumeExpandController.descriptor());
        TestCluster.await("it is told", () -> !events().isEmpty());
        Event event = events().getFirst();
        assertEquals("ExternalExpanding", event.getReason());
        assertEquals("Normal", event.getType());
        assertEquals("waiting for an external controller to expand this PVC", event.getMessage());
        assertEquals(new Quantity("1Gi"), claim.get().getStatus().getCapacity().get("storage"));
    }

    private List<Event> events() {
        return cluster.client().v1().events().inNamespace(namespace).list().getItems();
    }
}
