package io.keelson.controllers.deployment;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What comes of the wish to go back to an earlier revision, which stands in an annotation. Granted or not, the wish is taken
 * out of the Deployment.
 *
 * @param deployment as it is to be written
 * @param done whether it goes back
 * @param reason the event's reason
 * @param message the event's message
 */
record Rollback(Deployment deployment, boolean done, String reason, String message) {

    /**
     * Goes back to a revision.
     *
     * @param sets the Deployment's ReplicaSets
     * @param wanted 0 for the last one but one
     */
    static Rollback of(Deployment deployment, List<ReplicaSet> sets, long wanted) {
        Map<String, String> annotations = new HashMap<>(Annotations.of(deployment));
        annotations.remove(Annotations.ROLLBACK_TO);
        String name = deployment.getMetadata().getName();
        long revision = wanted != 0 ? wanted : Annotations.lastRevisionButOne(sets);
        for (ReplicaSet set : sets) {
            if (revision == 0 || Annotations.revision(set).orElse(0) != revision) {
                continue;
            }
            if (Family.isOfTemplate(set, deployment)) {
                return new Rollback(
                        with(deployment, annotations),
                        false,
                        "DeploymentRollbackTemplateUnchanged",
                        "The rollback revision contains the same template as current deployment \"" + name + '"');
            }
            Deployment back = with(deployment, Annotations.rolledBack(annotations, Annotations.of(set)));
            back.getSpec().setTemplate(Family.withoutHash(set.getSpec().getTemplate()));
            return new Rollback(
                    back,
                    true,
                    "DeploymentRollback",
                    "Rolled back deployment \"%s\" to revision %d".formatted(name, revision));
        }
        return new Rollback(
                with(deployment, annotations),
                false,
                "DeploymentRollbackRevisionNotFound",
                wanted == 0 ? "Unable to find last revision." : "Unable to find the revision to rollback to.");
    }

    private static Deployment with(Deployment deployment, Map<String, String> annotations) {
        return new DeploymentBuilder(deployment)
                .editMetadata()
                .withAnnotations(annotations)
                .endMetadata()
                .build();
    }
}
