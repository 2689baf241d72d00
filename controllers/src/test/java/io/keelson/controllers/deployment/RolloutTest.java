package io.keelson.controllers.deployment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.apps.DeploymentCondition;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RolloutTest {
    private static DeploymentCondition progressing(ModelCluster cluster) {
        DeploymentCondition condition = Conditions.find(cluster.deployment.getStatus(), Conditions.PROGRESSING);
        assertNotNull(condition);
        return condition;
    }

    @Test
    void sharesAreRoundedUpForSurgeAndDownForUnavailability() {
        IntOrString quarter = new IntOrString("25%");
        assertEquals(new Fenceposts(10, 3, 2), Fenceposts.of(10, quarter, quarter));
        assertEquals(new Fenceposts(1, 1, 0), Fenceposts.of(1, quarter, quarter));
        assertEquals(new Fenceposts(3, 0, 1), Fenceposts.of(3, new IntOrString(0), new IntOrString("10%")));
        assertEquals(new Fenceposts(0, 0, 0), Fenceposts.of(0, quarter, quarter));
        assertEquals(new Fenceposts(3, 0, 3), Fenceposts.of(3, new IntOrString("x"), new IntOrString(7)));
        assertEquals(
                Integer.MAX_VALUE,
                Fenceposts.of(9, new IntOrString(Integer.MAX_VALUE), quarter).maxTotal());
    }

    @Test
    void theFirstReplicaSetHasAllThatItsDeploymentSaysOfIt() {
        ModelCluster cluster = ModelCluster.rolling(3);
        cluster.want(built -> built.editMetadata()
                .addToAnnotations("kubernetes.io/change-cause", "first")
                .addToAnnotations("kubectl.kubernetes.io/last-applied-configuration", "{}")
                .endMetadata()
                .editSpec()
                .withMinReadySeconds(5)
                .endSpec());
        cluster.step();
        ReplicaSet set = cluster.newest();
        String hash = set.getMetadata().getLabels().get(Family.TEMPLATE_HASH);
        assertEquals("web-" + hash, set.getMetadata().getName());
        assertEquals(
                Map.of("app", "web", Family.TEMPLATE_HASH, hash),
                set.getMetadata().getLabels());
        assertEquals(set.getMetadata().getLabels(), set.getSpec().getSelector().getMatchLabels());
        assertEquals(
                set.getMetadata().getLabels(),
                set.getSpec().getTemplate().getMetadata().getLabels());
        assertEquals(
                Map.of(
                        "kubernetes.io/change-cause",
                        "first",
                        Annotations.REVISION,
                        "1",
                        Annotations.DESIRED_REPLICAS,
                        "3",
                        Annotations.MAX_REPLICAS,
                        "4"),
                set.getMetadata().getAnnotations());
        assertEquals(5, set.getSpec().getMinReadySeconds());
        assertEquals(3, set.getSpec().getReplicas());
        assertEquals(
                List.of("Normal web ScalingReplicaSet: Scaled up replica set web-" + hash + " from 0 to 3"),
                cluster.events);
        assertEquals("NewReplicaSetCreated", progressing(cluster).getReason());
        assertEquals(
                "Created new replica set \"web-" + hash + '"',
                progressing(cluster).getMessage());
        assertEquals("1", cluster.deployment.getMetadata().getAnnotations().get(Annotations.REVISION));
        assertEquals("MinimumReplicasUnavailable", cluster.reason(Conditions.AVAILABLE));
        cluster.settle();
        assertEquals(
                "ReplicaSet \"web-" + hash + "\" has successfully progressed.",
                progressing(cluster).getMessage());
        assertNull(cluster.deployment.getStatus().getUnavailableReplicas());
        assertEquals(0, cluster.deployment.getStatus().getTerminatingReplicas());
    }

    @Test
    void goingBackToATemplateGivesItsReplicaSetANewRevision() {
        ModelCluster cluster = ModelCluster.rolling(2);
        cluster.settle();
        String first = cluster.newest().getMetadata().getName();
        cluster.wantImage("image-1");
        cluster.settle();
        assertNotEquals(first, cluster.newest().getMetadata().getName());
        cluster.want(built -> built.editMetadata()
                .addToAnnotations(Annotations.ROLLBACK_TO, "0")
                .endMetadata());
        cluster.settle();
        assertEquals(first, cluster.newest().getMetadata().getName());
        assertEquals("3", cluster.newest().getMetadata().getAnnotations().get(Annotations.REVISION));
        assertEquals("1", cluster.newest().getMetadata().getAnnotations().get(Annotations.REVISION_HISTORY));
        assertEquals("3", cluster.deployment.getMetadata().getAnnotations().get(Annotations.REVISION));
        assertTrue(
                cluster.events.contains("Normal web DeploymentRollback: Rolled back deployment \"web\" to revision 1"));
        cluster.want(built -> built.editMetadata()
                .addToAnnotations(Annotations.ROLLBACK_TO, "3")
                .endMetadata());
        cluster.settle();
        cluster.want(built -> built.editMetadata()
                .addToAnnotations(Annotations.ROLLBACK_TO, "77")
                .endMetadata());
        cluster.settle();
        assertTrue(cluster.events.containsAll(List.of(
                "Warning web DeploymentRollbackTemplateUnchanged: The rollback revision contains the same template as"
                        + " current deployment \"web\"",
                "Warning web DeploymentRollbackRevisionNotFound: Unable to find the revision to rollback to.")));
        assertNull(cluster.deployment.getMetadata().getAnnotations().get(Annotations.ROLLBACK_TO));
    }

    @Test
    void aHistoryOfRevisionsForgetsItsOldestWhenItGetsTooLong() {
        Map<String, String> set = new HashMap<>(Map.of(Annotations.REVISION, "1"));
        for (int i = 2; i < 1000; i++) {
            set = new HashMap<>(Annotations.ofNewest(Map.of(), set, i));
        }
        String history = set.get(Annotations.REVISION_HISTORY);
        assertNotNull(history);
        assertTrue(history.length() <= 2000 && history.length() > 1990, history);
        assertTrue(history.endsWith(",997,998"), history);
        assertEquals(set, Annotations.ofNewest(Map.of(), set, 5));
        Map<String, String> broken = Map.of(Annotations.REVISION, "x");
        assertEquals(broken, Annotations.ofNewest(Map.of(), broken, 5));
    }

    @Test
    void inTheMiddleOfARolloutANewSizeIsSpreadInProportion() {
        ModelCluster cluster = new ModelCluster(10, "RollingUpdate", new IntOrString(3), new IntOrString(2));
        ReplicaSet old = cluster.existing("image-0", 8, 8, 0);
        ReplicaSet newest = cluster.existing("image-1", 5, 0, 5);
        cluster.wantImage("image-1");
        cluster.want(built -> built.editSpec().withReplicas(15).endSpec());
        cluster.step();
        Map<String, Integer> sizes = new HashMap<>();
        cluster.sets().forEach(set -> sizes.put(set.getMetadata().getName(), Family.replicas(set)));
        assertEquals(
                Map.of(old.getMetadata().getName(), 11, newest.getMetadata().getName(), 7), sizes);
        for (ReplicaSet set : cluster.sets()) {
            assertEquals("15", set.getMetadata().getAnnotations().get(Annotations.DESIRED_REPLICAS));
            assertEquals("18", set.getMetadata().getAnnotations().get(Annotations.MAX_REPLICAS));
        }
        cluster.want(built -> built.editSpec().withReplicas(0).endSpec());
        cluster.step();
        assertEquals(0, Family.replicas(cluster.sets()));
    }

    @Test
    void aPausedDeploymentIsScaledButNotRolledOut() {
        ModelCluster cluster = ModelCluster.rolling(4);
        cluster.settle();
        String first = cluster.newest().getMetadata().getName();
        cluster.want(built -> built.editSpec().withPaused(true).endSpec());
        cluster.wantImage("image-1");
        cluster.want(built -> built.editSpec().withReplicas(6).endSpec());
        cluster.settle();
        assertEquals(1, cluster.sets().size());
        assertEquals(first, cluster.sets().getFirst().getMetadata().getName());
        assertEquals(6, Family.replicas(cluster.sets()));
        assertEquals("DeploymentPaused", progressing(cluster).getReason());
        assertEquals("Unknown", progressing(cluster).getStatus());
        assertEquals("Deployment is paused", progressing(cluster).getMessage());
        cluster.now = cluster.now.plusSeconds(3600);
        assertNull(cluster.step().again(), "no deadline runs that it would be looked at for, again and again");
        cluster.want(built -> built.editSpec().withPaused(false).endSpec());
        cluster.settle();
        assertEquals(2, cluster.sets().size());
        assertEquals("NewReplicaSetAvailable", progressing(cluster).getReason());
    }

    @Test
    void aDeploymentThatIsPausedFromItsBeginningHasNothing() {
        ModelCluster cluster = ModelCluster.rolling(4);
        cluster.want(built -> built.editSpec().withPaused(true).endSpec());
        cluster.settle();
        assertEquals(List.of(), cluster.sets());
        assertEquals("DeploymentPaused", progressing(cluster).getReason());
        cluster.now = cluster.now.plusSeconds(3600);
        assertNull(cluster.step().again());
    }

    @Test
    void aRolloutThatDoesNotMoveIsSaidToBeStuckAfterItsDeadline() {
        ModelCluster cluster = ModelCluster.rolling(2);
        Duration again = cluster.step().again();
        assertEquals(Duration.ofSeconds(601), again);
        cluster.sets().forEach(cluster::replicate);
        cluster.step();
        assertEquals("ReplicaSetUpdated", progressing(cluster).getReason());
        assertEquals(
                "ReplicaSet \"" + cluster.newest().getMetadata().getName() + "\" is progressing.",
                progressing(cluster).getMessage());
        cluster.now = cluster.now.plusSeconds(600);
        assertEquals(Duration.ofSeconds(1), cluster.step().again());
        assertEquals("ReplicaSetUpdated", progressing(cluster).getReason());
        cluster.now = cluster.now.plusSeconds(1);
        assertNull(cluster.step().again());
        assertEquals("ProgressDeadlineExceeded", progressing(cluster).getReason());
        assertEquals("False", progressing(cluster).getStatus());
        assertEquals(
                "ReplicaSet \"" + cluster.newest().getMetadata().getName() + "\" has timed out progressing.",
                progressing(cluster).getMessage());
        assertEquals("2026-01-01T00:10:01Z", progressing(cluster).getLastTransitionTime());
        cluster.settle();
        assertEquals("NewReplicaSetAvailable", progressing(cluster).getReason());
        cluster.want(built ->
                built.editSpec().withProgressDeadlineSeconds(Integer.MAX_VALUE).endSpec());
        cluster.settle();
        assertNull(Conditions.find(cluster.deployment.getStatus(), Conditions.PROGRESSING));
    }

    @Test
    void twoTemplatesOfOneHashGetDifferentNames() {
        ModelCluster cluster = ModelCluster.rolling(2);
        ReplicaSet would = NewReplicaSet.of(cluster.deployment, Fenceposts.of(cluster.deployment), 1, 2, null);
        cluster.create(new ReplicaSetBuilder(would)
                .editSpec()
                .editTemplate()
                .editSpec()
                .withHostNetwork(true)
                .endSpec()
                .endTemplate()
                .withReplicas(0)
                .endSpec()
                .build());
        cluster.settle();
        assertEquals(1, cluster.deployment.getStatus().getCollisionCount());
        assertNotEquals(
                would.getMetadata().getName(), cluster.newest().getMetadata().getName());
        assertEquals("NewReplicaSetAvailable", progressing(cluster).getReason());
    }

    @Test
    void whatWasMadeBeforeACrashIsFoundAgain() {
        ModelCluster cluster = ModelCluster.rolling(2);
        cluster.create(NewReplicaSet.of(cluster.deployment, Fenceposts.of(cluster.deployment), 1, 2, null));
        Rollout.step(cluster, cluster.deployment, List.of(), cluster.now);
        assertEquals(1, cluster.sets().size());
        assertNull(cluster.deployment.getStatus().getCollisionCount());
        cluster.step();
        assertEquals("FoundNewReplicaSet", progressing(cluster).getReason());
        assertEquals(
                "Found new replica set \"" + cluster.newest().getMetadata().getName() + '"',
                progressing(cluster).getMessage());
    }

    @Test
    void aReplicaSetThatCannotBeMadeIsSaidInTheStatus() {
        ModelCluster cluster = ModelCluster.rolling(2);
        cluster.refusal = ModelCluster.refused(403, "Forbidden");
        assertThrows(KubernetesClientException.class, cluster::step);
        assertEquals("ReplicaSetCreateError", progressing(cluster).getReason());
        assertEquals("False", progressing(cluster).getStatus());
        assertTrue(progressing(cluster).getMessage().startsWith("Failed to create new replica set \"web-"));
        assertTrue(progressing(cluster).getMessage().endsWith("\": refused: Forbidden"));
        assertTrue(cluster.events.getFirst().startsWith("Warning web ReplicaSetCreateError: Failed to create"));
        cluster.refusal = null;
        cluster.settle();
        assertEquals("NewReplicaSetAvailable", progressing(cluster).getReason());
    }

    @Test
    void whatAReplicaSetCannotDoItsDeploymentSays() {
        ModelCluster cluster = ModelCluster.rolling(2);
        cluster.step();
        cluster.update(new ReplicaSetBuilder(cluster.newest())
                .editStatus()
                .addNewCondition()
                .withType("ReplicaFailure")
                .withStatus("True")
                .withReason("FailedCreate")
                .withMessage("exceeded quota")
                .withLastTransitionTime("2026-01-01T00:00:00Z")
                .endCondition()
                .endStatus()
                .build());
        cluster.step();
        assertEquals("FailedCreate", cluster.reason(Conditions.REPLICA_FAILURE));
        cluster.update(new ReplicaSetBuilder(cluster.newest())
                .editStatus()
                .withConditions()
                .endStatus()
                .build());
        cluster.step();
        assertEquals("", cluster.reason(Conditions.REPLICA_FAILURE));
    }
}
