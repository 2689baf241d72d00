package io.keelson.scheduler.state;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import io.keelson.controllers.objects.PodVolumes;
import io.keelson.controllers.runtime.Key;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What a pod uses of the cluster's storage.
 *
 * @param volumes the pod's volumes that are of a claim, or disks that are attached to its node
 * @param claims of the claims among them, each once, in the pod's order
 */
public record PodVolumeUse(List<Volume> volumes, List<Key> claims) {
    /** As most pods: nothing. */
    public static final PodVolumeUse NONE = new PodVolumeUse(List.of(), List.of());

    static PodVolumeUse of(Pod pod) {
        List<Volume> all = PodVolumes.of(pod);
        for (Volume volume : all) {
            if (volume.getPersistentVolumeClaim() != null || volume.getEphemeral() != null || isDisk(volume)) {
                return of(pod, all);
            }
        }
        return NONE;
    }

    private static PodVolumeUse of(Pod pod, List<Volume> all) {
        List<Volume> used = new ArrayList<>();
        Set<Key> claims = new LinkedHashSet<>();
        for (Volume volume : all) {
            String claim = PodVolumes.claim(pod, volume);
            if (claim != null) {
                claims.add(Key.of(pod.getMetadata().getNamespace(), claim));
                used.add(volume);
            } else if (isDisk(volume)) {
                used.add(volume);
            }
        }
        return new PodVolumeUse(List.copyOf(used), List.copyOf(claims));
    }

    private static boolean isDisk(Volume volume) {
        return volume.getGcePersistentDisk() != null
                || volume.getAwsElasticBlockStore() != null
                || volume.getRbd() != null
                || volume.getIscsi() != null
                || volume.getAzureDisk() != null
                || volume.getAzureFile() != null
                || volume.getCinder() != null
                || volume.getVsphereVolume() != null
                || volume.getPortworxVolume() != null;
    }

    /** Whether it uses none. */
    public boolean isEmpty() {
        return volumes.isEmpty();
    }
}
