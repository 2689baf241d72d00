package io.keelson.scheduler.volumes;

import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.PodVolumes;
import io.keelson.controllers.objects.StorageClasses;
import io.keelson.controllers.objects.VolumeAnnotations;
import io.keelson.controllers.runtime.Key;
import io.keelson.scheduler.state.PodInfo;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The claims of a pod's volumes, by how far they are. */
sealed interface PodClaims {
    /** With one of them the pod can run nowhere. */
    record Unusable(String reason) implements PodClaims {}

    /**
     * The pod can run where they can be.
     *
     * @param bound have their volumes
     * @param waiting for the pod's node, to get volumes there
     */
    record Usable(List<PersistentVolumeClaim> bound, List<PersistentVolumeClaim> waiting) implements PodClaims {}

    /** Looks at a pod's claims. */
    static PodClaims of(PodInfo pod, StorageState storage) {
        List<PersistentVolumeClaim> claims = new ArrayList<>();
        Set<Key> seen = new HashSet<>();
        for (Volume volume : pod.volumes().volumes()) {
            String name = PodVolumes.claim(pod.pod(), volume);
            if (name == null) {
                continue;
            }
            Key key = Key.of(pod.namespace(), name);
            PersistentVolumeClaim claim = storage.claim(key);
            String reason = unusable(pod.pod(), volume, name, claim);
            if (reason != null || claim == null) {
                return new Unusable(String.valueOf(reason));
            }
            if (seen.add(key)) {
                claims.add(claim);
            }
        }
        return byBinding(claims, storage);
    }

    private static @Nullable String unusable(
            Pod pod, Volume volume, String name, @Nullable PersistentVolumeClaim claim) {
        boolean isEphemeral = volume.getPersistentVolumeClaim() == null;
        if (claim == null) {
            return isEphemeral
                    ? "waiting for ephemeral volume controller to create the persistentvolumeclaim \"" + name + '"'
                    : notFound(name);
        }
        if (claim.getStatus() != null && "Lost".equals(claim.getStatus().getPhase())) {
            return "persistentvolumeclaim \"" + name + "\" bound to non-existent persistentvolume \""
                    + StorageState.volumeName(claim) + '"';
        }
        if (claim.isMarkedForDeletion()) {
            return "persistentvolumeclaim \"" + name + "\" is being deleted";
        }
        return isEphemeral ? PodVolumes.conflict(pod, claim) : null;
    }

    /** As the API says it of a claim. */
    static String notFound(String claim) {
        return "persistentvolumeclaim \"" + claim + "\" not found";
    }

    private static PodClaims byBinding(List<PersistentVolumeClaim> claims, StorageState storage) {
        List<PersistentVolumeClaim> bound = new ArrayList<>();
        List<PersistentVolumeClaim> waiting = new ArrayList<>();
        for (PersistentVolumeClaim claim : claims) {
            if (isBound(claim)) {
                bound.add(claim);
                continue;
            }
            StorageClass storageClass = storage.storageClass(StorageClasses.of(claim));
            // A claim that asks for a volume by name gets that one, wherever it is.
            if (!StorageClasses.waitsForConsumer(storageClass)
                    || !StorageState.volumeName(claim).isEmpty()) {
                return new Unusable("pod has unbound immediate PersistentVolumeClaims");
            }
            waiting.add(claim);
        }
        return new Usable(bound, waiting);
    }

    /** Whether a claim has its volume, and both know it. */
    static boolean isBound(PersistentVolumeClaim claim) {
        return !StorageState.volumeName(claim).isEmpty()
                && OrEmpty.of(claim.getMetadata().getAnnotations()).containsKey(VolumeAnnotations.BIND_COMPLETED);
    }

    /** The node for which a claim's volume is to be made; empty if none is chosen. */
    static String selectedNode(PersistentVolumeClaim claim) {
        return OrEmpty.of(OrEmpty.of(claim.getMetadata().getAnnotations()).get(VolumeAnnotations.SELECTED_NODE));
    }
}
