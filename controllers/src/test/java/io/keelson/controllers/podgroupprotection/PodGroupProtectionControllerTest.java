package io.keelson.controllers.podgroupprotection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Manager;
import io.keelson.controllers.testing.TestCluster;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PodGroupProtectionControllerTest {
    private static final String FINALIZER = PodGroupProtectionController.FINALIZER;
    private static final Key GROUP = new Key("test", "workers");

    private final TestCluster cluster = TestCluster.withKindsOnDemand();
    private final String namespace = cluster.namespace();

    @AfterEach
    void close() {
        cluster.close();
    }

    private void group(String name, String finalizers) {
        cluster.create(namespace, """
                apiVersion: scheduling.k8s.io/v1alpha2
                kind: PodGroup
                metadata: {name: %s, finalizers: [%s]}
                spec: {schedulingPolicy: {gang: {minCount: 2}}}
                """.formatted(name, finalizers));
    }

    private Pod pod(String name, String group) {
        return (Pod) cluster.create(namespace, """
                apiVersion: v1
                kind: Pod
                metadata: {name: %s}
                spec: {schedulingGroup: {podGroupName: %s}, containers: [{name: c, image: i}]}
                """.formatted(name, group));
    }

    private @Nullable PodGroup found(String name) {
        return cluster.client()
                .resources(PodGroup.class)
                .inNamespace(namespace)
                .withName(name)
                .get();
    }

    private void delete(String group) {
        cluster.client()
                .resources(PodGroup.class)
                .inNamespace(namespace)
                .withName(group)
                .delete();
    }

    @Test
    void aGroupStaysWhileItHasPodsThatHaveNotEnded() throws Exception {
        group("workers", "");
        group("unused", "");
        assertTrue(Objects.requireNonNull(found("workers")).hasFinalizer(FINALIZER), "as it was made");
        Pod one = pod("one", "workers");
        Pod two = pod("two", "workers");
        pod("other", "elsewhere");
        Manager manager = cluster.run(PodGroupProtectionController.descriptor());
        delete("unused");
        TestCluster.await("nobody needs it", () -> found("unused") == null);
        delete("workers");
        cluster.ended(one, "Succeeded");
        TestCluster.await("that was looked at", manager::idle);
        assertTrue(Objects.requireNonNull(found("workers")).isMarkedForDeletion());
        cluster.client().resource(two).withGracePeriod(0).delete();
        TestCluster.await("its last pod is gone", () -> found("workers") == null);
    }

    @Test
    void whatElseAGroupSaysIsKept() throws Exception {
        group("workers", "example.com/mine");
        delete("workers");
        cluster.run(PodGroupProtectionController.descriptor());
        TestCluster.await(
                "it may go, as far as pods are concerned",
                () -> List.of("example.com/mine")
                        .equals(Objects.requireNonNull(found("workers")).getFinalizers()));
        PodGroup left = Objects.requireNonNull(found("workers"));
        assertEquals(
                Map.of("gang", Map.of("minCount", 2)),
                Objects.requireNonNull(left.getSpec()).get("schedulingPolicy"));
        left.removeFinalizer("example.com/mine");
        cluster.client().resource(left).update();
        TestCluster.await("it is gone", () -> found("workers") == null);
    }

    private static Pod seen(String uid, String group, String phase) {
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace("test")
                .withName("p")
                .withUid(uid)
                .endMetadata()
                .withNewSpec()
                .addToAdditionalProperties("schedulingGroup", Map.of("podGroupName", group))
                .endSpec()
                .withNewStatus()
                .withPhase(phase)
                .endStatus()
                .build();
    }

    @Test
    void aGroupIsLookedAtWhenAPodEndsGoesOrIsReplacedUnseen() {
        Pod running = seen("a", "workers", "Running");
        assertEquals(List.of(), PodGroupProtectionController.left(new Change<>(null, running)));
        assertEquals(
                List.of(), PodGroupProtectionController.left(new Change<>(running, seen("a", "workers", "Running"))));
        assertEquals(
                List.of(GROUP),
                PodGroupProtectionController.left(new Change<>(running, seen("a", "workers", "Failed"))));
        assertEquals(List.of(GROUP), PodGroupProtectionController.left(new Change<>(running, null)));
        assertEquals(
                List.of(GROUP),
                PodGroupProtectionController.left(new Change<>(running, seen("b", "others", "Pending"))));
        assertEquals(
                List.of(GROUP),
                PodGroupProtectionController.left(new Change<>(null, seen("a", "workers", "Succeeded"))));
    }
}
