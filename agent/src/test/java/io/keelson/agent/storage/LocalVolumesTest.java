package io.keelson.agent.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Quantity;
import io.keelson.controllers.runtime.Caches;
import io.keelson.controllers.runtime.EventRecorder;
import io.keelson.controllers.runtime.Time;
import io.keelson.controllers.testing.TestCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LocalVolumesTest {
    private static final AtomicInteger NUMBERS = new AtomicInteger();

    private final TestCluster cluster = new TestCluster();
    private final Time time = Time.system();
    private final String namespace = cluster.namespace();
    private final String node = "storage-" + NUMBERS.incrementAndGet();
    private final EventRecorder events = new EventRecorder(cluster.client(), time);
    private final Caches caches = new Caches(cluster.client(), Caches.Delivery.PLAIN);

    @TempDir
    private Path folder;

    private Path root;
    private LocalVolumes volumes;

    @BeforeEach
    void begin() throws InterruptedException {
        root = folder.resolve("volumes");
        volumes = new LocalVolumes(node, node, root, cluster.client(), caches, events, time);
        if (cluster.client()
                        .storage()
                        .v1()
                        .storageClasses()
                        .withName("local-test")
                        .get()
                == null) {
            cluster.create(namespace, """
                    apiVersion: storage.k8s.io/v1
                    kind: StorageClass
                    metadata: {name: local-test}
                    provisioner: keelson.io/local
                    """);
        }
        caches.start();
        volumes.start();
    }

    @AfterEach
    void end() {
        volumes.close();
        caches.close();
        events.close();
        time.close();
        cluster.close();
    }

    private PersistentVolumeClaim claim(String name, String onNode, String more) {
        return (PersistentVolumeClaim) cluster.create(namespace, """
                apiVersion: v1
                kind: PersistentVolumeClaim
                metadata:
                  name: %s
                  annotations:
                    volume.kubernetes.io/storage-provisioner: keelson.io/local
                    volume.kubernetes.io/selected-node: %s
                spec:
                  storageClassName: local-test
                  resources: {requests: {storage: 10Mi}}
                %s
                """.formatted(name, onNode, more.indent(2)));
    }

    private PersistentVolume volume(PersistentVolumeClaim claim) {
        return cluster.client()
                .persistentVolumes()
                .withName("pvc-" + claim.getMetadata().getUid())
                .get();
    }

    private void release(PersistentVolume volume) {
        var _ = cluster.client()
                .persistentVolumes()
                .resource(new PersistentVolumeBuilder(volume)
                        .withNewStatus()
                        .withPhase("Released")
                        .endStatus()
                        .build())
                .patchStatus();
    }

    @Test
    void aClaimGetsAFolderWhichGoesWithIt() throws Exception {
        PersistentVolumeClaim claim = claim("data", node, "accessModes: [ReadWriteOnce]");
        TestCluster.await("it is made", () -> volume(claim) != null);
        PersistentVolume volume = volume(claim);
        Path made = Path.of(volume.getSpec().getLocal().getPath());
        assertEquals(root.resolve(volume.getMetadata().getName()), made);
        assertTrue(Files.isDirectory(made));
        assertEquals(Map.of("storage", new Quantity("10Mi")), volume.getSpec().getCapacity());
        assertEquals(
                claim.getMetadata().getUid(), volume.getSpec().getClaimRef().getUid());
        Path outside = Files.writeString(folder.resolve("outside"), "stays");
        Files.createDirectories(made.resolve("deep/er"));
        Files.createSymbolicLink(made.resolve("deep/link"), folder);
        release(volume);
        TestCluster.await("its folder is removed", () -> Files.notExists(made));
        TestCluster.await("it is deleted", () -> {
            PersistentVolume now = volume(claim);
            return now == null || now.getMetadata().getDeletionTimestamp() != null;
        });
        assertEquals("stays", Files.readString(outside), "links are not followed");
    }

    @Test
    void claimsOfOtherNodesAndWhatCannotBeHadGetNone() throws Exception {
        PersistentVolumeClaim other = claim("other", "elsewhere", "accessModes: [ReadWriteOnce]");
        PersistentVolumeClaim shared = claim("shared", node, "accessModes: [ReadWriteMany]");
        PersistentVolumeClaim own = claim("own", node, "accessModes: [ReadWriteOnce]");
        TestCluster.await("the last one is made", () -> volume(own) != null);
        assertNull(volume(other));
        assertNull(volume(shared));
        TestCluster.await(
                "it is told",
                () -> cluster.client().v1().events().inNamespace(namespace).list().getItems().stream()
                        .anyMatch(event -> event.getReason().equals("ProvisioningFailed")
                                && event.getMessage().contains("only access modes ReadWriteOnce")
                                && event.getInvolvedObject().getName().equals("shared")));
    }

    @Test
    void emptyFoldersOfClaimsThatAreGoneAreRemovedAtTheStart() throws Exception {
        PersistentVolumeClaim claim = claim("kept", node, "accessModes: [ReadWriteOnce]");
        TestCluster.await("it is made", () -> volume(claim) != null);
        volumes.close();
        Path waiting = Files.createDirectory(
                root.resolve(LocalVolume.name(claim("waiting", "elsewhere", "accessModes: [ReadWriteOnce]"))));
        Path retained = Files.createDirectory(root.resolve("pvc-retained"));
        Files.writeString(retained.resolve("precious"), "stays");
        Path other = Files.createDirectory(root.resolve("other"));
        Path unused = Files.createDirectory(root.resolve("pvc-unused"));
        try (Caches again = new Caches(cluster.client(), Caches.Delivery.PLAIN);
                LocalVolumes next = new LocalVolumes(node, node, root, cluster.client(), again, events, time)) {
            again.start();
            next.start();
            TestCluster.await("it is removed", () -> Files.notExists(unused));
            PersistentVolumeClaim after = claim("after", node, "accessModes: [ReadWriteOnce]");
            TestCluster.await("all were looked at", () -> volume(after) != null);
        }
        for (Path kept : List.of(waiting, retained, other, root.resolve(LocalVolume.name(claim)))) {
            assertTrue(Files.isDirectory(kept), kept.toString());
        }
    }

    @Test
    void aFolderThatSomebodyElseNamedIsLeftAlone() throws IOException, InterruptedException {
        PersistentVolumeClaim claim = claim("named", node, "accessModes: [ReadWriteOnce]");
        TestCluster.await("it is made", () -> volume(claim) != null);
        Path precious = Files.createDirectories(folder.resolve("precious"));
        PersistentVolume made = volume(claim);
        PersistentVolume forged = cluster.client()
                .resource(new PersistentVolumeBuilder(made)
                        .withNewMetadata()
                        .withName("forged-" + node)
                        .withAnnotations(made.getMetadata().getAnnotations())
                        .endMetadata()
                        .editSpec()
                        .withClaimRef(null)
                        .editLocal()
                        .withPath(precious.toString())
                        .endLocal()
                        .endSpec()
                        .withStatus(null)
                        .build())
                .create();
        release(forged);
        release(made);
        TestCluster.await(
                "the own one is removed",
                () -> Files.notExists(root.resolve(made.getMetadata().getName())));
        assertTrue(Files.isDirectory(precious));
        assertFalse(LocalVolume.isOwn(forged, node, root));
    }
}
