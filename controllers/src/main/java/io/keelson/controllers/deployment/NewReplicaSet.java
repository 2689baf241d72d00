package io.keelson.controllers.deployment;

import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetBuilder;
import io.keelson.controllers.objects.ContentHash;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Owners;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The ReplicaSet of a Deployment's template. Its name follows from both, so that one is made however often it is tried. */
final class NewReplicaSet {
    private static final int NAME_CHARACTERS_MAX = 253;

    private NewReplicaSet() {}

    /**
     * A ReplicaSet to be created.
     *
     * @param revision which rollout it is of
     * @param replicas how many pods it is to want
     * @param collisions how many times its name turned out to be another template's
     */
    static ReplicaSet of(
            Deployment deployment, Fenceposts posts, long revision, int replicas, @Nullable Integer collisions) {
        PodTemplateSpec plain = Family.withoutHash(deployment.getSpec().getTemplate());
        String hash = ContentHash.of(plain, collisions);
        PodTemplateSpec template = new PodTemplateSpecBuilder(plain)
                .editOrNewMetadata()
                .addToLabels(Family.TEMPLATE_HASH, hash)
                .endMetadata()
                .build();
        Map<String, String> annotations =
                Annotations.sized(Annotations.ofNewest(Annotations.of(deployment), Map.of(), revision), posts);
        return new ReplicaSetBuilder()
                .withNewMetadata()
                .withName(name(deployment.getMetadata().getName(), hash))
                .withNamespace(deployment.getMetadata().getNamespace())
                .withLabels(OrEmpty.of(template.getMetadata().getLabels()))
                .withAnnotations(annotations)
                .withOwnerReferences(Owners.controllerReference(deployment))
                .endMetadata()
                .withNewSpec()
                .withReplicas(replicas)
                .withMinReadySeconds(OrEmpty.of(deployment.getSpec().getMinReadySeconds()))
                .withSelector(new LabelSelectorBuilder(deployment.getSpec().getSelector())
                        .addToMatchLabels(Family.TEMPLATE_HASH, hash)
                        .build())
                .withTemplate(template)
                .endSpec()
                .build();
    }

    private static String name(String deployment, String hash) {
        int room = NAME_CHARACTERS_MAX - hash.length() - 1;
        return (deployment.length() > room ? deployment.substring(0, room) : deployment) + '-' + hash;
    }
}
