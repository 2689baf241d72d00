package io.keelson.controllers.ephemeralvolume;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimTemplate;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Owners;
import io.keelson.controllers.objects.PodVolumes;
import org.jspecify.annotations.Nullable;

/** The claim of a generic ephemeral volume. */
final class EphemeralClaim {
    private EphemeralClaim() {}

    /** The claim that a pod's volume describes, owned by the pod; null if it describes none. */
    static @Nullable PersistentVolumeClaim of(Pod pod, Volume volume) {
        if (volume.getEphemeral() == null || volume.getEphemeral().getVolumeClaimTemplate() == null) {
            return null;
        }
        PersistentVolumeClaimTemplate template = volume.getEphemeral().getVolumeClaimTemplate();
        ObjectMeta described = template.getMetadata() == null ? new ObjectMeta() : template.getMetadata();
        return new PersistentVolumeClaimBuilder()
                .withNewMetadata()
                .withNamespace(pod.getMetadata().getNamespace())
                .withName(PodVolumes.ephemeralClaim(pod, volume))
                .withLabels(OrEmpty.of(described.getLabels()))
                .withAnnotations(OrEmpty.of(described.getAnnotations()))
                .withOwnerReferences(Owners.controllerReference(pod))
                .endMetadata()
                .withSpec(template.getSpec())
                .build();
    }
}
