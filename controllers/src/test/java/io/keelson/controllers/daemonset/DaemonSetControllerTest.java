package io.keelson.controllers.daemonset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.ControllerRevisionBuilder;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.DaemonSetBuilder;
import io.fabric8.kubernetes.api.model.apps.DaemonSetStatus;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.history.RevisionContent;
import io.keelson.controllers.history.Revisions;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Manager;
import io.keelson.controllers.testing.ManualTime;
import io.keelson.controllers.testing.TestCluster;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DaemonSetControllerTest {
    private static final String ROLLING = "{type: RollingUpdate}";

    private final TestCluster cluster = new TestCluster();
    private String namespace = "";

    @BeforeEach
    void start() {
        namespace = cluster.namespace();
        for (String name : List.of("a", "b")) {
            addNode(name);
        }
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private String nodeName(String name) {
        return namespace + '-' + name;
    }

    private void addNode(String name) {
        Node node = new NodeBuilder()
                .withNewMetadata()
                .withName(nodeName(name))
                .addToLabels("pool", namespace)
                .endMetadata()
                .build();
        cluster.client().resource(node).create();
        // The server keeps pods away from a new node until it is said to be ready.
        cluster.client()
                .nodes()
                .withName(nodeName(name))
                .edit(created -> new NodeBuilder(created)
                        .editOrNewSpec()
                        .withTaints()
                        .endSpec()
                        .build());
    }

    private void taint(String name, String effect) {
        cluster.client()
                .nodes()
                .withName(nodeName(name))
                .edit(node -> new NodeBuilder(node)
                        .editOrNewSpec()
                        .addNewTaint()
                        .withKey("mine")
                        .withEffect(effect)
                        .endTaint()
                        .endSpec()
                        .build());
    }

    private Manager run() throws InterruptedException {
        return cluster.run(DaemonSetController.descriptor());
    }

    private void create(String strategy) {
        cluster.create(namespace, """
                apiVersion: apps/v1
                kind: DaemonSet
                metadata: {name: agent}
                spec:
                  selector: {matchLabels: {app: agent}}
                  updateStrategy: %s
                  template:
                    metadata: {labels: {app: agent}}
                    spec:
                      nodeSelector: {pool: %s}
                      containers: [{name: c, image: one}]
                """.formatted(strategy, namespace));
    }

    /** The images of pods by their nodes, with a plus between several. */
    private Map<String, String> images() {
        Map<String, String> images = new TreeMap<>();
        for (Pod pod : cluster.pods(namespace)) {
            String node = DaemonPods.nodeOf(pod);
            String image = pod.getSpec().getContainers().getFirst().getImage();
            images.merge(
                    node == null ? "" : node.substring(namespace.length() + 1), image, (one, two) -> one + '+' + two);
        }
        return images;
    }

    private void awaitImages(Map<String, String> images) throws InterruptedException {
        TestCluster.await("pods are " + images, () -> images().equals(images));
    }

    private Pod podOn(String node) {
        return cluster.pods(namespace).stream()
                .filter(pod -> nodeName(node).equals(DaemonPods.nodeOf(pod)))
                .findFirst()
                .orElseThrow();
    }

    /** Plays all nodes: what is there is ready, what is to go is gone. */
    private void playNodes() {
        for (Pod pod : cluster.client().pods().inNamespace(namespace).list().getItems()) {
            if (pod.getMetadata().getDeletionTimestamp() != null) {
                cluster.client().resource(pod).withGracePeriod(0).delete();
            } else if (!"Running".equals(pod.getStatus().getPhase())) {
                cluster.ready(pod, Instant.now());
            }
        }
    }

    private DaemonSet set() {
        return cluster.client()
                .apps()
                .daemonSets()
                .inNamespace(namespace)
                .withName("agent")
                .get();
    }

    private DaemonSetStatus status() {
        return set().getStatus();
    }

    private void edit(UnaryOperator<DaemonSetBuilder> change) {
        while (true) {
            try {
                cluster.client()
                        .apps()
                        .daemonSets()
                        .inNamespace(namespace)
                        .withName("agent")
                        .edit(set -> change.apply(new DaemonSetBuilder(set)).build());
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

    private List<ControllerRevision> revisions() {
        return Revisions.sorted(cluster.client()
                .apps()
                .controllerRevisions()
                .inNamespace(namespace)
                .list()
                .getItems());
    }

    private boolean hasEvent(String reason) {
        for (Event event :
                cluster.client().v1().events().inNamespace(namespace).list().getItems()) {
            if (reason.equals(event.getReason())) {
                return true;
            }
        }
        return false;
    }

    @Test
    void eachNodeThatIsAskedForHasAPod() throws InterruptedException {
        run();
        create(ROLLING);
        awaitImages(Map.of("a", "one", "b", "one"));
        playNodes();
        TestCluster.await("all are available", () -> Objects.equals(2, status().getNumberAvailable()));
        assertEquals(2, status().getDesiredNumberScheduled());
        assertEquals(2, status().getUpdatedNumberScheduled());
        assertEquals(0, OrEmpty.of(status().getNumberUnavailable()));
        assertEquals(1, status().getObservedGeneration());
        ControllerRevision revision = revisions().getFirst();
        String hash = revision.getMetadata().getLabels().get("controller-revision-hash");
        assertEquals("agent-" + hash, revision.getMetadata().getName());
        assertEquals(hash, podOn("a").getMetadata().getLabels().get("controller-revision-hash"));

        addNode("c");
        awaitImages(Map.of("a", "one", "b", "one", "c", "one"));
        cluster.client().nodes().withName(nodeName("c")).delete();
        awaitImages(Map.of("a", "one", "b", "one"));
        TestCluster.await("one less is desired", () -> Objects.equals(2, status().getDesiredNumberScheduled()));
        TestCluster.await("users are told", () -> hasEvent("SuccessfulCreate") && hasEvent("SuccessfulDelete"));
    }

    @Test
    void taintsKeepPodsAwayOrDriveThemOut() throws InterruptedException {
        taint("b", "NoSchedule");
        run();
        create(ROLLING);
        awaitImages(Map.of("a", "one"));
        taint("a", "NoSchedule");
        TestCluster.await("it is misscheduled", () -> Objects.equals(1, status().getNumberMisscheduled()));
        assertEquals(Map.of("a", "one"), images());
        taint("a", "NoExecute");
        awaitImages(Map.of());
    }

    @Test
    void anUpdateReplacesPodsOneNodeAfterTheOtherAndCanBeUndone() throws InterruptedException {
        Manager manager = run();
        create(ROLLING);
        awaitImages(Map.of("a", "one", "b", "one"));
        playNodes();
        TestCluster.await("all are available", () -> Objects.equals(2, status().getNumberAvailable()));
        image("two");
        TestCluster.await("one is new", () -> images().values().containsAll(List.of("one", "two")));
        TestCluster.await("nothing is left to do", manager::idle);
        // It is not ready yet, so the other one has to wait.
        assertTrue(images().values().containsAll(List.of("one", "two")));
        TestCluster.await("all are new", () -> {
            playNodes();
            return images().equals(Map.of("a", "two", "b", "two"));
        });
        image("one");
        TestCluster.await("all are old again", () -> {
            playNodes();
            return images().equals(Map.of("a", "one", "b", "one"));
        });
        assertEquals(
                List.of(2L, 3L), revisions().stream().map(Revisions::number).toList());
    }

    @Test
    void withSurgeNewPodsComeBeforeOldOnesGo() throws InterruptedException {
        run();
        create("{type: RollingUpdate, rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}");
        awaitImages(Map.of("a", "one", "b", "one"));
        playNodes();
        TestCluster.await("all are available", () -> Objects.equals(2, status().getNumberAvailable()));
        image("two");
        TestCluster.await("a node has two", () -> cluster.pods(namespace).size() == 3);
        assertEquals(2, images().size());
        TestCluster.await("all are new", () -> {
            playNodes();
            return images().equals(Map.of("a", "two", "b", "two"));
        });
    }

    @Test
    void onDeleteUpdatesOnlyWhatIsDeleted() throws InterruptedException {
        Manager manager = run();
        create("{type: OnDelete}");
        awaitImages(Map.of("a", "one", "b", "one"));
        playNodes();
        image("two");
        TestCluster.await(
                "the change was seen",
                () -> Objects.equals(2L, status().getObservedGeneration())
                        && OrEmpty.of(status().getUpdatedNumberScheduled()) == 0);
        TestCluster.await("nothing is left to do", manager::idle);
        assertEquals(Map.of("a", "one", "b", "one"), images());
        cluster.client().resource(podOn("a")).withGracePeriod(0).delete();
        awaitImages(Map.of("a", "two", "b", "one"));
    }

    @Test
    void aPodThatFailsAgainWaitsLonger() throws InterruptedException {
        ManualTime time = new ManualTime(Instant.now());
        Manager manager = cluster.run(time, DaemonSetController.descriptor());
        create(ROLLING);
        awaitImages(Map.of("a", "one", "b", "one"));
        cluster.ended(podOn("a"), "Failed");
        TestCluster.await("another is in its place", () -> isReplaced("a"));
        Pod second = podOn("a");
        cluster.ended(second, "Failed");
        TestCluster.await("nothing is left to do", manager::idle);
        assertEquals(second.getMetadata().getUid(), podOn("a").getMetadata().getUid());
        TestCluster.await("another is in its place after some time", () -> {
            time.advance(Duration.ofSeconds(1));
            return isReplaced("a");
        });
    }

    private boolean isReplaced(String node) {
        List<Pod> pods = cluster.pods(namespace).stream()
                .filter(pod -> nodeName(node).equals(DaemonPods.nodeOf(pod)))
                .toList();
        return pods.size() == 1 && !"Failed".equals(pods.getFirst().getStatus().getPhase());
    }

    @Test
    void aNameThatIsTakenIsNotTheNameOfARevision() throws InterruptedException {
        create(ROLLING);
        ControllerRevision draft =
                Revisions.draft(set(), set().getSpec().getTemplate(), "controller-revision-hash", 1, 0);
        cluster.client()
                .resource(new ControllerRevisionBuilder(draft)
                        .editMetadata()
                        .withLabels(Map.of())
                        .withOwnerReferences()
                        .endMetadata()
                        .withData(Map.of("spec", Map.of()))
                        .build())
                .create();
        run();
        awaitImages(Map.of("a", "one", "b", "one"));
        assertEquals(1, status().getCollisionCount());
        assertEquals(2, revisions().size());
    }

    @Test
    void ofTwoRevisionsOfTheSameContentOneIsKept() throws InterruptedException {
        create(ROLLING);
        ControllerRevision draft =
                Revisions.draft(set(), set().getSpec().getTemplate(), "controller-revision-hash", 4, 0);
        cluster.client().resource(draft).create();
        cluster.client()
                .resource(new ControllerRevisionBuilder(draft)
                        .editMetadata()
                        .withName("agent-twin")
                        .addToLabels("controller-revision-hash", "twin")
                        .withOwnerReferences()
                        .endMetadata()
                        .withRevision(7L)
                        .build())
                .create();
        run();
        awaitImages(Map.of("a", "one", "b", "one"));
        TestCluster.await("one is left", () -> revisions().size() == 1);
        assertEquals("agent-twin", revisions().getFirst().getMetadata().getName());
        assertEquals("twin", podOn("a").getMetadata().getLabels().get("controller-revision-hash"));
        assertEquals(
                RevisionContent.of(set().getSpec().getTemplate()),
                RevisionContent.of(revisions().getFirst()));
    }

    @Test
    void revisionsBeyondTheLimitAreDeleted() throws InterruptedException {
        run();
        create("{type: OnDelete}");
        edit(set -> set.editSpec().withRevisionHistoryLimit(1).endSpec());
        for (String image : List.of("two", "three", "four")) {
            image(image);
            TestCluster.await(
                    "there is a revision of it",
                    () -> revisions().stream()
                            .anyMatch(revision -> RevisionContent.of(revision)
                                    .equals(RevisionContent.of(set().getSpec().getTemplate()))));
        }
        // Those of the two pods, one more at most, and that of what the set says.
        TestCluster.await("few are left", () -> revisions().size() <= 3);
        assertTrue(revisions().size() >= 2);
    }

    @Test
    void nothingIsWrittenWhenNothingChanged() throws InterruptedException {
        run();
        create(ROLLING);
        awaitImages(Map.of("a", "one", "b", "one"));
        playNodes();
        TestCluster.await("all are available", () -> Objects.equals(2, status().getNumberAvailable()));
        String version = set().getMetadata().getResourceVersion();
        Manager another = run();
        TestCluster.await("nothing is left to do", another::idle);
        assertEquals(version, set().getMetadata().getResourceVersion());
        assertEquals(2, cluster.pods(namespace).size());
    }
}
