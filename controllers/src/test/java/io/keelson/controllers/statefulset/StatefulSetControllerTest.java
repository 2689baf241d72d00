package io.keelson.controllers.statefulset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSetStatus;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.runtime.Manager;
import io.keelson.controllers.testing.TestCluster;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StatefulSetControllerTest {
    /** Its pods are on a node, so that one that is deleted stays until the node, which the test plays, lets it go. */
    private static final String SET = """
            apiVersion: apps/v1
            kind: StatefulSet
            metadata:
              name: web
              annotations: {note: kept}
            spec:
              replicas: %d
              serviceName: web
              podManagementPolicy: %s
              selector: {matchLabels: {app: web}}
              template:
                metadata: {labels: {app: web}}
                spec:
                  nodeName: here
                  containers: [{name: c, image: one}]
            """;

    private static final String CLAIMS = """
              persistentVolumeClaimRetentionPolicy: {whenDeleted: %s, whenScaled: %s}
              volumeClaimTemplates:
              - metadata: {name: data}
                spec:
                  accessModes: [ReadWriteOnce]
                  resources: {requests: {storage: 1Gi}}
            """;

    private final TestCluster cluster = new TestCluster();
    private String namespace = "";
    private Manager manager;

    @BeforeEach
    void start() throws InterruptedException {
        namespace = cluster.namespace();
        manager = cluster.run(StatefulSetController.descriptor());
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private Set<String> podNames() {
        Set<String> names = new TreeSet<>();
        for (Pod pod : cluster.pods(namespace)) {
            names.add(pod.getMetadata().getName());
        }
        return names;
    }

    private Pod pod(String name) {
        return cluster.client().pods().inNamespace(namespace).withName(name).get();
    }

    private void awaitPods(String... names) throws InterruptedException {
        TestCluster.await("the pods are " + List.of(names), () -> podNames().equals(Set.of(names)));
    }

    private void ready(String name) {
        cluster.ready(pod(name), Instant.now());
    }

    /** Plays all nodes: what is there is ready, what is to go is gone. */
    private void playNodes() {
        for (Pod pod : cluster.client().pods().inNamespace(namespace).list().getItems()) {
            if (pod.getMetadata().getDeletionTimestamp() != null) {
                goAway(pod);
            } else if (!"Running".equals(pod.getStatus().getPhase())) {
                cluster.ready(pod, Instant.now());
            }
        }
    }

    private void goAway(Pod pod) {
        cluster.client().resource(pod).withGracePeriod(0).delete();
    }

    private StatefulSet set() {
        return cluster.client()
                .apps()
                .statefulSets()
                .inNamespace(namespace)
                .withName("web")
                .get();
    }

    private StatefulSetStatus status() {
        return set().getStatus();
    }

    private void edit(UnaryOperator<StatefulSetBuilder> change) {
        while (true) {
            try {
                cluster.client()
                        .apps()
                        .statefulSets()
                        .inNamespace(namespace)
                        .withName("web")
                        .edit(set -> change.apply(new StatefulSetBuilder(set)).build());
                return;
            } catch (KubernetesClientException e) {
                // The controller wrote the status between the look and the write of the edit.
                if (e.getCode() != 409) {
                    throw e;
                }
            }
        }
    }

    private void image(String image) {
        edit(set -> set.editSpec()
                .editTemplate()
                .editSpec()
                .editFirstContainer()
                .withImage(image)
                .endContainer()
                .endSpec()
                .endTemplate()
                .endSpec());
    }

    private void replicas(int replicas) {
        edit(set -> set.editSpec().withReplicas(replicas).endSpec());
    }

    private String imageOf(String name) {
        Pod pod = pod(name);
        return pod == null ? "" : pod.getSpec().getContainers().getFirst().getImage();
    }

    private List<ControllerRevision> revisions() {
        return cluster.client()
                .apps()
                .controllerRevisions()
                .inNamespace(namespace)
                .list()
                .getItems();
    }

    private PersistentVolumeClaim claim(String name) {
        return cluster.client()
                .persistentVolumeClaims()
                .inNamespace(namespace)
                .withName(name)
                .get();
    }

    private Set<String> ownersOf(String claim) {
        Set<String> owners = new HashSet<>();
        for (OwnerReference owner : claim(claim).getMetadata().getOwnerReferences()) {
            owners.add(owner.getKind() + ' ' + owner.getName());
        }
        return owners;
    }

    private boolean hasEvent(String reason, String message) {
        for (Event event :
                cluster.client().v1().events().inNamespace(namespace).list().getItems()) {
            if (reason.equals(event.getReason())
                    && message.equals(event.getMessage())
                    && "StatefulSet".equals(event.getInvolvedObject().getKind())) {
                return true;
            }
        }
        return false;
    }

    @Test
    void podsAreMadeInOrderAndEachWaitsForTheOneBefore() throws InterruptedException {
        cluster.create(namespace, SET.formatted(3, "OrderedReady"));
        awaitPods("web-0");
        Pod first = pod("web-0");
        assertEquals("web-0", first.getSpec().getHostname());
        assertEquals("web", first.getSpec().getSubdomain());
        assertEquals("web-0", first.getMetadata().getLabels().get("statefulset.kubernetes.io/pod-name"));
        assertEquals("0", first.getMetadata().getLabels().get("apps.kubernetes.io/pod-index"));
        TestCluster.await("the status names the revision", () -> status().getCurrentRevision() != null);
        assertEquals(
                status().getCurrentRevision(), first.getMetadata().getLabels().get("controller-revision-hash"));
        TestCluster.await("nothing is left to do", manager::idle);
        assertEquals(Set.of("web-0"), podNames());

        ready("web-0");
        awaitPods("web-0", "web-1");
        ready("web-1");
        awaitPods("web-0", "web-1", "web-2");
        ready("web-2");
        TestCluster.await("all are available", () -> Objects.equals(3, status().getAvailableReplicas()));
        assertEquals(3, status().getReplicas());
        assertEquals(3, status().getUpdatedReplicas());
        assertEquals(set().getMetadata().getGeneration(), status().getObservedGeneration());
        TestCluster.await(
                "users are told", () -> hasEvent("SuccessfulCreate", "create Pod web-2 in StatefulSet web successful"));
        ControllerRevision revision = revisions().getFirst();
        assertEquals(1, revisions().size());
        assertEquals("kept", revision.getMetadata().getAnnotations().get("note"));
        assertEquals(
                revision.getMetadata().getName(),
                "web-" + revision.getMetadata().getLabels().get("controller.kubernetes.io/hash"));
    }

    @Test
    void scalingDownTakesTheLastFirst() throws InterruptedException {
        cluster.create(namespace, SET.formatted(3, "Parallel"));
        awaitPods("web-0", "web-1", "web-2");
        playNodes();
        edit(set -> set.editSpec().withReplicas(1).endSpec());
        awaitPods("web-0");
        TestCluster.await("all that were too many are gone", () -> {
            playNodes();
            return Objects.equals(1, status().getReplicas());
        });
    }

    @Test
    void anUpdateGoesFromTheLastToTheFirstAndCanBeUndone() throws InterruptedException {
        cluster.create(namespace, SET.formatted(3, "OrderedReady"));
        TestCluster.await("all are available", () -> {
            playNodes();
            return Objects.equals(3, status().getAvailableReplicas());
        });
        String before = status().getCurrentRevision();
        image("two");
        TestCluster.await("the last is on its way", () -> !podNames().contains("web-2"));
        assertEquals(Set.of("web-0", "web-1"), podNames());
        TestCluster.await("the update is told of", () -> !Objects.equals(before, status().getUpdateRevision()));
        assertEquals(before, status().getCurrentRevision());
        goAway(pod("web-2"));
        TestCluster.await("the last is new", () -> imageOf("web-2").equals("two"));
        TestCluster.await("nothing is left to do", manager::idle);
        assertEquals("one", imageOf("web-1"));
        TestCluster.await("the update is complete", () -> {
            playNodes();
            return !Objects.equals(before, status().getCurrentRevision());
        });
        assertEquals("two", imageOf("web-0"));
        assertEquals(3, status().getCurrentReplicas());

        image("one");
        TestCluster.await("the old revision is current again", () -> {
            playNodes();
            return Objects.equals(before, status().getCurrentRevision());
        });
        assertEquals(2, revisions().size());
        for (ControllerRevision revision : revisions()) {
            assertEquals(revision.getMetadata().getName().equals(before) ? 3 : 2, revision.getRevision());
        }
    }

    @Test
    void podsBelowThePartitionStayAsTheyAreAndComeAgainAsTheyWere() throws InterruptedException {
        cluster.create(namespace, SET.formatted(3, "Parallel"));
        TestCluster.await("all are available", () -> {
            playNodes();
            return Objects.equals(3, status().getAvailableReplicas());
        });
        edit(set -> set.editSpec()
                .editOrNewUpdateStrategy()
                .withType("RollingUpdate")
                .withNewRollingUpdate()
                .withPartition(2)
                .endRollingUpdate()
                .endUpdateStrategy()
                .endSpec());
        image("two");
        TestCluster.await("the last is new", () -> {
            playNodes();
            return imageOf("web-2").equals("two");
        });
        String uid = pod("web-0").getMetadata().getUid();
        goAway(pod("web-0"));
        TestCluster.await("the first is there again", () -> {
            Pod now = pod("web-0");
            return now != null && !now.getMetadata().getUid().equals(uid);
        });
        assertEquals("one", imageOf("web-0"));
        assertEquals("one", imageOf("web-1"));
        TestCluster.await("the status counts both", () -> {
            playNodes();
            StatefulSetStatus now = status();
            return Objects.equals(1, now.getUpdatedReplicas())
                    && Objects.equals(2, now.getCurrentReplicas())
                    && Objects.equals(3, now.getAvailableReplicas());
        });
    }

    @Test
    void aPodThatEndedIsReplaced() throws InterruptedException {
        cluster.create(namespace, SET.formatted(1, "OrderedReady"));
        awaitPods("web-0");
        String uid = pod("web-0").getMetadata().getUid();
        cluster.ended(pod("web-0"), "Failed");
        TestCluster.await("another has its name", () -> {
            Pod now = pod("web-0");
            if (now != null && now.getMetadata().getDeletionTimestamp() != null) {
                goAway(now);
            }
            return now != null && !now.getMetadata().getUid().equals(uid);
        });
    }

    @Test
    void claimsAreMadeAndFollowTheRetentionPolicy() throws InterruptedException {
        cluster.create(namespace, (SET + CLAIMS).formatted(2, "Parallel", "Delete", "Delete"));
        awaitPods("web-0", "web-1");
        assertEquals(
                "data-web-1",
                pod("web-1")
                        .getSpec()
                        .getVolumes()
                        .getFirst()
                        .getPersistentVolumeClaim()
                        .getClaimName());
        assertEquals("web", claim("data-web-1").getMetadata().getLabels().get("app"));
        assertEquals(Set.of("StatefulSet web"), ownersOf("data-web-1"));
        TestCluster.await(
                "users are told",
                () -> hasEvent("SuccessfulCreate", "create Claim data-web-1 Pod web-1 in StatefulSet web success"));
        playNodes();
        replicas(1);
        TestCluster.await(
                "the claim goes with its pod", () -> ownersOf("data-web-1").equals(Set.of("Pod web-1")));
        assertEquals(Set.of("StatefulSet web"), ownersOf("data-web-0"));
        edit(set -> set.editSpec()
                .withNewPersistentVolumeClaimRetentionPolicy("Retain", "Retain")
                .endSpec());
        TestCluster.await("the first claim stays", () -> ownersOf("data-web-0").isEmpty());
    }

    @Test
    void aNewPodWaitsForTheClaimOfAnEarlierOneToGo() throws InterruptedException {
        cluster.create(namespace, (SET + CLAIMS).formatted(2, "Parallel", "Retain", "Delete"));
        awaitPods("web-0", "web-1");
        playNodes();
        replicas(1);
        TestCluster.await(
                "the claim goes with its pod", () -> ownersOf("data-web-1").equals(Set.of("Pod web-1")));
        TestCluster.await("the pod is on its way", () -> !podNames().contains("web-1"));
        playNodes();
        replicas(2);
        TestCluster.await("the change was seen", () -> {
            StatefulSet now = set();
            return Objects.equals(
                    now.getMetadata().getGeneration(), now.getStatus().getObservedGeneration());
        });
        TestCluster.await("nothing is left to do", manager::idle);
        assertEquals(Set.of("web-0"), podNames());
        cluster.client().resource(claim("data-web-1")).edit(claim -> {
            claim.getMetadata().setFinalizers(List.of());
            return claim;
        });
        cluster.client().resource(claim("data-web-1")).delete();
        awaitPods("web-0", "web-1");
        assertEquals(Set.of(), ownersOf("data-web-1"));
    }

    @Test
    void aPodWithoutItsLabelGetsItBack() throws InterruptedException {
        cluster.create(namespace, SET.formatted(1, "OrderedReady"));
        awaitPods("web-0");
        ready("web-0");
        cluster.client()
                .pods()
                .inNamespace(namespace)
                .withName("web-0")
                .edit(pod -> new PodBuilder(pod)
                        .editMetadata()
                        .removeFromLabels("statefulset.kubernetes.io/pod-name")
                        .endMetadata()
                        .build());
        TestCluster.await(
                "the label is back",
                () -> "web-0".equals(pod("web-0").getMetadata().getLabels().get("statefulset.kubernetes.io/pod-name")));
        TestCluster.await(
                "users are told", () -> hasEvent("SuccessfulUpdate", "update Pod web-0 in StatefulSet web successful"));
    }

    @Test
    void aPodOfItsNameWithoutOwnerIsAdopted() throws InterruptedException {
        cluster.create(namespace, """
                apiVersion: v1
                kind: Pod
                metadata: {name: web-0, labels: {app: web}}
                spec: {containers: [{name: c, image: one}]}
                """);
        cluster.create(namespace, """
                apiVersion: v1
                kind: Pod
                metadata: {name: other, labels: {app: web}}
                spec: {containers: [{name: c, image: one}]}
                """);
        cluster.create(namespace, SET.formatted(1, "OrderedReady"));
        TestCluster.await("it belongs to the set", () -> {
            // It may be replaced by one as the set says.
            Pod now = pod("web-0");
            return now != null && !now.getMetadata().getOwnerReferences().isEmpty();
        });
        TestCluster.await("nothing is left to do", manager::idle);
        assertTrue(pod("other").getMetadata().getOwnerReferences().isEmpty());
    }

    @Test
    void revisionsBeyondTheLimitAreDeleted() throws InterruptedException {
        cluster.create(namespace, SET.formatted(0, "OrderedReady"));
        edit(set -> set.editSpec().withRevisionHistoryLimit(1).endSpec());
        for (String image : List.of("two", "three", "four")) {
            String before = status() == null ? null : status().getUpdateRevision();
            image(image);
            TestCluster.await("there is a revision of it", () -> {
                StatefulSetStatus now = status();
                return now != null
                        && now.getUpdateRevision() != null
                        && !Objects.equals(before, now.getUpdateRevision());
            });
        }
        TestCluster.await("one old revision is left", () -> revisions().size() == 2);
    }

    @Test
    void ordinalsStartWhereTheSetSays() throws InterruptedException {
        cluster.create(namespace, SET.formatted(2, "Parallel") + "  ordinals: {start: 5}\n");
        awaitPods("web-5", "web-6");
        assertEquals("5", pod("web-5").getMetadata().getLabels().get("apps.kubernetes.io/pod-index"));
    }

    @Test
    void onDeleteUpdatesOnlyWhatIsDeleted() throws InterruptedException {
        cluster.create(namespace, SET.formatted(2, "Parallel") + "  updateStrategy: {type: OnDelete}\n");
        awaitPods("web-0", "web-1");
        playNodes();
        String before = set().getStatus().getUpdateRevision();
        image("two");
        TestCluster.await("the update is told of", () -> !Objects.equals(before, status().getUpdateRevision()));
        TestCluster.await("nothing is left to do", manager::idle);
        assertFalse(imageOf("web-1").equals("two"));
        goAway(pod("web-1"));
        TestCluster.await(
                "it comes again as the set says", () -> imageOf("web-1").equals("two"));
        assertEquals("one", imageOf("web-0"));
        assertNotEquals(before, status().getUpdateRevision());
    }

    @Test
    void nothingIsWrittenWhenNothingChanged() throws InterruptedException {
        cluster.create(namespace, (SET + CLAIMS).formatted(2, "Parallel", "Delete", "Retain"));
        awaitPods("web-0", "web-1");
        playNodes();
        TestCluster.await("all are available", () -> Objects.equals(2, status().getAvailableReplicas()));
        TestCluster.await("nothing is left to do", manager::idle);
        String version = set().getMetadata().getResourceVersion();
        edit(set -> set.editMetadata().addToLabels("touched", "yes").endMetadata());
        TestCluster.await(
                "the change was seen",
                () -> !set().getMetadata().getResourceVersion().equals(version));
        String touched = set().getMetadata().getResourceVersion();
        String claimed = claim("data-web-0").getMetadata().getResourceVersion();
        cluster.run(StatefulSetController.descriptor());
        TestCluster.await("nothing is left to do", manager::idle);
        assertEquals(touched, set().getMetadata().getResourceVersion());
        assertEquals(claimed, claim("data-web-0").getMetadata().getResourceVersion());
    }
}
