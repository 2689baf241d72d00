package io.keelson.agent.volumes;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.PodVolumes;
import io.keelson.controllers.objects.Refusals;
import java.util.ArrayList;
import java.util.List;

/** Which persistent volume a pod's claim is bound to. Reads the API each time it is asked. */
final class ClaimedVolumes {
    private static final String GROUP = "pv.beta.kubernetes.io/gid";

    private final KubernetesClient client;

    ClaimedVolumes(KubernetesClient client) {
        this.client = client;
    }

    /** A claim and the volume that it is bound to, as they were when they were asked for. */
    record Claimed(PersistentVolumeClaim claim, PersistentVolume volume) {}

    /**
     * The volume of a claim, be it named or made for the pod.
     *
     * @throws VolumeException if there is no such claim, or it is not bound
     */
    Claimed of(Pod pod, Volume volume) throws VolumeException {
        String namespace = pod.getMetadata().getNamespace();
        String name = OrEmpty.of(PodVolumes.claim(pod, volume));
        String what = "error processing PVC " + namespace + '/' + name + ": ";
        try {
            PersistentVolumeClaim claim = client.persistentVolumeClaims()
                    .inNamespace(namespace)
                    .withName(name)
                    .get();
            if (claim == null) {
                throw new VolumeException(what + "failed to fetch PVC from API server: persistentvolumeclaims \"" + name
                        + "\" not found");
            }
            String conflict = volume.getEphemeral() == null ? null : PodVolumes.conflict(pod, claim);
            if (conflict != null) {
                throw new VolumeException(what + conflict);
            }
            if (claim.getMetadata().getDeletionTimestamp() != null) {
                throw new VolumeException(what + "PVC is being deleted");
            }
            String bound = OrEmpty.of(claim.getSpec().getVolumeName());
            boolean isBound = claim.getStatus() != null
                    && "Bound".equals(claim.getStatus().getPhase());
            if (!isBound || bound.isEmpty()) {
                throw new VolumeException(what + "PVC is not bound");
            }
            PersistentVolume persistent =
                    client.persistentVolumes().withName(bound).get();
            if (persistent == null) {
                throw new VolumeException(what + "failed to fetch PV " + bound
                        + " from API server: persistentvolumes \"" + bound + "\" not found");
            }
            if (persistent.getSpec().getClaimRef() == null
                    || !claim.getMetadata()
                            .getUid()
                            .equals(persistent.getSpec().getClaimRef().getUid())) {
                throw new VolumeException(what + "PV " + bound + " is bound to another claim than this one");
            }
            return new Claimed(claim, persistent);
        } catch (KubernetesClientException e) {
            throw new VolumeException(what + "failed to fetch PVC from API server: " + Refusals.message(e), e);
        }
    }

    /** The groups that a volume says its users belong to. */
    static List<Long> groups(PersistentVolume volume) {
        List<Long> groups = new ArrayList<>();
        String group = OrEmpty.of(volume.getMetadata().getAnnotations()).get(GROUP);
        if (group != null && group.matches("[0-9]{1,10}")) {
            groups.add(Long.parseLong(group));
        }
        return groups;
    }

    /** Whether a volume is a device, and not files. */
    static boolean isDevice(PersistentVolume volume) {
        return "Block".equals(volume.getSpec().getVolumeMode());
    }
}
