package io.keelson.scheduler.volumes;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.storage.CSIStorageCapacity;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a pod's claims would get on a node.
 *
 * @param matches volumes that are there
 * @param provisions volumes that have to be made
 * @param reasons why the pod's claims cannot be there, as users read it; empty if they can
 */
record NodeVolumes(List<Match> matches, List<Provision> provisions, List<String> reasons) {
    /** A volume that is there, for a claim. */
    record Match(PersistentVolume volume, PersistentVolumeClaim claim) {}

    /**
     * A volume that is to be made for a claim.
     *
     * @param capacity how much room its driver says that there is; null if it does not say
     */
    record Provision(PersistentVolumeClaim claim, @Nullable CSIStorageCapacity capacity) {}
}
