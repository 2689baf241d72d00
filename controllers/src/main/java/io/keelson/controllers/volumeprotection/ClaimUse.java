package io.keelson.controllers.volumeprotection;

import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import io.keelson.controllers.objects.PodVolumes;
import io.keelson.controllers.objects.Pods;
import java.util.Objects;

/** Whether a pod uses a claim. */
final class ClaimUse {
    private ClaimUse() {}

    /** Whether a pod that is on a node has a volume of a claim; one that is on none will not start with a claim that goes. */
    static boolean uses(Pod pod, PersistentVolumeClaim claim) {
        return !Pods.node(pod).isEmpty() && PodVolumes.of(pod).stream().anyMatch(volume -> isOf(pod, volume, claim));
    }

    private static boolean isOf(Pod pod, Volume volume, PersistentVolumeClaim claim) {
        String name = claim.getMetadata().getName();
        if (volume.getPersistentVolumeClaim() != null) {
            return Objects.equals(volume.getPersistentVolumeClaim().getClaimName(), name);
        }
        return volume.getEphemeral() != null
                && !isShutDown(pod)
                && PodVolumes.ephemeralClaim(pod, volume).equals(name)
                && PodVolumes.conflict(pod, claim) == null;
    }

    /**
     * Whether the node is done with a pod, or it was deleted by force. Such a pod may wait for its own claims to go, if it is
     * deleted in the foreground: they must not wait for it.
     */
    static boolean isShutDown(Pod pod) {
        Long grace = pod.getMetadata().getDeletionGracePeriodSeconds();
        return Pods.isTerminating(pod) && grace != null && grace == 0;
    }
}
