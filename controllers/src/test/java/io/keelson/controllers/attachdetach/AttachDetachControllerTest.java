package io.keelson.controllers.attachdetach;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.AttachedVolume;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.storage.VolumeAttachment;
import io.fabric8.kubernetes.api.model.storage.VolumeAttachmentBuilder;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.keelson.controllers.runtime.Manager;
import io.keelson.controllers.testing.Crashes;
import io.keelson.controllers.testing.Figures;
import io.keelson.controllers.testing.ManualTime;
import io.keelson.controllers.testing.TestCluster;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AttachDetachControllerTest {
    private final TestCluster cluster = new TestCluster();
    private final String namespace = cluster.namespace();
    private final ManualTime time = new ManualTime(Instant.parse("2026-01-01T00:00:00Z"));
    private final String inNode = "kubernetes.io/csi/csi.example.com^" + namespace;

    @AfterEach
    void close() {
        // The next test's controller must not attach what they want.
        cluster.client().pods().inNamespace(namespace).withGracePeriod(0).delete();
        cluster.close();
    }

    private void node(String name, String ready) {
        cluster.create(namespace, """
                apiVersion: v1
                kind: Node
                metadata:
                  name: %s%s
                  annotations: {volumes.kubernetes.io/controller-managed-attach-detach: "true"}
                """.formatted(namespace, name));
        status(name, ready, List.of());
    }

    private void status(String name, String ready, List<String> inUse) {
        cluster.client()
                .nodes()
                .withName(namespace + name)
                .editStatus(now -> new NodeBuilder(now)
                        .editOrNewStatus()
                        .withVolumesInUse(inUse)
                        .withConditions()
                        .addNewCondition()
                        .withType("Ready")
                        .withStatus(ready)
                        .endCondition()
                        .endStatus()
                        .build());
    }

    private void volume() {
        cluster.create(namespace, """
                apiVersion: v1
                kind: PersistentVolumeClaim
                metadata: {name: c}
                spec:
                  accessModes: [ReadWriteOnce]
                  resources: {requests: {storage: 1Gi}}
                  storageClassName: ""
                  volumeName: %1$s-v
                """.formatted(namespace));
        Resource<PersistentVolumeClaim> claim =
                cluster.client().persistentVolumeClaims().inNamespace(namespace).withName("c");
        cluster.create(
                namespace, """
                apiVersion: v1
                kind: PersistentVolume
                metadata: {name: %1$s-v}
                spec:
                  accessModes: [ReadWriteOnce]
                  capacity: {storage: 1Gi}
                  csi: {driver: csi.example.com, volumeHandle: %1$s}
                  claimRef: {apiVersion: v1, kind: PersistentVolumeClaim, namespace: %1$s, name: c, uid: %2$s}
                """.formatted(namespace, claim.get().getMetadata().getUid()));
        claim.editStatus(now -> {
            now.getStatus().setPhase("Bound");
            return now;
        });
    }

    private Pod pod(String name, String node) {
        return (Pod) cluster.create(namespace, """
                apiVersion: v1
                kind: Pod
                metadata: {name: %1$s}
                spec:
                  nodeName: %2$s%3$s
                  terminationGracePeriodSeconds: 0
                  containers: [{name: c, image: busybox}]
                  volumes: [{name: v, persistentVolumeClaim: {claimName: c}}]
                """.formatted(name, namespace, node));
    }

    private List<VolumeAttachment> attachments() {
        return cluster.client().storage().v1().volumeAttachments().list().getItems().stream()
                .filter(attachment -> (namespace + "-v")
                        .equals(attachment.getSpec().getSource().getPersistentVolumeName()))
                .toList();
    }

    private boolean isAttachedTo(String node) {
        return attachments().stream()
                .anyMatch(attachment -> attachment.getSpec().getNodeName().equals(namespace + node));
    }

    /** Plays the attacher. */
    private void attached() {
        cluster.client()
                .resource(attachments().getFirst())
                .editStatus(now -> new VolumeAttachmentBuilder(now)
                        .withNewStatus()
                        .withAttached(true)
                        .endStatus()
                        .build());
    }

    private List<String> reported(String node) {
        var status = cluster.client().nodes().withName(namespace + node).get().getStatus();
        return status == null || status.getVolumesAttached() == null
                ? List.of()
                : status.getVolumesAttached().stream()
                        .map(AttachedVolume::getName)
                        .toList();
    }

    private void awaitEvent(String reason, String message) throws InterruptedException {
        TestCluster.await(
                "an event says: " + message,
                () -> cluster.client().v1().events().inNamespace(namespace).list().getItems().stream()
                        .anyMatch(event -> event.getReason().equals(reason)
                                && event.getMessage().equals(message)));
    }

    private void attachedToA() throws InterruptedException {
        node("a", "True");
        volume();
        pod("p", "a");
        TestCluster.await("it is to be attached", () -> isAttachedTo("a"));
        assertEquals("csi.example.com", attachments().getFirst().getSpec().getAttacher());
        assertEquals(List.of(), reported("a"));
        attached();
        TestCluster.await("the node is told", () -> reported("a").equals(List.of(inNode)));
    }

    @Test
    void aVolumeIsAttachedForAPodAndDetachedWhenTheNodeHasLetGo() throws InterruptedException {
        Figures figures = new Figures();
        Manager manager = cluster.run(time, figures.metrics(), AttachDetachController.descriptor());
        attachedToA();
        String took = "storage_operation_duration_seconds_count{migrated=\"false\",operation_name=\"%s\","
                + "status=\"success\",volume_plugin=\"kubernetes.io/csi:csi.example.com\"}";
        figures.await(1, took.formatted("volume_attach"));
        awaitEvent("SuccessfulAttachVolume", "AttachVolume.Attach succeeded for volume \"" + namespace + "-v\" ");
        status("a", "True", List.of(inNode));
        cluster.client().pods().inNamespace(namespace).withName("p").delete();
        TestCluster.await(
                "the pod is gone",
                () -> cluster.client()
                                .pods()
                                .inNamespace(namespace)
                                .withName("p")
                                .get()
                        == null);
        TestCluster.await("nothing is left to do", manager::idle);
        assertEquals(1, attachments().size());
        status("a", "True", List.of());
        TestCluster.await("it is detached", () -> attachments().isEmpty());
        assertEquals(List.of(), reported("a"));
        figures.await(1, took.formatted("volume_detach"));
        assertEquals(1, figures.of(took.formatted("volume_attach")));
    }

    @Test
    void anotherNodeGetsItOnlyWhenTheFirstHasLostIt() throws InterruptedException {
        cluster.run(time, AttachDetachController.descriptor());
        attachedToA();
        node("b", "True");
        pod("q", "b");
        awaitEvent(
                "FailedAttachVolume",
                "Multi-Attach error for volume \"" + namespace + "-v\" Volume is already used by pod(s) p");
        assertEquals(1, attachments().size());
        cluster.client().pods().inNamespace(namespace).withName("p").delete();
        TestCluster.await("the other node has it", () -> isAttachedTo("b") && !isAttachedTo("a"));
    }

    @Test
    void ofTwoNodesThatWantItAtOnceOneGetsIt() throws InterruptedException {
        volume();
        node("a", "True");
        node("b", "True");
        pod("p", "a");
        pod("q", "b");
        cluster.run(time, AttachDetachController.descriptor());
        TestCluster.await("the other pod is told", () -> {
            // Who did not get it looks again until the cache shows why.
            time.advance(Duration.ofMillis(500));
            return cluster.client().v1().events().inNamespace(namespace).list().getItems().stream()
                    .anyMatch(event -> event.getMessage().startsWith("Multi-Attach error"));
        });
        assertEquals(1, attachments().size());
    }

    /** The attacher does its part; how it is with the volume now. */
    private boolean isAttachedOnly(String node) {
        List<VolumeAttachment> all = attachments();
        assertTrue(all.size() <= 1, () -> "two nodes have it: " + all);
        if (all.size() != 1 || !all.getFirst().getSpec().getNodeName().equals(namespace + node)) {
            return false;
        }
        if (all.getFirst().getStatus() == null || !all.getFirst().getStatus().getAttached()) {
            attached();
        }
        return reported(node).equals(List.of(inNode));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void itMovesToAnotherNodeHoweverOftenTheControllerDies(long seed) throws InterruptedException {
        volume();
        node("a", "True");
        node("b", "True");
        pod("p", "a");
        pod("q", "b");
        Crashes crashes = new Crashes(cluster, seed, AttachDetachController.descriptor());
        int deaths = crashes.until("a node has it", 1, () -> isAttachedOnly("a") || isAttachedOnly("b"));
        boolean first = isAttachedOnly("a");
        cluster.client()
                .pods()
                .inNamespace(namespace)
                .withName(first ? "p" : "q")
                .delete();
        deaths += crashes.until(
                "the other one has it",
                1,
                () -> isAttachedOnly(first ? "b" : "a")
                        && reported(first ? "a" : "b").isEmpty());
        assertTrue(deaths > 0, "it never died");
    }

    @Test
    void aNodeThatIsNotReadyLosesItAfterSixMinutes() throws InterruptedException {
        Manager manager = cluster.run(time, AttachDetachController.descriptor());
        attachedToA();
        status("a", "Unknown", List.of(inNode));
        cluster.client().pods().inNamespace(namespace).withName("p").delete();
        TestCluster.await(
                "the pod is gone",
                () -> cluster.client()
                                .pods()
                                .inNamespace(namespace)
                                .withName("p")
                                .get()
                        == null);
        // The loop has seen that when it waits for the time: before, moving on has no effect.
        TestCluster.await("nothing is left to do", manager::idle);
        assertNotNull(attachments().getFirst());
        TestCluster.await("it is detached", () -> {
            time.advance(Duration.ofMinutes(2));
            return attachments().isEmpty();
        });
    }
}
