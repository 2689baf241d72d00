package io.keelson.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.VolumeAnnotations;
import io.keelson.controllers.testing.TestCluster;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Pods with volumes, with the API server, the volume binder and a provisioner. */
class VolumeSchedulingTest {
    private final TestVolumes volumes = new TestVolumes();
    private final TestScheduler test = volumes.test;

    @AfterEach
    void close() {
        volumes.close();
    }

    private static String nowhere(int nodes, String reason) {
        return "0/" + nodes + " nodes are available: " + reason + ". no new claims to deallocate, preemption: 0/"
                + nodes + " nodes are available: " + nodes + " Preemption is not helpful for scheduling.";
    }

    @Test
    void aVolumeIsMadeWhereThePodIs() throws InterruptedException {
        volumes.runControllers();
        String small = volumes.node("50m");
        String large = volumes.node("4");
        String storageClass = volumes.storageClass("made", TestVolumes.LOCAL_PATH, "WaitForFirstConsumer");
        test.start();
        volumes.claim("c", storageClass, "ReadWriteOnce");
        volumes.pod("p", "c");
        test.awaitBound("p");
        assertEquals(large, test.nodeOf("p"));
        PersistentVolumeClaim claim = volumes.theClaim("c").get();
        assertEquals("Bound", claim.getStatus().getPhase());
        assertEquals(large, claim.getMetadata().getAnnotations().get(VolumeAnnotations.SELECTED_NODE));
        String affinity = String.valueOf(volumes.volumeOf("c").getSpec().getNodeAffinity());
        assertTrue(affinity.contains(large) && !affinity.contains(small), affinity);
        // Now that it is there, another pod can only go there as well.
        volumes.pod("second", "c");
        test.awaitBound("second");
        assertEquals(large, test.nodeOf("second"));
    }

    @Test
    void eachPodGetsAVolumeOfItsOwnAndWhoGetsNoneWaitsForOne() throws InterruptedException {
        volumes.runControllers();
        String storageClass = volumes.storageClass("local", TestVolumes.NO_PROVISIONER, "WaitForFirstConsumer");
        List<String> nodes = List.of(volumes.node("4"), volumes.node("4"), volumes.node("4"));
        for (int i = 0; i < nodes.size(); i++) {
            volumes.volume("v" + i, storageClass, nodes.get(i));
        }
        test.start();
        for (int i = 0; i < 4; i++) {
            volumes.claim("c" + i, storageClass, "ReadWriteOnce");
            volumes.pod("p" + i, "c" + i);
        }
        TestCluster.await("three are bound", () -> bound(4).size() == 3);
        String last = "p"
                + (6 - bound(4).stream().mapToInt(pod -> pod.charAt(1) - '0').sum());
        test.awaitCondition(
                last, "Unschedulable", nowhere(3, "3 node(s) didn't find available persistent volumes to bind"));
        volumes.volume("late", storageClass, nodes.get(1));
        test.awaitBound(last);
        assertEquals(nodes.get(1), test.nodeOf(last));
        Set<String> used = new HashSet<>();
        for (int i = 0; i < 4; i++) {
            used.add(volumes.theClaim("c" + i).get().getSpec().getVolumeName());
        }
        assertEquals(4, used.size());
    }

    private List<String> bound(int pods) {
        return IntStream.range(0, pods)
                .mapToObj(i -> "p" + i)
                .filter(pod -> !test.nodeOf(pod).isEmpty())
                .toList();
    }

    @Test
    void aPodSaysWhatIsWrongWithItsClaimsAndGoesOnWhenItIsRight() throws InterruptedException {
        volumes.runControllers();
        String node = volumes.node("4");
        String storageClass = volumes.storageClass("now", TestVolumes.NO_PROVISIONER, "Immediate");
        test.start();
        volumes.pod("p", "c");
        test.awaitCondition("p", "Unschedulable", nowhere(1, "persistentvolumeclaim \"c\" not found"));
        volumes.claim("c", storageClass, "ReadWriteOnce");
        test.awaitCondition("p", "Unschedulable", nowhere(1, "pod has unbound immediate PersistentVolumeClaims"));
        volumes.volume("v", storageClass, node);
        test.awaitBound("p");
        assertEquals("Bound", volumes.theClaim("c").get().getStatus().getPhase());
    }

    @Test
    void aVolumeThatCannotBeMadeIsAskedForAgain() throws InterruptedException {
        volumes.runControllers();
        String node = volumes.node("4");
        String storageClass = volumes.storageClass("odd", "example.com/played", "WaitForFirstConsumer");
        test.start();
        volumes.claim("c", storageClass, "ReadWriteOnce");
        volumes.pod("p", "c");
        awaitSelected(node);
        assertEquals(node, nominated("p"), "while its volume is awaited it says where it will be");
        // As a provisioner says that it cannot.
        volumes.theClaim("c").edit(claim -> {
            claim.getMetadata().getAnnotations().remove(VolumeAnnotations.SELECTED_NODE);
            return claim;
        });
        test.awaitEvent(
                "p",
                "FailedScheduling",
                "running PreBind plugin \"VolumeBinding\": binding volumes: provisioning failed for PVC \"c\"");
        String failed = "scheduler_volume_scheduling_stage_error_total{operation=\"bind\"} 1.0\n";
        TestCluster.await("it is counted", () -> test.scraped().contains(failed));
        awaitSelected(node);
        TestCluster.await("it says so again", () -> node.equals(nominated("p")));
        volumes.volume("v", storageClass, node);
        TestCluster.await("the volume is the claim's", () -> keepForClaim(test.namespace + "-v"));
        test.awaitBound("p");
        assertEquals("", nominated("p"));
    }

    private String nominated(String pod) {
        return PodReports.nominatedNode(
                test.client.pods().inNamespace(test.namespace).withName(pod).get());
    }

    /** The volume binder writes to it as well: whether nobody was faster. */
    private boolean keepForClaim(String name) {
        try {
            volumes.test.client.persistentVolumes().withName(name).edit(volume -> {
                volume.getSpec()
                        .setClaimRef(new ObjectReferenceBuilder()
                                .withKind("PersistentVolumeClaim")
                                .withNamespace(test.namespace)
                                .withName("c")
                                .build());
                return volume;
            });
            return true;
        } catch (KubernetesClientException e) {
            if (e.getCode() == 409) {
                return false;
            }
            throw e;
        }
    }

    private void awaitSelected(String node) throws InterruptedException {
        TestCluster.await("a provisioner is asked for a volume on " + node, () -> {
            Map<String, String> annotations =
                    OrEmpty.of(volumes.theClaim("c").get().getMetadata().getAnnotations());
            return node.equals(annotations.get(VolumeAnnotations.SELECTED_NODE))
                    && annotations.containsKey(VolumeAnnotations.STORAGE_PROVISIONER);
        });
    }
}
