package io.keelson.controllers.objects;

import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import io.keelson.controllers.runtime.Key;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Which claims a pod's volumes are of. */
public final class PodVolumes {
    /** The name of the index of pods by {@link #claims}. */
    public static final String BY_CLAIM = "claims";

    private PodVolumes() {}

    /** The volumes of a pod. */
    public static List<Volume> of(Pod pod) {
        return pod.getSpec() == null ? List.of() : OrEmpty.of(pod.getSpec().getVolumes());
    }

    /** The name of the claim that a generic ephemeral volume of a pod gets. */
    public static String ephemeralClaim(Pod pod, Volume volume) {
        return pod.getMetadata().getName() + '-' + volume.getName();
    }

    /** The name of the claim that a volume is of, be it named or made for the pod; null if it is of none. */
    public static @Nullable String claim(Pod pod, Volume volume) {
        if (volume.getPersistentVolumeClaim() != null) {
            return volume.getPersistentVolumeClaim().getClaimName();
        }
        return volume.getEphemeral() == null ? null : ephemeralClaim(pod, volume);
    }

    /** The keys of all claims of a pod, each as {@code namespace/name}, fit for an index. */
    public static List<String> claims(Pod pod) {
        List<String> claims = new ArrayList<>();
        for (Volume volume : of(pod)) {
            String claim = claim(pod, volume);
            if (claim != null) {
                claims.add(Key.of(pod.getMetadata().getNamespace(), claim).toString());
            }
        }
        return claims;
    }

    /**
     * Why a claim is not the one of a pod's ephemeral volume.
     *
     * @return null if it is
     */
    public static @Nullable String conflict(Pod pod, PersistentVolumeClaim claim) {
        if (Objects.equals(pod.getMetadata().getNamespace(), claim.getMetadata().getNamespace())
                && Owners.isControlledBy(claim, pod)) {
            return null;
        }
        return "PVC %s was not created for pod %s (pod is not owner)".formatted(Key.of(claim), Key.of(pod));
    }
}
